"""Feeds: how sources are reached, how well they were read, and what of them could not be used."""

from ingest.models.batch import Batch, BatchStatus
from ingest.models.bill_run import TAKEN, BillRun, BillRunState
from ingest.models.connection import Connection
from ingest.models.counter_tail import CounterTail
from ingest.models.feed_hour import FeedHour, FeedStatus
from ingest.models.held_rule import HeldRule
from ingest.models.rejection import Rejection
from ingest.models.request_seen import RequestSeen

__all__ = [
    "TAKEN",
    "Batch",
    "BatchStatus",
    "BillRun",
    "BillRunState",
    "Connection",
    "CounterTail",
    "FeedHour",
    "FeedStatus",
    "HeldRule",
    "Rejection",
    "RequestSeen",
]
