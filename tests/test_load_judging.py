"""What a load test is judged to show: criteria, the generator's health, the limit and its figure.

Tests of real servers are kept in data/load/judged as the built-in engine recorded them; the
sketches here are levels of load with the figures that a law gives.
"""

import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Any

import pytest

import load_zoo as zoo
from slowcoach.core.knowledge import page, rules
from slowcoach.load import outcome_file
from slowcoach.load.answer import LoadAnswer
from slowcoach.load.answering import answer_of
from slowcoach.load.bottleneck_kind import kinds
from slowcoach.load.check_kind import checks
from slowcoach.load.erlang import erlang_slots
from slowcoach.load.error_kinds import Meaning, meaning_of
from slowcoach.load.histogram import Histogram
from slowcoach.load.judgement import Judgement
from slowcoach.load.judging import judged
from slowcoach.load.levels import levels_of
from slowcoach.load.outcome import (
    Figures,
    Generator,
    Latencies,
    LoadModel,
    LoadUnit,
    Moment,
    Outcome,
    Step,
    Threshold,
)
from slowcoach.load.plan import PassCriteria
from slowcoach.load.target_series import TargetMoment, TargetSeries
from slowcoach.load.trends import trend_of

RECORDED = Path(__file__).parent / "data" / "load" / "judged"


# -- recorded tests of real servers --------------------------------------------------------------


def recorded(file: Path) -> tuple[Outcome, TargetSeries]:
    """Return a test as it was kept."""
    data = json.loads(gzip.decompress(file.read_bytes()))
    series = data["series"]
    series["moments"] = tuple(TargetMoment(**moment) for moment in series["moments"])
    series["unknown"] = tuple(series["unknown"])
    return outcome_file.decoded(json.dumps(data["outcome"]).encode()), TargetSeries(**series)


def case_of(file: Path) -> zoo.Case:
    """Return the server of a kept test."""
    names = {name.replace(" ", "_").replace(",", ""): case for name, case in zoo.CASES.items()}
    return names[file.name.removesuffix(".json.gz").partition("@")[0]]


@pytest.mark.parametrize("file", sorted(RECORDED.glob("*.json.gz")), ids=lambda file: file.name)
def test_the_limit_of_a_recorded_server_is_named_with_its_figure(file: Path) -> None:
    outcome, series = recorded(file)
    judgement = judged(outcome, None, series)
    case, found = case_of(file), judgement.bottleneck
    assert case.is_right(found), f"{case.kind} {case.figure}: {found}"
    assert found is not None
    assert found.confidence >= 0.5
    if found.limit is not None and found.low is not None:
        assert found.low <= found.limit
        assert found.high is None or found.limit <= found.high
    answer = answer_of(outcome, judgement, series=series)
    assert len(answer.model_dump_json()) <= 6000
    dumped = answer.model_dump(mode="json")
    assert LoadAnswer.model_validate(dumped).model_dump(mode="json") == dumped


POOLS = sorted(file for file in RECORDED.glob("pool*.json.gz") if "@" not in file.name)


@pytest.mark.parametrize("file", POOLS, ids=lambda file: file.name)
def test_without_its_pid_a_pool_is_told_as_a_queue_with_both_readings(file: Path) -> None:
    outcome, _ = recorded(file)
    judgement = judged(outcome)
    found = judgement.bottleneck
    assert found is not None
    assert found.kind == "queue"
    assert "pid" in found.summary
    assert any("pid" in each.why for each in judgement.not_checked)


def test_a_full_processor_is_told_from_a_pool_by_the_run_queue_and_not_by_cpu_time() -> None:
    outcome, series = recorded(RECORDED / "computes_in_a_loop_busy_machine.json.gz")
    used = median(m.cpu for m in series.moments if m.cpu is not None)
    assert used < 0.5  # of one core, which looks healthy
    found = judged(outcome, None, series).bottleneck
    assert found is not None
    assert found.kind == "cpu"
    assert "stood ready" in found.summary


# -- sketches ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class At:
    """A level of load: successes a second, latencies in ms, errors by kind, and the target."""

    load: float
    good: float
    ms: float
    errors: Mapping[str, int] = field(default_factory=dict[str, int])
    cpu: float | None = None
    ready: float = 0.0
    spread: float = 0.01


SECONDS = 10.0


