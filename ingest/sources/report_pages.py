"""Pages of a provider's report, one after the other, with limits for time, size, number and patience."""

import hashlib
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

import requests
from urllib3.exceptions import HTTPError

from ingest.sources.errors import SourceError

READ = 1 << 16
# 529 is Anthropic's "overloaded".
TRY_AGAIN = frozenset((429, 500, 502, 503, 504, 529))
TRIES = 5
FIRST_WAIT = 1.0
# Who asks for more time than this is asked again by the schedule instead.
LONGEST_WAIT = 60.0
MOST_PAGES = 1_000

Params = Sequence[tuple[str, str]]


class Page(NamedTuple):
    """A page as it came, and what it says."""

    body: bytes
    said: dict[str, Any]


class _Busy(Exception):
    """An answer that says: later. `wait` in seconds, None where it does not say when."""

    def __init__(self, why: str, wait: float | None) -> None:
        super().__init__(why)
        self.wait = wait


@dataclass
class ReportPages:
    """An API of reports. `timeout` in seconds is for a whole answer, `headers` have the key: never shown."""

    url: str
    headers: Mapping[str, str]
    timeout: float = 60
    max_bytes: int = 1 << 25
    session: requests.Session = field(default_factory=requests.Session)

    def pages(self, path: str, params: Params) -> Iterator[Page]:
        """Every page of a report, by `has_more` and `next_page`.

        Raises SourceError for an answer that is not whole, and for pages that do not come to an end.
        """
        cursors: set[str] = set()
        seen: set[bytes] = set()
        cursor: list[tuple[str, str]] = []
        for number in range(1, MOST_PAGES + 1):
            page = self._page(path, [*params, *cursor], number)
            digest = hashlib.sha256(json.dumps(page.said["data"]).encode()).digest()
            if page.said["data"] and digest in seen:
                raise SourceError(f"{path}: page {number} repeats an earlier one; nothing of it is used")
            seen.add(digest)
            yield page
            if not page.said.get("has_more"):
                return
            following = page.said.get("next_page")
            if not isinstance(following, str) or not following or following in cursors:
                raise SourceError(f"{path}: page {number} says that there is more, and names no new page")
            cursors.add(following)
            cursor = [("page", following)]
        raise SourceError(f"{path}: more than {MOST_PAGES:,} pages")

    def close(self) -> None:
        """End the session."""
        self.session.close()

    def _page(self, path: str, params: Params, number: int) -> Page:
        body = self._patient(path, params)
        try:
            said = decode(body)
        except ValueError as error:
            raise SourceError(f"{path}: page {number} is not whole: {error}") from None
        return Page(body, said)

    def _patient(self, path: str, params: Params) -> bytes:
        """Ask until there is an answer: after what `Retry-After` says, else twice as long each time."""
        wait = FIRST_WAIT
        for left in range(TRIES - 1, -1, -1):
            try:
                return self._ask(path, params)
            except _Busy as busy:
                pause = wait if busy.wait is None else busy.wait
                if not left or pause > LONGEST_WAIT:
                    asked = f"; it asks to wait {pause:g} seconds" if pause > LONGEST_WAIT else ""
                    raise SourceError(f"{path}: {busy}{asked}; the schedule asks again") from None
                time.sleep(pause)
                wait *= 2
        raise AssertionError("the last try returns or raises")

    def _ask(self, path: str, params: Params) -> bytes:
        deadline = time.monotonic() + self.timeout
        try:
            response = self.session.get(
                f"{self.url.rstrip('/')}/{path}",
                params=list(params),
                headers={"User-Agent": "apportion", **self.headers},
                timeout=(min(10.0, self.timeout), self.timeout),
                allow_redirects=False,
                stream=True,
            )
            with response:
                body = self._read(response, deadline)
        except (requests.RequestException, HTTPError) as error:
            raise _Busy(type(error).__name__, None) from None
        if response.status_code in TRY_AGAIN:
            said = response.headers.get("Retry-After", "")
            raise _Busy(f"HTTP {response.status_code}: {_shown(body)}", _seconds(said))
        if response.status_code != 200:
            hint = "; is the key an admin key?" if response.status_code in (401, 403) else ""
            raise SourceError(f"{path}: HTTP {response.status_code}{hint} {_shown(body)}")
        return body

    def _read(self, response: requests.Response, deadline: float) -> bytes:
        """All of it, with one limit for the whole: what drips never exceeds a limit for each read."""
        parts, size = [], 0
        while part := response.raw.read1(READ, decode_content=True):
            parts.append(part)
            size += len(part)
            if time.monotonic() > deadline:
                raise SourceError(f"no whole answer within {self.timeout:g} seconds")
            if size > self.max_bytes:
                raise SourceError(f"the answer exceeds {self.max_bytes >> 20} MiB")
        return b"".join(parts)


def decode(body: bytes) -> dict[str, Any]:
    """A page as an object with a list `data`; numbers that are not whole stay the texts that they were.

    So money never passes through a float, and NaN is a text that no amount can be. Raises ValueError.
    """
    try:
        said = json.loads(body, parse_float=str, parse_constant=str)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
    if not isinstance(said, dict) or not isinstance(said.get("data"), list):
        raise ValueError("expected an object with a list `data`")
    return said


def _seconds(text: str) -> float | None:
    """What `Retry-After` says: seconds, or a date."""
    if not text:
        return None
    try:
        return max(float(text), 0.0) if text.strip().replace(".", "", 1).isdigit() else _until(text)
    except (ValueError, TypeError, OverflowError):
        return None


def _until(text: str) -> float:
    moment = parsedate_to_datetime(text)
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return max((moment - datetime.now(UTC)).total_seconds(), 0.0)


def _shown(body: bytes) -> str:
    return body[:300].decode("utf-8", "replace")
