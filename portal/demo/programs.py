"""What runs in the demo beside PostgreSQL: web server, worker, beat."""

import sys
from pathlib import Path

from portal.demo.processes import Program


def programs(port: int, folder: Path) -> list[Program]:
    """The three, with logs in `folder`. Only this machine reaches the web server."""
    python = [sys.executable, "-m"]
    celery = [*python, "celery", "-A", "portal.config.celery"]
    web = [
        *python, "gunicorn", "portal.config.wsgi:application", "--bind", f"127.0.0.1:{port}",
        "--workers", "2", "--threads", "4", "--graceful-timeout", "5", "--no-control-socket",
    ]  # fmt: skip
    worker = [*celery, "worker", "--concurrency", "1", "--loglevel", "INFO", "--without-mingle"]
    beat = [*celery, "beat", "--loglevel", "INFO", "--pidfile", ""]
    return [
        Program("web server", web, folder / "web.log"),
        Program("worker", worker, folder / "worker.log"),
        Program("beat", beat, folder / "beat.log"),
    ]
