"""The parts of the built-in engine that need no socket."""

import gzip
import json
import pickle
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import parse_qs

import numpy as np
import pytest

from slowcoach.load.builtin.health import Health
from slowcoach.load.builtin.ledger import Ledger
from slowcoach.load.builtin.pauses import Pauses, pauses_of
from slowcoach.load.builtin.record import Record
from slowcoach.load.builtin.report import Sent, outcome_of
from slowcoach.load.builtin.requests import requests_of
from slowcoach.load.builtin.series import Series
from slowcoach.load.builtin.values import value_of
from slowcoach.load.builtin.warm_cells import edges_of
from slowcoach.load.builtin.writing import ValueUnfitError
from slowcoach.load.client import Exchange
from slowcoach.load.engine_kind import Order
from slowcoach.load.histogram import Histogram
from slowcoach.load.http1 import ProtocolError, ResponseReader, encode
from slowcoach.load.model import Request
from slowcoach.load.outcome import Moment
from slowcoach.load.pacing import due_times
from slowcoach.load.plan import Endpoint, Extract, Journey, LoadPlan, Scenario, ThinkTime
from slowcoach.load.schedule import Schedule, Stage
from slowcoach.load.targets import Target
from slowcoach.load.warm_up import slow_beginning, warm_up_s

HERE = Target("127.0.0.1", 8000, tls=False, addresses=("127.0.0.1",))
CLIMB = Schedule(
    "climb",
    "req/s",
    (Stage(0, 10, 0, 100, held=False), Stage(10, 20, 100, 100, held=True)),
)


def steady(rate: float, length_s: float) -> Schedule:
    return Schedule("steady", "req/s", (Stage(0.0, length_s, rate, rate, held=True),))


def test_requests_of_a_constant_rate_are_due_evenly() -> None:
    times = list(due_times(steady(40, 1.5)))
    assert times == pytest.approx([n / 40 for n in range(60)])
    assert len(list(due_times(steady(10_000, 3.7)))) == 37_000


def test_requests_of_a_ramp_are_due_by_its_integral() -> None:
    times = np.array(list(due_times(CLIMB)))
    assert len(times) == 10 * 100 / 2 + 20 * 100
    assert (np.diff(times) > 0).all()
    for until in (2.0, 5.0, 10.0):
        assert (times < until).sum() == pytest.approx(100 / 10 * until**2 / 2, abs=1)
    assert ((times >= 15) & (times < 16)).sum() == pytest.approx(100, abs=1)


def test_a_falling_rate_and_one_of_nothing_end() -> None:
    down = Schedule("down", "req/s", (Stage(0, 4, 10, 0, held=False),))
    assert len(list(due_times(down))) == 20
    assert list(due_times(steady(0, 5))) == []
    assert list(due_times(Schedule("none", "req/s", ()))) == []


@pytest.mark.parametrize("parts", [1, 2, 3, 7])
def test_shares_make_the_whole_and_nothing_twice(parts: int) -> None:
    shares = [list(due_times(CLIMB, part=part, parts=parts)) for part in range(parts)]
    assert sorted(at for share in shares for at in share) == list(due_times(CLIMB))


def test_poisson_arrivals_have_the_rate_and_their_spread() -> None:
    shares = [list(due_times(steady(50, 200), part=p, parts=2, seed=7)) for p in range(2)]
    times = np.array(sorted(at for share in shares for at in share))
    counts = np.bincount(times.astype(int), minlength=200)
    assert len(times) == pytest.approx(10_000, rel=0.05)
    assert counts.var() / counts.mean() == pytest.approx(1, abs=0.3)
    even = np.bincount(np.array(list(due_times(steady(50, 200)))).astype(int))
    assert even.var() / even.mean() < 0.01


def test_a_session_stands_for_its_requests() -> None:
    assert len(list(due_times(steady(30, 10), per_arrival=3))) == 100


