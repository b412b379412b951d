"""Who acts, as the log writes it."""

import os
import pwd
import uuid
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

NOBODY = "nobody"


@dataclass(frozen=True)
class Actor:
    """`name` as the log writes it ("user:lena"), `via` what was used ("POST /login/"), and the request's id.

    Usernames have no colon, so nobody can be called like a token or a worker.
    """

    name: str
    via: str
    request_id: str


def name_of(who: Any) -> str:
    """The name of a user or a service token; nobody's for somebody who has not signed in."""
    if getattr(who, "prefix", None):
        return f"token:{who.prefix}"
    if getattr(who, "is_authenticated", False):
        return f"user:{who.get_username()}"
    return NOBODY


def of_command(command: str) -> Actor:
    """Whoever typed a command, by their name on this machine."""
    name = str(os.getuid())
    with suppress(KeyError):
        name = pwd.getpwuid(os.getuid()).pw_name
    return Actor(f"command:{name}", f"manage.py {command}", new_id())


def of_task(name: str, task_id: str) -> Actor:
    """A worker at a task."""
    return Actor(f"worker:{name}", f"task {name}", task_id[:12])


def new_id() -> str:
    """An id for what is no request: twelve hexadecimal digits, like a request's."""
    return uuid.uuid4().hex[:12]
