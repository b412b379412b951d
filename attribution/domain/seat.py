"""Who holds devices, as far as their cost can tell them apart."""

from typing import NamedTuple


class Seat(NamedTuple):
    """Holders of one service in one tenant's namespaces; 0 where no rule knows the one or the other."""

    service_id: int
    tenant_id: int


NOBODY = Seat(0, 0)
