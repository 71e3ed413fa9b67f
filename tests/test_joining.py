"""One verdict from a process and from traces: who knows better, and when neither does."""

from pathlib import Path

import pytest

from slowcoach.core.finding import Evidence
from slowcoach.core.job import Cancellation
from slowcoach.diagnosis.decide import Verdict
from slowcoach.diagnosis.joining import doubts, from_traces, inside, joined
from slowcoach.diagnosis.models import Judgement, Observed, Phase
from slowcoach.diagnosis.report import considered_of, findings_of
from slowcoach.diagnosis.tracing.study import Study, study

FILE = Path(__file__).parent / "data" / "diagnosis" / "traces" / "otlp.jsonl"


def verdict(cause: str, word: str = "") -> Verdict:
    figure = Evidence(metric="share", value=0.8, unit="share")
    best = Judgement(
        cause=word or cause, score=0.8, why="seen", where=("f (a.py:1)",), figures=(figure,)
    )
    rest = Judgement(cause="io.disk", score=0.1, why="little")
    step = "measure again" if cause == "unsure" else ""
    return Verdict(cause, 0.8, best, (best, rest), step)


@pytest.fixture(scope="module")
def lines() -> Study:
    return study(str(FILE), "GET", "http://127.0.0.1:8001/lines", 8001, Cancellation())


@pytest.fixture(scope="module")
def bins() -> Study:
    return study(str(FILE), "GET", "http://127.0.0.1:8001/order/1", 8001, Cancellation())


@pytest.mark.parametrize(
    ("process", "looked", "cause"),
    [
        ("healthy", True, "healthy"),
        ("cpu.hot_function", True, "cpu.hot_function"),
        ("cpu.hot_function", False, "cpu.hot_function"),
        ("db.missing_index", True, "db.missing_index"),
        ("io.external", True, "db.n_plus_one"),
        ("io.sequential", False, "db.n_plus_one"),
        ("unsure", True, "db.n_plus_one"),
    ],
)
def test_a_process_is_believed_but_for_waits_that_spans_know_better(
    lines: Study, process: str, looked: bool, cause: str
) -> None:
    found = joined(
        verdict(process, "gc.pressure" if process == "unsure" else ""),
        from_traces(lines, 1.0),
        lines,
        looked=looked,
    )
    assert found.cause == cause
    if cause not in {"healthy", "unsure"}:
        assert findings_of(found)[0].cause == cause
    causes = [c["cause"] for c in considered_of(found)]
    assert len(causes) == len(set(causes))


def test_what_was_seen_in_the_process_stands_when_traces_do_not_decide(bins: Study) -> None:
    within = from_traces(bins, 0.0)
    assert joined(verdict("unsure", "gc.pressure"), within, bins, looked=True).next_step == (
        "measure again"
    )
    undecided = from_traces(bins, 0.3)
    assert undecided.cause == "unsure"
    assert joined(verdict("io.external"), undecided, bins, looked=False).cause == "io.external"
    both = joined(verdict("unsure", "gc.pressure"), undecided, bins, looked=False)
    assert both.cause == "unsure"
    assert both.next_step == undecided.next_step


def test_the_share_that_traces_gave_the_service_stands_in_its_finding(bins: Study) -> None:
    found = joined(verdict("cpu.hot_function"), from_traces(bins, 1.0), bins, looked=True)
    assert "median of 12 traces" in " ".join(map(str, findings_of(found)[0].evidence))


def test_where_they_do_not_agree_it_is_said(lines: Study) -> None:
    told = from_traces(lines, 1.0)
    healthy = doubts(verdict("healthy"), told, lines, looked=True)
    assert any("slower requests" in text for text in healthy)
    another = doubts(verdict("cpu.spread"), told, lines, looked=False)
    assert any("another cause: db.n_plus_one" in text for text in another)
    assert any("only 6 traces" in text for text in another)
    same = doubts(verdict("db.n_plus_one"), told, lines, looked=True)
    assert not any("another cause" in text for text in same)


def observed(in_flight: tuple[float, float] | None) -> Observed:
    alone = Phase(concurrency=1, seconds=1, completed=10, latencies_ms=(100.0,) * 10)
    loaded = Phase(concurrency=8, seconds=1, completed=40, latencies_ms=(200.0,) * 40)
    return Observed(
        url="http://h/x", port=8003, pid=7, alone=alone, loaded=loaded, in_flight=in_flight
    )


def test_a_service_behind_others_is_named_only_if_the_time_is_spent_in_it() -> None:
    hot = verdict("cpu.hot_function")
    assert inside(hot, observed(None)) is hot
    most = inside(hot, observed((0.9, 7.2)))
    assert most.cause == "cpu.hot_function"
    assert "pid 7, asked at port 8003, has 90 % of it" in most.best.where
    little = inside(hot, observed((0.1, 1.0)))
    assert little.cause == "unsure"
    assert "12.5 %" in little.next_step
    nothing = inside(hot, observed((0.0, 0.0)))
    assert nothing.cause == "unsure"
    assert "No request came to pid 7" in nothing.next_step
