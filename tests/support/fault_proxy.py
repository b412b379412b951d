"""A proxy before a real server that does to its answers what networks and proxies do."""

import asyncio
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

Body = bytes
HEAD_END = b"\r\n\r\n"


@dataclass
class FaultProxy:
    """`fault` names what happens to answers to paths that hold `only`; see `_FAULTS` and `_answer`.

    `times`: how many answers suffer; None for all. `asked` counts requests that suffered.
    """

    upstream: str
    fault: str = ""
    only: str = "query_range"
    times: int | None = None
    asked: int = 0
    url: str = ""
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(HEAD_END)
            suffers = self.only in head.split(b"\r\n")[0].decode() and self.times != 0 and bool(self.fault)
            if suffers:
                self.asked += 1
                self.times = None if self.times is None else self.times - 1
            await self._answer(head, writer, self.fault if suffers else "")
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _answer(self, head: bytes, writer: asyncio.StreamWriter, fault: str) -> None:
        if fault.isdigit():
            writer.write(_response(b"the upstream is ill", f"{fault} Ill"))
        elif fault == "hang":
            await asyncio.sleep(60)
        elif fault == "reset":
            writer.transport.abort()
            return
        elif fault == "redirect":
            writer.write(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")
        else:
            await self._pass_on(head, writer, fault)
        await writer.drain()

    async def _pass_on(self, head: bytes, writer: asyncio.StreamWriter, fault: str) -> None:
        body = await self._ask(head)
        if fault == "cut":  # announces all of it, sends half
            writer.write(_response(body)[: -len(body) // 2])
        elif fault == "drip":
            answer = _response(body)
            for place in range(0, len(answer), 16):
                writer.write(answer[place : place + 16])
                await writer.drain()
                await asyncio.sleep(0.05)
        else:
            writer.write(_response(_FAULTS.get(fault, lambda body: body)(body)))

    async def _ask(self, head: bytes) -> bytes:
        address = urlsplit(self.upstream)
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        head = re.sub(rb"(?i)\r\n(connection|accept-encoding):[^\r]*", b"", head)
        writer.write(head[:-2] + b"Connection: close\r\n\r\n")
        answer = await reader.read()
        writer.close()
        headers, _, body = answer.partition(HEAD_END)
        return _unchunked(body) if b"chunked" in headers.lower() else body


def _unchunked(body: bytes) -> bytes:
    parts = []
    while body:
        size, _, body = body.partition(b"\r\n")
        length = int(size, 16)
        parts.append(body[:length])
        body = body[length + 2 :]
    return b"".join(parts)


def _response(body: bytes, status: str = "200 OK") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"Connection: close\r\n\r\n" + body


def _first_value(text: bytes) -> Callable[[Body], Body]:
    return lambda body: re.sub(rb',"[^"]*"\]', b',"' + text + b'"]', body, count=1)


_FAULTS: dict[str, Callable[[Body], Body]] = {
    "truncated json": lambda body: body[: len(body) // 2],
    "empty": lambda body: b"",
    "html": lambda body: b"<html>Please sign in</html>",
    "error": lambda body: b'{"status":"error","errorType":"timeout","error":"query timed out"}',
    "warnings": lambda body: body[:-1] + b',"warnings":["store-2 did not answer"]}',
    "scalar": lambda body: b'{"status":"success","data":{"resultType":"scalar","result":[1,"1"]}}',
    "not a number": _first_value(b"many"),
    "another time": lambda body: re.sub(rb"\[\[\d{10}", b"[[1000000000", body, count=1),
    "NaN": _first_value(b"NaN"),
    "+Inf": _first_value(b"+Inf"),
    "-Inf": _first_value(b"-Inf"),
    "1e308": _first_value(b"1e+308"),
    "negative": _first_value(b"-1"),
}


@contextmanager
def fault_proxy(upstream: str) -> Iterator[FaultProxy]:
    """A proxy on loopback, in a thread of its own."""
    proxy = FaultProxy(upstream)
    loop = proxy._loop
    server = loop.run_until_complete(asyncio.start_server(proxy.handle, "127.0.0.1", 0))
    port = server.sockets[0].getsockname()[1]
    proxy.url = f"http://127.0.0.1:{port}"
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        loop.call_soon_threadsafe(server.close)
        asyncio.run_coroutine_threadsafe(_end(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _end() -> None:
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
