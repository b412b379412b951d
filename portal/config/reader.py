"""Typed values out of the environment; mistakes are collected, so that one start shows all of them."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from portal.config.errors import Mistake

T = TypeVar("T")
TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}


class Reader:
    """Each method returns the value or the default, and notes a mistake when the text cannot be used."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.mistakes: list[Mistake] = []

    def text(self, name: str, default: str = "") -> str:
        """The text of `name`; an empty variable counts as not set."""
        return self.environ.get(name, "").strip() or default

    def parsed(self, name: str, parse: Callable[[str], T]) -> T | None:
        """`parse` applied to the text; None when not set or refused. Its ValueError says what is expected.

        The text itself is not repeated: addresses carry passwords.
        """
        text = self.text(name)
        if not text:
            return None
        try:
            return parse(text)
        except ValueError as refusal:
            self.mistakes.append(Mistake(name, str(refusal)))
            return None

    def flag(self, name: str, *, default: bool) -> bool:
        """On or off."""
        text = self.text(name).lower()
        if not text or text in TRUE | FALSE:
            return text in TRUE if text else default
        self.mistakes.append(Mistake(name, "on or off", text))
        return default

    def choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        """One of `allowed`, upper case."""
        text = self.text(name, default).upper()
        if text not in allowed:
            self.mistakes.append(Mistake(name, f"one of {', '.join(allowed)}", text))
        return text

    def names(self, name: str, default: tuple[str, ...]) -> tuple[str, ...]:
        """Names separated by commas."""
        text = self.text(name)
        return tuple(part.strip() for part in text.split(",") if part.strip()) or default

    def path(self, name: str, default: Path) -> Path:
        """An absolute folder; it need not exist yet."""
        text = self.text(name)
        if not text:
            return default
        path = Path(text).expanduser()
        if not path.is_absolute():
            self.mistakes.append(Mistake(name, "an absolute path of a folder", text))
        elif path.exists() and not path.is_dir():
            self.mistakes.append(Mistake(name, "a folder, not a file", text))
        return path

    def zone(self, name: str, default: str) -> str:
        """A time zone of the IANA database."""
        text = self.text(name, default)
        try:
            ZoneInfo(text)
        except (KeyError, ValueError, OSError):
            self.mistakes.append(Mistake(name, "a time zone such as UTC or Europe/Berlin", text))
            return default
        return text
