"""Being asked to leave, and not forgetting it."""

import signal

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # Ctrl-C, kill, the terminal was closed


class Leave(BaseException):
    """No error: libraries that catch those must not swallow it."""


class Asked:
    """Raises Leave where a signal finds us, and again at the next `check`.

    A signal that comes while Python runs a destructor or a callback of a C library is reported there and
    forgotten; then the next check leaves.
    """

    def __init__(self) -> None:
        self.by: signal.Signals | None = None

    def listen(self) -> None:
        """From now on signals are for us."""
        for number in SIGNALS:
            signal.signal(number, self._hear)

    def check(self) -> None:
        """Leave if somebody has asked."""
        if self.by is not None:
            raise Leave

    def _hear(self, number: int, frame: object) -> None:
        self.by = signal.Signals(number)
        raise Leave