def test_the_ledger_equals_the_pooled_values_and_keeps_no_request() -> None:
    random = np.random.default_rng(1)
    n, length_s = 60_000, 60.0
    due = np.sort(random.uniform(0, length_s, n)) + 1000.0
    slip, service = random.exponential(0.001, n), random.lognormal(-4, 1, n)
    ledger = Ledger(steady(n / length_s, length_s), 2, begun=1000.0)
    largest = 0
    for i, at in enumerate(due.tolist()):
        exchange = Exchange(cast(Any, None), at, at + slip[i], place=i % 2)
        kind = "timeout" if i % 100 == 0 else "reset" if i % 100 == 1 else None
        ledger.note(exchange, at + slip[i] + service[i], 503 if i % 100 == 2 else 200, 7, kind)
        largest = max(largest, len(pickle.dumps(ledger)) if i % 20_000 == 0 else 0)
    moments = [ledger.close_second(second, None) for second in range(90)]
    record = Record.decoded(ledger.record.encoded())
    latency = (slip + service) * 1000
    timed = np.arange(n) % 100 != 1
    whole = Histogram()
    for part in record.cells:
        whole.merge(part.latency)
    assert whole.n == timed.sum() == sum(part.latency.n for part in record.endpoints)
    for q in (0.5, 0.95, 0.99):
        assert whole.quantile(q) == pytest.approx(np.quantile(latency[timed], q), rel=0.01)
    slips = record.slips.quantile(0.99)
    assert slips == pytest.approx(np.quantile(slip * 1000, 0.99), rel=0.01)
    errors = sum((part.errors for part in record.cells), Counter[str]())
    assert errors == {"timeout": n // 100, "reset": n // 100, "status 503": n // 100}
    assert sum(moment.completed or 0 for moment in moments) == n - 2 * n // 100
    assert sum(moment.histogram.n for moment in moments if moment.histogram) == whole.n
    assert sum(moment.good.n for moment in moments if moment.good) == n - 3 * n // 100
    assert largest < 2_000_000


def test_records_of_processes_merge_as_if_one_had_sent_all() -> None:
    values = np.random.default_rng(2).lognormal(3, 1, 999)
    whole, shares = Record.empty((0.0, 5.0, 10.0), 1), []
    whole.cells[1].latency.add(values)
    for part in range(3):
        share = Record.empty((0.0, 5.0, 10.0), 1)
        share.cells[1].latency.add(values[part::3])
        share.cells[1].errors["reset"] += 1
        shares.append(share)
    first, *others = shares
    for other in others:
        first.merge(Record.decoded(other.encoded()))
    merged = first.cells[1]
    assert (merged.latency.counts == whole.cells[1].latency.counts).all()
    assert merged.errors == {"reset": 3}


def test_moments_of_a_long_test_are_joined_and_none_is_lost() -> None:
    series = Series(most=100)
    for second in range(1001):
        series.add(
            Moment(
                start_s=float(second),
                length_s=1.0,
                sent=3,
                completed=2,
                due_rps=3.0,
                histogram=Histogram.of([1.0, 2.0]),
            )
        )
    moments = series.moments
    assert 50 <= len(moments) <= 101
    assert sum(moment.sent or 0 for moment in moments) == 3003
    assert sum(moment.histogram.n for moment in moments if moment.histogram) == 2002
    assert sum(moment.length_s for moment in moments) == 1001
    starts = [moment.start_s for moment in moments]
    assert starts == sorted(starts)
    assert {moment.due_rps for moment in moments} == {3.0}


def test_the_first_step_is_cut_by_the_second_as_far_as_it_may_be_warm_up() -> None:
    edges = edges_of(CLIMB)
    assert edges[:3] == (0.0, 10.0, 11.0)
    assert edges[-2:] == (20.0, 30.0)
    assert edges_of(steady(1, 0.4)) == (0.0, 0.4)
    assert len(edges_of(steady(1, 100_000))) < 700


def noisy(levels: list[tuple[int, float]], seed: int, spread: float = 0.05) -> list[float]:
    random = np.random.default_rng(seed)
    values = np.concatenate([np.full(n, level) for n, level in levels])
    return (values * random.lognormal(0, spread, len(values))).tolist()  # type: ignore[no-any-return]


@pytest.mark.parametrize("seed", range(20))
def test_a_slow_beginning_is_found_where_it_ends(seed: int) -> None:
    assert slow_beginning(noisy([(8, 30.0), (52, 10.0)], seed)) == 8


@pytest.mark.parametrize("seed", range(20))
def test_a_slow_descent_is_left_out_whole(seed: int) -> None:
    levels = [(1, 200.0), (1, 100.0), (2, 50.0), (3, 25.0), (5, 15.0), (48, 10.0)]
    assert slow_beginning(noisy(levels, seed)) in range(7, 14)


def test_steady_series_lose_nothing() -> None:
    cuts = [slow_beginning(noisy([(60, 10.0)], seed, spread=0.2)) for seed in range(200)]
    assert sum(cut > 0 for cut in cuts) <= 4


def test_what_is_no_warm_up_is_kept() -> None:
    assert slow_beginning(noisy([(20, 10.0), (40, 30.0)], 1)) == 0  # it grows slower
    assert slow_beginning(noisy([(50, 30.0), (10, 10.0)], 1)) <= 30  # more than half
    spikes = noisy([(60, 10.0)], 3)
    spikes[1] = spikes[30] = 500.0
    assert slow_beginning(spikes) in (0, 2)
    assert slow_beginning([]) == slow_beginning([5.0] * 4) == slow_beginning([0.0] * 50) == 0


def test_the_warm_up_is_that_of_the_step() -> None:
    def moment(second: int) -> Moment:
        slow = 10 <= second < 14
        return Moment(float(second), 1.0, histogram=Histogram.of([30.0 if slow else 10.0] * 50))

    moments = [moment(second) for second in range(40)]
    assert warm_up_s(moments, 10.0, 40.0) == 4.0
    assert warm_up_s(moments, 20.0, 40.0) == 0.0
    assert warm_up_s([], 0.0, 40.0) == 0.0


def plan(*endpoints: Endpoint, **more: Any) -> LoadPlan:
    scenario = Scenario(name="x", rate=1.0, duration="10s")
    return LoadPlan(
        test_name="t",
        target=HERE.origin,
        date="2026-11-26",
        scenarios=(scenario,),
        endpoints=endpoints,
        **more,
    )


@pytest.mark.parametrize(
    ("method", "url", "headers", "body"),
    [
        ("GET", "/items/${id}?q=${q}#x", {"X-Id": "a ${id}", "X": "y"}, None),
        ("POST", "/items", {"X-Id": "${id}"}, None),
        ("POST", "/items", {"Content-Type": "application/json"}, '{"id": "${id}", "q": "${q}"}'),
        ("PUT", "/items/${id}", {}, "fixed"),
        ("PATCH", "http://127.0.0.1:8000/a?b=${q}", {"Host": "shop"}, "${q}"),
        ("HEAD", "/", {}, None),
    ],
)
def test_a_filled_template_is_what_the_whole_request_would_be(
    method: str, url: str, headers: dict[str, str], body: str | None
) -> None:
    values = {"id": "7", "q": "grün & blue/ä"}

    def put(text: str) -> str:
        for name, value in values.items():
            text = text.replace(f"${{{name}}}", value)
        return text

    given = Endpoint(method=method, url=url, headers=headers, body=body)
    data = {name: (value,) for name, value in values.items()}
    template = requests_of(plan(given, data=data), HERE, {}).paths[0].steps[0]
    whole = put(url) if url.startswith("http") else HERE.origin + put(url)
    expected = encode(
        Request(
            method,
            whole,
            {name: put(value) for name, value in headers.items()},
            None if body is None else put(body).encode(),
        )
    )
    wire = template.render(values)
    head, _, sent = wire.data.partition(b"\r\n\r\n")
    expected_head, _, expected_sent = expected.data.partition(b"\r\n\r\n")
    assert sorted(head.split(b"\r\n")) == sorted(expected_head.split(b"\r\n"))
    assert sent == expected_sent
    assert (wire.bodiless, wire.idempotent) == (expected.bodiless, expected.idempotent)


def test_a_value_taken_from_an_answer_means_itself_wherever_it_stands() -> None:
    taken = 'a+b&c=d/e"f'
    extract = Extract(name="v", source="json", path="v")
    json_type = {"content-type": "application/json; charset=utf-8"}
    form_type = {"Content-Type": "application/x-www-form-urlencoded"}
    steps = (
        Endpoint(url="/first", extract=(extract,)),
        Endpoint(url="/a?q=${v}"),
        Endpoint(method="POST", url="/b", headers=json_type, body='{"v": "${v}"}'),
        Endpoint(method="POST", url="/c", headers=form_type, body="v=${v}&x=1", together=True),
    )
    whole = plan(journeys=(Journey(name="visit", steps=steps),))
    path = requests_of(whole, HERE, {}).paths[0]
    sent = [step.render({"v": taken}).data for step in path.steps]

    assert b"GET /a?q=a%2Bb%26c%3Dd/e%22f HTTP/1.1" in sent[1]
    assert json.loads(sent[2].partition(b"\r\n\r\n")[2]) == {"v": taken}
    assert parse_qs(sent[3].partition(b"\r\n\r\n")[2].decode()) == {"v": [taken], "x": ["1"]}
    assert [step.together for step in path.steps] == [False, False, False, True]


def test_a_value_cannot_make_headers_or_requests_of_its_own() -> None:
    given = Endpoint(url="/a/${v}", headers={"X": "${v}"})
    in_url = Endpoint(url="/a/${v}")
    evil = {"v": "1 HTTP/1.1\r\nX: y\r\n\r\nGET /b"}
    data = {"v": ("1",)}
    template = requests_of(plan(given, data=data), HERE, {}).paths[0].steps[0]
    with pytest.raises(ValueUnfitError):
        template.render(evil)
    wire = requests_of(plan(in_url, data=data), HERE, {}).paths[0].steps[0].render(evil)
    assert wire.data.count(b"\r\n\r\n") == 1
    assert b"GET /a/1%20HTTP/1.1%0D%0AX:%20y" in wire.data


@pytest.mark.parametrize(
    ("source", "path", "value"),
    [
        ("json", "data.items[1].id", "7"),
        ("json", "$.data.name", "grün"),
        ("json", "data.flag", "true"),
        ("json", "data.items[9].id", None),
        ("json", "data.none", None),
        ("json", "data.items.id", None),
        ("header", "x-token", "abc"),
        ("header", "X-None", None),
        ("cookie", "sid", "a=b"),
        ("cookie", "other", None),
        ("regex", '"name": "(\\w+)"', "grün"),
        ("regex", "nothing(x)", None),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_values_are_taken_from_answers(
    source: str, path: str, value: str | None, packed: bool
) -> None:
    body = '{"data": {"items": [{}, {"id": 7}], "name": "grün", "flag": true, "none": null}}'
    head = b"HTTP/1.1 200 OK\r\nX-Token: abc\r\nSet-Cookie: a=1\r\nSet-Cookie: sid=a=b; Secure"
    data = body.encode()
    if packed:
        head, data = head + b"\r\nContent-Encoding: gzip", gzip.compress(data)
    extract = Extract.model_validate({"name": "v", "source": source, "path": path})
    assert value_of(extract, head, data) == value


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"[" * 100_000, b'{"t": ' + b'"x"' * 9999])
def test_a_body_that_is_none_gives_no_value(body: bytes) -> None:
    extract = Extract(name="v", source="json", path="t")
    assert value_of(extract, b"HTTP/1.1 200 OK", body) is None
    bomb = gzip.compress(b'"' + b"x" * 20_000_000 + b'"')
    assert value_of(extract, b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip", bomb) is None


def test_a_body_is_kept_only_as_far_as_asked() -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunked += b"4\r\nwiki\r\n6\r\npedia.\r\n0\r\n\r\n"
    plain = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nwikipedia."
    for data in (chunked, plain):
        for cut in range(1, len(data)):
            reader = ResponseReader()
            reader.expect(keep=7)
            assert not reader.feed(data[:cut])
            assert reader.feed(data[cut:])
            assert reader.body == b"wikiped"
            assert reader.size == 10
            assert reader.head.startswith(b"HTTP/1.1 200 OK")


def test_pauses_are_those_of_the_logs_before_those_of_the_plan() -> None:
    seen = pauses_of(plan(think=ThinkTime(median_s=6.0, sigma=0.8)), "x")
    drawn = np.array([pause for pause, _ in zip(seen.drawn(1), range(20_000), strict=False)])
    assert np.median(drawn) == pytest.approx(6.0, rel=0.05)
    assert np.log(drawn).std() == pytest.approx(0.8, rel=0.05)
    stated = SimpleNamespace(think=None, scenarios=(Scenario(name="x", think_time="1-3s"),))
    ends = pauses_of(cast(LoadPlan, stated), "x")
    assert ends == Pauses(ends=(1.0, 3.0))
    some = [pause for pause, _ in zip(ends.drawn(1), range(1000), strict=False)]
    assert 1 <= min(some) < 1.1
    assert 2.9 < max(some) <= 3
    assert not pauses_of(plan(), "x").any


def test_the_warm_up_is_left_out_of_the_first_step_and_told() -> None:
    schedule = Schedule(
        "climb",
        "req/s",
        (
            Stage(0, 2, 0, 50, held=False),
            Stage(2, 20, 50, 50, held=True),
            Stage(22, 3, 100, 100, held=True),
        ),
    )
    ledger = Ledger(schedule, 1, begun=0.0)
    for at in due_times(schedule):
        took = 0.2 if at < 6 else 0.01
        ledger.sent += 1
        ledger.note(Exchange(cast(Any, None), at, at), at + took, 200, 5, None)
    order = Order(
        plan=plan(),
        schedule=schedule,
        target=HERE,
        timeout_s=5,
        in_flight_limit=10,
        folder=Path(),
    )
    outcome = outcome_of(
        Sent(
            order=order,
            labels=["GET /"],
            moments=[ledger.close_second(second, None) for second in range(26)],
            record=ledger.record,
            health=[Health(0.1, None)],
            in_flight_limit=10,
            started=datetime.now(UTC),
        )
    )
    first, second = outcome.steps
    assert (first.start_s, first.end_s, first.figures.sent) == (7.0, 22.0, 750)
    assert (second.start_s, second.end_s, second.figures.sent) == (22.0, 25.0, 300)
    assert first.figures.latency.percentile(0.99) == pytest.approx(10, rel=0.01)
    assert first.figures.throughput_rps == pytest.approx(50, rel=0.01)
    assert outcome.warnings == ("5 s of warm-up are left out of the first step",)
    assert outcome.whole.latency.percentile(0.99) == pytest.approx(200, rel=0.01)
    assert outcome.whole.sent == 1350


@pytest.mark.parametrize("seed", range(4))
def test_whatever_bytes_come_are_a_response_or_an_error(seed: int) -> None:
    random = np.random.default_rng(seed)
    words = [b"HTTP/1.1 ", b"200", b" OK\r\n", b"\r\n\r\n", b"\r\n", b"Content-Length: ", b"7"]
    words += [b"Transfer-Encoding: chunked", b"5\r\nhello\r\n0\r\n\r\n", b"\x00\xff", b"100", b":"]
    for _ in range(3000):
        reader = ResponseReader()
        reader.expect(keep=int(random.integers(0, 5)), bodiless=bool(random.integers(0, 2)))
        try:
            for _ in range(int(random.integers(1, 5))):
                picked = random.integers(0, len(words), int(random.integers(1, 12)))
                if reader.feed(b"".join(words[at] for at in picked)):
                    assert 200 <= reader.status <= 999
                    break
        except ProtocolError:
            continue


def test_open_files_are_asked_for_and_a_system_without_them_is_told() -> None:
    code = """
import resource
from slowcoach.core.errors import InputError
from slowcoach.load.open_files import room_for
resource.setrlimit(resource.RLIMIT_NOFILE, (128, 500))
assert room_for(300) == 300
assert resource.getrlimit(resource.RLIMIT_NOFILE) == (364, 500)
assert room_for(9999, at_most=True) == 436
try:
    room_for(9999)
except InputError as error:
    assert "500" in str(error)
else:
    raise SystemExit("not refused")
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
