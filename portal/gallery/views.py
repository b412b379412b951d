"""The gallery page: for staff, or for everybody who runs with DEBUG on."""

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal.gallery import specimens


def gallery(request: HttpRequest) -> HttpResponse:
    """Each component in each state."""
    if not (settings.DEBUG or (request.user.is_authenticated and request.user.is_staff)):
        raise PermissionDenied("The gallery is for staff.")
    return render(request, "gallery/gallery.html", specimens.context())
