"""PostgreSQL's data folder: made once, refused when another version made it, configured at each start."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from portal.embedded.account import Account, let_through
from portal.embedded.errors import EmbeddedError
from portal.embedded.folder import DataFolder
from portal.embedded.programs import make_readable, run

SUPERUSER = "postgres"
SETTINGS = {
    "listen_addresses": "",  # the socket only, so that no port is taken
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "32MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",  # our queries are short; compiling them costs more than it gives
    # Two cores are busy with workers; parallel plans also need /dev/shm, which containers keep tiny.
    "max_parallel_workers_per_gather": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%a ",
}


def prepare(folder: DataFolder, account: Account, overrides: Mapping[str, str]) -> None:
    """Make the data folder unless it is there, and write its settings.

    Raises EmbeddedError when another version of PostgreSQL made it.
    """
    if not account.ours:
        make_readable(account)
        let_through(account, folder.cluster)
    if not (folder.cluster / "PG_VERSION").exists():
        _initialise(folder, account)
    _refuse_other_version(folder, account)
    _prepare_socket_folder(folder, account)
    settings = SETTINGS | {"unix_socket_directories": str(folder.socket_folder)} | dict(overrides)
    lines = [f"{name} = '{value}'\n" for name, value in settings.items()]
    _write(folder.cluster / "apportion.conf", "# Written at each start.\n" + "".join(lines), account)


def _initialise(folder: DataFolder, account: Account) -> None:
    """initdb beside the final place, then a rename: a crash in the middle leaves nothing half-made.

    The builtin locale is part of PostgreSQL, so that text sorts the same on every machine.
    """
    draft = folder.cluster.with_name("postgres.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True, mode=0o700)
    os.chown(draft, account.uid, account.gid)
    let_through(account, draft)
    run(
        account, "initdb", "-D", str(draft.absolute()), "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8",
        "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions",
    )  # fmt: skip
    with (draft / "postgresql.conf").open("a") as file:
        file.write("\ninclude 'apportion.conf'  # our settings\n")
    draft.rename(folder.cluster)


def _refuse_other_version(folder: DataFolder, account: Account) -> None:
    made_by = (folder.cluster / "PG_VERSION").read_text().strip()
    ours = run(account, "postgres", "--version").split()[-1].split(".")[0]
    if made_by != ours:
        raise EmbeddedError(
            f"the data in {folder.cluster} was made by PostgreSQL {made_by}, and this installation brings "
            f"PostgreSQL {ours}. Install the release that made it and save the data with pg_dump, or move "
            f"the folder away to start anew."
        )


def _prepare_socket_folder(folder: DataFolder, account: Account) -> None:
    place = folder.socket_folder
    if place == folder.cluster.absolute():
        return
    place.mkdir(mode=0o700, exist_ok=True)
    if os.geteuid() == 0:
        os.chown(place, account.uid, account.gid)
    found = place.lstat()
    if place.is_symlink() or found.st_uid != account.uid or found.st_mode & 0o077:
        raise EmbeddedError(f"{place} belongs to somebody else or is open to others; remove it")


def _write(path: Path, text: str, account: Account) -> None:
    path.write_text(text)
    if not account.ours:
        os.chown(path, account.uid, account.gid)
