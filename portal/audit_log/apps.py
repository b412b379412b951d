from django.apps import AppConfig


class AuditLogConfig(AppConfig):
    name = "portal.audit_log"
