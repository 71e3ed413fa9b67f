"""Traces of several services: which span explains an endpoint's latency, and what it proves."""

import gzip
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path

import pytest

from slowcoach.core.errors import CancelledError, InputError, UnreadableError
from slowcoach.core.job import Cancellation
from slowcoach.diagnosis.joining import from_traces
from slowcoach.diagnosis.tracing import reading
from slowcoach.diagnosis.tracing.aggregating import share_of, traced
from slowcoach.diagnosis.tracing.endpoint import Wanted, is_asked, wanted
from slowcoach.diagnosis.tracing.judging import OWN, lateness, suspects
from slowcoach.diagnosis.tracing.model import Traced
from slowcoach.diagnosis.tracing.paths import apart, path_of
from slowcoach.diagnosis.tracing.reading import read_traces
from slowcoach.diagnosis.tracing.study import study
from slowcoach.queries.logs.event import Http, Span

FOLDER = Path(__file__).parent / "data" / "diagnosis" / "traces"
FILES = ("otlp.jsonl", "otlp.pb", "jaeger.json", "zipkin.json")
PORT = 8001


def asked(path: str, port: int = PORT) -> Wanted:
    return wanted("GET", f"http://127.0.0.1:{port}{path}", port)


@cache
def spans_of(path: str, file: str = "otlp.pb") -> list[list[Span]]:
    return read_traces(str(FOLDER / file), asked(path), Cancellation()).traces


def model(path: str, traces: Sequence[Sequence[Span]] | None = None) -> Traced:
    found = [
        p
        for t in traces or spans_of(path)
        if (p := path_of(t, asked(path), by_port=True)) is not None
    ]
    return traced(found, f"GET {path}")


# -- reading -------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", FILES)
def test_every_format_tells_the_same_spans_and_where_they_ran(file: str) -> None:
    sample = read_traces(str(FOLDER / file), asked("/order/99"), Cancellation())
    assert sample.found == len(sample.traces) == 12
    assert sample.by_port
    for spans in sample.traces:
        assert sorted(s.name for s in spans if s.service == "stock") == ["GET /bins"]
        by_service = {s.service: s for s in spans if s.server}
        assert {name: s.process.pid for name, s in by_service.items()} == {
            "front": 101,
            "orders": 201,
            "stock": 301,
        }
        assert by_service["stock"].process.host == "shop-1"
        assert {name: s.port for name, s in by_service.items()} == {
            "front": 8001,
            "orders": 8002,
            "stock": 8003,
        }
        called = {s.service: (s.address, s.port) for s in spans if s.client}
        assert called == {"front": ("127.0.0.1", 8002), "orders": ("127.0.0.1", 8003)}


@pytest.mark.parametrize("file", FILES)
def test_every_format_gives_the_same_path(file: str) -> None:
    expected = {s.label: s.share.median for s in model("/totals").stretches}
    found = model("/totals", spans_of("/totals", file)).stretches
    assert {s.label: s.share.median for s in found} == pytest.approx(expected, abs=0.01)


def test_packed_files_and_lengths_before_exports_are_read(tmp_path: Path) -> None:
    data = (FOLDER / "otlp.pb").read_bytes()
    packed = tmp_path / "spans.pb.gz"
    packed.write_bytes(gzip.compress(data))
    framed = tmp_path / "spans.bin"
    framed.write_bytes(len(data).to_bytes(4, "big") + data)
    lines = tmp_path / "spans.jsonl.gz"
    lines.write_bytes(gzip.compress((FOLDER / "otlp.jsonl").read_bytes()))
    exports = map(json.loads, (FOLDER / "otlp.jsonl").read_text().splitlines())
    whole = tmp_path / "spans.json"
    resources = [resource for export in exports for resource in export["resourceSpans"]]
    whole.write_text(json.dumps({"resourceSpans": resources}, indent=1))
    for file in (packed, framed, lines, whole):
        assert len(read_traces(str(file), asked("/rates"), Cancellation()).traces) == 12


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\x00\x01\x02\x03" * 999, "expected traces"),
        (b'{"hello": [1, 2]}', "expected traces"),
        (b"not at all", "expected traces"),
        (b"\x1f\x8b\x08\x00broken", "expected traces"),
    ],
)
def test_what_holds_no_traces_is_refused_with_what_was_expected(
    tmp_path: Path, content: bytes, said: str
) -> None:
    file = tmp_path / "traces"
    file.write_bytes(content)
    with pytest.raises(UnreadableError, match=said) as caught:
        read_traces(str(file), asked("/"), Cancellation())
    assert caught.value.hint


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.json"):
        with pytest.raises(UnreadableError, match="expected traces"):
            read_traces(str(path), asked("/"), Cancellation())


