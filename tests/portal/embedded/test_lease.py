"""Who uses the server: the first to come starts it, the last to leave stops it, however they leave."""

import os
import signal
import time

from portal.embedded import server
from portal.embedded.folder import DataFolder
from portal.embedded.lease import Lease
from tests.conftest import FAST
from tests.portal.embedded.conftest import Start, connect

HOLD = """
import sys
from pathlib import Path
from portal.embedded.folder import DataFolder
from portal.embedded.lease import Lease
lease = Lease(DataFolder(Path(sys.argv[1])), {"fsync": "off"})
print("here", flush=True)
sys.stdin.read()
"""
CHILD_OUTLIVES = HOLD.replace(
    "sys.stdin.read()",
    """
import os, time
if os.fork() == 0:
    lease.release()        # a child has nothing to release
    os.close(0); os.close(1); os.close(2)
    time.sleep(3)
    os._exit(0)
""",
)


def test_the_last_to_leave_stops_it(folder: DataFolder) -> None:
    first = Lease(folder, FAST)
    second = Lease(folder, FAST)
    first.release()
    assert server.is_up(folder)
    second.release()
    assert not server.is_up(folder)
    assert not (folder.cluster / "postmaster.pid").exists()


def test_leaving_twice_does_no_harm(folder: DataFolder) -> None:
    stays, leaves = Lease(folder, FAST), Lease(folder, FAST)
    leaves.release()
    leaves.release()
    assert server.is_up(folder)
    stays.release()


def test_a_second_start_finds_its_data(folder: DataFolder) -> None:
    with Lease(folder, FAST), connect(folder) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    with Lease(folder, FAST), connect(folder) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
        connection.execute("DROP TABLE kept")


def test_many_at_once_share_one_server(folder: DataFolder, start: Start) -> None:
    users = [start(folder, "-c", HOLD, str(folder.root)) for _ in range(5)]
    for user in users:
        assert user.stdout is not None
        assert user.stdout.readline() == "here\n", user.communicate()[1]
    assert server.is_up(folder)
    for user in users:
        _, said = user.communicate()
        assert (user.returncode, said) == (0, "")
    assert not server.is_up(folder)


def test_who_is_killed_leaves_no_lock_behind(folder: DataFolder, start: Start) -> None:
    user = start(folder, "-c", HOLD, str(folder.root))
    assert user.stdout is not None
    assert user.stdout.readline() == "here\n"
    user.kill()
    user.wait()
    assert server.is_up(folder)  # nobody was left to stop it: the next one shares it, and does
    Lease(folder, FAST).release()
    assert not server.is_up(folder)


def test_a_forked_child_keeps_it_running_and_does_not_stop_it(folder: DataFolder, start: Start) -> None:
    parent = start(folder, "-c", CHILD_OUTLIVES, str(folder.root))
    parent.communicate()
    assert parent.returncode == 0
    assert server.is_up(folder)  # the child still uses it
    time.sleep(3)
    Lease(folder, FAST).release()
    assert not server.is_up(folder)


def test_a_child_of_this_process_cannot_stop_it(folder: DataFolder) -> None:
    with Lease(folder, FAST) as lease:
        child = os.fork()
        if child == 0:
            lease.release()
            os._exit(0)
        os.waitpid(child, 0)
        assert server.is_up(folder)


def test_a_plain_kill_ends_a_command_and_its_server(folder: DataFolder, start: Start) -> None:
    command = start(folder, "manage.py", "services")
    assert command.stdout is not None
    assert str(folder.socket_folder) in command.stdout.readline()
    command.send_signal(signal.SIGTERM)
    command.communicate()
    assert command.returncode == 128 + signal.SIGTERM
    assert not server.is_up(folder)
