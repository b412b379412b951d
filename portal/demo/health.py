"""Does the web server answer?"""

import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException

LIMIT = 60.0  # seconds


class NoAnswer(Exception):
    """The web server did not answer in time."""


def wait(port: int, look: Callable[[], None]) -> None:
    """Wait until the sign-in page is served. `look` is called meanwhile and may raise.

    Raises NoAnswer after LIMIT, with the last answer.
    """
    deadline, last = time.monotonic() + LIMIT, "no connection"
    while time.monotonic() < deadline:
        look()
        try:
            status = _ask(port)
            if status == 200:
                return
            last = f"status {status}"
        except (OSError, HTTPException) as problem:
            last = str(problem)
        time.sleep(0.2)
    raise NoAnswer(f"the web server on port {port} did not answer in {LIMIT:.0f} s: {last}")


def _ask(port: int) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/login/")
        return connection.getresponse().status
    finally:
        connection.close()
