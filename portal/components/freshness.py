"""How fresh a page is: first through when it is complete, then how long ago that was."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from portal.components.times import duration, moment, through

# An hour closes, its sources are read within minutes; beyond this somebody should look.
USUAL_DELAY = timedelta(hours=2)


@dataclass(frozen=True)
class Stamp:
    """Words and tone ("", "late", "broken"); `exact` is the precise moment for the title."""

    text: str
    tone: str = ""
    exact: str = ""


def freshness(
    complete_through: datetime | None, now: datetime, zone: tzinfo, late: Sequence[str] = ()
) -> Stamp:
    """The stamp of a page whose figures are complete through a moment (exclusive, aware UTC).

    `late` are sentences about feeds that lag, such as "egress feed 3 h 10 min late".
    """
    if complete_through is None:
        return Stamp("No complete hour yet", "broken")
    age = now - complete_through
    said = [f"Complete through {through(complete_through, zone)}", *late]
    if age >= timedelta(minutes=1):
        said.append(f"{duration(age)} ago")
    return Stamp(
        " · ".join(said), "late" if late or age > USUAL_DELAY else "", moment(complete_through, zone)
    )
