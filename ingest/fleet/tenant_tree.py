"""Parents of tenants, and the paths that follow from them."""

from collections.abc import Iterable

from django.db import connection

from attribution.models import Tenant
from ingest.fleet import spec


def write_tree(tenants: Iterable[spec.Tenant]) -> None:
    """Set the parents of declared tenants, then every path that no longer fits.

    Parents come after all tenants are there, because a file may name a child before its parent.
    """
    ids = dict(Tenant.objects.filter(found=False).values_list("name", "pk"))
    for tenant in tenants:
        Tenant.objects.filter(name=tenant.name).update(
            parent_id=ids[tenant.parent] if tenant.parent else None
        )
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH RECURSIVE tree(id, path) AS (
                   SELECT id, '/' || id || '/' FROM tenant WHERE parent_id IS NULL
                   UNION ALL
                   SELECT t.id, tree.path || t.id || '/' FROM tenant t JOIN tree ON t.parent_id = tree.id)
               UPDATE tenant t SET path = tree.path FROM tree WHERE tree.id = t.id AND t.path <> tree.path"""
        )