@pytest.mark.parametrize("file", FILES)
def test_a_cut_file_gives_what_came_before_or_an_error_and_never_hangs(
    tmp_path: Path, file: str
) -> None:
    data = (FOLDER / file).read_bytes()
    for part in (3, 2):
        cut = tmp_path / file
        cut.write_bytes(data[: len(data) // part])
        with suppress(UnreadableError, InputError):
            assert read_traces(str(cut), asked("/order/17"), Cancellation()).traces


def test_an_endpoint_that_is_not_in_the_traces_is_said_with_those_that_are() -> None:
    with pytest.raises(InputError, match="no server's span of GET /basket") as caught:
        read_traces(str(FOLDER / "otlp.jsonl"), asked("/basket"), Cancellation())
    assert "GET /order/{id}" in caught.value.hint


def test_of_many_traces_the_same_sample_is_read_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_TRACES", 5)
    first, second = (
        read_traces(str(FOLDER / "otlp.pb"), asked("/overview"), Cancellation()) for _ in range(2)
    )
    assert len(first.traces) == 5
    assert [s[0].trace for s in first.traces] == [s[0].trace for s in second.traces]
    assert first.notes == ["5 of 12 traces of the endpoint were read"]


def test_of_too_many_spans_some_are_left_out_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reading, "MOST_SPANS", 50)
    sample = read_traces(str(FOLDER / "otlp.pb"), asked("/lines"), Cancellation())
    assert sum(map(len, sample.traces)) == 50
    assert any("first 50 spans" in note for note in sample.notes)


def test_called_off_reading_stops() -> None:
    cancellation = Cancellation()
    cancellation.ask()
    with pytest.raises(CancelledError):
        read_traces(str(FOLDER / "otlp.jsonl"), asked("/order/17"), cancellation)


# -- which endpoint ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("route", "path", "is_it"),
    [
        ("/orders/{id}", "/orders/7", True),
        ("/orders/<int:id>", "/orders/7", True),
        ("/orders/:id", "/orders/7/", True),
        ("/orders/[id]", "/orders/7", True),
        ("/files/{path:path}", "/files/a", True),
        ("/files/*", "/files/a/b", True),
        ("/v{major}/orders", "/v2/orders", True),
        ("/orders/{id}", "/orders/7/lines", False),
        ("/orders", "/orders/7", False),
        ("/a.b", "/axb", False),
    ],
)
def test_a_route_is_told_from_others_however_its_gaps_are_written(
    route: str, path: str, is_it: bool
) -> None:
    span = Span("t", "s", "", "a", "GET", 0, 1, server=True)
    http = Http("GET", route, "/somewhere/else", "", "", 200)
    assert is_asked(span._replace(http=http), asked(path)) is is_it


def test_without_routes_the_same_path_with_another_number_is_the_same_endpoint() -> None:
    span = Span("t", "s", "", "a", "GET", 0, 1, server=True)
    http = Http("GET", "", "/orders/8", "", "", 200)
    assert is_asked(span._replace(http=http), asked("/orders/7"))
    assert not is_asked(span._replace(http=http), wanted("POST", "http://h/orders/7", PORT))
    assert not is_asked(span._replace(http=http, client=True), asked("/orders/7"))


def test_of_two_services_with_the_same_path_the_one_at_the_port_is_meant() -> None:
    sample = read_traces(str(FOLDER / "otlp.pb"), asked("/totals", 8002), Cancellation())
    path = path_of(sample.traces[0], asked("/totals", 8002), by_port=sample.by_port)
    assert path is not None
    assert path.entry.service == "orders"
    outer = path_of(spans_of("/totals")[0], asked("/totals"), by_port=True)
    assert outer is not None
    assert outer.entry.service == "front"


# -- the path ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/order/17", "/overview", "/together", "/lines", "/counter"])
def test_the_parts_of_a_path_add_up_to_the_whole(path: str) -> None:
    for spans in spans_of(path):
        found = path_of(spans, asked(path), by_port=True)
        assert found is not None
        assert sum(part.ms for part in found.parts) == pytest.approx(found.ms)


def test_calls_at_the_same_time_are_told_from_calls_one_after_another() -> None:
    chains = {path: model(path).sequences[0] for path in ("/overview", "/together")}
    assert not chains["/overview"].together
    assert chains["/overview"].calls == 3
    assert len(chains["/overview"].names) == 3
    assert chains["/together"].together


def test_like_statements_are_counted_with_their_loop_and_table() -> None:
    [loop] = [s for s in model("/lines").stretches if s.kind == "statement" and s.in_a_row > 1]
    assert loop.in_a_row == 40
    assert loop.loop is not None
    assert loop.loop.median > loop.share.median
    assert loop.table == "lines"
    assert not loop.together


def test_a_request_that_waits_to_be_taken_up_is_seen_between_two_services() -> None:
    first = model("/counter").stretches[0]
    assert (first.service, first.kind) == ("front", "between")
    [stock] = [s for s in model("/counter").services if s.name == "stock"]
    assert stock.ahead.median > 0.5
    assert stock.work.median > stock.ahead.median


