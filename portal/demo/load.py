"""The demo's files through the front door: the same commands that an operator types."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.core.management import call_command

from attribution.operations.attribute_windows import attribute_range
from portal.demo.closing import close_months
from portal.demo.generate import Delivery, deliveries, pieces, write_fleet
from portal.demo.span import DAY, Span
from portal.demo.world import World

# Says what is being done; the second argument is the share of the whole that is done, 0 to 1.
Say = Callable[[str, float], None]
# How the time divides, by trial: reading files, then attribution.
_READING = 0.5
_WEEK, _FEW_DAYS = 7, 14


def load(world: World, span: Span, say: Say) -> None:
    """Write, import and attribute everything. Safe to repeat: imports replace, the same bill is a no-op.

    Raises what the commands raise; what was imported before stays and is not imported twice.
    """
    with TemporaryDirectory(prefix="apportion-demo-") as name:
        folder = Path(name)
        say("declaring the estate", 0.0)
        call_command("apply", str(write_fleet(folder, world)), stdout=StringIO())
        steps = list(deliveries(folder, world, span))
        for number, step in enumerate(steps):
            delivery = step()
            say(f"reading {delivery.what}", _READING * number / len(steps))
            _import(delivery)
            for path in delivery.paths:
                path.unlink()  # half a gigabyte would lie about otherwise
        _attribute(span, say)
        say("closing the first month", 0.99)
        close_months(folder, world, span)
    say("done", 1.0)


def _import(delivery: Delivery) -> None:
    paths = [str(path) for path in delivery.paths]
    call_command(delivery.command, *paths, source=delivery.source, stdout=StringIO())


def _attribute(span: Span, say: Say) -> None:
    """The newest days first. With many days a second process takes the older half: most machines have
    a second core, and windows are claimed from the database, so the two cannot meet."""
    alone = span.days <= _FEW_DAYS
    middle = span.start if alone else span.start + span.days // 2 * DAY
    with nullcontext() if alone else _elsewhere(span.start, middle):
        parts = pieces(middle, span.end, _WEEK)
        for number, (start, end) in enumerate(parts):
            share = _READING + (1 - _READING) * number / len(parts)
            say(f"attributing {start:%d %b} to {end:%d %b}", share)
            attribute_range(start, end)
        say("attributing the rest", 0.98)


@contextmanager
def _elsewhere(start: datetime, end: datetime) -> Iterator[None]:
    """Attribute [start, end) in another process meanwhile; waits for it at the end.

    Raises CalledProcessError when it failed; its words are in the terminal then.
    """
    span = ("--from", start.isoformat(), "--to", end.isoformat())
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "attribute", *span]
    other = subprocess.Popen(  # in a session of its own: Ctrl-C is for us, and we end it
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        yield
        if other.wait():
            raise subprocess.CalledProcessError(other.returncode, command)
    finally:
        if other.poll() is None:
            other.terminate()
            other.wait()
