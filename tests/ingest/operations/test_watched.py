"""Folders that beat looks into."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from attribution.models import Bill
from ingest.models import Batch, BatchStatus
from ingest.queries.watched import watched_news
from ingest.sources.rejected import RefusedFile
from ingest.tasks import import_path
from tests.support.feeds import declare_source
from tests.support.focus_files import write_bill

pytestmark = pytest.mark.django_db


def later() -> datetime:
    """When files written just now have been quiet for long enough."""
    return datetime.now(UTC) + timedelta(minutes=2)


def test_a_changed_folder_is_news_until_it_is_imported(tmp_path: Path) -> None:
    declare_source("bill", "focus", path=str(tmp_path))
    declare_source("by hand", "focus")
    write_bill(tmp_path / "a.csv", {})

    assert watched_news(datetime.now(UTC)) == []  # may still be being written
    (news,) = watched_news(later())
    import_path(*news[:2], str(news.path))
    assert Bill.objects.get().version == 1
    assert watched_news(later()) == []

    write_bill(tmp_path / "b.csv", {})
    (news,) = watched_news(later())
    import_path(*news[:2], str(news.path))
    assert Bill.objects.get(current=True).accepted == 2


def test_a_refused_folder_is_not_tried_again_before_it_changes(tmp_path: Path) -> None:
    declare_source("bill", "focus", path=str(tmp_path))
    write_bill(tmp_path / "a.csv", {}, drop=("BilledCost",))
    with pytest.raises(RefusedFile, match="BilledCost"):
        import_path("bill", "focus", str(tmp_path))

    assert Batch.objects.get().status == BatchStatus.REFUSED
    assert watched_news(later()) == []


def test_a_folder_that_is_gone_is_news(tmp_path: Path) -> None:
    declare_source("log", "request_log", path=str(tmp_path / "gone"))

    assert [news.source_name for news in watched_news(later())] == ["log"]
