"""Fits of token weights as tables."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.urls import reverse

from attribution.queries.token_fits import TokenFitRow
from portal.components.formats import DASH, counted, percent, plain
from portal.components.table import Cell, Column, Row, Table, Tag
from portal.components.times import moment, stretch

TONES = {"approved": "ok", "proposed": "info", "refused": "warn", "rejected": "warn"}
METHODS = {"regression": "busy time", "phases": "the runtime's phases"}


def fits_table(
    fits: Sequence[TokenFitRow], zone: ZoneInfo, *, asks: bool = False, asked: Mapping[int, int] | None = None
) -> Table:
    """One line a fit: what it says, how sure it is, and what became of it.

    `asks`: may ask for approval. `asked`: the change that asks for it already, by fit.
    """
    return Table(
        title="Fits",
        caption="Microseconds of device time per token, with the interval of each; the newest first",
        columns=[
            Column("Model and device"), Column("State"), Column("Computed input", True),
            Column("Cached input", True), Column("Output", True),
            Column("Explained", True, hint="Part of what busy time varies by that tokens explain (R²)"),
            Column("Drift", True, hint="How much of busy time the second half explains otherwise"),
            Column("From", hint="What it was fitted from"), Column("Holds"),
        ],
        rows=[_fit(fit, zone, asks=asks, change=(asked or {}).get(fit.fit_id)) for fit in fits],
        note=counted(len(fits), "fit"),
    )  # fmt: skip


def _fit(fit: TokenFitRow, zone: ZoneInfo, *, asks: bool, change: int | None) -> Row:
    said = fit.evidence
    runtime = f" · {fit.runtime}" if fit.runtime else ""
    hours, method = said["hours"], METHODS.get(said["method"], said["method"])
    name = f"{fit.model} on {fit.accelerator}{runtime}"
    return Row([
        Cell(name, under=f"{', '.join(fit.services)} · fit {fit.fit_id}"),
        Cell(*_deed(fit, asks, change), tag=Tag(fit.state, TONES.get(fit.state, "")), under=_who(fit)),
        _weight(fit, "computed", fit.weight_input),
        _weight(fit, "cached", fit.weight_cached),
        _weight(fit, "output", fit.weight_output),
        Cell(percent(said.get("explained"))),
        Cell(percent(said.get("drift"))),
        Cell(
            f"{counted(hours, 'hour')} of {method}",
            under=stretch(fit.data_start, fit.data_end, zone),
        ),
        Cell(_span(fit, zone)),
    ], below=_below(fit))  # fmt: skip


def _deed(fit: TokenFitRow, asks: bool, change: int | None) -> tuple[str, str]:
    """What can be done with a fit, and where."""
    if fit.state != "proposed":
        return "", ""
    if change is not None:
        return f"Change {change}", reverse("change", args=[change])
    if not asks:
        return "", ""
    form = reverse("new-change", args=["token_coefficients"])
    return "Ask for approval", f"{form}?{urlencode(_asked(fit))}"


def _asked(fit: TokenFitRow) -> dict[str, str]:
    """What the form for a change begins with."""
    title = f"Fitted token weights of {fit.model} on {fit.accelerator}"
    return {"fit": str(fit.fit_id), "title": title}


def _weight(fit: TokenFitRow, name: str, weight: Decimal | None) -> Cell:
    estimate = fit.evidence["estimates"].get(name, {})
    low, high = estimate.get("low"), estimate.get("high")
    interval = "" if low is None or high is None else f"{plain(low, 1)} to {plain(high, 1)}"
    return Cell(DASH if weight is None else plain(weight, 3), under=interval)


def _below(fit: TokenFitRow) -> str:
    """What is said of the fit, and of each kind of token."""
    kinds = (("computed", "computed input"), ("cached", "cached input"), ("output", "output"))
    notes = [(words, fit.evidence["estimates"].get(name, {}).get("note", "")) for name, words in kinds]
    return "; ".join(filter(None, [fit.reason, *(f"{words}: {note}" for words, note in notes if note)]))


def _who(fit: TokenFitRow) -> str:
    proposed = f"proposed by {fit.proposed_by}"
    decided = (
        f", {'rejected' if fit.state == 'rejected' else 'approved'} by {fit.decided_by}"
        if fit.decided_by
        else ""
    )
    return proposed + decided


def _span(fit: TokenFitRow, zone: ZoneInfo) -> str:
    if fit.state not in ("approved", "superseded", "withdrawn") or not fit.decided_by:
        return DASH
    start = moment(fit.valid_from, zone) if fit.valid_from else "always"
    return f"from {start}" if fit.valid_to is None else f"{start} to {moment(fit.valid_to, zone)}"