def sketched(
    levels: Sequence[At], unit: LoadUnit = "users", **facts: Any
) -> tuple[Outcome, TargetSeries | None]:
    """Return a test of these levels, each held for ten seconds, and its target if it has CPU."""
    steps: list[Step] = []
    target: list[TargetMoment] = []
    for place, at in enumerate(levels):
        start = place * SECONDS
        steps.append(Step(f"{at.load:g}", at.load, unit, start, start + SECONDS, figures(at)))
        if at.cpu is not None:
            target += [
                TargetMoment(start + s, 1.0, cpu=at.cpu, ready=at.ready, rss_bytes=10**7)
                for s in range(int(SECONDS))
            ]
    whole = figures(levels[-1])
    model: LoadModel = "closed" if unit == "users" else "open"
    outcome = Outcome("sketch", model, whole, steps=tuple(steps))
    known: dict[str, Any] = {"cores": 2.0, "lanes": 1.0, "memory_limit": 10**10} | facts
    return outcome, TargetSeries("pid 1", tuple(target), **known) if target else None


def figures(at: At) -> Figures:
    """Return the figures of a level: latencies lie evenly around theirs."""
    count, failed = round(at.good * SECONDS), sum(at.errors.values())
    span = [at.ms * (1 + at.spread * (2 * i / max(count - 1, 1) - 1)) for i in range(count)]
    found = Latencies(count=count, histogram=Histogram.of(span))
    return Figures(
        latency=found,
        good=found,
        sent=count + failed,
        completed=count + failed,
        failed=failed,
        errors=at.errors,
        duration_s=SECONDS,
        throughput_rps=(count + failed) / SECONDS,
        goodput_rps=at.good,
    )


def pool(slots: int, ms: float, users: Sequence[int] = (1, 2, 4, 8, 16, 32, 64)) -> list[At]:
    """Return what a pool does under fixed users: a straight line beyond its size."""
    most = slots * 1000 / ms
    return [
        At(n, min(n * 1000 / ms, most), max(ms, n * 1000 / most), cpu=0.05, ready=0.02)
        for n in users
    ]


@pytest.mark.parametrize(("slots", "ms"), [(1, 8.0), (3, 20.0), (8, 40.0), (20, 5.0), (24, 100.0)])
def test_littles_law_gives_the_slots_of_a_pool(slots: int, ms: float) -> None:
    outcome, series = sketched(pool(slots, ms))
    found = judged(outcome, None, series).bottleneck
    assert found is not None
    assert (found.kind, found.limit, found.unit) == ("pool", slots, "slots")
    assert found.low is not None
    assert found.high is not None
    assert found.low <= slots <= found.high


def test_a_pool_is_named_by_the_peer_to_which_as_many_connections_are_open() -> None:
    outcome, series = sketched(
        pool(8, 40), peers={"PostgreSQL, port 5432": 8, "Redis, port 6379": 1}
    )
    judgement = judged(outcome, None, series)
    assert judgement.bottleneck is not None
    assert "8 connections to PostgreSQL, port 5432" in judgement.bottleneck.summary


def test_a_server_short_of_processors_is_no_pool_though_it_uses_a_quarter_of_a_core() -> None:
    levels = [At(n, 60, n * 1000 / 60, cpu=0.25, ready=0.76) for n in (1, 2, 4, 8, 16)]
    outcome, series = sketched(levels)
    found = judged(outcome, None, series).bottleneck
    assert found is not None
    assert found.kind == "cpu"
    assert found.limit == pytest.approx(60, rel=0.05)


def test_waking_up_on_a_crowded_machine_is_not_computing() -> None:
    """Threads stand ready after each wait; they get far less than their share, which tells."""
    levels = [replace(at, cpu=0.05, ready=1.6) for at in pool(8, 40)]
    outcome, series = sketched(levels, machine_cores=2)
    assert series is not None
    crowded = tuple(replace(moment, machine_running=8.0) for moment in series.moments)
    found = judged(outcome, None, replace(series, moments=crowded)).bottleneck
    assert found is not None
    assert found.kind == "pool"
    assert found.limit == pytest.approx(8, abs=1)


def test_throughput_that_rises_by_refusals_is_no_success() -> None:
    levels = [
        At(8, 200, 40, cpu=0.1),
        At(16, 400, 40, cpu=0.2),
        At(32, 590, 41, {"status 503": 14_000}, cpu=0.7, ready=1.5),
        At(64, 500, 57, {"status 503": 30_000}, cpu=0.9, ready=4.0),
    ]
    outcome, series = sketched(levels)
    judgement = judged(outcome, None, series)
    found = judgement.bottleneck
    assert found is not None
    assert found.kind == "hard_limit"
    assert found.limit == pytest.approx(24, abs=1)
    assert found.low is not None
    assert found.high is not None
    assert 16 <= found.low <= found.high <= 32
    assert "load.errors" in {finding.rule for finding in judgement.findings}


