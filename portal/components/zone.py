"""The one zone in which days and times are shown, chosen by whoever installs the product."""

from zoneinfo import ZoneInfo

from django.conf import settings


def reporting_zone() -> ZoneInfo:
    """The reporting time zone of this installation; settings have validated it."""
    return ZoneInfo(settings.REPORTING_TIME_ZONE)
