"""Real brokers, started for one test run on loopback or a socket, in folders of their own."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from portal.embedded.account import let_through, server_account
from portal.embedded.folder import DataFolder

# RabbitMQ's own script first: the one in /usr/sbin changes to Debian's account and its folders.
PATH = "/usr/lib/rabbitmq/bin:" + os.environ["PATH"] + ":/usr/sbin:/sbin"


def find(*names: str, package: str = "") -> str:
    """The first of `names` that is installed. Skips the test when none is; fails it where CI=true."""
    for name in names:
        if found := shutil.which(name, path=PATH):
            return found
    missing = f"{names[0]} is not installed; on Debian: apt-get install {package or names[0]}"
    if os.environ.get("CI") == "true":
        pytest.fail(missing)
    return pytest.skip(missing)


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def wait_until(ready: Callable[[], bool], what: str, limit: float = 60, process: object = None) -> None:
    """Poll `ready`; fail after `limit` seconds, or at once when `process` has ended."""
    deadline = time.monotonic() + limit
    while not ready():
        if time.monotonic() > deadline:
            pytest.fail(f"{what}: not within {limit:g} seconds")
        if isinstance(process, subprocess.Popen) and process.poll() is not None:
            pytest.fail(f"{what}: the process ended with {process.returncode}")
        time.sleep(0.05)


def listens(port: int) -> bool:
    """Whether somebody accepts connections at `port` of loopback."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def running(
    command: list[str],
    log: Path,
    environment: Mapping[str, str] | None = None,
    stop: signal.Signals = signal.SIGTERM,
    at_once: bool = False,
    **switch: object,
) -> Iterator[subprocess.Popen[bytes]]:
    """A program for as long as the block lasts; its words go to `log`.

    `at_once`: killed with all its processes. Nobody looks at how a worker ends, and by itself it takes 8 s.
    """
    with log.open("ab") as said:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT,
            env={**os.environ, "PATH": PATH, **(environment or {})}, start_new_session=True,
            **switch,
        )  # fmt: skip
    try:
        yield process
    finally:
        if at_once:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        else:
            process.send_signal(stop)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def redis(folder: Path, *names: str) -> Iterator[str]:
    """Redis, or Valkey, which speaks the same; yields host:port."""
    program = find(*names)
    port = free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", "",
               "--appendonly", "no"]  # fmt: skip
    with running(command, folder / "log") as process:
        wait_until(lambda: listens(port), f"{program} starts", process=process)
        yield f"127.0.0.1:{port}"


@contextmanager
def rabbitmq(folder: Path) -> Iterator[str]:
    """RabbitMQ with its data in `folder`; yields host:port.

    Its own port mapper (epmd) is started on a port of ours, and ended with it.
    """
    script, epmd = find("rabbitmq-server"), find("epmd")
    port, mapper, distribution = free_port(), free_port(), free_port()
    environment = {
        "HOME": str(folder),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_EPMD_PORT": str(mapper),
        "RABBITMQ_BASE": str(folder),
        "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
        "RABBITMQ_LOG_BASE": str(folder / "log.d"),
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
        "RABBITMQ_PID_FILE": str(folder / "pid"),
        "RABBITMQ_GENERATED_CONFIG_DIR": str(folder / "config"),
        "RABBITMQ_FEATURE_FLAGS_FILE": str(folder / "feature_flags"),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq"),
        "RABBITMQ_CONF_ENV_FILE": str(folder / "no-such-file"),
        "RABBITMQ_NODENAME": f"test{port}@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(distribution),
    }
    (folder / "enabled_plugins").write_text("[].")
    with (
        running([epmd, "-port", str(mapper), "-address", "127.0.0.1"], folder / "epmd.log", environment),
        running([script], folder / "log", environment, at_once=True) as process,
    ):
        wait_until(lambda: listens(port), "RabbitMQ starts", process=process)
        yield f"127.0.0.1:{port}"


@contextmanager
def postgresql_15(folder: Path) -> Iterator[str]:
    """The oldest PostgreSQL that we support, as somebody's own server; yields its DATABASE_URL."""
    program = find("/usr/lib/postgresql/15/bin/postgres", package="postgresql-15")
    account = server_account(DataFolder(folder / "none"))
    data = folder / "data"
    data.mkdir(mode=0o700)
    os.chown(data, account.uid, account.gid)
    let_through(account, data)
    switch = {"cwd": "/", **account.switch}
    initdb = str(Path(program).with_name("initdb"))
    subprocess.run(
        [initdb, "-D", str(data), "-U", "ada", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8"],
        check=True, stdout=subprocess.DEVNULL, **switch,
    )  # fmt: skip
    port = free_port()
    command = [program, "-D", str(data), "-c", f"port={port}", "-c", "listen_addresses=127.0.0.1",
               "-c", f"unix_socket_directories={data}", "-c", "fsync=off"]  # fmt: skip
    url = f"postgresql://ada@127.0.0.1:{port}/postgres"
    with running(command, folder / "log", stop=signal.SIGINT, **switch) as process:
        # It listens before it takes anybody in: "the database system is starting up".
        wait_until(lambda: takes_connections(url), "PostgreSQL 15 starts", process=process)
        yield url


def takes_connections(url: str) -> bool:
    """Whether a PostgreSQL answers."""
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True
