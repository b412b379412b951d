"""How firm a figure is."""

from collections.abc import Iterable
from enum import StrEnum


class Status(StrEnum):
    """Estimated by a price book, invoiced by a bill, or both; closed when its period is closed."""

    ESTIMATED = "estimated"
    INVOICED = "invoiced"
    MIXED = "mixed"
    CLOSED = "closed"


def status_of(some_estimated: bool, all_estimated: bool) -> Status:
    """The status of lines of which some, or all, are estimated."""
    if all_estimated:
        return Status.ESTIMATED
    return Status.MIXED if some_estimated else Status.INVOICED


def joint_status(statuses: Iterable[Status]) -> Status | None:
    """The status of several figures together; None where there is none."""
    found = set(statuses)
    return found.pop() if len(found) == 1 else (Status.MIXED if found else None)
