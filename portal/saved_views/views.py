"""Saving a page under a name, and the list of what was saved. A view is its owner's alone."""

from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from portal.config.navigation import SCREENS
from portal.saved_views.models import LONGEST_ADDRESS, LONGEST_NAME, SavedView

if TYPE_CHECKING:
    from portal.accounts.models import User


def saved_views(request: HttpRequest) -> HttpResponse:
    """`/views/`: one's own views, by name."""
    views = SavedView.objects.filter(user=request.user.pk).order_by("name")
    return render(request, "saved_views/saved_views.html", {"views": views})


@require_POST
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep an address under a name; the same name is that view, changed."""
    name, address = request.POST.get("name", "").strip(), request.POST.get("address", "")
    if not is_screen(address):
        messages.error(request, "This page cannot be saved as a view.")
        return redirect("saved-views")
    if not name or len(name) > LONGEST_NAME:
        messages.error(request, f"A view needs a name of 1 to {LONGEST_NAME} characters; nothing was saved.")
        return redirect(address)
    user = cast("User", request.user)  # nobody gets here without signing in
    _, new = SavedView.objects.update_or_create(
        user=user, name=name, defaults={"address": address, "saved_at": timezone.now()}
    )
    words = "Saved as “{}”. It is under {}." if new else "“{}” now is this view. It is under {}."
    link = format_html('<a href="{}">Saved views</a>', reverse("saved-views"))
    messages.success(request, format_html(words, name, link))
    return redirect(address)


@require_POST
def remove_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove one's own view; somebody else's is as unknown as one that never was."""
    removed = SavedView.objects.filter(user=request.user.pk, pk=pk)
    names = list(removed.values_list("name", flat=True))
    removed.delete()
    if names:
        messages.success(request, f"“{names[0]}” was removed.")
    else:
        messages.error(request, "There is no such view.")
    return redirect("saved-views")


def is_screen(address: str) -> bool:
    """Whether it is the address of a page in the menu, with whatever parameters."""
    path, _, _ = address.partition("?")
    if not path.startswith("/") or path.startswith("//") or len(address) > LONGEST_ADDRESS:
        return False
    try:
        return resolve(path).view_name in {screen.url_name for screen in SCREENS} - {"api:docs"}
    except Resolver404:
        return False
