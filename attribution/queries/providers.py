"""Whose clusters are whose, and which provider sent a bill."""

from collections.abc import Iterable

from attribution.models.bill import Bill
from attribution.models.cluster import Cluster


def providers_of_clusters() -> dict[int, int]:
    """Provider id by cluster id."""
    return dict(Cluster.objects.values_list("pk", "region__provider_id"))


def sources_of_bills(bill_ids: Iterable[int]) -> dict[int, int]:
    """Source id by bill id."""
    return dict(Bill.objects.filter(pk__in=set(bill_ids) - {0}).values_list("pk", "source_id"))


def providers_of_bills(bill_ids: Iterable[int]) -> dict[int, int]:
    """Provider id by bill id; bills whose source names no provider are left out: they may pay for any."""
    found = Bill.objects.filter(pk__in=set(bill_ids) - {0}, source__provider_id__isnull=False)
    return {pk: provider for pk, provider in found.values_list("pk", "source__provider_id") if provider}