@pytest.mark.parametrize(("slots", "offered", "refused"), [(8, 8, 0.2356), (20, 20, 0.1589)])
def test_erlangs_formula_gives_the_slots_that_refuse_a_share(
    slots: float, offered: float, refused: float
) -> None:
    assert erlang_slots(offered, refused) == pytest.approx(slots, rel=1e-3)


def test_a_pool_is_counted_without_the_time_for_which_answers_lie_unsent() -> None:
    """Header and body written apart wait for an acknowledgement: 44 ms that hold no slot."""
    outcome, series = sketched([replace(at, ms=at.ms + 44) for at in pool(8, 40, (1, 2, 4, 8, 64))])
    assert series is not None
    unsent = tuple(
        replace(moment, unsent=0.044 * at.good)
        for at, moments in zip(pool(8, 40, (1, 2, 4, 8, 64)), _tens(series.moments), strict=True)
        for moment in moments
    )
    judgement = judged(outcome, None, replace(series, moments=unsent))
    assert judgement.bottleneck is not None
    assert (judgement.bottleneck.kind, judgement.bottleneck.limit) == ("pool", 8)
    assert "load.unsent_answers" in {finding.rule for finding in judgement.findings}


def _tens(moments: Sequence[TargetMoment]) -> list[Sequence[TargetMoment]]:
    return [moments[at : at + 10] for at in range(0, len(moments), 10)]


def test_a_full_queue_in_front_of_a_pool_refuses_and_the_pool_is_named() -> None:
    levels = [
        At(4, 100, 40, cpu=0.05),
        At(8, 200, 40, cpu=0.06),
        At(16, 200, 80, cpu=0.06),
        At(24, 200, 120, cpu=0.06),
        At(48, 200, 125, {"status 503": 9000}, cpu=0.2),
    ]
    outcome, series = sketched(levels)
    found = judged(outcome, None, series).bottleneck
    assert found is not None
    assert (found.kind, found.limit) == ("pool", 8)


def test_errors_at_every_load_alike_are_no_limit() -> None:
    levels = [At(n, n * 25, 40, {"status 404": n * 20}, cpu=0.1) for n in (1, 2, 4, 8)]
    outcome, series = sketched(levels)
    found = judged(outcome, None, series).bottleneck
    assert found is None or found.kind != "hard_limit"


def test_throughput_that_falls_as_users_hinder_each_other_is_retrograde() -> None:
    law = [(n, 100 * n / (1 + 0.05 * (n - 1) + 0.01 * n * (n - 1))) for n in (1, 2, 4, 8, 16, 32)]
    outcome, series = sketched([At(n, x, 1000 * n / x, cpu=0.2) for n, x in law])
    found = judged(outcome, None, series).bottleneck
    assert found is not None
    assert found.kind == "contention"
    assert found.limit == pytest.approx((0.95 / 0.01) ** 0.5, rel=0.1)


def test_a_server_that_others_starve_is_not_retrograde() -> None:
    rates = [(1, 80, 0.4), (4, 90, 0.45), (16, 60, 0.3), (64, 40, 0.2)]
    levels = [At(n, x, 1000 * n / x, cpu=cpu, ready=1.2 - cpu) for n, x, cpu in rates]
    outcome, series = sketched(levels)
    found = judged(outcome, None, series).bottleneck
    assert found is not None
    assert found.kind == "cpu"


def test_a_throttled_server_is_named_by_its_quota() -> None:
    levels = [At(n, 60, n * 1000 / 60, cpu=0.3, ready=3.0) for n in (1, 2, 4, 8)]
    outcome, series = sketched(levels, quota=0.3, lanes=0.3)
    assert series is not None
    held = tuple(replace(moment, throttled=0.6) for moment in series.moments)
    found = judged(outcome, None, replace(series, moments=held)).bottleneck
    assert found is not None
    assert (found.kind, found.limit, found.unit) == ("cpu_quota", 0.3, "cores")


