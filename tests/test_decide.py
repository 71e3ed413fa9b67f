"""Weighing: shares add up, evidence never counts against its own cause, the blind accuse nobody."""

import random
from dataclasses import replace
from itertools import combinations

import pytest

from slowcoach.core.knowledge import page
from slowcoach.diagnosis.decide import HEALTHY, UNSURE, all_causes, apart, decide
from slowcoach.diagnosis.explaining import explained
from slowcoach.diagnosis.limits import deciding
from slowcoach.diagnosis.load_shape import Control, Steady, Step, Sweep
from slowcoach.diagnosis.models import Activity, Growth, Judgement, MemoryPoint, Observed, Phase
from slowcoach.diagnosis.next_steps import between
from slowcoach.diagnosis.report import considered_of, findings_of, summary_of
from slowcoach.diagnosis.view import View

STATES = ("cpu", "gil", "gc", "lock", "pool", "net", "db", "disk", "sleep", "executor", "semaphore")
SEEDS = range(60)


def does(state: str, mean: float, function: str = "work", carrier: str = "thread") -> Activity:
    return Activity(
        carrier=carrier,
        state=state,
        function=function,
        file="/srv/app.py",
        line=7,
        lines={7: mean},
        path=("handle", function),
        mean=mean,
    )


def phase(concurrency: int, latency_ms: float, activities: tuple[Activity, ...] = ()) -> Phase:
    count = round(10_000 / latency_ms * concurrency)
    burnt = sum(a.mean for a in activities if a.state in {"cpu", "gil", "gc"})
    return Phase(
        concurrency=concurrency,
        seconds=10.0,
        completed=count,
        latencies_ms=(latency_ms,) * min(count, 50),
        activities=activities,
        looks=200,
        cpu_user_s=min(10.0, burnt * 10),
        exchanges={9000: count} if any(a.state == "net" for a in activities) else {},
    )


def service(alone: Phase, loaded: Phase, **more: object) -> Observed:
    given = {"stacks_seen": True, "tasks_seen": True, **more}
    return Observed.model_validate(
        {"url": "http://x/y", "port": 80, "pid": 7, "alone": alone, "loaded": loaded, **given}
    )


def anything(seed: int) -> Observed:
    """Return a service of which anything was seen, the same for the same seed."""
    chance = random.Random(seed)
    concurrency = chance.choice([2, 4, 8, 12])
    kinds = chance.sample(STATES, chance.randint(1, 4))
    weights = [chance.random() for _ in kinds]
    room = concurrency * chance.uniform(0.3, 1.1) / sum(weights)
    loaded = tuple(
        does(s, w * room, function=f"{s}_work") for s, w in zip(kinds, weights, strict=True)
    )
    alone = tuple(does(s, 1 / len(kinds), function=f"{s}_work") for s in kinds)
    alone_ms = chance.choice([5, 40, 120, 400])
    loaded_ms = alone_ms * chance.choice([1.0, 2.0, concurrency])
    return service(phase(1, alone_ms, alone), phase(concurrency, loaded_ms, loaded))


@pytest.mark.parametrize("seed", SEEDS)
def test_shares_of_the_latency_add_up_to_at_most_the_whole(seed: int) -> None:
    verdict = decide(anything(seed))
    shares = [j.explains for j in verdict.considered if j.explains]
    assert sum(s.loaded for s in shares) <= 1.001
    assert sum(s.alone for s in shares) <= 1.001


@pytest.mark.parametrize("seed", SEEDS)
def test_a_cause_is_named_only_when_likely_and_ahead_of_its_rivals(seed: int) -> None:
    seen = anything(seed)
    verdict = decide(seen)
    if verdict.cause == UNSURE:
        assert verdict.next_step
        return
    scores = sorted((j.score for j in verdict.considered), reverse=True)
    if verdict.cause == HEALTHY:
        assert scores[0] >= deciding("healthy_score")
        return
    best, second = verdict.considered[:2]
    beside = second in verdict.also and apart(View(seen), best, second)
    least = deciding("least_apart") if beside else deciding("least_score")
    margin = deciding("margin_apart") if beside else deciding("margin")
    assert best.score >= least
    assert best.score - second.score >= margin or second.cause == HEALTHY


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("lock.contention", "lock"),
        ("io.disk", "disk"),
        ("io.external", "net"),
        ("pool.exhausted", "pool"),
    ],
)
@pytest.mark.parametrize("latency_ms", [150.0, 400.0])
def test_more_evidence_for_a_cause_never_lowers_it(
    word: str, state: str, latency_ms: float
) -> None:
    before = 0.0
    for mean in (0.0, 0.5, 1.0, 2.0, 4.0, 6.0):
        held = (does(state, mean),) if mean else ()
        loaded = phase(8, latency_ms, (*held, does("sleep", 1.5, "pause")))
        alone = phase(1, 40.0, (does("sleep", 1.0, "pause"),))
        found = {j.cause: j.score for j in decide(service(alone, loaded)).considered}
        assert found[word] >= before - 1e-9
        before = found[word]


