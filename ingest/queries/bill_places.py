"""Which sources have a folder or bucket to look into for bills, or an API to ask."""

from django.db.models import Q

from ingest.models import Connection
from ingest.sources.bill_kinds import BILL_KINDS


def bill_places() -> list[str]:
    """Names of active sources of bills with a place or an API. Folders of FOCUS files are watched instead."""
    asked = [name for name, kind in BILL_KINDS.items() if kind.api is not None]
    placed = Q(settings__url__isnull=False) | Q(settings__path__isnull=False) & ~Q(source__kind="focus")
    placed |= Q(source__kind__in=asked, settings__admin_key_env__isnull=False)
    rows = Connection.objects.filter(placed, source__active=True, source__kind__in=BILL_KINDS)
    return sorted(rows.values_list("source__name", flat=True))