def test_where_throughput_rises_to_the_end_nothing_limits_yet() -> None:
    levels = [At(n, n * 100, 10.0, cpu=0.02 * n) for n in (1, 2, 4, 8)]
    outcome, series = sketched(levels)
    found = judged(outcome, None, series).bottleneck
    assert found is not None
    assert (found.kind, found.limit, found.high) == ("none", 800, None)
    assert "5,000 req/s" in found.summary  # what the processor would last for: 0.2 ms a request


def test_one_load_of_users_without_a_target_is_unsure_and_says_what_would_tell() -> None:
    outcome, _ = sketched([At(8, 100, 80.0, spread=0.9)])
    judgement = judged(outcome)
    assert judgement.bottleneck is None
    assert judgement.not_checked
    answer = answer_of(outcome, judgement)
    assert "not sure" in answer.summary
    assert any("steps" in each for each in answer.next)


def test_an_open_test_is_at_its_limit_where_what_was_due_is_not_done() -> None:
    rates = [(50, 50, 40), (100, 100, 40), (150, 150, 41), (250, 200, 900), (300, 200, 2000)]
    levels = [At(due, x, ms, cpu=0.1) for due, x, ms in rates]
    outcome, series = sketched(levels, "req/s")
    found = judged(outcome, None, series).bottleneck
    assert found is not None
    assert (found.kind, found.limit) == ("pool", 8)


# -- stalls --------------------------------------------------------------------------------------


def stalled(every_s: int, for_s: int, rate: int = 200, length_s: int = 30) -> Outcome:
    """Return an open test of a server that stands still now and then, as it would end."""
    moments: list[Moment] = []
    for second in range(length_s):
        phase = second % every_s
        found = Histogram()
        if phase >= for_s:
            found.add([1.0] * rate)
        if phase == for_s:
            found.add([i * 1000 / rate for i in range(rate * for_s)])
        moments.append(
            Moment(float(second), 1.0, rate, found.n, 0, due_rps=float(rate), histogram=found)
        )
    whole = Histogram()
    for moment in moments:
        assert moment.histogram is not None
        whole.merge(moment.histogram)
    got = Latencies(count=whole.n, histogram=whole, corrected=True)
    total = Figures(got, whole.n, whole.n, 0, duration_s=30.0, throughput_rps=200, good=got)
    step = Step("200 req/s", 200, "req/s", 0, length_s, total)
    return Outcome("sketch", "open", total, steps=(step,), moments=tuple(moments))


def test_a_server_that_stands_still_is_named_with_how_long() -> None:
    found = judged(stalled(10, 2)).bottleneck
    assert found is not None
    assert (found.kind, found.unit) == ("stall", "s")
    assert found.limit == pytest.approx(2.0, rel=0.05)
    assert "pid" in found.summary


def test_a_stall_of_a_stopped_process_is_told_as_that() -> None:
    outcome = stalled(10, 2)
    moments = tuple(
        TargetMoment(float(s), 1.0, cpu=0.0, ready=0.0, stopped=float(s % 10 < 2))
        for s in range(30)
    )
    found = judged(outcome, None, TargetSeries("pid 1", moments, cores=2, lanes=1)).bottleneck
    assert found is not None
    assert "SIGSTOP" in found.summary


# -- criteria and the generator ------------------------------------------------------------------


def with_generator(dropped: int = 0, **health: float) -> Outcome:
    """Return a test at 100/s of 20 ms by a generator of this health."""
    outcome, _ = sketched([At(100, 100, 20.0)], "req/s")
    whole = replace(outcome.whole, dropped=dropped)
    return replace(outcome, whole=whole, generator=Generator("sketch", **health))  # type: ignore[arg-type]


def test_criteria_are_judged_each_and_all_must_hold() -> None:
    wanted = PassCriteria(p95_response_ms=50, error_rate_pct=0.1, throughput_rps=90)
    judgement = judged(with_generator(), wanted)
    assert judgement.passed is True
    assert [each.metric for each in judgement.criteria] == [
        "p95_response_ms",
        "error_rate_pct",
        "throughput_rps",
    ]
    assert judged(with_generator(), PassCriteria(p95_response_ms=15)).passed is False


