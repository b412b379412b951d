"""Who holds devices, as far as their cost can tell them apart."""

from typing import NamedTuple


class Seat(NamedTuple):
    """Holders of one service in one tenant's namespaces; 0 where no rule knows the one or the other.

    `by_policy` is 1 for minutes that a declared policy divided, since the hardware cannot tell who of the
    sharers was busy.
    """

    service_id: int
    tenant_id: int
    by_policy: int = 0

    @property
    def is_nobody(self) -> bool:
        """Whether no rule knows the holder, or nobody holds."""
        return not self.service_id and not self.tenant_id


NOBODY = Seat(0, 0)
