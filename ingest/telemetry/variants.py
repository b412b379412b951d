"""Which of a role's label names a source really uses.

dcgm-exporter's pod arrives as `exported_pod` behind `honor_labels: false`, and then `pod` is the exporter's
own; `Hostname` became `hostname` in 2026. So: of the names that exist, one that begins with `exported_`
rules out the plain ones after it, and among the rest a series is read by the first that it has. When
`honor_labels` is turned on, a series has plain labels that are not the exporter's: those tell of its pod.
"""

from collections.abc import Collection, Iterable, Mapping, Set

from ingest.signals.definition import Signal

Choice = dict[str, tuple[str, ...]]
# Values of the labels `pod` and `container` of an exporter's own pods.
Own = Mapping[str, Set[str]]
EXPORTED = "exported_"
OWN_LABELS = ("pod", "container")


def choose(signal: Signal, existing: Set[str]) -> Choice:
    """Role → label names to read it by; roles without any existing label are left out."""
    chosen: Choice = {}
    for role in signal.roles:
        names = tuple(name for name in signal.variants(role) if name in existing)
        if names:
            chosen[role] = names
    return chosen


def with_exported(
    signal: Signal, signals: Iterable[Signal], existing: Mapping[str, Set[str]]
) -> frozenset[str]:
    """Labels of the signal's metric, and exported ones that other metrics of its exporter have.

    A metric that lacks them is of the same exporter all the same: its plain `pod` is the exporter's own.
    """
    sisters = [each.metric for each in signals if each.runtime == signal.runtime]
    exported = {name for metric in sisters for name in existing.get(metric, ()) if name.startswith(EXPORTED)}
    return frozenset(existing.get(signal.metric, ())) | exported


def exported_labels(choice: Choice) -> list[str]:
    """Labels that tell of a pod behind `honor_labels: false`, where plain ones come after them."""
    return sorted({n for names in choice.values() for n in names[:-1] if n.startswith(EXPORTED)})


def own_labels(choice: Choice, series: Iterable[Mapping[str, str]]) -> Own:
    """What names an exporter's own pod: the plain labels of series that have exported ones beside them."""
    exported = exported_labels(choice)
    own: dict[str, set[str]] = {name: set() for name in OWN_LABELS}
    for labels in series if exported else ():
        if any(labels.get(name) for name in exported):
            for name in OWN_LABELS:
                own[name] |= {labels[name]} if labels.get(name) else set()
    return own


def condition_label(signal: Signal, key: str, existing: Set[str]) -> str:
    """The label that a key of `where` means: a role's first existing variant, else the key itself."""
    return next((name for name in signal.variants(key) if name in existing), key)


def roles_of(
    labels: Mapping[str, str], choice: Choice, unknown: Collection[str] = (), own: Own | None = None
) -> dict[str, str]:
    """Role → value of one series; a role for which the series has no label is left out.

    Plain labels after an exported one are the exporter's own, unless `own` is known and they are others: then
    `honor_labels` was turned on. A tenant that reads as `unknown` ("None") is no label either: its next
    variant may know better.
    """
    plain = _tells_of_a_pod(labels, choice, own or {})
    roles = {}
    for role, names in choice.items():
        for name in names if plain else _up_to_exported(names):
            value = labels.get(name)
            if value and not (role == "tenant" and value in unknown):
                roles[role] = value
                break
    return roles


def _up_to_exported(names: tuple[str, ...]) -> tuple[str, ...]:
    for place, name in enumerate(names):
        if name.startswith(EXPORTED):
            return names[: place + 1]
    return names


def _tells_of_a_pod(labels: Mapping[str, str], choice: Choice, own: Own) -> bool:
    """Whether the plain labels of a series are those of what it is about."""
    if not any(own.values()) or any(labels.get(name) for name in exported_labels(choice)):
        return False
    return not any(labels.get(name) in own.get(name, ()) for name in OWN_LABELS)
