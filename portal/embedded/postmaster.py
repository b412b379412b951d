"""The server's process, as its data folder remembers it: running, dead, or somebody else by now."""

import time

import psutil

from portal.embedded.folder import SOCKET_NAME, DataFolder

PATIENCE = 5.0  # seconds for the children of a killed server to notice and end


def alive(folder: DataFolder) -> bool:
    """Whether the process in postmaster.pid is a PostgreSQL that runs.

    A zombie does not: in a container whose first process reaps nobody, killed servers stay as such.
    """
    pid = _remembered(folder)
    try:
        process = psutil.Process(pid) if pid is not None else None
        return (
            process is not None and process.status() != psutil.STATUS_ZOMBIE and "postgres" in process.name()
        )
    except psutil.NoSuchProcess:
        return False


def forget_the_dead(folder: DataFolder) -> None:
    """Remove what a dead server left when its number is taken, by a zombie or by another program.

    PostgreSQL takes any process of its account with that number for a server and refuses to start;
    after a reboot that can be a shell. When nobody has the number, it cleans up itself, and better.
    """
    pid = _remembered(folder)
    if pid is None or not psutil.pid_exists(pid) or alive(folder):
        return
    _see_children_off(folder)
    (folder.cluster / "postmaster.pid").unlink(missing_ok=True)
    for name in (SOCKET_NAME, f"{SOCKET_NAME}.lock"):
        (folder.socket_folder / name).unlink(missing_ok=True)


def _remembered(folder: DataFolder) -> int | None:
    try:
        return int((folder.cluster / "postmaster.pid").read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


def _see_children_off(folder: DataFolder) -> None:
    """Wait for processes that a killed server left behind, then end them.

    They can finish nothing any more, and a new server must never write beside them. postmaster.pid is
    PostgreSQL's own guard against that, which is why nobody removes it before this.
    """
    left = [process for process in psutil.process_iter() if _works_in(process, folder)]
    _, stubborn = psutil.wait_procs(left, timeout=PATIENCE)
    for process in stubborn:
        process.kill()
    while any(_works_in(process, folder) for process in stubborn):
        time.sleep(0.05)


def _works_in(process: psutil.Process, folder: DataFolder) -> bool:
    try:
        running = process.status() != psutil.STATUS_ZOMBIE and "postgres" in process.name()
        return running and process.cwd() == str(folder.cluster.resolve())
    except psutil.Error:
        return False
