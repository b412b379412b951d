from django.urls import path

from portal.audit_log.api import AuditView

app_name = "audit-api"
urlpatterns = [path("audit", AuditView.as_view(), name="audit")]
