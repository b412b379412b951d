"""Which pool a node is in, and which service a name belongs to: ordered globs."""

import re
from collections.abc import Sequence
from fnmatch import translate
from functools import lru_cache
from typing import NamedTuple


class PoolRule(NamedTuple):
    """Globs of a pool; the first rule (by order) that matches a node wins."""

    pool_id: int
    cluster_id: int
    nodes: tuple[str, ...]
    device_models: tuple[str, ...]


class NameRule(NamedTuple):
    """A glob on a name, and what it means; tried in order. `cluster_id` 0: in every cluster."""

    target_id: int
    cluster_id: int
    kind: str
    pattern: str


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(pattern))


def matches(pattern: str, name: str) -> bool:
    """Whether a glob (`*`, `?`, `[…]`, case counts) matches the whole name."""
    return _compiled(pattern).match(name) is not None


def pool_of(rules: Sequence[PoolRule], cluster_id: int, node: str, device_model: str | None) -> int:
    """The pool of a node, 0 when none matches. `device_model` None: unknown, only the name is asked."""
    for rule in rules:
        if rule.cluster_id != cluster_id or not any(matches(glob, node) for glob in rule.nodes):
            continue
        if device_model is None or not rule.device_models:
            return rule.pool_id
        if any(matches(glob, device_model) for glob in rule.device_models):
            return rule.pool_id
    return 0


def target_of(rules: Sequence[NameRule], cluster_id: int, kind: str, *names: str) -> int:
    """What the first rule of `kind` says of any of the names, 0 when none does."""
    for rule in rules:
        applies = rule.kind == kind and rule.cluster_id in (0, cluster_id)
        if applies and any(matches(rule.pattern, name) for name in names if name):
            return rule.target_id
    return 0
