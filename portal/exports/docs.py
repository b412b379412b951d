"""The API described: its schema, and a page to read and to try it."""

from typing import Any

from django.contrib.auth.decorators import login_required
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny, IsAuthenticated

schema = SpectacularAPIView.as_view(permission_classes=[IsAuthenticated])


class DocsView(SpectacularSwaggerSplitView):
    """Swagger UI from our own host; its script is an address of its own, for our content security policy."""

    template_name = "exports/docs.html"
    url_name = "api:schema"
    permission_classes = [AllowAny]  # login_required has been passed: a browser is sent to sign in


docs: Any = login_required(DocsView.as_view())
