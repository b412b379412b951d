"""All that the states of an hour depend on, in 32 bytes: while they are the same, so are the states."""

from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any

import numpy as np

from attribution.domain.state_cells import LAYOUT
from attribution.models.pool import Pool
from attribution.operations.places import Places, life_in_hours


class StatesKey:
    """Keys of a cluster's hours.

    A key is made of the version of the hour's strips, which every writer of strips raises; of the devices
    that live in the hour, and when; of declared nodes without devices; of the whole rows of pools, with
    their globs and floors; and of the rules that say whose a holder is. Names of devices and holders never
    change, so those in the strips need not be looked at.
    """

    def __init__(self, places: Places) -> None:
        self._places = places
        pools = list(Pool.objects.filter(cluster_id=places.cluster_id).order_by("pk").values_list())
        silent = [places.pool_ids[pool] for pool in places.silent_nodes]
        self._fixed = repr((LAYOUT, pools, silent)).encode()
        marks = [_mark(row._replace(first_seen=None, last_seen=None)) for row in places.devices]
        self._devices = np.array(marks, dtype=np.int64)
        self._of_rules = lru_cache(maxsize=64)(_text_of_rules)

    def of(self, hour: datetime, strips_version: int) -> bytes:
        """The key of an hour whose strips have this version."""
        digest = sha256(self._fixed)
        digest.update(f"{strips_version} {self._of_rules(self._places.holders.rules_at(hour))}".encode())
        life = life_in_hours(self._places.life, np.array([int(hour.timestamp())]))
        lives = life[:, 0] < life[:, 1]
        digest.update(self._devices[lives].tobytes())
        digest.update(life[lives].tobytes())
        return digest.digest()


def _mark(row: Any) -> int:
    return int.from_bytes(sha256(repr(row).encode()).digest()[:8], "little", signed=True)


def _text_of_rules(rules: Any) -> str:
    service_rules, tenant_rules = rules
    return repr((service_rules, [_content(rule) for rule in tenant_rules]))


def _content(rule: Any) -> tuple[Any, ...]:
    names = ("kind", "pattern", "tenant_id", "create_under_id", "name_template")
    return tuple(getattr(rule, name) for name in names)
