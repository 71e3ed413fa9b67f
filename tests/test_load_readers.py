"""Results of k6, Locust, JMeter and Gatling, as the tools wrote them, against what the tools
themselves say of the same runs; and what goes wrong with such files.
"""

import gzip
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from slowcoach.core.errors import InputError, UnreadableError
from slowcoach.core.job import Cancellation
from slowcoach.load.outcome import Latencies, LoadModel, Outcome
from slowcoach.load.reader_kind import readers
from slowcoach.load.reading import read, recognize
from slowcoach.load.streams import Stream, source_of

RESULTS = Path(__file__).parent / "data" / "load" / "results"
NAMES = (
    *("k6_summary", "k6_ndjson", "k6_csv", "locust_csv", "locust_json"),
    *("jmeter_csv", "jmeter_xml", "gatling_log", "gatling_stats"),
)
SAMPLES = sorted(
    f"{name}/{path.name}"
    for name in NAMES
    for path in (RESULTS / name).iterdir()
    if path.name != "README.md"
)


@dataclass(frozen=True, slots=True)
class Known:
    """What the tool itself says of a run. Latencies in ms, of successes where the tool has them."""

    tool: str
    model: LoadModel
    sent: int
    failed: int
    p50: float
    p95: float
    mean: float
    most: float
    dropped: int | None = None
    loads: tuple[float, ...] = ()
    endpoints: tuple[str, ...] = ()
    errors: dict[str, int] = field(default_factory=dict[str, int])


CLOSED = Known(  # what k6's summary says of the successes
    *("k6", "closed", 329, 56, 14.279, 54.861, 26.833, 131.634),
    loads=(2, 4),
    endpoints=("broken", "item", "orders"),
    errors={"EOF": 29, "HTTP 503": 27},
)
CLOSED_CSV = Known(
    *("k6", "unknown", 329, 56, 14.279, 54.861, 26.833, 131.634),
    dropped=0,
    loads=(2, 4),
    errors={"EOF": 29, "HTTP 503": 27},
)
OPEN = Known(
    *("k6", "open", 472, 66, 47.540, 57.026, 37.550, 80.746),
    dropped=88,
    loads=(20, 60),
    errors={"HTTP 503": 66},
)
LOCUST = Known(
    *("Locust", "closed", 430, 91, 8.0, 23.0, 10.0125, 110.293),
    endpoints=("GET /orders", "broken, or not", "item"),
)
TOLD: dict[str, Known] = {
    "k6_ndjson/closed.ndjson.gz": CLOSED,
    "k6_csv/closed.csv.gz": CLOSED_CSV,
    "k6_ndjson/open.ndjson.gz": OPEN,
    "k6_csv/open.csv.gz": OPEN,
    "k6_summary/export.json": Known(
        *("k6", "unknown", 329, 56, 14.279, 54.861, 26.833, 131.634),
        dropped=0,
        endpoints=("orders",),
    ),
    "k6_summary/handle-summary.json": Known(
        *("k6", "unknown", 329, 56, 14.279, 54.861, 26.833, 131.634),
        dropped=0,
        endpoints=("orders",),
    ),
    "k6_summary/open-export.json": Known(
        *("k6", "open", 472, 66, 47.540, 57.026, 37.550, 80.746), dropped=88
    ),
    "k6_summary/machine-open.json": Known(
        *("k6 2.2.0", "open", 465, 68, 48.428, 59.034, 38.178, 70.840), dropped=95
    ),
    "k6_summary/machine-closed.json": Known(
        *("k6 2.2.0", "closed", 308, 47, 34.557, 66.985, 32.762, 303.273), endpoints=("orders",)
    ),
    "locust_csv/run_stats.csv": Known(
        *("Locust", "closed", 430, 91, 8.0, 23.0, 10.0125, 110.293),
        loads=(2, 6),
        endpoints=LOCUST.endpoints,
        errors={"HTTPConnectionClosed('connection closed.')": 72, "HTTP 503": 19},
    ),
    "locust_json/stats.json": LOCUST,
    "gatling_log/text-3.10.log": Known(
        *("Gatling 3.10.5", "open", 448, 242, 9, 43, 22, 615),
        loads=(16, 40),
        endpoints=("broken", "buy (with its parts)", "buy / item", "buy / orders", "checked"),
    ),
    "gatling_log/binary-3.13.log": Known(
        *("Gatling 3.13.5", "open", 448, 241, 11, 45, 18, 346), loads=(16, 40)
    ),
    "gatling_log/binary-3.15.log": Known(
        *("Gatling 3.15.1", "open", 448, 239, 8, 35, 14, 329), loads=(16, 40)
    ),
    "gatling_stats/stats.json": Known(*("Gatling", "unknown", 448, 242, 9, 43, 22, 615)),
    "gatling_stats/global_stats.json": Known(*("Gatling", "unknown", 448, 242, 9, 43, 22, 615)),
    "gatling_stats/stats.js": Known(*("Gatling", "unknown", 448, 241, 11, 45, 18, 346)),
}


