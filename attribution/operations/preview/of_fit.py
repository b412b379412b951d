"""What fitted token weights would change of the hours in which they hold."""

from collections.abc import Sequence
from datetime import datetime

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from attribution.models.token_coefficients import TokenCoefficients
from attribution.operations.preview.preview import Preview, preview
from attribution.operations.proposal import Proposal, Proposed
from attribution.queries.whole_weeks import WEEK, complete_days, whole_weeks

# Half a year: longer spans tell of their last part.
MOST_WEEKS = 26
# Of a fit that has yet to hold, the last weeks tell what it would have done.
WEEKS_BEFORE = 4
Spans = Sequence[tuple[datetime, datetime]]


def spans_of_fit(fit_id: int) -> Spans:
    """The complete days in which it holds, the newest first, a week or less each; if none, those before."""
    days, fit = complete_days(), TokenCoefficients.objects.get(pk=fit_id)
    if days is None:
        return ()
    first, end = days
    first, end = max(first, fit.valid.lower or first), min(end, fit.valid.upper or end)
    spans: list[tuple[datetime, datetime]] = []
    while end > first and len(spans) < MOST_WEEKS:
        spans.append((max(first, end - WEEK), end))
        end = spans[-1][0]
    return spans or whole_weeks(WEEKS_BEFORE)


def preview_of_fit(*, fit_id: int, withdrawn: bool, spans: Spans) -> list[Preview]:
    """Each span as if the fit was approved and held then, or, `withdrawn`, as if it was not."""
    fit = TokenCoefficients.objects.get(pk=fit_id)
    if spans and fit.valid.lower is not None and fit.valid.lower > spans[-1][0]:
        fit.valid = DateTimeTZRange(spans[-1][0], fit.valid.upper, "[)")  # in memory
    proposal = Proposal(fits=(Proposed(fit, withdrawn),))
    return [preview(start=start, end=end, proposal=proposal) for start, end in spans]
