"""What a page was asked for: the parameters of the API, but days inclusive and "–" for "none"."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from attribution.queries.explain.figures import Figure
from portal.components.day_range import DayRange, day_range
from portal.components.filters import ContextBar, Field, Option
from portal.components.times import span
from portal.costs.asked import NONE
from portal.costs.period import DAY
from portal.explain.parameters import FILTERS, PINS

FIGURES = {
    Figure.COST: "Cost",
    Figure.COST_PER_SUCCESS: "Cost per successful request",
    Figure.DIRECT_COST_PER_SUCCESS: "Direct cost per successful request",
    Figure.INPUT_TOKENS: "Cost per million input tokens",
    Figure.OUTPUT_TOKENS: "Cost per million output tokens",
    Figure.IDLE_SHARE: "Idle and reserve",
    Figure.UNALLOCATED_SHARE: "Unallocated",
    Figure.UTILIZATION: "GPU utilization",
    Figure.DEVICE_COVERAGE: "Coverage of device-minutes",
    Figure.REQUEST_COVERAGE: "Coverage of requests",
    Figure.BILL_COVERAGE: "Coverage of bills",
}
KEPT = (*FILTERS, "below", "currency", *PINS)


@dataclass(frozen=True)
class PageAsked:
    """Days of a figure; `kept` are the filters and pins of the address, `since` a day to compare with."""

    figure: str
    days: DayRange
    kept: Mapping[str, str]
    since: str

    def texts(self) -> dict[str, list[str]]:
        """The same as parameters of the API; the end is exclusive there."""
        texts = {name: ["" if text == NONE else text] for name, text in self.kept.items()}
        return texts | {
            "figure": [self.figure],
            "from": [self.days.first.isoformat()],
            "to": [(self.days.last + DAY).isoformat()],
        }

    def address(self, **changes: str) -> str:
        """The query of this page with these changes; an empty text takes a parameter away."""
        parts = {
            "figure": self.figure,
            "from": self.days.first.isoformat(),
            "to": self.days.last.isoformat(),
            **self.kept,
            "since": self.since,
        } | changes
        return "?" + urlencode({name: text for name, text in parts.items() if text})

    def filters(self, everything: str) -> str:
        """The filters in words; `everything` where there are none."""
        named = [f"{name} {text}" for name, text in self.kept.items() if name in FILTERS]
        return ", ".join(named) or everything

    def bar(self, zone: str, figures: Mapping[str, str], everything: str) -> ContextBar:
        """The form: figure, days, and since when changes are told; `everything`: of what without filters."""
        options = [Option(value, label, value == self.figure) for value, label in figures.items()]
        mistakes = self.days.mistakes
        fields = [
            Field("figure", "Figure", options=options),
            Field("from", "From", self.days.first.isoformat(), kind="date", error=mistakes.get("from", "")),
            Field(
                "to",
                "To (inclusive)",
                self.days.last.isoformat(),
                kind="date",
                error=mistakes.get("to", ""),
            ),
            Field("since", "What changed since", self.since, kind="date"),
        ]
        said = f"{span(self.days.first, self.days.last)} in {zone}, of {self.filters(everything)}."
        return ContextBar(fields, said, tuple(self.kept.items()))


def page_asked(given: Mapping[str, str], usual: tuple[date, date]) -> PageAsked:
    """Read an address; what is wrong in its filters is found when it is understood."""
    return PageAsked(
        given.get("figure", "") or Figure.COST,
        day_range(given, usual),
        {name: given[name] for name in KEPT if given.get(name)},
        given.get("since", ""),
    )