def test_clocks_that_differ_between_machines_do_not_matter() -> None:
    right = model("/totals")
    shifted = [
        [
            s._replace(start=s.start - 5, end=s.end - 5) if s.service == "orders" else s
            for s in spans
        ]
        for spans in spans_of("/totals")
    ]
    wrong = model("/totals", shifted)
    assert wrong.stretches[0].name == right.stretches[0].name
    assert wrong.stretches[0].share.median == pytest.approx(right.stretches[0].share.median)


def test_a_client_and_a_server_that_share_one_id_are_two_spans() -> None:
    client = Span("t", "1", "0", "front", "get", 0, 1, client=True)
    server = Span("t", "1", "0", "stock", "get", 0.1, 0.9, server=True)
    below = Span("t", "2", "1", "stock", "work", 0.2, 0.8)
    entry = Span("t", "0", "", "front", "get", 0, 1, server=True)
    ids = {(s.service, s.id, s.parent) for s in apart([entry, client, server, below])}
    assert ids == {
        ("front", "0", ""),
        ("front", "1", "0"),
        ("stock", "1/server", "1"),
        ("stock", "2", "1/server"),
    }


def test_spans_that_point_in_a_circle_end() -> None:
    http = Http("GET", "/x", "/x", "", "", 200)
    entry = Span("t", "0", "9", "front", "GET /x", 0, 1, server=True, http=http, port=PORT)
    circle = [
        Span("t", "1", "2", "front", "a", 0, 1),
        Span("t", "2", "1", "front", "b", 0, 1),
        entry,
    ]
    found = path_of(circle, asked("/x"), by_port=True)
    assert found is not None
    assert found.ms == pytest.approx(1000)


def test_a_shares_interval_comes_from_order_statistics() -> None:
    share = share_of([n / 100 for n in range(101)])
    assert share.median == 0.5
    assert 0.38 < share.low < 0.42
    assert 0.58 < share.high < 0.62
    assert share_of([0.2, 0.4, 0.9]).low == 0.2


# -- causes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "cause", "service", "words"),
    [
        ("/order/17", "io.external", "stock", ["service stock", "GET /bins"]),
        ("/overview", "io.sequential", "front", ["GET /overview", "/prices", "/photos"]),
        ("/lines", "db.n_plus_one", "orders", ["from lines where", "table lines"]),
        ("/totals", "db.slow_query", "orders", ["count(*) from lines", "service orders"]),
        ("/rates", "io.external", "front", ["rates.example:8003"]),
        ("/counter", "io.external", "stock", ["service stock"]),
    ],
)
def test_spans_tell_the_cause_and_its_place(
    path: str, cause: str, service: str, words: list[str]
) -> None:
    best = suspects(model(path))[0]
    assert (best.judgement.cause, best.service) == (cause, service)
    said = " ".join([*best.judgement.where, best.judgement.why])
    for word in words:
        assert word in said
    assert "95 % interval" in " ".join(map(str, best.judgement.figures))


def test_from_slow_traces_the_cause_is_named_and_from_quick_ones_nothing() -> None:
    found = study(
        str(FOLDER / "otlp.jsonl"), "GET", f"http://127.0.0.1:{PORT}/totals", PORT, Cancellation()
    )
    assert lateness(found.seen, 100, 250) == 1
    verdict = from_traces(found, 1.0)
    assert verdict.cause == "db.slow_query"
    assert 0.5 <= verdict.confidence <= 0.8
    quick = from_traces(found, lateness(found.seen, 10_000, 20_000))
    assert quick.cause == "unsure"
    assert "within budget" in quick.next_step


def test_what_a_service_itself_does_is_unsure_and_names_its_host() -> None:
    url = "http://127.0.0.1:8003/bins"
    found = study(str(FOLDER / "otlp.jsonl"), "GET", url, 8003, Cancellation())
    assert found.suspects[0].judgement.cause == OWN
    verdict = from_traces(found, 1.0)
    assert verdict.cause == "unsure"
    assert "host shop-1" in verdict.next_step
    assert "service stock" in verdict.next_step


def test_two_explanations_that_are_alike_stay_unsure() -> None:
    found = study(
        str(FOLDER / "otlp.jsonl"), "GET", f"http://127.0.0.1:{PORT}/totals", PORT, Cancellation()
    )
    best = found.suspects[0]
    rival = replace(best, judgement=best.judgement.model_copy(update={"cause": "io.external"}))
    verdict = from_traces(replace(found, suspects=(best, rival)), 1.0)
    assert verdict.cause == "unsure"


def test_what_the_traces_say_can_be_kept_as_json() -> None:
    assert json.loads(json.dumps(asdict(model("/lines"))))["traces"] == 6
