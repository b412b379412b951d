"""How the state of a month is said, everywhere the same."""

from collections.abc import Mapping

from attribution.queries.periods import PeriodState
from portal.components.table import Tag

STATES: Mapping[PeriodState, Tag] = {
    PeriodState.OPEN: Tag("open"),
    PeriodState.IN_REVIEW: Tag("in review", "info"),
    PeriodState.CLOSED: Tag("closed", "ok"),
}
