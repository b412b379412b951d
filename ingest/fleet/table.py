"""One table of fleet.toml, read key by key; what is left over at the end is a mistake."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from ingest.fleet.lines import Path
from ingest.fleet.mistakes import Mistake
from ingest.fleet.place import Place
from ingest.fleet.similar import one_of
from ingest.fleet.values import Unfit, Value

T = TypeVar("T")
D = TypeVar("D")

# By which keys people know a table that has no name, or whose name is not enough.
_NAMED_BY = {
    "region": ("provider", "name"),
    "pool": ("cluster", "name"),
    "price": ("cluster", "pool"),
    "reserve": ("cluster", "pool"),
    "tenant_rule": ("kind", "pattern"),
    "entitlement": ("tenant", "pool", "service"),
    "distribution": ("use", "pool", "service"),
}
SECRETS = ("token", "password", "secret", "credential", "api_key")


class Table:
    """Mistakes of this table and of those below it go to one list, shared by the whole file."""

    def __init__(
        self,
        values: Mapping[str, Any],
        path: Path,
        lines: Mapping[Path, int],
        file: str,
        mistakes: list[Mistake],
    ) -> None:
        self._values, self._path, self._lines, self._file = values, path, lines, file
        self._mistakes = mistakes
        self._asked: set[str] = set()
        self.place = self._place()

    def _place(self) -> Place:
        parts = [part for part in self._path if isinstance(part, str)]
        noun = ".".join(parts)
        names = [self._values.get(key) for key in _NAMED_BY.get(parts[-1], ("name",))] if parts else []
        shown = "/".join(name for name in names if isinstance(name, str))
        keys = {key: self._line((*self._path, key)) for key in self._values}
        return Place(self._file, self._line(self._path), f'{noun} "{shown}"' if shown else noun, keys)

    def _line(self, path: Path) -> int:
        """The line of a path, or of the nearest table around it: inline tables have none of their own."""
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, 0)

    def required(self, key: str, kind: Value[T]) -> T:
        """The value of a key that has to be there; its blank after a mistake."""
        self._asked.add(key)
        if key not in self._values:
            self.wrong(key, kind.expected, "nothing")
            return kind.blank
        return self._read(key, kind)

    def optional(self, key: str, kind: Value[T], default: D) -> T | D:
        """The value of a key, or `default`; the kind's blank after a mistake."""
        self._asked.add(key)
        return self._read(key, kind) if key in self._values else default

    def _read(self, key: str, kind: Value[T]) -> T:
        try:
            return kind.read(self._values[key])
        except Unfit as unfit:
            secret = any(word in key for word in SECRETS)
            self.wrong(
                key, str(unfit) or kind.expected, "something else" if secret else show(self._values[key])
            )
            return kind.blank

    def has(self, key: str) -> bool:
        """Whether the table has the key at all."""
        return key in self._values

    def below(self, key: str) -> Iterator["Table"]:
        """The tables of an array of tables; each is closed after its use."""
        self._asked.add(key)
        found = self._values.get(key, [])
        if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
            self.wrong(key, f"tables that begin with [[{key}]]", show(found))
            return
        for number, entry in enumerate(found):
            table = Table(entry, (*self._path, key, number), self._lines, self._file, self._mistakes)
            yield table
            table.close()

    def single(self, key: str) -> "Table | None":
        """A table that may be there once. Close it after its use."""
        self._asked.add(key)
        if (found := self._values.get(key)) is None:
            return None
        if not isinstance(found, dict):
            self.wrong(key, f"a table that begins with [{key}]", show(found))
            return None
        return Table(found, (*self._path, key), self._lines, self._file, self._mistakes)

    def wrong(self, key: str, expected: str, found: str) -> None:
        """Note a mistake at a key."""
        self._mistakes.append(self.place.mistake(key, expected, found))

    def forgive(self) -> None:
        """Nothing more is asked: what the other keys mean cannot be known."""
        self._asked |= self._values.keys()

    def close(self) -> None:
        """Whatever nobody asked for is unknown."""
        for key in self._values:
            if key not in self._asked:
                self.wrong(key, one_of(self._asked, key, most=20), "an unknown key")


def show(value: Any) -> str:
    """A value as the file has it, cut short."""
    if isinstance(value, str):
        text = '"' + "".join(c if c.isprintable() else ascii(c)[1:-1] for c in value) + '"'
    elif isinstance(value, list):
        text = "[" + ", ".join(map(show, value[:10])) + "]"
    elif isinstance(value, dict):
        text = "{" + ", ".join(f"{key} = {show(item)}" for key, item in list(value.items())[:10]) + "}"
    else:
        text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= 120 else text[:117] + "…"
