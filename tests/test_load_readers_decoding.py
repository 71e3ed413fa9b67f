"""The encodings inside files of load results: HdrHistogram's, gob's, Prometheus' labels, durations
for people; each against values that are known, and against damage that is made on purpose.
"""

import base64
import json
import math
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from slowcoach.core.errors import UnreadableError
from slowcoach.load.histogram import Histogram
from slowcoach.load.outcome import Outcome
from slowcoach.load.readers import _gob, _hdr_encoding, _spectrum
from slowcoach.load.readers._buckets import Buckets
from slowcoach.load.readers._hdr_encoding import HdrError
from slowcoach.load.readers._reports import milliseconds, suffixed
from slowcoach.load.readers._spectrum import Row
from slowcoach.load.readers._weighted import weighted
from slowcoach.load.reading import read

RESULTS = Path(__file__).parent / "data" / "load" / "results"

# ---- HdrHistogram's V2 encoding, written here as its documentation says


def zigzag(value: int) -> bytes:
    """Return a number as ZigZag LEB128."""
    number = (value << 1) ^ (value >> 63)
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes((*found, number))


def index_of(value: int, digits: int = 3) -> int:
    """Return where a value is counted, with 1 as the least one."""
    half = (2 * int(10**digits) - 1).bit_length() - 1
    bucket = max(value.bit_length() - (half + 1), 0)
    return (bucket << half) + (value >> bucket)


def payload_of(counts: Mapping[int, int]) -> bytes:
    """Return counts by index, runs of zeros as negative numbers."""
    found, at = b"", 0
    for index in sorted(counts):
        if index > at:
            found += zigzag(at - index)
        found += zigzag(counts[index])
        at = index + 1
    return found


def encoded(payload: bytes, **given: float) -> bytes:
    """Return a log's text of a histogram."""
    told = {"cookie": 0x1C849313, "length": len(payload), "digits": 3, "lowest": 1, **given}
    told = {"highest": 3_600_000_000_000, "ratio": 1.0, **told}
    head = struct.pack(
        ">iiiiqqd",
        *(int(told["cookie"]), int(told["length"]), 0, int(told["digits"])),
        *(int(told["lowest"]), int(told["highest"]), told["ratio"]),
    )
    packed = zlib.compress(head + payload, 9)
    return base64.b64encode(struct.pack(">ii", 0x1C849314, len(packed)) + packed)


def test_hdrhistograms_counts_come_back_within_its_digits() -> None:
    random = np.random.default_rng(3)
    for digits in (1, 2, 3, 4):
        values = [int(value) for value in 10 ** random.uniform(0, 11, 500)]
        counts: dict[int, int] = {}
        for value in values:
            index = index_of(value, digits)
            counts[index] = counts.get(index, 0) + 1
        found = _hdr_encoding.decoded(encoded(payload_of(counts), digits=digits))
        assert found.total == 500
        again = np.repeat(found.values, found.counts)
        wanted = np.sort(np.array(values, dtype=np.float64))
        assert (np.abs(again - wanted) <= wanted * 10.0**-digits + 0.5).all()


def test_a_ratio_scales_the_values() -> None:
    plain = _hdr_encoding.decoded(encoded(payload_of({index_of(5_000): 7})))
    scaled = _hdr_encoding.decoded(encoded(payload_of({index_of(5_000): 7}), ratio=0.001))
    assert scaled.values == pytest.approx(plain.values / 1000)
    assert scaled.most == pytest.approx(plain.most / 1000)


