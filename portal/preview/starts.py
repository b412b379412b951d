"""Texts to begin a proposal with, by what is proposed."""

from collections.abc import Mapping
from typing import NamedTuple


class Start(NamedTuple):
    """A kind of proposal, and a text that says one."""

    label: str
    text: str


STARTS: Mapping[str, Start] = {
    "distribution": Start(
        "A distribution rule",
        '[[distribution]]\nuse = "idle"\nmethod = "proportional"   # keep, entitlement, even, fixed, owner\n',
    ),
    "reserve": Start(
        "A reserve",
        '[[reserve]]\ncluster = "CLUSTER"\npool = "POOL"\nkind = "warm"   # or failover\ndevices = 2\n',
    ),
    "price": Start(
        "A price",
        '[[price_book]]\nname = "proposed"\ncurrency = "USD"\n[[price_book.price]]\n'
        'cluster = "CLUSTER"\npool = "POOL"\nper_device_hour = "2.50"\n',
    ),
    "entitlement": Start("An entitlement", '[[entitlement]]\ntenant = "TENANT"\nquota = 8\n'),
    "withdraw": Start(
        "Something taken away",
        '[[withdraw.reserve]]\ncluster = "CLUSTER"\npool = "POOL"\nkind = "warm"\n',
    ),
}
