"""Every address. One line a room; the rooms' own urls.py have the rest."""

from django.urls import URLPattern, URLResolver, include, path

handler400 = "portal.frame.failures.bad_request"
handler403 = "portal.frame.failures.forbidden"
handler404 = "portal.frame.failures.not_found"
handler500 = "portal.frame.failures.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("portal.frame.urls")),
    path("", include("portal.accounts.urls")),
    path("api/v1/", include("portal.explain.api_urls")),
    path("api/v1/", include("portal.preview.urls")),
    path("api/v1/", include("portal.approvals.api_urls")),
    path("approvals/", include("portal.approvals.urls")),
    path("api/v1/", include("portal.audit_log.api_urls")),
    path("api/v1/", include("portal.periods.api_urls")),
    path("api/v1/", include("portal.exports.urls")),
    path("", include("portal.costs.urls")),
    path("views/", include("portal.saved_views.urls")),
    path("explain/", include("portal.explain.urls")),
    path("reconciliation/", include("portal.reconciliation.urls")),
    path("preview/", include("portal.preview.page_urls")),
    path("periods/", include("portal.periods.urls")),
    path("network/", include("portal.network.urls")),
    path("token-weights/", include("portal.token_weights.urls")),
    path("data-health/", include("portal.data_health.urls")),
    path("audit/", include("portal.audit_log.urls")),
    path("gallery/", include("portal.gallery.urls")),
]
