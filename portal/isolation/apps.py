from typing import Any

from django.apps import AppConfig
from django.core.checks import Error, register
from django.db.models.signals import post_migrate


class IsolationConfig(AppConfig):
    """Last of our apps: when it has been migrated, all tables are there."""

    name = "portal.isolation"

    def ready(self) -> None:
        """Keep the policies with every migrate."""
        post_migrate.connect(_after_migrate, sender=self)
        register(undecided_models)


def _after_migrate(using: str = "default", **_: Any) -> None:
    from django.conf import settings

    from portal.isolation.policies import keep_policies

    if using == "default":
        keep_policies(settings.ENV.isolation)


def undecided_models(**_: Any) -> list[Error]:
    """A model whose table nobody has decided about."""
    from django.apps import apps

    from portal.isolation.tables import TABLES

    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    return [
        Error(
            f"nobody has decided who sees the table {table}",
            hint="Add a line to portal/isolation/tables.py; its head says which.",
            id="isolation.E001",
        )
        for table in sorted(tables - set(TABLES))
    ]
