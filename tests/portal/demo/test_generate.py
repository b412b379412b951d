"""Same seed and days, same bytes."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

from portal.demo.generate import pieces
from portal.demo.span import Span
from portal.demo.world import world
from tests.portal.demo.conftest import NOW, SEED, write_all


def _digests(folder: Path) -> dict[str, str]:
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_the_same_seed_and_days_write_the_same_bytes(small: Path, tmp_path: Path) -> None:
    later_that_day = NOW.replace(hour=23)
    write_all(tmp_path, world(small=True), Span.until(later_that_day, 3, SEED))
    assert _digests(tmp_path) == _digests(small)


def test_another_seed_tells_another_story(small: Path, tmp_path: Path) -> None:
    write_all(tmp_path, world(small=True), Span.until(NOW, 3, SEED + 1))
    ours, others = _digests(tmp_path), _digests(small)
    same = {name for name in ours if ours[name] == others[name]}
    # What is declared and what machines cost is no matter of chance.
    assert same == {"fleet.toml", "fjord-bill-2026-11.csv"}


def test_the_days_end_with_yesterday_whatever_the_zone_of_now() -> None:
    east = datetime(2026, 11, 24, 1, 0, tzinfo=UTC).astimezone(tz=None)
    span = Span.until(east, 45, SEED)
    assert (span.start, span.end) == (
        datetime(2026, 10, 10, tzinfo=UTC),
        datetime(2026, 11, 24, tzinfo=UTC),
    )


def test_pieces_join_without_a_seam_the_newest_first() -> None:
    span = Span.until(NOW, 45, SEED)
    parts = pieces(span.start, span.end, 14)
    assert parts[0][1] == span.end
    assert parts[-1][0] == span.start
    assert all(newer[0] == older[1] for newer, older in pairwise(parts))
    assert sum((end - start for start, end in parts), timedelta()) == timedelta(days=45)


def test_pieces_of_telemetry_hold_the_same_samples_as_one_file(span: Span, tmp_path: Path) -> None:
    from portal.demo.telemetry import write_cluster

    estate, middle = world(small=True), span.start + timedelta(days=1)
    for name, start, end in (
        ("all", span.start, span.end),
        ("a", span.start, middle),
        ("b", middle, span.end),
    ):
        write_cluster(tmp_path / name, estate, "oslo-metal", span, start, end)
    whole, first, second = (set((tmp_path / name).read_text().splitlines()) for name in ("all", "a", "b"))
    assert first | second == whole