def outcome(sample: str) -> Outcome:
    """Return what a sample tells."""
    return read(RESULTS / sample)[0]


def content(sample: str) -> bytes:
    """Return a sample, unpacked."""
    data = (RESULTS / sample).read_bytes()
    return gzip.decompress(data) if sample.endswith(".gz") else data


def written(folder: Path, name: str, data: bytes) -> Path:
    """Return a file with this content."""
    path = folder / name
    path.write_bytes(data)
    return path


def told(found: Outcome) -> tuple[object, ...]:
    """Return what must be the same however a file is packed or encoded."""
    whole = found.whole
    return (
        *(found.tool, found.model, whole.sent, whole.completed, whole.failed, whole.dropped),
        *(whole.latency.percentile(0.5), whole.latency.percentile(0.95), whole.latency.mean_ms),
        *(tuple(found.endpoints), tuple(step.load for step in found.steps)),
    )


def successes(found: Outcome) -> Latencies:
    """Return the latencies of successes, or of all where the tool does not tell them apart."""
    return found.whole.good or found.whole.latency


# ---- every sample


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_file_is_known_as_what_its_tool_wrote(sample: str) -> None:
    assert recognize(source_of(RESULTS / sample)).name == sample.split("/")[0]


@pytest.mark.parametrize("name", NAMES)
def test_each_format_says_how_its_samples_were_made(name: str) -> None:
    assert "`" in (RESULTS / name / "README.md").read_text("utf-8")
    assert readers()[name].example


def test_every_reader_has_a_sample() -> None:
    missing = [name for name in readers() if not list((RESULTS / name).glob("*.*"))]
    assert not missing


@pytest.mark.parametrize("sample", TOLD)
def test_figures_are_those_that_the_tool_itself_tells(sample: str) -> None:
    known, found = TOLD[sample], outcome(sample)
    whole, good = found.whole, successes(found)
    assert (found.tool, found.model) == (known.tool, known.model)
    assert (whole.sent, whole.failed, whole.dropped) == (known.sent, known.failed, known.dropped)
    assert good.mean_ms == pytest.approx(known.mean, rel=0.03)
    assert good.most_ms == pytest.approx(known.most, rel=1e-3)
    # tools interpolate between two of some hundred values, or cut to whole ms
    assert good.percentile(0.5) == pytest.approx(known.p50, rel=0.01, abs=1)
    assert good.percentile(0.95) == pytest.approx(known.p95, rel=0.02, abs=5)
    if known.loads:
        assert [step.load for step in found.steps] == pytest.approx(known.loads, rel=0.08)
    if known.endpoints:
        assert tuple(sorted(found.endpoints)) == known.endpoints
    if known.errors:
        assert whole.errors == known.errors


@pytest.mark.parametrize("sample", SAMPLES)
def test_what_a_format_cannot_tell_is_said(sample: str) -> None:
    if sample == "k6_ndjson/begin.ndjson":
        pytest.skip("sixty lines")
    found = outcome(sample)
    assert found.unknown
    if found.whole.latency.histogram is None:
        assert any("interval" in each for each in found.unknown)
    if found.model == "unknown":
        assert any("open or closed" in u or "executor" in u for u in found.unknown)
    assert all(step.end_s > step.start_s for step in found.steps)


