from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AuditConfig(AppConfig):
    name = "portal.audit"

    def ready(self) -> None:
        """Listen to sign-ins, and look after the triggers whenever tables have changed."""
        from portal.audit.sign_in import connect
        from portal.audit.watching import after_migrate

        connect()
        post_migrate.connect(after_migrate, dispatch_uid="audit")