@pytest.mark.parametrize("seed", SEEDS)
def test_who_sees_nothing_names_no_cause_that_needs_sight(seed: int) -> None:
    chance = random.Random(seed)
    concurrency = chance.choice([4, 8, 12])
    limit = chance.choice([1, 2, 4, concurrency])
    steps = tuple(
        Step(concurrency=n, throughput=10.0 * min(n, limit), answers=20)
        for n in (1, 2, 4, concurrency)
    )
    slow = chance.choice([1.0, 200.0, 400.0])
    seen = Observed(
        url="http://x/y",
        port=80,
        alone=phase(1, chance.choice([20.0, 100.0, 300.0])),
        loaded=phase(concurrency, chance.choice([60.0, 300.0, 900.0])),
        control=Control(path="/z", status=404, idle_ms=1.0, loaded_ms=(slow,) * 20),
        sweep=Sweep(steps=steps),
        steady=Steady(rate=5.0, share=0.7, answers=20, p50_ms=50.0, p95_ms=60.0),
        missing={"process": "it runs on another machine"},
    )
    assert decide(seen).cause in {UNSURE, HEALTHY}


def test_every_pair_of_rivals_has_a_next_measurement_that_is_not_just_longer() -> None:
    words = [c.word for c in all_causes()]
    for one, other in combinations(words, 2):
        said = between(one, other)
        assert len(said) > len(f"{one} and {other} explain it about equally. ")
        assert "longer" not in said


def test_rivals_of_the_table_are_causes() -> None:
    words = {c.word for c in all_causes()}
    data = page("diagnosis").data
    assert words == set(data["telling"])
    for pair in data["rivals"]:
        assert set(pair.split(" | ")) <= words


def two_at_once() -> Observed:
    """Return a service that computes long and asks a slow peer, both out of the budget."""
    alone = (does("net", 0.65, "ask"), does("cpu", 0.35, "sums"))
    loaded = (does("net", 3.4, "ask"), does("cpu", 0.9, "sums"), does("gil", 1.7, "sums"))
    return service(phase(1, 420, alone), phase(6, 640, loaded))


def test_two_causes_at_once_are_both_told_with_their_shares() -> None:
    verdict = decide(two_at_once())
    assert verdict.cause == "io.external", considered_of(verdict)[:3]
    assert [j.cause for j in verdict.also] == ["cpu.hot_function"]
    assert [f.cause for f in findings_of(verdict)][:2] == ["io.external", "cpu.hot_function"]
    said = summary_of(verdict, two_at_once(), "GET /y")
    assert "io.external explains 57% of the latency under load (65% alone)" in said
    assert "cpu.hot_function" in said.rsplit("explains", 1)[1]


def test_what_a_connection_is_held_for_is_no_second_cause() -> None:
    alone = (does("net", 1.0, "ask"),)
    loaded = (does("pool", 5.0, "borrow"), does("net", 3.0, "ask"))
    verdict = decide(service(phase(1, 60, alone), phase(8, 160, loaded)))
    assert verdict.cause == "pool.exhausted"
    assert verdict.also == ()


def test_a_leak_is_told_beside_what_explains_the_latency() -> None:
    points = tuple(
        MemoryPoint(at_s=float(n), completed=25 * n, rss=10**8 + 5 * 10**6 * n)
        for n in range(1, 21)
    )
    alone = phase(1, 320, (does("net", 1.0, "ask"),))
    growth = {"name": "app.notes", "kind": "list", "before": 0, "after": 900}
    seen = service(
        alone, phase(8, 320, (does("net", 8.0, "ask"),)), memory=points, growth=(growth,)
    )
    verdict = decide(seen)
    assert verdict.cause == "io.external"
    assert [j.cause for j in verdict.also] == ["memory.leak"]
    assert "Beside it there is memory.leak" in summary_of(verdict, seen, "GET /y")


