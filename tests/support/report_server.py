"""A local server that speaks the documented wire format of OpenAI's and Anthropic's cost and usage reports.

It pages by buckets as they do, checks the key as they do, and can be told to be ill.
"""

import json
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

KEY = "sk-admin-for-tests"
COSTS = {"organization/costs": "start_time", "organizations/cost_report": "starting_at"}


@dataclass
class ReportServer:
    """`results` by report and start of bucket; `faults` are used up one by one, the first first.

    A fault is a status ("429", "500", "429 after 2"), "cut", "repeat", "drip", "garbage" or "no cursor".
    """

    url: str = ""
    results: dict[str, dict[datetime, list[dict[str, Any]]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    faults: list[str] = field(default_factory=list)
    asked: list[tuple[str, dict[str, list[str]]]] = field(default_factory=list)
    buckets_a_page: int = 31

    def add(self, report: str, start: datetime, **result: Any) -> None:
        self.results[report][start].append(result)

    def page(self, report: str, query: dict[str, list[str]]) -> dict[str, Any]:
        epoch = report.startswith("organization/")
        first, last = ("start_time", "end_time") if epoch else ("starting_at", "ending_at")
        start, end = _moment(query[first][0]), _moment(query[last][0])
        wanted = sorted(moment for moment in self.results[report] if start <= moment < end)
        place = int(query.get("page", ["page_0"])[0].removeprefix("page_"))
        shown = wanted[place : place + self.buckets_a_page]
        width = 86_400 if query["bucket_width"] == ["1d"] else 3_600
        more = place + self.buckets_a_page < len(wanted)
        data = [
            {
                first: _said(moment, epoch),
                last: _said(datetime.fromtimestamp(moment.timestamp() + width, UTC), epoch),
                "results": self.results[report][moment],
            }
            for moment in shown
        ]
        cursor = f"page_{place + self.buckets_a_page}" if more else None
        return {"object": "page", "data": data, "has_more": more, "next_page": cursor}


def _moment(text: str) -> datetime:
    return datetime.fromtimestamp(int(text), UTC) if text.isdigit() else datetime.fromisoformat(text)


def _said(moment: datetime, epoch: bool) -> int | str:
    return int(moment.timestamp()) if epoch else f"{moment:%Y-%m-%dT%H:%M:%SZ}"


class _Handler(BaseHTTPRequestHandler):
    server_of_reports: ClassVar[ReportServer]

    def do_GET(self) -> None:
        server = self.server_of_reports
        parts = urlsplit(self.path)
        report, query = parts.path.removeprefix("/v1/"), parse_qs(parts.query)
        server.asked.append((report, query))
        given = self.headers.get("Authorization", "").removeprefix("Bearer ") or self.headers.get("x-api-key")
        if given != KEY or (
            report.startswith("organizations/") and not self.headers.get("anthropic-version")
        ):
            return self._send(401, b'{"error":{"message":"Incorrect API key provided"}}')
        fault = server.faults.pop(0) if server.faults else ""
        if fault[:3].isdigit():
            after = fault.partition(" after ")[2]
            return self._send(int(fault[:3]), b'{"error":"later"}', {"Retry-After": after} if after else {})
        said = server.page(report, query)
        if fault == "repeat":  # another cursor each time, that leads to the first page
            cursor = query.get("page", ["page_0"])[0].replace("page_", "page_0")
            said |= {"has_more": True, "next_page": cursor}
        if fault == "no cursor":
            said |= {"has_more": True, "next_page": None}
        body = json.dumps(said).replace('"NaN"', "NaN").encode()
        if fault == "cut":
            body = body[: len(body) // 2]
        if fault == "garbage":
            body = b"<html>Please sign in</html>"
        return self._send(200, body, drip=fault == "drip")

    def _send(
        self, status: int, body: bytes, headers: dict[str, str] | None = None, *, drip: bool = False
    ) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            for place in range(0, len(body), 8) if drip else ():
                self.wfile.write(body[place : place + 8])
                self.wfile.flush()
                time.sleep(0.05)
            if not drip:
                self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def log_message(self, *args: Any) -> None:
        pass


@contextmanager
def report_server() -> Iterator[ReportServer]:
    """A server on loopback, in a thread of its own."""
    reports = ReportServer()
    handler = type("Handler", (_Handler,), {"server_of_reports": reports})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    reports.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield reports
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def openai_cost(
    value: Any, line: str, project: str | None = "proj_a", key: str | None = "key_a"
) -> dict[str, Any]:
    """A result of `GET /v1/organization/costs`."""
    return {
        "object": "organization.costs.result", "amount": {"value": value, "currency": "usd"},
        "line_item": line, "project_id": project, "api_key_id": key, "quantity": None,
    }  # fmt: skip


def openai_usage(
    model: str,
    given: int,
    cached: int,
    output: int,
    project: str = "proj_a",
    key: str = "key_a",
    requests: int = 1,
) -> dict[str, Any]:
    """A result of `GET /v1/organization/usage/completions`: cached tokens are part of the input."""
    return {
        "object": "organization.usage.completions.result", "input_tokens": given, "output_tokens": output,
        "input_cached_tokens": cached, "input_audio_tokens": 0, "output_audio_tokens": 0,
        "num_model_requests": requests, "project_id": project, "user_id": None, "api_key_id": key,
        "model": model, "batch": None, "service_tier": None,
    }  # fmt: skip


def anthropic_cost(cents: Any, model: str | None, tokens: str | None, **said: Any) -> dict[str, Any]:
    """A result of `GET /v1/organizations/cost_report`: a text of cents."""
    return {
        "currency": "USD", "amount": cents, "workspace_id": "wrkspc_a", "description": f"{model} {tokens}",
        "cost_type": "tokens", "context_window": "0-200k", "model": model, "service_tier": "standard",
        "token_type": tokens, "inference_geo": None,
    } | said  # fmt: skip


def anthropic_usage(
    model: str, uncached: int, read: int, written: int, output: int, **said: Any
) -> dict[str, Any]:
    """A result of `GET /v1/organizations/usage_report/messages`: disjoint classes."""
    return {
        "uncached_input_tokens": uncached, "cache_read_input_tokens": read,
        "cache_creation": {"ephemeral_5m_input_tokens": written, "ephemeral_1h_input_tokens": 0},
        "output_tokens": output, "server_tool_use": {"web_search_requests": 0}, "api_key_id": "apikey_a",
        "workspace_id": "wrkspc_a", "model": model, "service_tier": "standard", "context_window": None,
    } | said  # fmt: skip
