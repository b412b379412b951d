"""The system account that PostgreSQL runs as: it refuses to run as root."""

import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from portal.embedded.folder import DataFolder

NAME = "apportion-pg"


@dataclass(frozen=True)
class Account:
    """Whom server programs run as. `switch` is what subprocess needs for it; empty for ourselves."""

    uid: int
    gid: int
    ours: bool

    @property
    def switch(self) -> dict[str, object]:
        """Keyword arguments for subprocess.run."""
        return {} if self.ours else {"user": self.uid, "group": self.gid, "extra_groups": []}


def server_account(folder: DataFolder) -> Account:
    """Ourselves; for root the owner of existing data, or an account of our own, made when missing."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), ours=True)
    if folder.cluster.exists() and (owner := folder.cluster.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid, ours=False)
    entry = _find(NAME) or _make() or _find("nobody")
    if entry is None:
        raise PermissionError(f"PostgreSQL refuses to run as root; make an account: useradd --system {NAME}")
    return Account(entry.pw_uid, entry.pw_gid, ours=False)


def _find(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _make() -> pwd.struct_passwd | None:
    """A system account without home or shell; None where there is no useradd."""
    if useradd := shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin"):
        # Two first starts of two checkouts may race: the loser's useradd fails and finds the winner's.
        subprocess.run(
            [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", NAME],
            check=False,
            capture_output=True,
        )
    return _find(NAME)


def let_through(account: Account, path: Path) -> None:
    """Let `account` reach `path`: adds the search bit (x, never r) to parents that lack it.

    Only needed for root, whose home is usually closed to everybody.
    """
    if account.ours:
        return
    for parent in path.resolve().parents:
        mode = parent.stat().st_mode
        if not mode & stat.S_IXOTH and parent.stat().st_uid != account.uid:
            parent.chmod(mode | stat.S_IXOTH)


def let_read(account: Account, tree: Path) -> None:
    """Let `account` read and run everything under `tree` (programs installed under a strict umask)."""
    if account.ours:
        return
    let_through(account, tree)
    for path in [tree, *tree.rglob("*")]:
        mode = path.stat().st_mode
        wanted = stat.S_IROTH | (stat.S_IXOTH if path.is_dir() or mode & stat.S_IXUSR else 0)
        if mode & wanted != wanted:
            path.chmod(mode | wanted)
