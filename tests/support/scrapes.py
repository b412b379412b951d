"""One scrape of an exporter, as its text format has it, repeated every minute."""

from collections.abc import Mapping

_GROWING = ("counter", "histogram", "summary")


def scraped(sample: str, target: Mapping[str, str], start: int, minutes: int) -> str:
    """OpenMetrics lines with the labels of a scrape's `target`, from epoch second `start` on; no end yet.

    Gauges keep their value; what only grows grows by its value every minute, and begins with it.
    """
    kinds: dict[str, str] = {}
    lines = []
    for line in sample.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            kinds[name] = kind
        elif line and not line.startswith("#"):
            name, labels, value = _taken_apart(line)
            text = ",".join(filter(None, [labels, *(f'{key}="{found}"' for key, found in target.items())]))
            grows = _kind(name, kinds) in _GROWING
            lines += [
                f"{name}{{{text}}} {value * (minute + 1) if grows else value} {start + 60 * minute}\n"
                for minute in range(minutes)
            ]
    return "".join(lines)


def _taken_apart(line: str) -> tuple[str, str, float]:
    series, _, value = line.rpartition(" ")
    name, _, labels = series.partition("{")
    return name, labels.rstrip("}"), float(value)


def _kind(name: str, kinds: Mapping[str, str]) -> str:
    family = name.removesuffix("_sum").removesuffix("_count").removesuffix("_bucket")
    return kinds.get(name) or kinds[family]