@pytest.mark.parametrize(
    ("generator", "limit_ms", "passed"),
    [
        ({"dropped": 50}, 50, None),  # what was not sent would have been slow
        ({"dropped": 50}, 10, False),  # too slow even so
        ({"slip_p99_ms": 15.0}, 50, True),  # holds in spite of the generator's own delay
        ({"slip_p99_ms": 15.0}, 10, None),  # the delay may be the generator's
        ({"cpu_share": 0.5, "ready_share": 0.45}, 10, None),  # stood ready without a processor
        ({"cpu_share": 0.5, "ready_share": 0.1}, 10, False),
    ],
)
def test_a_verdict_is_refused_where_the_generator_may_have_decided_it(
    generator: dict[str, Any], limit_ms: float, passed: bool | None
) -> None:
    judgement = judged(with_generator(**generator), PassCriteria(p95_response_ms=limit_ms))
    assert judgement.passed is passed
    assert (judgement.refused is not None) == (passed is None)


def test_a_percentile_of_too_few_requests_is_refused() -> None:
    outcome, _ = sketched([At(100, 50, 20.0)], "req/s")  # 500 requests
    judgement = judged(outcome, PassCriteria(p99_response_ms=50))
    assert judgement.passed is None
    answer = answer_of(outcome, judgement)
    assert answer.latency.p99_ms is None
    assert answer.latency.p95_ms is not None
    assert any("p99" in each for each in answer.unknown)


def test_a_full_generator_is_the_limit_and_not_the_target() -> None:
    levels = [At(n, min(n * 500, 1500), max(2.0, n / 1.5), cpu=0.2) for n in (1, 2, 4, 8, 16)]
    outcome, series = sketched(levels)
    busy = replace(outcome, generator=Generator("sketch", cpu_share=0.97))
    judgement = judged(busy, PassCriteria(p95_response_ms=5), series)
    assert judgement.bottleneck is not None
    assert judgement.bottleneck.kind == "generator"
    assert judgement.refused


def test_a_tools_own_thresholds_stand_where_no_criteria_are_given() -> None:
    outcome = replace(with_generator(), thresholds=(Threshold("p(95)<15", ok=False),))
    assert judged(outcome).passed is False


# -- memory --------------------------------------------------------------------------------------


def test_memory_that_grows_with_the_requests_is_told_by_the_request() -> None:
    outcome, series = sketched([At(8, 100, 80.0, cpu=0.2)] * 3)
    assert series is not None
    grown = tuple(
        replace(moment, rss_bytes=10_000_000 + int(8000 * 100 * moment.at_s))
        for moment in series.moments
    )
    found = judged(outcome, None, replace(series, moments=grown)).bottleneck
    assert found is not None
    assert found.kind == "memory"
    assert found.limit == pytest.approx(8000, rel=0.05)


