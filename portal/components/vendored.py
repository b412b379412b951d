"""Addresses of vendored browser files, by name: their versions stand in one place, the lock file."""

import json
from functools import cache
from pathlib import Path

from django.conf import settings
from django.templatetags.static import static


@cache
def _places() -> dict[str, str]:
    lock = json.loads((Path(settings.BASE_DIR) / "static" / "vendor" / "lock.json").read_text("utf-8"))
    return {Path(name).name: f"vendor/{name}" for entry in lock.values() for name in entry["files"]}


def vendored(name: str) -> str:
    """The address of a vendored file such as "htmx.min.js". KeyError when it is not vendored."""
    return static(_places()[name])
