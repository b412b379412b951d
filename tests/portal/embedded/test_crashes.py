"""What is left after kill -9, and that the next start copes with it without a hand."""

import os
import signal
import subprocess
from pathlib import Path

import psycopg
import pytest

from portal.embedded import server
from portal.embedded.folder import DataFolder
from portal.embedded.lease import Lease
from tests.conftest import FAST
from tests.portal.embedded.conftest import connect


def kill_server(folder: DataFolder) -> None:
    """kill -9 of the server itself; its children notice and end."""
    pid = int((folder.cluster / "postmaster.pid").read_text().split("\n")[0])
    os.kill(pid, signal.SIGKILL)


def test_a_killed_server_is_started_again_with_its_data(folder: DataFolder) -> None:
    with Lease(folder, {}) as lease:
        with connect(folder) as connection:
            connection.execute("CREATE TABLE committed AS SELECT 1 AS one")
            kill_server(folder)
            with pytest.raises(psycopg.OperationalError):
                connection.execute("SELECT pg_sleep(30)")
        lease.ensure_up()
        with connect(folder) as connection:
            assert connection.execute("SELECT one FROM committed").fetchone() == (1,)
            connection.execute("DROP TABLE committed")


def test_a_start_after_everything_was_killed_recovers(folder: DataFolder) -> None:
    holder = Lease(folder, FAST)
    kill_server(folder)
    holder.release()
    assert (folder.cluster / "postmaster.pid").exists()
    with Lease(folder, FAST), connect(folder) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_process_number_that_another_program_has_now_is_no_server(folder: DataFolder) -> None:
    """After a reboot the number in postmaster.pid can be anybody's, here a sleeping Python's."""
    Lease(folder, FAST).release()
    owner = folder.cluster.stat()
    switch = {} if os.geteuid() else {"user": owner.st_uid, "group": owner.st_gid}
    with subprocess.Popen(["sleep", "60"], cwd="/", **switch) as other:
        stale = folder.cluster / "postmaster.pid"
        stale.write_text(f"{other.pid}\n{folder.cluster}\n1\n5432\n{folder.socket_folder}\n\n  1 1\nready\n")
        os.chown(stale, owner.st_uid, owner.st_gid)
        with Lease(folder, FAST):
            assert server.is_up(folder)
        assert other.poll() is None
        other.kill()


def test_a_folder_that_was_half_made_is_made_again(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "var")
    draft = folder.root / "postgres.new"
    draft.mkdir(parents=True)
    (draft / "PG_VERSION").write_text("18")
    with Lease(folder, FAST):
        assert server.is_up(folder)
    assert not draft.exists()


def test_the_server_outlives_ctrl_c_in_the_terminal_of_who_started_it(folder: DataFolder) -> None:
    """Ctrl-C goes to the whole process group; the server is in another one."""
    with Lease(folder, FAST):
        pid = int((folder.cluster / "postmaster.pid").read_text().split("\n")[0])
        assert os.getpgid(pid) != os.getpgid(0)
        assert os.getsid(pid) != os.getsid(0)
