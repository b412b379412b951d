"""Who reads a page."""

from django.db.models import prefetch_related_objects
from django.http import HttpRequest

from portal.accounts.models import User
from portal.accounts.viewer import Viewer, viewer_of


def reader_of(request: HttpRequest) -> Viewer:
    """The viewer behind a request; the memberships are kept, so that the menu need not ask again."""
    if isinstance(request.user, User):
        prefetch_related_objects([request.user], "memberships")
    return viewer_of(request.user)
