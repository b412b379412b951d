"""`manage.py demo`: everything on this machine, with invented data, until Ctrl-C."""

import signal
import sys
import time
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from portal.demo.changes import make_changes
from portal.demo.health import NoAnswer, wait
from portal.demo.leaving import Asked, Leave
from portal.demo.load import load
from portal.demo.mark import NotTheDemos, loaded, marked, span_of
from portal.demo.models import DemoMark
from portal.demo.past import make_past
from portal.demo.port import PortTaken, choose
from portal.demo.processes import Children, Ended
from portal.demo.programs import task_programs, web_server
from portal.demo.quiet import logged_aside
from portal.demo.span import Span
from portal.demo.users import LOGINS, make_users, password
from portal.demo.world import world

DAYS, SEED = 45, 20_260_601


class Command(BaseCommand):
    """Prepare what is missing, run web server, worker and beat, end all of it together."""

    help = "Run Apportion with an invented company's data on this machine. Ctrl-C ends everything."

    def add_arguments(self, parser: CommandParser) -> None:
        """`--prepare` is for tests and images: load and leave."""
        parser.add_argument("--port", type=int, help="the web server's port; else the first free from 8000")
        parser.add_argument("--small", action="store_true", help="ten devices and three days, for a hurry")
        parser.add_argument("--prepare", action="store_true", help="only load the data and leave")

    def handle(self, *args: Any, port: int | None, small: bool, prepare: bool, **options: Any) -> None:
        """Exit with one clear line where something is in the way."""
        self.asked = Asked()
        self.asked.listen()
        try:
            chosen = choose(port)
            mark = marked(Span.until(datetime.now(UTC), 3 if small else DAYS, SEED), small=small)
            with logged_aside(settings.ENV.folder.root / "logs" / "making.log"):
                self._prepare(mark)
            if not prepare:
                self._run(chosen, mark)
        except (PortTaken, NotTheDemos, NoAnswer, Ended) as problem:
            raise CommandError(str(problem)) from None
        except Leave:
            self.stdout.write("ended")
            if self.asked.by is not signal.SIGINT:
                raise SystemExit(128 + (self.asked.by or signal.SIGTERM)) from None

    def _prepare(self, mark: DemoMark) -> None:
        new = mark.loaded_at is None
        if new:
            self._load(mark)
            loaded(mark, datetime.now(UTC))
        make_users()
        if new:
            make_changes(world(small=mark.small), span_of(mark), datetime.now(UTC))
            make_past()

    def _load(self, mark: DemoMark) -> None:
        """With a bar on a terminal, with a line a step elsewhere."""
        self.stdout.write(f"Making {mark.days} days of an invented company, once:")
        columns = TextColumn("{task.description:<56}"), BarColumn(24), TimeElapsedColumn()
        with Progress(*columns, disable=not sys.stdout.isatty()) as progress:
            bar = progress.add_task("", total=1.0)

            def say(what: str, share: float) -> None:
                self.asked.check()
                progress.update(bar, description=what, completed=share)
                if progress.disable:
                    self.stdout.write(f"  {share:4.0%}  {what}")
                    self.stdout.flush()

            load(world(small=mark.small), span_of(mark), say)

    def _run(self, port: int, mark: DemoMark) -> None:
        logs = settings.ENV.folder.root / "logs"
        with Children() as children:
            children.start(web_server(port, logs))
            wait(port, lambda: self._look(children))
            for program in task_programs(logs):
                children.start(program)
            self._tell(port, mark)
            connections.close_all()
            try:
                while True:
                    self._look(children)
                    time.sleep(0.5)
            finally:
                self.stdout.write("\nending …")

    def _look(self, children: Children) -> None:
        self.asked.check()
        children.look()

    def _tell(self, port: int, mark: DemoMark) -> None:
        rows = "\n".join(f"  {one.name:<8}{one.role:<16}{one.tenant or 'everything'}" for one in LOGINS)
        self.stdout.write(
            f"\nApportion runs at http://127.0.0.1:{port}/\n\n"
            f"  sign in as, with the password {password()}\n{rows}\n\n"
            f"Data of {mark.days} days to {mark.end:%Y-%m-%d}, invented; docs/demo.md says what to look at.\n"
            f"Logs: {settings.ENV.folder.root / 'logs'}\nCtrl-C ends everything."
        )
        self.stdout.flush()
