"""The supervisor leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from portal.demo import processes
from portal.demo.leaving import Asked, Leave
from portal.demo.port import PortTaken, choose
from portal.demo.processes import Children, Ended, Program

# A child that does not want to go, with a child of its own.
STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
time.sleep(600)
"""


def _until(holds: Callable[[], bool], limit: float = 10.0) -> None:
    deadline = time.monotonic() + limit
    while not holds():
        assert time.monotonic() < deadline, "did not come true in time"
        time.sleep(0.05)


def _gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _program(folder: Path, code: str) -> Program:
    return Program("a child", [sys.executable, "-c", textwrap.dedent(code)], folder / "child.log")


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_port_that_was_asked_for_and_is_in_use_is_said_so(taken: int) -> None:
    with pytest.raises(PortTaken, match=f"port {taken} is in use"):
        choose(taken)


def test_without_a_wish_the_next_free_port_is_taken(taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.demo.port.FIRST", taken)
    assert taken < choose(None) < taken + 50


def test_a_stubborn_child_and_its_own_child_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "PATIENCE", 0.5)
    log = tmp_path / "child.log"
    with Children() as children:
        children.start(_program(tmp_path, STUBBORN))
        _until(lambda: log.read_text().strip().isdigit())
        grandchild = int(log.read_text())
        assert not _gone(grandchild)
    _until(lambda: _gone(grandchild))


def test_a_child_that_ends_by_itself_is_named_with_what_it_said(tmp_path: Path) -> None:
    with Children() as children:
        children.start(_program(tmp_path, "import sys; sys.exit('no bread left')"))
        with pytest.raises(Ended, match=r"(?s)a child ended by itself \(1\).*no bread left"):
            _until(lambda: children.look() is not None)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent's death")
def test_children_end_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    code = f"""
        import sys, time
        from pathlib import Path
        from portal.demo.processes import Children, Program
        children = Children()
        sleep = [sys.executable, "-c", "import os, time; print(os.getpid(), flush=True); time.sleep(600)"]
        children.start(Program("sleeper", sleep, Path({str(tmp_path / "child.log")!r})))
        time.sleep(600)
    """
    supervisor = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)])
    log = tmp_path / "child.log"
    _until(lambda: log.exists() and log.read_text().strip().isdigit())
    child = int(log.read_text())
    os.kill(supervisor.pid, signal.SIGKILL)
    supervisor.wait()
    _until(lambda: _gone(child))


def test_a_request_to_leave_that_was_swallowed_is_remembered() -> None:
    asked = Asked()
    asked.check()
    with pytest.raises(Leave):
        asked._hear(signal.SIGTERM, None)
    with pytest.raises(Leave):
        asked.check()
    assert asked.by is signal.SIGTERM
