import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.sources.errors import SourceError
from ingest.sources.prometheus.decode import decode
from ingest.sources.prometheus.grid import grid
from ingest.telemetry.span import Span

START = 1_772_618_400
_values = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(["NaN", "+Inf", "-Inf", "0", "1e-320", "1e+308"]),
)
_series = st.dictionaries(st.integers(0, 59), _values, max_size=60)
_labels = st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=3)


def _answer(result: list[dict[str, object]], **more: object) -> bytes:
    data = {"resultType": "matrix", "result": result}
    return json.dumps({"status": "success", "data": data} | more, separators=(",", ":")).encode()


@settings(deadline=None)  # the first call loads Arrow
@given(st.lists(st.tuples(_labels, _series), max_size=5))
def test_decoding_gives_what_a_plain_reader_gives(
    series: list[tuple[dict[str, str], dict[int, str]]],
) -> None:
    result: list[dict[str, object]] = []
    expected = np.full((len(series), 60), np.nan)
    for row, (labels, samples) in enumerate(series):
        values = [[START + minute * 60 + 59.999, text] for minute, text in sorted(samples.items())]
        result.append({"metric": labels, "values": values})
        for minute, text in samples.items():
            expected[row, minute] = float(text)
    decoded = decode(_answer(result))
    assert decoded.labels == [labels for labels, _ in series]
    table, odd = grid(decoded, Span(START, 1))
    np.testing.assert_array_equal(table, expected)
    said_nan = sum(text == "NaN" for _, samples in series for text in samples.values())
    assert (0 if odd is None else odd.sum()) == said_nan


def test_an_instant_answer_is_read_too() -> None:
    result = b'[{"metric":{"a":"b"},"value":[1,"2.5"]}]'
    body = b'{"status":"success","data":{"resultType":"vector","result":' + result + b"}}"
    decoded = decode(body)
    assert decoded.labels == [{"a": "b"}]
    assert decoded.values.tolist() == [2.5]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'{"status":"success"}',
        b'{"status":"success","data":{"resultType":"matrix","result":[{"metric":{}}]}',
        b'{"status":"error","errorType":"bad_data","error":"parse error"}',
        _answer([{"metric": {}, "values": [[1, "x"]]}]),
        _answer([{"metric": {}, "values": [[1, "2", "3"]]}]),
        _answer([{"metric": {}, "values": [[None, "2"]]}]),
        _answer([{"metric": {"a": 1}, "values": []}]),
    ],
)
def test_what_is_no_answer_is_refused(body: bytes) -> None:
    with pytest.raises(SourceError):
        decode(body)


def test_warnings_are_not_lost() -> None:
    assert decode(_answer([], warnings=["half of it"])).warnings == ["half of it"]
