from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.sources.errors import SourceError
from ingest.sources.openmetrics import lines
from ingest.sources.openmetrics.labels import BadLine, Named, split_name
from ingest.sources.openmetrics.parse import Samples, parse_files

WANTED = {"up", "busy", "plain"}


def parse(folder: Path, text: str | bytes) -> Samples:
    path = folder / "some.om"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return parse_files([path], WANTED)


def rows(samples: Samples) -> list[tuple[Named, int, float]]:
    names = [samples.names[place] for place in samples.series]
    return list(zip(names, samples.times.tolist(), samples.values.tolist(), strict=True))


def test_samples_of_wanted_metrics_are_read_in_order(tmp_path: Path) -> None:
    text = '# TYPE up gauge\nup{a="1"} 1 10\nother{a="1"} 5 10\nup{a="1"} 0.5 70.25\nplain 3 10\n# EOF\n'
    up = Named("up", (("a", "1"),))
    assert rows(parse(tmp_path, text)) == [
        (up, 10_000, 1.0),
        (up, 70_250, 0.5),
        (Named("plain", ()), 10_000, 3.0),
    ]


def test_labels_may_hold_anything_that_is_escaped(tmp_path: Path) -> None:
    text = r'up{a="x\"} 1 2 # {\\",b="two\nlines, {and} # more"} 7 10' + "\n# EOF\n"
    expected = Named("up", (("a", 'x"} 1 2 # {\\'), ("b", "two\nlines, {and} # more")))
    assert rows(parse(tmp_path, text)) == [(expected, 10_000, 7.0)]


def test_an_exemplar_behind_the_sample_is_passed_over(tmp_path: Path) -> None:
    text = 'up{a="1"} 7 10 # {trace="x"} 0.5 9.5\nplain 8 10 # {trace="y"} 0.1\nup{a="1"} 9 70\n# EOF'
    assert [(time, value) for _, time, value in rows(parse(tmp_path, text))] == [
        (10_000, 7),
        (10_000, 8),
        (70_000, 9),
    ]


def test_the_order_of_labels_makes_no_other_series(tmp_path: Path) -> None:
    samples = parse(tmp_path, 'up{a="1",b="2"} 1 1\nup{b="2",a="1"} 1 2\n# EOF\n')
    assert len(samples.names) == 1


def test_numbers_that_are_none_are_samples_to_be_judged_later(tmp_path: Path) -> None:
    samples = parse(tmp_path, "plain NaN 1\nplain +Inf 2\nplain -Inf 3\nplain 1e+308 4\n# EOF\n")
    assert np.isnan(samples.values[0])
    assert samples.values[1:].tolist() == [float("inf"), float("-inf"), 1e308]


@pytest.mark.parametrize(
    ("line", "column", "expected"),
    [
        ('up{a="1"} many 10', "value", "a value and a time in seconds"),
        ('up{a="1"} 1', "value", "a value and a time in seconds"),
        ('up{a="1"} 1 NaN', "value", "a value and a time in seconds"),
        ('up{a="1"} 1 10 20', "value", "a value and a time in seconds"),
        ("up{a=1} 1 10", "name", 'labels as name="value", each once'),
        ('up{a="1",a="2"} 1 10', "name", 'labels as name="value", each once'),
        ('up{a="1" 1 10', "name", "labels in braces, then a blank"),
        ("7up 1 10", "name", "the name of a metric"),
    ],
)
def test_a_bad_line_is_rejected_by_number_and_the_rest_is_read(
    tmp_path: Path, line: str, column: str, expected: str
) -> None:
    samples = parse(tmp_path, f'up{{b="0"}} 1 10\n{line}\nup{{b="0"}} 2 20\n# EOF\n')
    assert samples.values.tolist() == [1.0, 2.0]
    (rejection,) = samples.rejections
    assert (rejection.line, rejection.column, rejection.expected) == (2, column, expected)
    assert rejection.file.endswith("some.om")


@pytest.mark.parametrize(
    "text",
    ["", "up 1 10\n", "up 1 10\n# EO", "# EOF\nup 1 10\n", "up 1 1\n# EOF\nup 1 2\n# HELP", "\x00" * 100],
)
def test_a_file_without_its_end_is_refused_whole(tmp_path: Path, text: str) -> None:
    with pytest.raises(SourceError, match="EOF"):
        parse(tmp_path, text)


def test_a_file_of_another_format_is_refused(tmp_path: Path) -> None:
    text = "\n".join(f'{{"number": {n}}}' for n in range(20_000)) + "\n# EOF\n"
    with pytest.raises(SourceError, match="expected the name of a metric"):
        parse(tmp_path, text)


def test_blocks_join_without_a_seam(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "".join(f'up{{a="{n % 7}"}} {n} {n}\n' for n in range(500)) + "# EOF\n"
    whole = rows(parse(tmp_path, text))
    monkeypatch.setattr(lines, "BLOCK", 100)
    assert rows(parse(tmp_path, text)) == whole
    assert len(whole) == 500


def test_a_file_without_lines_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "BLOCK", 100)
    with pytest.raises(SourceError, match="expected lines"):
        parse(tmp_path, "x" * 1000)


def test_several_files_are_one(tmp_path: Path) -> None:
    first, second = tmp_path / "1.om", tmp_path / "2.om"
    first.write_text('up{a="1"} 1 1\n# EOF\n')
    second.write_text('up{a="1"} 2 2\n# EOF\n')
    samples = parse_files([first, second], WANTED)
    assert (len(samples.names), samples.values.tolist()) == (1, [1.0, 2.0])


_label = st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_]{0,5}", fullmatch=True)
_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@settings(deadline=None)
@given(st.dictionaries(_label, _text, max_size=4))
def test_what_is_written_as_a_series_is_read_as_the_same(labels: dict[str, str]) -> None:
    def escaped(value: str) -> str:
        return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")

    text = ",".join(f'{key}="{escaped(value)}"' for key, value in labels.items())
    assert split_name(f"m{{{text}}}") == Named("m", tuple(sorted(labels.items())))


@pytest.mark.parametrize("text", ["", "{}", "m{", 'm{a="1"', 'm{a="1"b="2"}', 'm{a="1",,}', "m x"])
def test_what_is_no_series_is_refused(text: str) -> None:
    with pytest.raises(BadLine):
        split_name(text)
