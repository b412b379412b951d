"""What events are called on pages."""

from typing import Any

from portal.audit_log.queries import Event
from portal.components.formats import DASH
from portal.components.table import Tag

KINDS = {
    "row_added": "Added",
    "row_changed": "Changed",
    "row_removed": "Removed",
    "table_emptied": "Emptied",
    "login": "Signed in",
    "login_failed": "Sign-in failed",
    "logout": "Signed out",
    "refused": "Refused",
    "export": "Exported",
    "log_begun": "Log begun",
    "log_anchored": "Log anchored",
}
TONES = {"login_failed": "warn", "refused": "warn", "table_emptied": "danger", "row_removed": "warn"}
OBJECTS = {"accounts_user": "account", "service_token": "token", "model_release": "model release"}
SHOWN = 4  # names of columns in a line
LONGEST = 160


def kind_words(kind: str) -> str:
    """Changed, Signed in; another kind by its own word."""
    return KINDS.get(kind, kind.replace("_", " ").capitalize())


def kind_tag(kind: str) -> Tag:
    """The kind as a tag."""
    return Tag(kind_words(kind), TONES.get(kind, ""))


def object_words(name: str) -> str:
    """A table's name as words."""
    return OBJECTS.get(name, name.replace("_", " "))


def actor_words(actor: str) -> tuple[str, str]:
    """Who, and what they are: ("lena", ""), ("1a2b3c4d", "token"), ("unknown", "database role x")."""
    if actor.startswith("unknown ("):
        return "unknown", actor[len("unknown (") : -1]
    kind, colon, name = actor.partition(":")
    if not colon:
        return actor, ""
    return name, "" if kind == "user" else kind


def subject(event: Event) -> str:
    """Of what: "price 12", with its name where it has one."""
    named = (event.after or event.before or event.detail).get("name")
    words = " ".join(part for part in (object_words(event.object), event.object_id) if part)
    return f"{words}: {named}" if isinstance(named, str) and named else words or DASH


def changed(event: Event) -> list[str]:
    """The columns in which old and new row differ."""
    if event.before is None or event.after is None:
        return []
    names = {*event.before, *event.after}
    return sorted(name for name in names if event.before.get(name) != event.after.get(name))


def gist(event: Event) -> str:
    """The rest of an event in a line."""
    if names := changed(event):
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        return ", ".join(name.replace("_", " ") for name in names[:SHOWN]) + more
    facts = [f"{name} {shown(value)}" for name, value in event.detail.items() if value and name != "name"]
    return truncated("; ".join(facts))


def truncated(text: str) -> str:
    """At most a line or two, and it shows that there is more."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def shown(value: Any) -> str:
    """A value of JSON as text: lists and objects in short, none as a dash."""
    if value is None:
        return DASH
    if isinstance(value, dict):
        return ", ".join(f"{name} {shown(each)}" for name, each in value.items()) or DASH
    if isinstance(value, list):
        return ", ".join(map(shown, value)) or DASH
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
