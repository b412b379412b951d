"""Which of a role's label names a source really uses.

dcgm-exporter's pod arrives as `exported_pod` behind `honor_labels: false`, and then `pod` is the exporter's
own; `Hostname` became `hostname` in 2026. So: of the names that exist, one that begins with `exported_`
rules out the plain ones after it, and among the rest a series is read by the first that it has.
"""

from collections.abc import Collection, Mapping, Set

from ingest.signals.definition import Signal

Choice = dict[str, tuple[str, ...]]


def choose(signal: Signal, existing: Set[str]) -> Choice:
    """Role → label names to read it by; roles without any existing label are left out."""
    chosen: Choice = {}
    for role in signal.roles:
        names = _usable([name for name in signal.variants(role) if name in existing])
        if names:
            chosen[role] = names
    return chosen


def _usable(names: list[str]) -> tuple[str, ...]:
    for place, name in enumerate(names):
        if name.startswith("exported_"):
            return tuple(names[: place + 1])
    return tuple(names)


def condition_label(signal: Signal, key: str, existing: Set[str]) -> str:
    """The label that a key of `where` means: a role's first existing variant, else the key itself."""
    return next((name for name in signal.variants(key) if name in existing), key)


def roles_of(labels: Mapping[str, str], choice: Choice, unknown: Collection[str] = ()) -> dict[str, str]:
    """Role → value of one series; a role for which the series has no label is left out.

    A tenant that reads as `unknown` ("None") is no label either: its next variant may know better.
    """
    roles = {}
    for role, names in choice.items():
        for name in names:
            value = labels.get(name)
            if value and not (role == "tenant" and value in unknown):
                roles[role] = value
                break
    return roles
