"""What runs in the demo beside PostgreSQL: web server, worker, beat."""

import sys
from pathlib import Path

from portal.demo.processes import Program

_PYTHON = (sys.executable, "-m")
_CELERY = (*_PYTHON, "celery", "-A", "portal.config.celery")


def web_server(port: int, logs: Path) -> Program:
    """The pages. Only this machine reaches them; the code is read once for both workers."""
    command = (
        *_PYTHON, "gunicorn", "portal.config.wsgi:application", "--bind", f"127.0.0.1:{port}",
        "--preload", "--workers", "2", "--threads", "4", "--graceful-timeout", "5", "--no-control-socket",
    )  # fmt: skip
    return Program("web server", command, logs / "web.log")


def task_programs(logs: Path) -> tuple[Program, Program]:
    """Who does the tasks, and who calls for them in time."""
    worker = (*_CELERY, "worker", "--concurrency", "1", "--loglevel", "INFO", "--without-mingle")
    beat = (*_CELERY, "beat", "--loglevel", "INFO", "--pidfile", "")
    return Program("worker", worker, logs / "worker.log"), Program("beat", beat, logs / "beat.log")
