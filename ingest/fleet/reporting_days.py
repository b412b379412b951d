"""Roll-ups by day follow the reporting time zone."""

from datetime import timedelta
from itertools import groupby

from attribution.models import Window
from attribution.operations.roll_up import roll_up_days

DAY = timedelta(days=1)


def roll_up_again() -> None:
    """Cut all days anew: their lines stay as they are, so attribution would not see a difference."""
    windows = Window.objects.order_by("cluster_id", "hour").values_list("cluster_id", "hour")
    for (cluster_id, _, _), month in groupby(windows, lambda row: (row[0], row[1].year, row[1].month)):
        hours = [hour for _, hour in month]
        # An hour may have been a day earlier or later before: those days are looked at as well.
        roll_up_days(cluster_id, [hours[0] - DAY, *hours, hours[-1] + DAY])