def test_memory_that_comes_with_more_users_or_a_filling_cache_is_no_leak() -> None:
    outcome, series = sketched([At(n, n * 100, 10.0, cpu=0.02 * n) for n in (1, 2, 4, 8)])
    assert series is not None
    steps = tuple(
        replace(moment, rss_bytes=10_000_000 * (1 + int(moment.at_s // 10)))
        for moment in series.moments
    )
    filling = tuple(
        replace(moment, rss_bytes=int(40_000_000 * (1 - 0.5 ** (moment.at_s / 4))) + 10_000_000)
        for moment in series.moments
    )
    for moments in (steps, filling):
        found = judged(outcome, None, replace(series, moments=moments)).bottleneck
        assert found is not None
        assert found.kind == "none"


def test_a_trend_is_found_within_seasons_and_not_between_them() -> None:
    level = [([0, 1, 2, 3, 4, 5], [at + 0.1 * (i % 2) for i in range(6)]) for at in (1.0, 5.0, 9.0)]
    flat = trend_of(level)
    assert flat is not None
    assert flat.p > 0.05
    rising = trend_of([(range(20), [2.0 * i for i in range(20)])])
    assert rising is not None
    assert rising.slope == 2
    assert rising.p < 1e-6


# -- levels, errors, the table -------------------------------------------------------------------


def test_a_ramp_without_steps_is_read_by_its_seconds() -> None:
    moments: list[Moment] = []
    for second in range(64):
        users = second + 1
        rate = min(users * 25, 200)
        latencies = Histogram.of([max(40.0, users * 1000 / 200)] * rate)
        moments.append(Moment(second, 1.0, rate, rate, 0, users=float(users), histogram=latencies))
    whole = Figures(Latencies(), sent=1000, completed=1000, failed=0)
    outcome = Outcome("sketch", "closed", whole, moments=tuple(moments))
    assert len(levels_of(outcome)) > 5
    busy = tuple(TargetMoment(float(s), 1.0, cpu=0.05, ready=0.01) for s in range(64))
    found = judged(outcome, None, TargetSeries("pid 1", busy, cores=2, lanes=1)).bottleneck
    assert found is not None
    assert found.kind == "pool"
    assert found.limit == pytest.approx(8, rel=0.1)


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        ("status 503", Meaning.REJECTED),
        ("429 Too Many Requests", Meaning.REJECTED),
        ("HTTPError('500 Server Error for url: http://127.0.0.1:8080/x')", Meaning.REJECTED),
        ("refused", Meaning.CONNECTION),
        ("dial: connection refused", Meaning.CONNECTION),
        ("ConnectionResetError(104, 'Connection reset by peer')", Meaning.CONNECTION),
        ("unexpected EOF", Meaning.CONNECTION),
        ("timeout", Meaning.LATE),
        ("request timeout", Meaning.LATE),
        ("Non HTTP response code: java.net.SocketTimeoutException", Meaning.LATE),
        ("context deadline exceeded", Meaning.LATE),
        ("out of files", Meaning.OURS),
        ("status 404", Meaning.OTHER),
        ("Test failed: text expected to contain /ok/", Meaning.OTHER),
    ],
)
def test_the_words_of_an_error_tell_what_it_means(words: str, meaning: Meaning) -> None:
    assert meaning_of(words) is meaning


def test_the_table_of_load_results_is_judged_row_by_row() -> None:
    levels = [
        At(10, 300, 10.0, cpu=0.3),
        At(20, 300, 20.0, {"status 500": 40}, cpu=0.9, spread=0.5),
        At(40, 200, 30.0, {"status 500": 40}, cpu=0.95),
    ]
    outcome, series = sketched(levels, memory_limit=12_000_000)
    assert series is not None
    paused = tuple(replace(m, gc_pause_ms=120.0, gc_share=0.02) for m in series.moments)
    found = judged(outcome, None, replace(series, moments=paused)).findings
    told = {finding.rule: finding.severity.value for finding in found}
    assert told["load.errors"] == "critical"
    assert told["load.throughput_drop"] == "critical"
    assert told["load.cpu_at_peak"] == "critical"
    assert told["load.memory_at_peak"] == "warning"
    assert told["load.gc_pause"] == "warning"


def test_every_row_of_the_table_has_its_check_and_every_kind_its_rule_and_line() -> None:
    of_the_table = [check for check in checks() if check.rule != "load.unsent_answers"]
    assert len(of_the_table) == len(page("load_results").data["metrics"])
    assert {check.rule for check in checks()} <= set(rules())
    assert {kind.rule for kind in kinds().values()} <= set(rules())
    assert set(kinds()) == {row["kind"] for row in page("load_results").data["limits"]}


def test_an_answer_stays_short_and_says_what_was_left_out() -> None:
    outcome, series = sketched([At(n, n * 10, 10.0, cpu=0.01) for n in range(1, 60)])
    many = {f"GET /items/{n}/of/a/long/path": outcome.whole for n in range(80)}
    outcome = replace(outcome, endpoints=many, warnings=tuple(f"warning {n}" for n in range(30)))
    answer = answer_of(outcome, judged(outcome, None, series), series=series)
    assert len(answer.model_dump_json()) <= 6300
    assert any("left out" in each for each in answer.warnings)
    assert answer.steps[0].load == 1
    assert answer.steps[-1].load == 59


def test_an_outcome_that_tells_nothing_is_answered_without_inventing() -> None:
    outcome = Outcome("x", "unknown", Figures(Latencies()))
    judgement = judged(outcome, PassCriteria(p95_response_ms=1))
    assert judgement.passed is None
    assert judgement.bottleneck is None
    answer = answer_of(outcome, judgement)
    assert answer.latency.p95_ms is None
    dumped = answer.model_dump(mode="json")
    assert LoadAnswer.model_validate(dumped).model_dump(mode="json") == dumped


def test_stated_percentiles_alone_are_judged_as_far_as_they_go() -> None:
    stated = Latencies(stated={0.5: 10.0, 0.95: 80.0, 0.99: 90.0}, count=5000)
    outcome = Outcome("wrk", "closed", Figures(stated, completed=5000))
    judgement: Judgement = judged(outcome, PassCriteria(p95_response_ms=100))
    assert judgement.passed is True
    assert {finding.rule for finding in judgement.findings} == {"load.tail"}