def test_a_cause_that_shows_in_one_phase_only_is_said_so() -> None:
    loaded = (does("lock", 4.0, "enter"), does("net", 3.5, "ask"))
    seen = service(phase(1, 180, (does("net", 1.0, "ask"),)), phase(8, 420, loaded))
    verdict = decide(seen)
    text = " ".join(map(str, (j.explains for j in verdict.considered[:2])))
    assert "alone=0.0" in text
    if verdict.cause == "lock.contention":
        assert "(nothing of it alone)" in summary_of(verdict, seen, "GET /y")


def test_what_two_causes_claim_is_counted_once() -> None:
    seen = two_at_once()
    by_word = {c.word: c for c in all_causes()}
    pair = (by_word["cpu.hot_function"], by_word["cpu.spread"])
    shares = explained(View(seen), pair)
    assert shares["cpu.hot_function"].loaded == pytest.approx(2.6 / 6, abs=0.01)
    assert shares["cpu.spread"].loaded == pytest.approx(0.0, abs=0.01)


def test_one_weak_cause_is_not_called_equal_to_another() -> None:
    loaded = phase(8, 160.0, (does("lock", 2.0, "enter"), does("sleep", 5.0, "pause")))
    verdict = decide(service(phase(1, 100.0, (does("sleep", 1.0, "pause"),)), loaded))
    best, second = verdict.considered[:2]
    if verdict.cause == UNSURE and best.score - second.score >= deciding("margin"):
        assert "equally" not in verdict.next_step
        assert best.cause in verdict.next_step


def test_where_no_work_was_seen_nobody_is_called_short_of_workers() -> None:
    verdict = decide(service(phase(1, 100.0), phase(4, 380.0)))
    assert verdict.cause == UNSURE


def losing(doubt: str, **what: object) -> Observed:
    """Return a service that computes to fill a container which loses what is put into it."""
    burns = (does("cpu", 4.0),)
    growth = Growth(
        name="the cache that put adds to",
        kind="entries of a map",
        before=64,
        after=64,
        added=100_000,
        bounded=True,
        functions=("handle", "put"),
        doubt=doubt,
    ).model_copy(update=what)
    alone, loaded = phase(1, 300, (does("cpu", 1.0),)), phase(4, 1200, burns)
    return service(alone, loaded, growth=(growth,), cores=1)


def test_a_container_that_may_be_no_cache_makes_unsure_rather_than_accuse_what_fills_it() -> None:
    assert decide(losing("")).cause == "cache.thrashing"
    verdict = decide(losing("cleared"))
    assert verdict.cause == UNSURE
    assert "cache" in verdict.next_step


@pytest.mark.parametrize(
    ("processor_s", "accused"),
    [(20.0, True), (5.0, False)],
    ids=["as_much_as_a_hot_function", "little"],
)
def test_a_collector_that_has_the_computing_harms_within_the_budget_as_a_hot_function_does(
    processor_s: float, *, accused: bool
) -> None:
    alone = phase(1, 42, (does("cpu", 0.4), does("gc", 0.6)))
    loaded = phase(8, 60, (does("cpu", 1.6), does("gc", 5.0)))
    loaded = loaded.model_copy(update={"cpu_user_s": processor_s})
    verdict = decide(service(alone, loaded, cores=2, one_core_each=False))
    assert (verdict.cause == "gc.pressure") == accused


@pytest.mark.parametrize(
    ("loading", "before", "cause"),
    [(0.9, 64, UNSURE), (0.05, 64, "cpu.hot_function"), (0.9, 6, "cpu.hot_function")],
)
def test_what_a_librarys_cache_is_seen_to_load_is_no_hot_function_though_few_entries_are_lost(
    loading: float, before: int, cause: str
) -> None:
    seen = losing("", added=0, returned=30, remade=True, loading=loading, before=before)
    grows = seen.growth[0].model_copy(update={"bounded": before == seen.growth[0].after})
    verdict = decide(seen.model_copy(update={"growth": (grows,)}))
    assert verdict.cause == cause
    assert ("cache" in verdict.next_step) == (cause == UNSURE)


@pytest.mark.parametrize(("filling", "cause"), [(True, UNSURE), (False, "cpu.hot_function")])
def test_a_cache_that_became_full_while_it_was_looked_at_leaves_open_what_it_loses(
    *, filling: bool, cause: str
) -> None:
    verdict = decide(losing("", added=14, returned=14, filling=filling))
    assert verdict.cause == cause


