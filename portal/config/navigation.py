"""The side navigation: only screens that exist, and of those only what the reader may see.

A room that adds a screen adds a line here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from django.http import HttpRequest
from django.urls import reverse


class Section(Enum):
    """The three parts of the menu, in order."""

    COST = "Cost"
    PLATFORM = "Platform"
    CONTROL = "Control"


@dataclass(frozen=True)
class Screen:
    """One entry: its words, the name of its address, and the permission that it needs ("" for everybody)."""

    section: Section
    label: str
    url_name: str
    permission: str = ""
    staff_only: bool = False


SCREENS: tuple[Screen, ...] = (
    Screen(Section.COST, "Overview", "overview", "accounts.see_costs"),
    Screen(Section.COST, "Network and egress", "network", "accounts.see_costs"),
    Screen(Section.COST, "Saved views", "saved-views"),
    Screen(Section.CONTROL, "Approvals", "approvals", "accounts.see_approvals"),
    Screen(Section.CONTROL, "Reconciliation", "reconciliation", "accounts.see_reconciliation"),
    Screen(Section.CONTROL, "Preview", "preview", "accounts.see_preview"),
    Screen(Section.CONTROL, "Periods", "periods", "accounts.see_periods"),
    Screen(Section.CONTROL, "Token weights", "token-weights", "accounts.see_utilization"),
    Screen(Section.CONTROL, "Data health", "data-health", "accounts.see_data_health"),
    Screen(Section.CONTROL, "Audit trail", "audit-log", "accounts.see_audit"),
    Screen(Section.CONTROL, "Members and roles", "members", "accounts.see_members"),
    Screen(Section.CONTROL, "Tokens", "tokens", "accounts.see_tokens"),
    Screen(Section.CONTROL, "API", "api:docs", "accounts.see_costs"),
    Screen(Section.CONTROL, "Gallery", "gallery", staff_only=True),
)


@dataclass(frozen=True)
class Item:
    """An entry as the template draws it."""

    label: str
    href: str
    current: bool
    within: bool = False  # a page below it is open


@dataclass(frozen=True)
class Group:
    """A section with the entries that this reader has."""

    key: str
    label: str
    entries: Sequence[Item] = field(default_factory=tuple)


def menu_for(request: HttpRequest, screens: Sequence[Screen] = SCREENS) -> list[Group]:
    """The menu of whoever asks, without empty sections."""
    match = request.resolver_match
    here = match.view_name if match else ""
    groups = []
    for section in Section:
        entries = [
            _item(request, screen, here)
            for screen in screens
            if screen.section is section and _visible(request, screen)
        ]
        if entries:
            groups.append(Group(section.name.lower(), section.value, entries))
    return groups


def _item(request: HttpRequest, screen: Screen, here: str) -> Item:
    href = reverse(screen.url_name)
    current = screen.url_name == here
    return Item(screen.label, href, current, not current and href != "/" and request.path.startswith(href))


def _visible(request: HttpRequest, screen: Screen) -> bool:
    user = request.user
    if screen.staff_only:
        return user.is_authenticated and user.is_staff
    return not screen.permission or user.has_perm(screen.permission)
