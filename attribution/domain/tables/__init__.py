"""Tables that people keep, with source and date: data, not code."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent


@cache
def groups(name: str) -> tuple[dict[str, Any], ...]:
    """The [[group]] tables of `<name>.toml`, in their order; each names its source and date."""
    return tuple(tomllib.loads((_FOLDER / f"{name}.toml").read_text("utf-8"))["group"])
