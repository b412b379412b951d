"""The demo's child processes: started together, watched, ended together."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from portal.demo.leaving import SIGNALS

PATIENCE = 12.0  # seconds for a child to end by itself
_SET_PARENT_DEATH_SIGNAL = 1  # prctl's PR_SET_PDEATHSIG


@dataclass(frozen=True)
class Program:
    """What to run, and the file that takes what it says."""

    name: str
    command: Sequence[str]
    log: Path


class Ended(Exception):
    """A child ended while it was needed."""

    def __init__(self, program: Program, code: int) -> None:
        said = program.log.read_text(errors="replace").splitlines()[-12:]
        super().__init__(
            f"{program.name} ended by itself ({code}); the end of {program.log}:\n" + "\n".join(said)
        )


class Children:
    """Children in sessions of their own: Ctrl-C reaches only us, and we end them in order."""

    def __init__(self) -> None:
        self._running: list[tuple[Program, subprocess.Popen[bytes]]] = []

    def start(self, program: Program) -> None:
        """Start a program; its words go to its log, which begins anew."""
        program.log.parent.mkdir(parents=True, exist_ok=True)
        with program.log.open("wb") as log:
            child = subprocess.Popen(
                program.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )
        self._running.append((program, child))

    def look(self) -> None:
        """Raise Ended when a child has gone."""
        for program, child in self._running:
            code = child.poll()
            if code is not None:
                raise Ended(program, code)

    def end(self) -> None:
        """End all, the last started first: politely, and after PATIENCE for good, with their children.

        Deaf meanwhile: a second Ctrl-C must not leave half of them running.
        """
        heard = {number: signal.signal(number, signal.SIG_IGN) for number in SIGNALS}
        try:
            self._end()
        finally:
            for number, handler in heard.items():
                signal.signal(number, handler)

    def _end(self) -> None:
        for _, child in reversed(self._running):
            _signal(child, signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE
        for _, child in self._running:
            with suppress(subprocess.TimeoutExpired):
                child.wait(max(deadline - time.monotonic(), 0.1))
            _signal_group(child, signal.SIGKILL)
            child.wait()
        self._running.clear()

    def __enter__(self) -> "Children":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()


def _signal(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    if child.poll() is None:
        child.send_signal(number)


def _signal_group(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """The whole session: what a killed worker left behind ends too."""
    try:
        os.killpg(child.pid, number)
    except (ProcessLookupError, PermissionError):
        return


def _end_with_parent() -> None:
    """Ask the kernel to end us when the supervisor dies without a word (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)
