"""What is to be explained."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from attribution.queries.explain.figures import Figure
from attribution.queries.explain.versions import NOW, AsOf
from attribution.queries.filters import NO_FILTERS, CostFilters
from attribution.queries.organization import organization
from attribution.queries.scope import EVERYBODY, TenantScope
from attribution.queries.span import Span, span_of


@dataclass(frozen=True)
class Asked:
    """A figure of the hours that start in [start, end), as it stood; `currency` None: the usual one."""

    figure: Figure
    start: datetime
    end: datetime
    filters: CostFilters = NO_FILTERS
    tenants: TenantScope = EVERYBODY
    currency: str | None = None
    as_of: AsOf = NOW

    @property
    def span(self) -> Span:
        """The hours; ValueError where there are none."""
        return span_of(self.start, self.end, organization().zone)

    def parameters(self) -> dict[str, Any]:
        """The filters as statement parameters, narrowed to the tenants."""
        return self.filters.parameters(self.tenants)
