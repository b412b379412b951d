"""Copy the named browser files out of node_modules into the tree, and lock them by hash.

Only somebody who upgrades a vendored file needs npm (frontend/README.md says how). Everybody else runs
`python frontend/vendor.py --check`, which recomputes the hashes and reads nothing but committed files.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "frontend" / "node_modules"
SERVED = Path("static/vendor")
FOR_TESTS = Path("tests/support/vendor")
LOCK_NAME = "lock.json"

# A served file must not point at a map that is not there: browsers would ask for it and log a 404.
SOURCE_MAP = re.compile(rb"^\s*(//[#@]|/\*[#@])\s*sourceMappingURL=.*$\n?", re.MULTILINE)


@dataclass(frozen=True)
class Package:
    """One npm package: the folder it goes to, and the files taken from it (path in the package)."""

    module: str
    folder: str
    files: tuple[str, ...]
    home: Path = SERVED


PACKAGES = (
    Package("htmx.org", "htmx", ("dist/htmx.min.js", "LICENSE")),
    Package("plotly.js-basic-dist-min", "plotly-basic", ("plotly-basic.min.js", "LICENSE")),
    Package(
        "@fontsource-variable/inter",
        "inter",
        ("files/inter-latin-wght-normal.woff2", "files/inter-latin-ext-wght-normal.woff2", "LICENSE"),
    ),
    Package("axe-core", "axe-core", ("axe.min.js", "LICENSE", "LICENSE-3RD-PARTY.txt"), FOR_TESTS),
)


def digest(content: bytes) -> str:
    return "sha256-" + hashlib.sha256(content).hexdigest()


def copy_package(package: Package) -> dict[str, object]:
    """Copy one package's files and return its entry for the lock file."""
    about = json.loads((MODULES / package.module / "package.json").read_text("utf-8"))
    folder = Path(package.folder) / about["version"]
    hashes: dict[str, str] = {}
    for name in package.files:
        content = (MODULES / package.module / name).read_bytes()
        if name.endswith((".js", ".css")):
            content = SOURCE_MAP.sub(b"", content)
        target = folder / Path(name).name
        (ROOT / package.home / target).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / package.home / target).write_bytes(content)
        hashes[target.as_posix()] = digest(content)
    return {"version": about["version"], "licence": about["license"], "files": hashes}


def copy_all() -> None:
    """Vendor every package again and write one lock file beside each home folder."""
    locks: dict[Path, dict[str, object]] = {}
    for package in PACKAGES:
        locks.setdefault(package.home, {})[package.module] = copy_package(package)
    for home, lock in locks.items():
        (ROOT / home / LOCK_NAME).write_text(json.dumps(lock, indent=2, sort_keys=True) + "\n", "utf-8")


def problems(home: Path) -> list[str]:
    """What differs between a home folder and its lock file: changed, missing and unlisted files."""
    lock = json.loads((ROOT / home / LOCK_NAME).read_text("utf-8"))
    expected: dict[str, str] = {name: sha for entry in lock.values() for name, sha in entry["files"].items()}
    found = {
        path.relative_to(ROOT / home).as_posix(): path
        for path in (ROOT / home).rglob("*")
        if path.is_file() and path.name != LOCK_NAME
    }
    said = [f"{home}/{name}: listed in {LOCK_NAME} but missing" for name in sorted(expected.keys() - found.keys())]
    said += [f"{home}/{name}: not listed in {LOCK_NAME}" for name in sorted(found.keys() - expected.keys())]
    for name in sorted(expected.keys() & found.keys()):
        actual = digest(found[name].read_bytes())
        if actual != expected[name]:
            said.append(f"{home}/{name}: expected {expected[name]}, found {actual}")
    return said


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only recompute the hashes of the committed files")
    if not parser.parse_args(arguments).check:
        copy_all()
    said = problems(SERVED) + problems(FOR_TESTS)
    for line in said:
        print(line, file=sys.stderr)
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
