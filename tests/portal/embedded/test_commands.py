"""Every command of manage.py starts the services, shares them, and finds the tables up to date."""

from pathlib import Path

from portal.embedded import server
from portal.embedded.folder import DataFolder
from portal.embedded.lease import Lease
from tests.conftest import FAST
from tests.portal.embedded.conftest import Start, connect

COUNT_USERS = "from portal.accounts.models import User; print(User.objects.count(), 'users')"


def test_commands_work_in_a_folder_that_is_not_there_yet(tmp_path: Path, start: Start) -> None:
    folder = DataFolder(tmp_path / "var")
    commands = [start(folder, "manage.py", "shell", "--no-imports", "-c", COUNT_USERS) for _ in range(3)]
    told = []
    for command in commands:
        said, complained = command.communicate()
        assert (command.returncode, said) == (0, "0 users\n")
        told.append(complained)
    # One of them makes the tables and says why it takes so long; the answers on stdout are alone.
    preparing = f"preparing the database in {folder.root}, once for each release: some seconds\n"
    assert sorted(told) == ["", "", preparing]
    assert not server.is_up(folder)
    later = start(folder, "manage.py", "shell", "--no-imports", "-c", COUNT_USERS)
    assert later.communicate() == ("0 users\n", "")


def test_a_command_shares_the_server_and_leaves_it_running(folder: DataFolder, start: Start) -> None:
    with Lease(folder, FAST), connect(folder) as connection:
        command = start(folder, "manage.py", "services", "psql", "--", "-Atc", "SHOW fsync")
        said, _ = command.communicate()
        assert said == "off\n"  # the server that we started, not another one
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_help_starts_nothing(folder: DataFolder, start: Start) -> None:
    command = start(folder, "manage.py", "help")
    command.communicate()
    assert command.returncode == 0
    assert not (folder.cluster / "postmaster.pid").exists()


def test_a_wrong_setting_stops_a_command_and_is_named(folder: DataFolder, start: Start) -> None:
    command = start(folder, "-c", _with_setting("DATABASE_URL", "mysql://localhost/x"))
    _, complained = command.communicate()
    assert command.returncode == 1
    assert "DATABASE_URL: expected postgresql://" in complained
    assert "Traceback" not in complained


def test_a_database_that_does_not_answer_is_named(folder: DataFolder, start: Start) -> None:
    command = start(folder, "-c", _with_setting("DATABASE_URL", "postgresql://u:secret@127.0.0.1:1/x"))
    _, complained = command.communicate()
    assert command.returncode == 1
    assert "DATABASE_URL" in complained
    assert "secret" not in complained
    assert "Traceback" not in complained


def _with_setting(name: str, value: str) -> str:
    return (
        "import os, runpy, sys; "
        f"os.environ[{name!r}] = {value!r}; os.environ['APPORTION_SECRET_KEY'] = 'k' * 50;"
        "sys.argv = ['manage.py', 'migrate']; runpy.run_path('manage.py', run_name='__main__')"
    )
