"""A fragment becomes a proposal: names are looked up among what is stored."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import Any

from attribution import models
from attribution.domain.money import to_nano
from attribution.operations.proposal import Proposal, Proposed
from attribution.queries.names import names_of
from ingest.fleet import spec
from ingest.fleet.fragment import Fragment
from ingest.fleet.mistakes import BadFleet, Mistake
from ingest.fleet.similar import one_of
from ingest.fleet.write import Ids, unsaved, valid_span

# What a row of a fragment may name.
_REFERENCES: Mapping[type[spec.Row], Mapping[str, type[spec.Row]]] = {
    spec.Price: {"pool": spec.Pool},
    spec.Reserve: {"pool": spec.Pool, "service": spec.Service},
    spec.Entitlement: {"tenant": spec.Tenant, "pool": spec.Pool, "service": spec.Service},
    spec.Distribution: {
        "pool": spec.Pool,
        "service": spec.Service,
        "owner": spec.Tenant,
        "weights": spec.Tenant,
    },
}


def propose(fragment: Fragment) -> Proposal:
    """The proposal of a fragment. Raises BadFleet with every name that nothing stored has."""
    rows = [row for kind in _REFERENCES for row in fragment.proposed.rows.get(kind, [])]
    if mistakes := list(_unknown([*rows, *fragment.withdrawn])):
        raise BadFleet(mistakes)
    books = fragment.proposed.of(spec.PriceBook)
    maker = _Maker({book.name: models.PriceBook(name=book.name, currency=book.currency) for book in books})
    return Proposal(
        rules=maker.all(spec.Distribution, fragment),
        entitlements=maker.all(spec.Entitlement, fragment),
        prices=maker.all(spec.Price, fragment),
        reserves=maker.all(spec.Reserve, fragment),
    )


class _Maker:
    """Makes rows that are not saved. Their ids are negative: no stored row has such a one."""

    def __init__(self, books: Mapping[str, models.PriceBook]) -> None:
        self._books, self._ids, self._numbers = books, Ids(), count(-1, -1)

    def all(self, kind: type[spec.Ruled], fragment: Fragment) -> tuple[Proposed[Any], ...]:
        """All rows of a kind, those to withdraw at the end."""
        withdrawn = [row for row in fragment.withdrawn if type(row) is kind]
        rows = [Proposed(self._row(row)) for row in fragment.proposed.of(kind)]
        return (*rows, *(Proposed(self._row(row), withdrawn=True) for row in withdrawn))

    def _row(self, row: spec.Ruled) -> Any:
        number = next(self._numbers)
        if not isinstance(row, spec.Price):
            return unsaved(row, self._ids, number)
        # The book may be a new one, too.
        return models.Price(
            pk=number,
            book=self._books.get(row.book),
            pool_id=self._ids.pool(row.pool) or 0,
            rate_nano=to_nano(row.per_device_hour),
            valid=valid_span(row),
        )


def _unknown(rows: Iterable[spec.Row]) -> Iterator[Mistake]:
    names = {
        spec.Pool: set(names_of("pool").values()),
        spec.Service: set(models.Service.objects.values_list("name", flat=True)),
        spec.Tenant: set(models.Tenant.objects.values_list("name", flat=True)),
    }
    for row in rows:
        for key, target in _REFERENCES[type(row)].items():
            value = getattr(row, key)
            for name in value if isinstance(value, dict) else [value]:
                if name is not None and name not in names[target]:
                    expected = f"a {target.NOUN}, {one_of(names[target], name)}"
                    yield row.place.mistake(key, expected, f'"{name}"')
