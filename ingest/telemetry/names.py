"""Who the rows of the arrays are."""

from typing import NamedTuple


class Device(NamedTuple):
    """A device by its node and UUID."""

    node: str
    uuid: str


class Container(NamedTuple):
    """A container that may hold devices."""

    namespace: str
    pod: str
    name: str


Pod = tuple[str, str]  # namespace, name