HOSTILE: dict[str, bytes] = {
    "no base64": b"HISTF!!!!",
    "nothing": b"",
    "few bytes": base64.b64encode(b"\x1c\x84\x93\x14"),
    "another encoding": base64.b64encode(struct.pack(">i", 0x1C849301) + bytes(60)),
    "damaged zlib": base64.b64encode(struct.pack(">ii", 0x1C849314, 9) + b"x" * 60),
    "cut zlib": encoded(payload_of({index_of(5_000): 7}))[:40],
    "a bomb of zeros": encoded(bytes(50_000_000)),
    "a length that lies": encoded(payload_of({3: 1}), length=999),
    "a length below zero": encoded(payload_of({3: 1}), length=-1),
    "another cookie inside": encoded(payload_of({3: 1}), cookie=7),
    "nine digits": encoded(payload_of({3: 1}), digits=9),
    "digits below zero": encoded(payload_of({3: 1}), digits=-1),
    "a least value of 0": encoded(payload_of({3: 1}), lowest=0),
    "a greatest below the least": encoded(payload_of({3: 1}), lowest=9, highest=1),
    "a ratio of 0": encoded(payload_of({3: 1}), ratio=0.0),
    "a ratio that is no number": encoded(payload_of({3: 1}), ratio=math.nan),
    "an infinite ratio": encoded(payload_of({3: 1}), ratio=math.inf),
    "counts beyond the range": encoded(payload_of({10_000_000: 1})),
    "a run of zeros without end": encoded(zigzag(-(1 << 52)) + zigzag(1)),
    "a number of nine bytes": encoded(b"\xff" * 8 + b"\x01"),
    "a number without end": encoded(b"\xff\xff"),
    "more than there can be": encoded(zigzag(1 << 52) * 9),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_damaged_histogram_is_refused(kind: str) -> None:
    with pytest.raises(HdrError, match=r"."):
        _hdr_encoding.decoded(HOSTILE[kind])


@pytest.mark.parametrize("kind", ["a bomb of zeros", "nine digits", "a length that lies"])
def test_a_log_says_in_which_line_it_is_damaged(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.hlog"
    good = encoded(payload_of({index_of(2_000_000): 5}))
    lines = (b"0.0,1.0,2.0," + good, b"1.0,1.0,2.0," + HOSTILE[kind])
    path.write_bytes(b"#[Histogram log format version 1.3]\n" + b"\n".join(lines) + b"\n")
    with pytest.raises(UnreadableError, match="line 3"):
        read(path)


def test_values_with_counts_make_the_same_histogram_as_each_value_by_itself() -> None:
    values, counts = np.array([0.5, 3.0, 3.001, 900.0]), np.array([3, 1, 2, 5])
    assert weighted(values, counts).encoded() == Histogram.of(np.repeat(values, counts)).encoded()
    assert weighted(np.zeros(0), np.zeros(0, dtype=np.int64)).n == 0


# ---- percentile spectra


def test_a_histogram_made_of_a_spectrum_keeps_each_row() -> None:
    values = np.sort(np.random.default_rng(4).lognormal(1.0, 1.0, 3_000))
    rows = [Row(float(values[0]), 0.0, 1)]
    for q in (0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1.0):
        rank = math.ceil(q * len(values))
        rows.append(Row(float(values[rank - 1]), q, rank))
    found = _spectrum.histogram_of(rows)
    assert found.n == 3_000
    for row in rows[1:]:
        assert found.quantile(row.q) == pytest.approx(row.value_ms, rel=0.006)
    # what is between rows is between their values
    for q in (0.3, 0.6, 0.97):
        ends = _spectrum.bracket(rows, q)
        assert ends is not None
        assert ends[0] * 0.99 <= (found.quantile(q) or 0) <= ends[1] * 1.01


def test_rows_that_fall_are_no_spectrum() -> None:
    assert not _spectrum.ordered([])
    assert not _spectrum.ordered([Row(2.0, 0.0, 1), Row(1.0, 0.5, 2)])
    assert not _spectrum.ordered([Row(1.0, 0.0, 2), Row(2.0, 0.5, 1)])
    assert _spectrum.ordered([Row(1.0, 0.0, 1), Row(1.0, 0.5, 1)])


# ---- buckets of Prometheus


def test_a_quantile_in_a_bucket_is_on_a_straight_line_through_it() -> None:
    found = Buckets.cumulative({10.0: 100.0, 20.0: 300.0, math.inf: 400.0})
    assert found.quantile(0.5) == pytest.approx(15.0)  # rank 200: half of the second bucket
    assert found.quantile(0.75) == 20.0
    assert found.quantile(0.1) is None  # from 0 on: how low is not known
    assert found.quantile(0.99) is None  # above 20 ms: how high is not known
    said = found.unknown("Prometheus")
    assert "p50 lies between 10 and 20 ms" in said
    assert "p99 is above 20 ms" in said


def test_counts_that_fall_between_ends_are_taken_as_standing_still() -> None:
    found = Buckets.cumulative({10.0: 100.0, 20.0: 90.0, 40.0: 200.0})
    assert found.total == 200
    assert found.quantile(0.75) == pytest.approx(30.0)


def test_no_bucket_has_no_quantile() -> None:
    assert Buckets([]).quantile(0.5) is None
    assert Buckets([]).latencies(counts=True).count == 0


def exposition(tmp_path: Path, *series: str) -> Outcome:
    """Return what a page with these lines tells."""
    path = tmp_path / "page.prom"
    name = "# TYPE http_request_duration_seconds histogram\n"
    path.write_text(name + "\n".join(series) + "\n", encoding="utf-8")
    return read(path)[0]


def test_labels_may_hold_braces_commas_and_quotes(tmp_path: Path) -> None:
    labels = r'path="/a,b} 7 \"x\" \\n",code="200"'
    found = exposition(
        tmp_path,
        f'http_request_duration_seconds_bucket{{{labels},le="0.1"}} 3 1700000000000',
        f'http_request_duration_seconds_bucket{{{labels},le="+Inf"}} 4 # {{id="a"}} 0.2 1.5',
    )
    assert found.whole.completed == 4
    assert list(found.endpoints) == [r'/a,b} 7 "x" \n']


def test_units_are_in_the_name_or_doubted(tmp_path: Path) -> None:
    def page(name: str) -> Outcome:
        path = tmp_path / "unit.prom"
        lines = (
            f'{name}_bucket{{le="{high}"}} {n}' for high, n in (("2", 0), ("4", 9), ("+Inf", 9))
        )
        path.write_text(f"# TYPE {name} histogram\n" + "\n".join(lines) + "\n")
        return read(path)[0]

    for name, p50 in (
        ("request_duration_seconds", 3_000),
        ("request_duration_milliseconds", 3),
        ("rpc_latency_us", 0.003),
    ):
        found = page(name)
        assert found.whole.latency.percentile(0.5) == pytest.approx(p50)
        assert not found.warnings
    assert any("unit is not told" in text for text in page("request_duration").warnings)


def test_a_counter_that_begins_anew_does_not_count_below_zero(tmp_path: Path) -> None:
    def series(le: str, *values: int) -> dict[str, object]:
        metric = {"__name__": "http_request_duration_seconds_bucket", "le": le}
        return {
            "metric": metric,
            "values": [[1_700_000_000 + 5 * k, str(v)] for k, v in enumerate(values)],
        }

    path = tmp_path / "range.json"
    result = [series("0.1", 100, 120, 5, 9), series("+Inf", 100, 130, 6, 12)]
    data = {"resultType": "matrix", "result": result}
    path.write_text(json.dumps({"status": "success", "data": data}))
    found = read(path)[0]
    assert [moment.completed for moment in found.moments] == [30, 6, 6]
    assert found.whole.completed == 42
    assert found.whole.duration_s == 15


# ---- gob


def test_a_gob_of_other_structs_is_refused(tmp_path: Path) -> None:
    data = (RESULTS / "vegeta/results.gob").read_bytes()
    path = tmp_path / "other.gob"
    path.write_bytes(data.replace(b"\x09Timestamp", b"\x09Timestamq"))
    with pytest.raises(UnreadableError, match="a result without its time"):
        read(path)


def test_messages_come_whole_from_pieces_of_any_size() -> None:
    data = (RESULTS / "vegeta/results.gob").read_bytes()
    whole = list(_gob.messages(iter([data])))
    for size in (1, 7, 1_000):
        pieces = (data[at : at + size] for at in range(0, len(data), size))
        assert list(_gob.messages(pieces)) == whole


@pytest.mark.parametrize(
    "data",
    [
        b"\xf6" + b"\xff" * 20,  # a length of ten bytes
        b"\xf8" + b"\xff" * 20,  # one of eight, far too large
        b"\x05\x01",  # the end within a message
    ],
)
def test_lengths_that_cannot_be_are_refused(data: bytes) -> None:
    with pytest.raises(_gob.GobError):
        list(_gob.messages(iter([data])))


# ---- vegeta's rate, seen in its results


def test_a_rate_that_was_held_is_a_step(tmp_path: Path) -> None:
    rows = (RESULTS / "vegeta/stalled.csv").read_text().splitlines()
    path = tmp_path / "long.csv"
    with path.open("w") as file:
        for part in range(8):  # the attack of 2 s again and again
            for row in rows:
                at, rest = row.split(",", 1)
                file.write(f"{int(at) + part * 2_000_000_000},{rest}\n")
    (step,) = read(path)[0].steps
    assert step.unit == "req/s"
    assert step.load == pytest.approx(200, rel=0.02)
    assert step.end_s - step.start_s >= 13


# ---- what people read


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("1.81ms", 1.81),
        ("133.00us", 0.133),
        ("352.081µs", 0.352081),  # the micro sign
        ("352.081μs", 0.352081),  # the Greek letter
        ("1.02s", 1_020.0),
        ("2.50m", 150_000.0),
        ("1m2.5s", 62_500.0),
        ("1h0m0.5s", 3_600_500.0),
        ("0.0004 secs", 0.4),
        ("2005744138.0000 ns", 2_005.744138),
        ("0.00us", 0.0),
        ("-nan", None),
        ("NaN secs", None),
        ("-inf ns", None),
        ("", None),
        ("5", None),
        ("ms", None),
        ("1.2.3ms", None),
        ("9" * 400 + "s", None),
    ],
)
def test_durations_are_read_in_every_unit(text: str, ms: float | None) -> None:
    assert milliseconds(text) == (None if ms is None else pytest.approx(ms))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("819", (819, 1)),
        ("4k", (4_000, 1_000)),
        ("1.5M", (1_500_000, 100_000)),
        ("1,022", (1_022, 1)),
        ("1.022", (1_022, 1)),  # German
        ("1.234.567", (1_234_567, 1)),
        ("4.346,5", (4_346.5, 0.1)),
        ("407.5", (407.5, 0.1)),
        ("x", None),
        ("", None),
        ("1" * 100, None),
    ],
)
def test_counts_are_read_with_their_grain(text: str, value: tuple[float, float] | None) -> None:
    assert suffixed(text) == (None if value is None else pytest.approx(value))