def test_workers_that_others_than_requests_have_are_short_though_one_alone_waits_as_long() -> None:
    alone = phase(1, 400, (does("unstarted", 0.95),))
    loaded = phase(8, 450, (does("unstarted", 7.6), does("net", 0.3)))
    assert decide(service(alone, loaded)).cause == "threads.starved"


def test_where_nearly_every_request_failed_the_next_step_is_to_mend_that() -> None:
    loaded = phase(4, 2.0, (does("other", 1.0),)).model_copy(
        update={"completed": 3, "errors": {"status 500": 900}}
    )
    observed = service(phase(1, 1.0), loaded)
    verdict = decide(observed)
    assert verdict.cause == UNSURE
    said = summary_of(verdict, observed, "GET /x")
    assert "failed" in said
    assert "likeliest" not in said


@pytest.mark.parametrize(
    ("ways", "cause"),
    [
        ((("credit",), ("account",), ("tenancy",)), "io.external"),
        # the way is not known of what goes on after an await: it may be any of the calls
        (((), ("account",), ("tenancy",)), "io.sequential"),
    ],
)
def test_of_calls_that_one_function_sends_for_several_the_slow_one_is_to_blame(
    ways: tuple[tuple[str, ...], ...], cause: str
) -> None:
    calls = tuple(
        does("net", mean, "ask").model_copy(update={"path": (*way, "ask")})
        for way, mean in zip(ways, (7.0, 0.6, 0.4), strict=True)
    )
    loaded = phase(8, 360, calls)
    loaded = loaded.model_copy(update={"exchanges": {9000: 3 * loaded.completed}})
    alone = phase(1, 355, tuple(c.model_copy(update={"mean": c.mean / 8}) for c in calls))
    assert decide(service(alone, loaded)).best.cause == cause


def test_a_request_with_many_calls_in_a_pool_of_threads_waits_but_for_the_part_at_work() -> None:
    """Twelve requests at a time have a hundred calls in the queue, and five at work."""
    seen = service(
        phase(1, 80, (does("net", 1.0),)),
        phase(12, 900, (does("unstarted", 100.0, "ask"), does("net", 5.0))),
    )
    view = View(seen)
    assert 11 < view.queued < 12
    assert 0.5 < view.served < 1
    assert decide(seen).cause == "threads.starved"


def test_who_waits_at_a_librarys_lock_for_its_file_operations_waits_for_the_disk() -> None:
    def save(state: str, mean: float) -> Activity:
        called = ("go.example/store.(*DB).Update", "go.example/store.(*DB)." + state)
        return does(state, mean, "save").model_copy(update={"callee": called})

    def judged(*under_load: Activity) -> str:
        loaded = phase(8, 300.0, under_load).model_copy(update={"cpu_user_s": 1.0})
        return decide(service(phase(1, 40.0, (save("disk", 0.95),)), loaded)).cause

    assert judged(save("lock", 6.0), save("disk", 1.0)) == "io.disk"
    own = save("lock", 6.0).model_copy(update={"callee": ()})
    assert judged(own, save("disk", 1.0)) == "lock.contention"


def test_a_cause_that_fails_to_judge_leaves_the_others_and_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen = service(
        phase(1, 80, (does("net", 1.0),)),
        phase(12, 900, (does("unstarted", 100.0, "ask"), does("net", 5.0))),
    )
    broken = next(c for c in all_causes() if c.word == "io.disk")

    def fails(_: View) -> Judgement:
        raise ZeroDivisionError("by zero")

    causes = tuple(replace(c, judge=fails) if c is broken else c for c in all_causes())
    monkeypatch.setattr("slowcoach.diagnosis.decide.all_causes", lambda: causes)
    with pytest.warns(RuntimeWarning, match="io.disk: it could not be judged: ZeroDivisionError"):
        verdict = decide(seen)
    assert verdict.cause == "threads.starved"
    told = next(j for j in verdict.considered if j.failed)
    assert (told.cause, told.score) == ("io.disk", 0)
    assert "could not be judged" in told.why

    quick = service(phase(1, 3), phase(4, 3))
    with pytest.warns(RuntimeWarning, match="io.disk"):
        assert decide(quick).cause == UNSURE, "what was not judged may be what is wrong"
    monkeypatch.undo()
    assert decide(quick).cause == HEALTHY
