"""What a page or the API asks of the log; every mistake names its parameter."""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from portal.audit_log.queries import Wanted
from portal.exports.errors import BadParameter
from portal.exports.parameters import FORMATS, moment_of

TEXTS = ("actor", "kind", "object", "object_id", "request_id", "text")
PARAMETERS = ("from", "to", *TEXTS, "before", "limit", "format")
MOST, LONGEST, BIGGEST = 1_000, 200, 2**63 - 1

Texts = Mapping[str, Sequence[str]]


def wanted_of(texts: Texts, zone: ZoneInfo) -> Wanted:
    """The events that an API request asks for. Raises BadParameter."""
    for name, values in texts.items():
        if name not in PARAMETERS:
            raise BadParameter("is no parameter of this question", name, None, PARAMETERS)
        if len(values) > 1:
            raise BadParameter("was given more than once", name, ", ".join(values))
    facts: dict[str, Any] = {name: text_of(texts, name) for name in TEXTS}
    for name, key in (("from", "start"), ("to", "end")):
        facts[key] = moment_of(texts, name, zone) if texts.get(name) else None
    if facts["start"] and facts["end"] and facts["end"] <= facts["start"]:
        raise BadParameter("has to be after from: the end is exclusive", "to", texts["to"][0])
    return Wanted(**facts, before=number_of(texts, "before", BIGGEST))


def limit_of(texts: Texts) -> int | None:
    """How many events at most; None for no word about it."""
    return number_of(texts, "limit", MOST)


def format_of(texts: Texts) -> str | None:
    """json or csv; None for no word about it."""
    form = text_of(texts, "format")
    if form is not None and form not in FORMATS:
        raise BadParameter("is no format", "format", form, FORMATS)
    return form


def text_of(texts: Texts, name: str) -> str | None:
    """A text that PostgreSQL can look for."""
    text = (texts.get(name) or [""])[0].strip()
    if len(text) > LONGEST or "\0" in text or not text.isprintable():
        raise BadParameter(f"is no printable text of at most {LONGEST} characters", name, text[:LONGEST])
    return text or None


def number_of(texts: Texts, name: str, most: int) -> int | None:
    """A whole number from 1 to `most`."""
    text = (texts.get(name) or [""])[0]
    if not text:
        return None
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0
    if not 1 <= number <= most:
        raise BadParameter(f"is no whole number from 1 to {most}", name, text)
    return number
