"""The data folder: where everything of one installation lies, and how to reach its PostgreSQL."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

# A Unix socket's whole path must fit into 108 bytes on Linux and 104 on macOS, with the final zero.
LONGEST_SOCKET_PATH = 100
SOCKET_NAME = ".s.PGSQL.5432"
DATABASE, ROLE = "apportion", "apportion"


@dataclass(frozen=True)
class DataFolder:
    """One installation's folder. Two checkouts have two, so they never meet."""

    root: Path

    @property
    def cluster(self) -> Path:
        """PostgreSQL's own data folder."""
        return self.root / "postgres"

    @property
    def log(self) -> Path:
        """What PostgreSQL says."""
        return self.root / "postgres.log"

    @property
    def users_lock(self) -> Path:
        """Held shared by everybody who uses the server; who gets it alone may stop the server."""
        return self.root / "postgres.users.lock"

    @property
    def start_lock(self) -> Path:
        """Held while somebody looks whether the server runs, and starts it."""
        return self.root / "postgres.start.lock"

    @property
    def migrate_lock(self) -> Path:
        """Held while a command brings the tables up to date."""
        return self.root / "postgres.migrate.lock"

    @property
    def migrated(self) -> Path:
        """Which migrations the tables have seen. Among the data, to be gone when they are."""
        return self.cluster / "apportion-migrated"

    @property
    def socket_folder(self) -> Path:
        """Beside the data; when that path is too long for a socket, a short one made from its hash.

        /tmp and not the user's TMPDIR: every process of this installation must find the same.
        """
        home = self.cluster.absolute()
        if len(str(home / SOCKET_NAME).encode()) <= LONGEST_SOCKET_PATH:
            return home
        digest = hashlib.sha256(str(home).encode()).hexdigest()[:16]
        return Path("/tmp") / f"apportion-{digest}"  # noqa: S108 - made with mode 0700, owner checked

    def connection(self, *, dbname: str = DATABASE, user: str = ROLE) -> dict[str, str]:
        """libpq's parameters for the embedded server. No password: the folder's mode is the lock."""
        return {"host": str(self.socket_folder), "port": "5432", "dbname": dbname, "user": user}
