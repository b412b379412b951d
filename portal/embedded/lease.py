"""Who uses the embedded server. The first to come starts it, the last to leave stops it.

Being a user means holding a shared lock on a file. The kernel drops the lock when the process dies,
however it dies, so there is no count to go wrong and nothing stale to clean up.
"""

import atexit
import fcntl
import os
from collections.abc import Mapping
from types import TracebackType

from portal.embedded import server
from portal.embedded.folder import DataFolder
from portal.embedded.locks import alone, open_lock


class Lease:
    """The right to use the server of one data folder, until released or until this process ends."""

    def __init__(self, folder: DataFolder, overrides: Mapping[str, str] | None = None) -> None:
        """Take part, starting the server if it is not running.

        `overrides` are settings of PostgreSQL that count only for a server that this call starts.
        Raises EmbeddedError when it cannot be started.
        """
        self.folder = folder
        self._overrides = dict(overrides or {})
        self._owner = os.getpid()
        self._lock: int | None = open_lock(folder.users_lock)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_SH)  # waits while somebody stops the server
            self.ensure_up()
        except BaseException:
            os.close(self._lock)
            self._lock = None
            raise
        atexit.register(self.release)

    def ensure_up(self) -> None:
        """Start the server if it is not running (again, when it was killed)."""
        with alone(self.folder.start_lock):
            if not server.is_up(self.folder):
                server.start(self.folder, self._overrides)
            server.ensure_database(self.folder)

    def release(self) -> None:
        """Leave; who leaves last stops the server. Children that were forked from us do neither."""
        if self._lock is None or os.getpid() != self._owner:
            return
        atexit.unregister(self.release)
        os.close(self._lock)  # forked children that are still alive keep it locked
        self._lock = None
        lock = open_lock(self.folder.users_lock)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            server.stop(self.folder)
        except BlockingIOError:
            pass  # somebody else is still using it
        finally:
            os.close(lock)

    def __enter__(self) -> "Lease":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
