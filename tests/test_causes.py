"""From recorded evidence to a verdict: every cause, its look-alikes, and what must stay unsure."""

import json
from pathlib import Path

import pytest

from slowcoach.core.knowledge import page, rule
from slowcoach.diagnosis.decide import HEALTHY, UNSURE, Verdict, all_causes, decide
from slowcoach.diagnosis.models import Activity, MemoryPoint, Observed, Phase
from slowcoach.diagnosis.report import (
    brief_of,
    considered_of,
    findings_of,
    summary_of,
    warnings_of,
)
from slowcoach.diagnosis.view import View, chain, tables_of

FOLDER = Path(__file__).parent / "data" / "diagnosis" / "evidence"
RECORDED = sorted(FOLDER.glob("*.json"))
PLACES = json.loads((FOLDER.parent / "places.json").read_text())


def recorded(name: str) -> Observed:
    return Observed.model_validate_json((FOLDER / f"{name}.json").read_text())


def scores(verdict: Verdict) -> dict[str, float]:
    return {j.cause: j.score for j in verdict.considered}


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_recorded_evidence_gives_its_cause(path: Path) -> None:
    verdict = decide(Observed.model_validate_json(path.read_text()))
    assert verdict.cause == path.stem.split("--")[0], considered_of(verdict)[:4]
    assert 0 < verdict.confidence <= 1


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_the_finding_names_the_place(path: Path) -> None:
    verdict = decide(Observed.model_validate_json(path.read_text()))
    if verdict.cause == HEALTHY:
        assert findings_of(verdict) == ()
        return
    finding = findings_of(verdict)[0]
    assert finding.cause == verdict.cause
    assert finding.fix
    assert finding.verify
    said = " ".join([*finding.where, *map(str, finding.evidence)])
    for word in PLACES[path.stem]:
        assert word in said


def test_every_cause_has_recorded_evidence_and_a_rule() -> None:
    words = {cause.word for cause in all_causes()}
    assert words == {path.stem.split("--")[0] for path in RECORDED}
    for word in words:
        assert rule(word).cause == word


def test_a_symptom_is_the_word_of_another_cause() -> None:
    words = {cause.word for cause in all_causes()}
    for cause in all_causes():
        assert set(cause.symptoms) <= words - {cause.word}


@pytest.mark.parametrize("name", [p.stem for p in RECORDED if not p.stem.startswith("healthy")])
def test_without_stacks_and_database_nothing_is_accused_wrongly(name: str) -> None:
    seen = recorded(name)
    blind = Phase(concurrency=seen.loaded.concurrency, seconds=0, completed=0)
    keep = {"latencies_ms", "completed", "seconds", "cpu_user_s", "cpu_system_s"}
    known = seen.loaded.model_dump(include=keep)
    alone = seen.alone.model_dump(include=keep)
    verdict = decide(
        Observed(
            url=seen.url,
            port=seen.port,
            alone=Phase(concurrency=1, **alone),
            loaded=blind.model_copy(update=known),
            missing={"process": "not permitted"},
        )
    )
    assert verdict.cause in {UNSURE, HEALTHY}
    if verdict.cause == UNSURE:
        assert "pid" in verdict.next_step


def phase(concurrency: int, latency_ms: float, *activities: Activity, cpu_s: float = 0.1) -> Phase:
    count = round(10_000 / latency_ms * concurrency)
    return Phase(
        concurrency=concurrency,
        seconds=10.0,
        completed=count,
        latencies_ms=(latency_ms,) * min(count, 100),
        activities=activities,
        looks=200,
        cpu_user_s=cpu_s,
    )


def seen(alone: Phase, loaded: Phase) -> Observed:
    return Observed(
        url="http://x/y",
        port=80,
        alone=alone,
        loaded=loaded,
        stacks_seen=True,
        tasks_seen=True,
    )


def does(state: str, mean: float, carrier: str = "thread", function: str = "work") -> Activity:
    path = ("handle", function)
    return Activity(
        carrier=carrier,
        state=state,
        function=function,
        file="/srv/app.py",
        line=7,
        lines={7: mean},
        path=path,
        mean=mean,
    )


