"""The demo's files through the front door: the same commands that an operator types."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from django.core.management import call_command

from attribution.operations.attribute_windows import attribute_range
from portal.demo.generate import Delivery, deliveries, pieces, write_fleet
from portal.demo.span import Span
from portal.demo.world import World

# Says what is being done; the second argument is the share of the whole that is done, 0 to 1.
Say = Callable[[str, float], None]
# How the time divides, by trial: reading files, then attribution.
_READING = 0.45


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


def _import(delivery: Delivery) -> None:
    paths = [str(path) for path in delivery.paths]
    call_command(delivery.command, *paths, source=delivery.source, stdout=StringIO())


def _attribute(span: Span, say: Say) -> None:
    """The newest days first. Windows of no cluster need those of all others: they come last by themselves."""
    parts = pieces(span)
    for number, (start, end) in enumerate(parts):
        say(f"attributing {start:%d %b} to {end:%d %b}", _READING + (1 - _READING) * number / len(parts))
        attribute_range(start, end)
    say("done", 1.0)