@pytest.mark.parametrize(
    "sample", ["k6_ndjson/closed.ndjson.gz", "jmeter_csv/defaults.jtl", "gatling_log/text-3.10.log"]
)
def test_moments_add_up_to_the_whole(sample: str) -> None:
    found = outcome(sample)
    assert sum(m.sent or 0 for m in found.moments) == found.whole.sent
    assert sum(m.failed or 0 for m in found.moments) == found.whole.failed
    assert sum(m.completed or 0 for m in found.moments) == found.whole.completed
    histograms = [m.histogram for m in found.moments if m.histogram is not None]
    assert sum(h.n for h in histograms) == found.whole.latency.count


# ---- k6


def test_the_sense_of_k6s_thresholds_is_that_of_each_form() -> None:
    for sample in ("k6_summary/export.json", "k6_summary/handle-summary.json"):
        judged = {each.expression: each.ok for each in outcome(sample).thresholds}
        assert judged == {
            "http_req_duration: p(95)<500": True,
            "http_req_duration: p(99)<1": False,
            "http_req_duration{name:orders}: p(95)<500": True,
            "http_req_failed: rate<0.5": True,
        }
    machine = outcome("k6_summary/machine-closed.json")
    assert not machine.thresholds
    assert any("thresholds" in each for each in machine.unknown)
    assert any("thresholds" in each for each in outcome("k6_ndjson/closed.ndjson.gz").unknown)


def test_a_summary_without_p99_says_how_to_get_one() -> None:
    found = outcome("k6_summary/machine-closed.json")
    assert found.whole.latency.percentile(0.99) is None
    assert any("summaryTrendStats" in each for each in found.unknown)


def test_latency_counts_from_when_it_was_due_only_while_nothing_was_dropped() -> None:
    assert not outcome("k6_ndjson/open.ndjson.gz").whole.latency.corrected
    assert not outcome("k6_summary/machine-open.json").whole.latency.corrected
    open_ones = [outcome(f"gatling_log/{name}.log") for name in ("text-3.10", "binary-3.15")]
    assert all(found.whole.latency.corrected for found in open_ones)


def test_a_stall_that_waiting_users_hide_is_estimated() -> None:
    found = outcome("k6_ndjson/stalled.ndjson.gz")
    (said,) = [each for each in found.warnings if "stalls hide" in each]
    # four stalls of 1 s in 24 s: 95 % of requests at a steady rate would have waited up to 700 ms
    assert "p95 would be about 6" in said or "p95 would be about 7" in said
    assert (found.whole.latency.percentile(0.95) or 0) < 20


def test_interleaved_and_cut_lines_are_left_out_and_said(tmp_path: Path) -> None:
    lines = content("k6_ndjson/closed.ndjson.gz").splitlines(keepends=True)
    lines.insert(100, b"time=2026 level=warning msg=oops\n")
    lines.insert(2000, b'{"metric":"http_reqs","type":"Po\n')
    found, _ = read(written(tmp_path, "p.ndjson", b"".join(lines)[:-40]))
    assert any("line 101" in each for each in found.warnings)
    assert found.whole.sent == 329


def test_points_of_an_older_k6_are_read(tmp_path: Path) -> None:
    text = content("k6_ndjson/closed.ndjson.gz").decode()
    old: list[str] = []
    for line in text.splitlines():
        metric, _, rest = line.removeprefix('{"metric":').partition(',"type":"Point",')
        old.append(f'{{"type":"Point",{rest[:-1]},"metric":{metric}}}' if rest else line)
    found, _ = read(written(tmp_path, "old.json", "\n".join(old).encode()))
    assert found.whole.sent == 329
    assert found.whole.failed == 56


