"""Which requests have been counted."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models


class RequestSeen(models.Model):
    """The id of a counted request, as 64 bits of its hash: the second delivery of it is a duplicate.

    Kept per source and hour of the request, so that two ids would have to collide within one hour.
    """

    pk = models.CompositePrimaryKey("source_id", "hour", "id_hash")
    source_id = models.IntegerField()
    hour = models.DateTimeField()
    id_hash = models.BigIntegerField()
    batch_id = models.BigIntegerField()

    class Meta:
        db_table = "request_seen"
        # Batches arrive one after the other: BRIN finds them at no cost to the insert.
        indexes = [BrinIndex(fields=["batch_id"], name="request_seen_by_batch")]