def test_shares_follow_littles_law_and_the_rest_is_queueing() -> None:
    view = View(seen(phase(1, 50, does("net", 1.0)), phase(8, 200, does("net", 2.0))))
    assert view.share(lambda a: a.state == "net") == pytest.approx(0.25)
    assert view.queued == pytest.approx(6.0)
    assert view.served == pytest.approx(2.0)


def test_few_workers_that_wait_starve_the_rest() -> None:
    verdict = decide(seen(phase(1, 50, does("net", 1.0)), phase(8, 200, does("net", 2.0))))
    assert verdict.cause == "threads.starved"


def test_where_one_call_alone_is_too_slow_the_call_is_the_cause_not_the_workers() -> None:
    verdict = decide(seen(phase(1, 1500, does("net", 1.0)), phase(8, 3000, does("net", 4.0))))
    assert verdict.cause in {"io.external", UNSURE}
    assert scores(verdict)["io.external"] > scores(verdict)["threads.starved"]


def test_two_equal_explanations_are_unsure_and_say_what_would_decide() -> None:
    both = (does("lock", 4.0), does("disk", 4.0, function="write"))
    verdict = decide(seen(phase(1, 40, does("disk", 1.0)), phase(8, 300, *both)))
    assert verdict.cause == UNSURE
    assert "Time the write alone" in verdict.next_step


def test_quick_and_unhurried_is_healthy() -> None:
    verdict = decide(seen(phase(1, 4, does("cpu", 0.2)), phase(8, 9, does("cpu", 0.5))))
    assert verdict.cause == HEALTHY


def test_a_task_that_waits_for_news_calls_nobody_while_no_peer_is_heard() -> None:
    alone, loaded = (phase(n, 700, does("future", float(n), "task"), cpu_s=0.05) for n in (1, 8))
    assert decide(seen(alone, loaded)).cause == HEALTHY
    heard = {"exchanges": {9000: loaded.completed}}
    assert scores(decide(seen(alone, loaded.model_copy(update=heard))))["io.external"] > 0.5


def test_memory_that_levels_off_is_a_warm_up() -> None:
    sizes = [60, 90, 105, 112, 116, 118, 119, 119.5, 119.8, 120]
    points = tuple(
        MemoryPoint(at_s=float(n), completed=100 * n, rss=int(size * 1e6))
        for n, size in enumerate(sizes)
    )
    calm = seen(phase(1, 4), phase(8, 9)).model_copy(update={"memory": points})
    assert decide(calm).cause == HEALTHY


def test_computing_is_judged_by_its_cpu_when_others_hold_the_machine() -> None:
    loaded = phase(4, 90, does("cpu", 4.0), cpu_s=1.0).model_copy(update={"others_cpu_s": 18.0})
    assert View(seen(phase(1, 30), loaded)).calm_loaded_ms < 30
    quiet = loaded.model_copy(update={"others_cpu_s": 0.1})
    assert View(seen(phase(1, 30), quiet)).calm_loaded_ms == 90


def test_the_tables_of_a_statement_are_found() -> None:
    assert tables_of('SELECT a FROM "shop"."orders" o JOIN items i ON i.o = o.id') == (
        "shop.orders",
        "items",
    )
    assert tables_of("UPDATE stock SET n = n - $1 WHERE id = $2") == ("stock",)
    assert tables_of("SELECT 1") == ()


def test_a_report_can_be_made_of_every_recorded_verdict() -> None:
    fields = page("investigation_brief").data["sections"]
    for path in RECORDED:
        observed = Observed.model_validate_json(path.read_text())
        verdict = decide(observed)
        said = summary_of(verdict, observed, "GET /x")
        assert said.startswith("GET /x")
        assert "nan" not in said
        brief = brief_of(verdict, observed, {})
        assert set(brief) == set(fields)
        assert all(set(values) <= set(fields[name]) for name, values in brief.items())
        assert all(isinstance(text, str) for text in warnings_of(observed))


def test_the_way_to_a_place_names_the_file_where_it_leaves_one() -> None:
    near = Activity(carrier="task", state="net", path=("show", "load", "ask"), files=("a.py",) * 3)
    apart = near.model_copy(update={"files": ("app.py", "app.py", "depots.py")})

    assert chain(near) == "show > load > ask"
    assert chain(apart) == "show > load (app.py) > ask"
    assert chain(apart.model_copy(update={"files": ()})) == "show > load > ask"
