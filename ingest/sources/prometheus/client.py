"""Ask a Prometheus. Sessions, retries and sign-in are prometheus-api-client's; reading the answer is ours.

The client has no time-out of its own, drops `warnings` (by which Thanos and Mimir say that an answer is
partial) and makes Python lists of every sample, so it opens the door and we read the bytes.
"""

import ipaddress
import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from urllib.parse import urlsplit

import msgspec
import requests
from prometheus_api_client import PrometheusConnect
from urllib3.exceptions import HTTPError, MaxRetryError
from urllib3.util.retry import Retry

from ingest.sources.errors import SourceError

LONG_QUERY = 2_000  # characters; longer ones go by POST, as some proxies cut addresses
READ = 1 << 20


class _Names(msgspec.Struct):
    status: str
    data: list[str] = []
    error: str = ""


class PrometheusClient:
    """One Prometheus. Every method raises SourceError with the reason when there is no whole answer."""

    def __init__(
        self, url: str, *, timeout: float = 120, token: str | None = None, max_bytes: int = 1 << 29
    ) -> None:
        self.url = url.rstrip("/")
        self.timeout, self.max_bytes = timeout, max_bytes
        self.session = requests.Session()
        self.session.headers["Accept-Encoding"] = encoding_for(self.url)
        self.session.headers["User-Agent"] = "apportion"
        if token:
            self.session.headers["Authorization"] = f"Bearer {token}"
        # A second and a third try at once; what still fails is tried again by the schedule.
        retry = Retry(
            total=2,
            backoff_factor=0.2,
            status_forcelist=[429, 502, 503, 504],
            allowed_methods=["GET", "POST"],
            raise_on_status=False,
        )
        self.connect = PrometheusConnect(self.url, session=self.session, retry=retry, timeout=int(timeout))

    def close(self) -> None:
        """End the session."""
        self.session.close()

    def metrics(self, names: Iterable[str], start: datetime, end: datetime) -> set[str]:
        """Which of these metrics had samples in [start, end]."""
        pattern = "|".join(names)  # names of metrics have no characters that a pattern minds
        params = {"match[]": f'{{__name__=~"{pattern}"}}', **_bounds(start, end)}
        return self._names("label/__name__/values", params)

    def labels(self, selector: str, start: datetime, end: datetime) -> set[str]:
        """Names of the labels that series of a selector had in [start, end]."""
        return self._names("labels", {"match[]": selector, **_bounds(start, end)})

    def label_values(self, label: str, selector: str, start: datetime, end: datetime) -> set[str]:
        """Values that a label had in series of a selector in [start, end]."""
        return self._names(f"label/{label}/values", {"match[]": selector, **_bounds(start, end)})

    def range(self, query: str, first: float, last: float, step: int) -> bytes:
        """The answer's bytes to a range query at `first`, `first + step`, … up to `last` (epoch seconds)."""
        params = {"query": query, "start": f"{first:.3f}", "end": f"{last:.3f}", "step": str(step)}
        return self._body("query_range", params | {"timeout": f"{self.timeout:g}s"})

    def instant(self, query: str, moment: float) -> bytes:
        """The answer's bytes to a query at one moment (epoch seconds)."""
        params = {"query": query, "time": f"{moment:.3f}", "timeout": f"{self.timeout:g}s"}
        return self._body("query", params)

    def _names(self, path: str, params: Mapping[str, str]) -> set[str]:
        try:
            answer = msgspec.json.decode(self._body(path, params), type=_Names)
        except msgspec.DecodeError as error:
            raise SourceError(f"{path}: the answer is no JSON of Prometheus: {error}") from None
        if answer.status != "success":
            raise SourceError(f"{path}: {answer.status}: {answer.error}")
        return set(answer.data)

    def _body(self, path: str, params: Mapping[str, str]) -> bytes:
        deadline = time.monotonic() + self.timeout
        long = sum(map(len, params.values())) > LONG_QUERY and path != "label/__name__/values"
        try:
            response = self.session.request(
                "POST" if long else "GET",
                f"{self.url}/api/v1/{path}",
                params=None if long else params,
                data=params if long else None,
                timeout=(min(10.0, self.timeout), self.timeout),
                allow_redirects=False,
                stream=True,
            )
            with response:
                body = self._read(response, deadline, path)
        except (requests.RequestException, HTTPError) as error:
            raise SourceError(f"{path}: {_plain(error)}") from None
        if response.status_code != 200:
            text = body[:300].decode("utf-8", "replace")
            raise SourceError(f"{path}: HTTP {response.status_code}: {text}")
        return body

    def _read(self, response: requests.Response, deadline: float, path: str) -> bytes:
        """Read all, with a limit for the whole: a server that drips never exceeds a limit for each read."""
        parts, size = [], 0
        while part := response.raw.read1(READ, decode_content=True):
            parts.append(part)
            size += len(part)
            if time.monotonic() > deadline:
                raise SourceError(f"{path}: no whole answer within {self.timeout:g} seconds")
            if size > self.max_bytes:
                raise SourceError(f"{path}: the answer exceeds {self.max_bytes >> 20} MiB")
        return b"".join(parts)


def encoding_for(url: str) -> str:
    """Compress only over the open net: on a LAN, gzip needed 4.6 s for what took 0.8 s without."""
    host = urlsplit(url).hostname or ""
    try:
        near = ipaddress.ip_address(host).is_private
    except ValueError:
        # Names inside a cluster or a LAN have no dot, or end in a suffix that the open net has not.
        near = "." not in host or host.endswith((".local", ".internal", ".svc", ".localhost"))
    return "identity" if near else "gzip"


def _bounds(start: datetime, end: datetime) -> dict[str, str]:
    return {"start": f"{start.timestamp():.3f}", "end": f"{end.timestamp():.3f}"}


def _plain(error: Exception) -> str:
    cause = error.args[0] if error.args else error
    if isinstance(cause, MaxRetryError) and cause.reason is not None:
        cause = cause.reason
    return f"{type(error).__name__}: {cause}"[:400]