@pytest.mark.parametrize(
    ("of", "unit"), [("k6_csv/closed.csv.gz", 1000), ("k6_csv/closed.csv.gz", 10**9)]
)
def test_finer_times_of_k6s_csv_are_known_by_their_size(of: str, unit: int, tmp_path: Path) -> None:
    rows = [row.split(",") for row in content(of).decode().splitlines()]
    finer = [rows[0], *([r[0], str(int(r[1]) * unit + unit // 2), *r[2:]] for r in rows[1:])]
    path = written(tmp_path, "finer.csv", "\n".join(map(",".join, finer)).encode())
    assert [s.load for s in read(path)[0].steps] == [2, 4]


# ---- Locust


def test_any_file_of_locusts_set_stands_for_all(tmp_path: Path) -> None:
    whole = told(outcome("locust_csv/run_stats.csv"))
    for ending in ("stats_history", "failures", "exceptions"):
        assert told(outcome(f"locust_csv/run_{ending}.csv")) == whole
    assert told(read(RESULTS / "locust_csv")[0]) == whole
    alone = shutil.copy(RESULTS / "locust_csv" / "run_stats_history.csv", tmp_path / "h.csv")
    found, _ = read(alone)
    assert (found.whole.sent, found.whole.failed) == (430, 91)


def test_exceptions_of_locusts_users_are_said() -> None:
    found = outcome("locust_csv/run_stats.csv")
    assert any(each.startswith("78 exceptions") for each in found.warnings)


def test_a_steps_percentiles_in_locusts_history_are_of_its_own_seconds(tmp_path: Path) -> None:
    found = outcome("locust_csv/run_stats_history.csv")
    short, _ = found.steps
    assert short.end_s - short.start_s < 12
    assert not short.figures.latency.stated  # the window of ten seconds would reach out of it


def test_locusts_rounding_is_told() -> None:
    latency = outcome("locust_json/stats.json").whole.latency
    assert latency.resolution_ms == 1
    assert latency.error >= 0.05


# ---- JMeter


def test_samples_within_samples_are_counted_once() -> None:
    found = outcome("jmeter_csv/defaults.jtl")
    rows = content("jmeter_csv/defaults.jtl").decode().splitlines()[1:]
    transactions = [r for r in rows if "Number of samples in transaction" in r]
    pages = [r for r in rows if ',"page, with pictures",' in r]
    assert len(transactions) == 40
    assert len(pages) == 40
    assert found.whole.sent == len(rows) - 80
    assert found.endpoints["buy (with its parts)"].sent == 40
    assert found.endpoints["page, with pictures (with its parts)"].sent == 40
    assert found.endpoints["page, with pictures-0"].sent == 40
    assert "page, with pictures" not in found.endpoints


def test_a_failed_check_fails_although_the_status_is_200() -> None:
    found = outcome("jmeter_csv/defaults.jtl")
    assert found.endpoints["checked"].failed == 38
    assert found.whole.errors["HTTP 503"] == 3
    assert found.whole.errors["NoHttpResponseException"] == 37
    assert found.whole.completed == (found.whole.sent or 0) - 37


@pytest.mark.parametrize(
    "sample",
    [
        *("jmeter_csv/defaults.jtl", "jmeter_csv/parent-samples.jtl"),
        *("jmeter_csv/semicolons-no-head.jtl", "jmeter_xml/parent-samples.jtl.gz"),
    ],
)
def test_every_layout_of_jmeter_has_the_same_endpoints_and_users(sample: str) -> None:
    found = outcome(sample)
    assert set(found.endpoints) == {
        *("item", "orders", "checked", "broken", "buy (with its parts)"),
        *(f"page, with pictures-{n}" for n in range(3)),
        "page, with pictures (with its parts)",
    }
    assert [step.load for step in found.steps] == [3]
    assert found.model == "closed"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_columns_of_jmeter_may_stand_in_any_order(delimiter: str, tmp_path: Path) -> None:
    import csv
    import io

    rows = list(csv.reader(content("jmeter_csv/defaults.jtl").decode().splitlines()))
    order = sorted(range(len(rows[0])), key=lambda at: rows[0][at][::-1])
    into = io.StringIO()
    csv.writer(into, delimiter=delimiter).writerows([[row[at] for at in order] for row in rows])
    found, _ = read(written(tmp_path, "x.jtl", into.getvalue().encode()))
    assert told(found) == told(outcome("jmeter_csv/defaults.jtl"))


def test_a_file_that_jmeter_added_to_shows_its_pause(tmp_path: Path) -> None:
    data = content("jmeter_csv/defaults.jtl")
    rows = data.decode().splitlines()
    later = [f"{int(row[:13]) + 86_400_000}{row[13:]}" for row in rows[1:]]
    found, _ = read(written(tmp_path, "twice.jtl", data + "\n".join(later).encode()))
    assert any("two runs" in each for each in found.warnings)
    assert found.whole.sent == 2 * (outcome("jmeter_csv/defaults.jtl").whole.sent or 0)


def test_a_row_without_its_end_is_said(tmp_path: Path) -> None:
    data = content("jmeter_csv/defaults.jtl").rstrip()
    found, _ = read(written(tmp_path, "cut.jtl", data[: data.rfind(b",", 0, -20)]))
    assert any("cut" in each for each in found.warnings)


def test_columns_of_another_tool_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "x.jtl", b"label,success,elapsed,thread\nhome,true,3,1\n")
    with pytest.raises(UnreadableError, match="timeStamp"):
        read(path, "jmeter_csv")


LAUGHS = b"""<?xml version="1.0"?>
<!DOCTYPE testResults [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<testResults version="1.2"><httpSample t="1" ts="1" lb="&b;"/></testResults>"""


def test_xml_with_entities_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="entities"):
        read(written(tmp_path, "laughs.jtl", LAUGHS))


def test_xml_that_breaks_off_is_read_up_to_there(tmp_path: Path) -> None:
    data = content("jmeter_xml/parent-samples.jtl.gz")
    found, _ = read(written(tmp_path, "cut.jtl", data[: len(data) // 2]))
    assert any("breaks in line" in each for each in found.warnings)
    assert 100 < (found.whole.sent or 0) < 200


# ---- Gatling


def test_a_fixed_number_of_gatlings_users_is_told_from_a_rate() -> None:
    found = outcome("gatling_log/binary-closed-3.15.log")
    assert found.model == "closed"
    assert not found.whole.latency.corrected


def test_a_binary_log_that_breaks_off_is_read_up_to_there(tmp_path: Path) -> None:
    data = content("gatling_log/binary-3.13.log")
    found, _ = read(written(tmp_path, "simulation.log", data[: len(data) // 2]))
    assert any("ends within a record" in each for each in found.warnings)
    assert 150 < (found.whole.sent or 0) < 300


def test_a_binary_log_of_another_layout_is_refused_with_its_place(tmp_path: Path) -> None:
    data = bytearray(content("gatling_log/binary-3.13.log"))
    data[0x6C] = 99  # the kind of the first record
    with pytest.raises(UnreadableError, match="byte"):
        read(written(tmp_path, "simulation.log", bytes(data)))


def test_gatlings_report_is_left_out_beside_its_log(tmp_path: Path) -> None:
    (tmp_path / "js").mkdir()
    shutil.copy(RESULTS / "gatling_log" / "text-3.10.log", tmp_path / "simulation.log")
    for name in ("stats.json", "global_stats.json"):
        shutil.copy(RESULTS / "gatling_stats" / name, tmp_path / "js" / name)
    found, forms = read(tmp_path)
    assert forms == ("gatling_log",)
    assert found.whole.sent == 448


def test_gatlings_percentiles_have_the_names_of_its_page(tmp_path: Path) -> None:
    (tmp_path / "js").mkdir()
    stats = shutil.copy(RESULTS / "gatling_stats" / "stats.js", tmp_path / "js" / "stats.js")
    assert any("which percentiles" in each for each in read(stats)[0].unknown)
    names = "".join(f"<span>{n}th pct</span>" for n in (50, 80, 90, "99.9"))
    written(tmp_path, "index.html", names.encode())
    found, _ = read(stats)
    assert found.whole.latency.percentile(0.9) == 62
    assert found.whole.latency.percentile(0.95) is None
    assert not any("which percentiles" in each for each in found.unknown)


# ---- files as they come


@pytest.mark.parametrize(
    "sample",
    [
        *("k6_ndjson/closed.ndjson.gz", "k6_csv/open.csv.gz", "k6_summary/export.json"),
        *("locust_json/stats.json", "jmeter_csv/semicolons-no-head.jtl"),
        *("jmeter_xml/parent-samples.jtl.gz", "gatling_log/text-3.10.log"),
    ],
)
def test_packing_line_ends_and_encoding_change_nothing(sample: str, tmp_path: Path) -> None:
    data, wanted = content(sample), told(outcome(sample))
    text = data.decode()
    for number, other in enumerate(
        (
            data,
            gzip.compress(data[: len(data) // 2]) + gzip.compress(data[len(data) // 2 :]),
            data.replace(b"\n", b"\r\n"),
            b"\xef\xbb\xbf" + data,
            text.encode("utf-16"),
        )
    ):
        assert told(read(written(tmp_path, str(number), other))[0]) == wanted, number


def test_a_packed_file_that_breaks_off_is_read_up_to_there(tmp_path: Path) -> None:
    data = (RESULTS / "k6_ndjson" / "open.ndjson.gz").read_bytes()
    found, _ = read(written(tmp_path, "x.gz", data[: len(data) // 2]))
    assert any("cut" in each for each in found.warnings)
    assert 0 < (found.whole.sent or 0) < 472


def test_a_line_without_end_is_refused_in_little_memory(tmp_path: Path) -> None:
    path = written(tmp_path, "bomb.gz", gzip.compress(b'{"metric":"' + bytes(40 << 20)))
    with pytest.raises(UnreadableError, match="without an end"):
        read(path, "k6_ndjson")


def test_many_endpoints_are_joined_and_cut_with_a_note(tmp_path: Path) -> None:
    line = next(
        line
        for line in content("k6_ndjson/open.ndjson.gz").decode().splitlines()
        if '"http_req_duration"' in line and '"Point"' in line
    )
    ids = [line.replace("/orders", f"/orders/{n}") for n in range(400)]
    found, _ = read(written(tmp_path, "ids", "\n".join(ids).encode()))
    assert list(found.endpoints) == ["GET http://127.0.0.1:18911/orders/{id}"]
    words = [line.replace("/orders", f"/word{n}x") for n in range(3000)]
    found, _ = read(written(tmp_path, "words", "\n".join(words).encode()))
    assert len(found.endpoints) == 1001
    assert found.endpoints["(all others)"].sent == 2000
    assert any("1,000 endpoints" in each for each in found.warnings)


def test_secrets_in_urls_are_hidden(tmp_path: Path) -> None:
    data = content("k6_ndjson/open.ndjson.gz").replace(b"/orders", b"/orders?api_key=s3cr3t")
    found, _ = read(written(tmp_path, "x", data))
    assert "s3cr3t" not in str(found)


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"", "empty"), (b"\x00" * 2000, "got"), (b"hello\n", "hello"), (b'{"a": 1}', "got")],
)
def test_another_file_is_refused_with_the_formats(data: bytes, said: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableError) as caught:
        read(written(tmp_path, "x", data))
    assert said in str(caught.value)


def test_a_format_that_is_not_known_is_refused_with_their_names(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="k6_ndjson"):
        read(RESULTS / "k6_ndjson" / "begin.ndjson", "k6")


def test_a_folder_of_one_test_is_merged(tmp_path: Path) -> None:
    for number in (1, 2):
        shutil.copy(RESULTS / "k6_ndjson" / "closed.ndjson.gz", tmp_path / f"runner{number}.gz")
    shutil.copy(RESULTS / "k6_summary" / "export.json", tmp_path / "summary.json")
    written(tmp_path, "notes.txt", b"nothing to read\n")
    found, forms = read(tmp_path)
    assert forms == ("k6_ndjson",)
    assert found.whole.sent == 2 * 329
    alone = outcome("k6_ndjson/closed.ndjson.gz").whole.latency.percentile(0.95)
    assert found.whole.latency.percentile(0.95) == pytest.approx(alone)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="folder"):
        read(tmp_path)


def test_reading_stops_when_it_is_called_off() -> None:
    from slowcoach.core.errors import CancelledError

    called_off = Cancellation()
    called_off.ask()
    with pytest.raises(CancelledError):
        read(RESULTS / "k6_ndjson" / "closed.ndjson.gz", cancellation=called_off)


def test_how_far_the_reading_is_is_told(tmp_path: Path) -> None:
    told_of: list[tuple[int, int]] = []
    path = written(tmp_path, "x", content("k6_ndjson/open.ndjson.gz"))
    read(path, told=lambda done, total: told_of.append((done, total)))
    size = path.stat().st_size
    assert told_of[-1] == (size, size)


def test_lines_come_with_their_numbers(tmp_path: Path) -> None:
    stream = Stream(source_of(written(tmp_path, "x", b"one\r\n\ntwo")))
    assert list(stream.lines()) == [(1, b"one"), (2, b""), (3, b"two")]
    assert not stream.ended
