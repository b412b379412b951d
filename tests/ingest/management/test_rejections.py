"""What a command says of what it could not use."""

from ingest.management.rejections import said_of
from ingest.sources.rejected import Rejected


def rejections(count: int) -> list[Rejected]:
    return [Rejected("a.csv", line, "Cost", "a number", "'x'") for line in range(1, count + 1)]


def test_each_says_its_place_and_what_was_expected_there() -> None:
    assert list(said_of(rejections(1))) == ["rejected a.csv line 1: Cost: expected a number, found 'x'"]
    assert next(said_of(rejections(1), "row")).startswith("rejected a.csv row 1: ")


def test_beyond_ten_it_says_how_many_more_there_are() -> None:
    assert len(list(said_of(rejections(10)))) == 10
    *shown, rest = said_of(rejections(1_210))
    assert len(shown) == 10
    assert rest == "… and 1,200 more: see data health"
    assert list(said_of([])) == []
