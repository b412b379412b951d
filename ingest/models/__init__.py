"""Feeds: how sources are reached, and how well they were read."""

from ingest.models.connection import Connection
from ingest.models.feed_hour import FeedHour, FeedStatus

__all__ = ["Connection", "FeedHour", "FeedStatus"]
