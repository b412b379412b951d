"""One installation, one folder: no ports, no collisions, no surprises with paths, versions and accounts."""

import os
import pwd
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from portal.embedded.errors import EmbeddedError
from portal.embedded.folder import DataFolder
from portal.embedded.lease import Lease
from tests.conftest import FAST
from tests.portal.embedded.conftest import CHECKOUT, connect


def test_two_checkouts_have_two_servers(folder: DataFolder, tmp_path: Path) -> None:
    other = DataFolder(tmp_path / "var")
    with Lease(folder, FAST), Lease(other, FAST), connect(folder) as here, connect(other) as there:
        here.execute("CREATE TABLE only_here ()")
        row = there.execute("SELECT to_regclass('only_here')").fetchone()
        assert row == (None,)
        here.execute("DROP TABLE only_here")


def test_it_listens_on_no_port(folder: DataFolder) -> None:
    with Lease(folder, FAST):
        pid = int((folder.cluster / "postmaster.pid").read_text().split("\n")[0])
        assert psutil.Process(pid).net_connections(kind="inet") == []


def test_nobody_else_can_reach_it(folder: DataFolder) -> None:
    with Lease(folder, FAST):
        assert stat.S_IMODE(folder.socket_folder.stat().st_mode) == 0o700


def test_a_path_too_long_for_a_socket_gets_a_short_one(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / ("long " * 20).strip().replace(" ", "-") / "it's var")
    assert len(str(folder.socket_folder)) < 60
    with Lease(folder, FAST), connect(folder) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
        assert stat.S_IMODE(folder.socket_folder.stat().st_mode) == 0o700
    assert not folder.socket_folder.exists()


def test_a_short_socket_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "-".join(["long"] * 25))
    folder.socket_folder.mkdir(mode=0o700)
    folder.socket_folder.chmod(0o777)
    try:
        with pytest.raises(EmbeddedError, match="open to others"):
            Lease(folder, FAST)
    finally:
        folder.socket_folder.rmdir()


def test_data_of_another_version_is_refused_with_both_numbers(folder: DataFolder) -> None:
    version = folder.cluster / "PG_VERSION"
    before = version.read_text()
    version.write_text("15\n")
    try:
        with pytest.raises(EmbeddedError, match=r"made by PostgreSQL 15, .* brings PostgreSQL 18"):
            Lease(folder, FAST)
    finally:
        version.write_text(before)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EmbeddedError, match="file"):
        Lease(DataFolder(tmp_path / "file" / "var"), FAST)


def test_our_role_is_no_superuser(folder: DataFolder) -> None:
    with Lease(folder, FAST), connect(folder) as connection:
        row = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
        assert row == (False,)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_it_runs_without_root_too(tmp_path: Path) -> None:
    """The other tests ran as root. The system's Python: root's own is often closed to others."""
    python = f"/usr/bin/python3.{sys.version_info.minor}"
    if not Path(python).exists():
        pytest.skip(f"{python} is not installed")
    somebody = pwd.getpwnam("nobody")
    for parent in [tmp_path, *tmp_path.parents]:
        if parent.owner() == "root" and not parent.stat().st_mode & stat.S_IXOTH:
            parent.chmod(parent.stat().st_mode | stat.S_IXOTH)
    home = tmp_path / "home"
    home.mkdir()
    os.chown(home, somebody.pw_uid, somebody.pw_gid)
    done = subprocess.run(
        [python, "manage.py", "services", "--once"], cwd=CHECKOUT, capture_output=True, text=True,
        check=False, user=somebody.pw_uid, group=somebody.pw_gid, extra_groups=[],
        env={
            "APPORTION_DATA": str(home / "var"), "HOME": str(home), "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path.endswith("site-packages")),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert (home / "var" / "postgres").owner() == "nobody"
    assert not (home / "var" / "postgres" / "postmaster.pid").exists()
