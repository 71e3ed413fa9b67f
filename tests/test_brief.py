"""The brief of an investigation: what people know is kept, its targets judge, changes are told."""

from pathlib import Path

import pytest
import yaml

from slowcoach.benchmarks.model import MetricComparison
from slowcoach.core.errors import InputError, UnreadableError
from slowcoach.core.knowledge import page
from slowcoach.diagnosis import brief
from slowcoach.diagnosis.comparing import change_of, since, told
from slowcoach.diagnosis.decide import decide
from slowcoach.diagnosis.models import Observed

EVIDENCE = Path(__file__).parent / "data" / "diagnosis" / "evidence"
FIELDS = {
    "investigation": ["reported_by", "reported_date", "system", "environment"],
    "problem_statement": ["symptom", "impact", "since_when", "affected_scope"],
    "baselines": [
        "target_p50",
        "target_p95",
        "target_p99",
        "current_p50",
        "current_p95",
        "current_p99",
        "throughput_target",
        "error_rate_target",
    ],
    "constraints": ["budget", "risk_tolerance", "deadline"],
    "hypothesis": ["primary", "secondary", "evidence"],
}
GIVEN = """
investigation: {reported_by: Ada, system: the shop, environment: staging}
problem_statement: {symptom: three times slower, since_when: deploy v2.14}
baselines: {target_p50: 200ms, target_p95: "<0.5 s", current_p50: 900 ms, error_rate_target: <0.1%}
constraints: {deadline: Friday}
hypothesis: {primary: "db.n_plus_one: 40 statements"}
"""


def test_the_form_has_every_field_of_the_methodology() -> None:
    assert {name: list(fields) for name, fields in brief.sections().items()} == FIELDS
    text = page("investigation_brief").text()
    for fields in FIELDS.values():
        assert all(f"`{field}`" in text for field in fields)


def test_targets_and_earlier_figures_are_read_as_people_write_them() -> None:
    found = brief.read(GIVEN, "brief")
    assert found.targets == {"p50": 200, "p95": 500}
    assert found.before == {"p50": 900}
    assert found.cause == "db.n_plus_one"
    assert found.budget is not None
    assert (found.budget.p50_ms, found.budget.p95_ms) == (200, 500)


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("200", 200),
        ("200ms", 200),
        ("1 s", 1000),
        ("<= 1.5s", 1500),
        ("0,25 s", 250),
        ("2 min", 120_000),
        ("~3 seconds", 3000),
        ("≤ 80 ms", 80),
        ("950 µs", 0.95),
    ],
)
def test_times(text: str, ms: float) -> None:
    assert brief.in_ms(text, "here") == pytest.approx(ms)


@pytest.mark.parametrize("text", ["fast", "-5ms", "0 ms", "200 kg", "1e3"])
def test_what_is_no_time_is_refused_with_its_field(text: str) -> None:
    with pytest.raises(InputError, match=r"baselines\.target_p95: expected a time") as caught:
        brief.read(yaml.safe_dump({"baselines": {"target_p95": text}}), "brief.yaml")
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[1, 2]", "expected a brief's sections, got list"),
        ("just words", "expected a brief's sections, got str"),
        ("", "got NoneType"),
        ("baseline: {target_p50: 1s}", "no 'baseline'"),
        ("baselines: {target_p5: 1s}", "no 'target_p5'"),
        ("baselines: 7", "baselines: expected fields"),
        ("baselines: {target_p50: [1]}", "expected a text, got a list"),
    ],
)
def test_what_is_no_brief_is_refused_with_what_to_change(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        brief.read(text, "brief")
    assert caught.value.hint


@pytest.mark.parametrize("text", ["a: {b", "a: !!python/object:os.system {}", "x" * 70_000])
def test_what_is_no_yaml_or_too_long_is_unreadable(text: str) -> None:
    with pytest.raises(UnreadableError):
        brief.read(text, "brief")


def test_what_people_know_is_kept_and_what_is_measured_is_new() -> None:
    measured = {
        "investigation": {"system": "python app.py"},
        "problem_statement": {"symptom": "500 ms median", "affected_scope": "http://h/x"},
        "baselines": {"target_p50": "100 ms", "target_p95": "250 ms", "current_p50": "500 ms"},
        "hypothesis": {"primary": "io.external: a call"},
    }
    form = brief.filled(measured, brief.read(GIVEN, "brief"))
    assert form["investigation"]["system"] == "the shop"
    assert form["problem_statement"]["symptom"] == "three times slower"
    assert form["problem_statement"]["affected_scope"] == "http://h/x"
    assert form["baselines"]["target_p95"] == "<0.5 s"
    assert form["baselines"]["current_p50"] == "500 ms"
    assert form["hypothesis"]["primary"] == "io.external: a call"
    assert form["constraints"]["deadline"] == "Friday"


def test_the_written_brief_has_its_gaps_and_can_be_read_again() -> None:
    form = brief.filled({}, brief.read(GIVEN, "brief"))
    text = brief.as_yaml(form).decode()
    assert "impact: ''" in text
    again = brief.read(text, "brief.yaml")
    assert again.targets == {"p50": 200, "p95": 500}
    assert brief.without_gaps(form)["constraints"] == {"deadline": "Friday"}


def test_the_targets_of_the_brief_decide_what_is_healthy() -> None:
    recorded = (EVIDENCE / "io.external--threads.json").read_text()
    seen = Observed.model_validate_json(recorded)
    assert decide(seen).cause == "io.external"
    patient = brief.given({"baselines": {"target_p50": "1 min", "target_p95": "2 min"}}, "b")
    assert decide(seen.model_copy(update={"budget": patient.budget})).cause == "healthy"


@pytest.mark.parametrize(
    ("before", "now", "change"),
    [
        ("db.n_plus_one", "healthy", "gone"),
        ("db.n_plus_one", "db.n_plus_one", "same"),
        ("db.n_plus_one", "io.external", "another"),
        ("healthy", "io.external", "new"),
        ("", "io.external", "unknown"),
        ("io.external", "unsure", "unknown"),
    ],
)
def test_what_became_of_the_cause(before: str, now: str, change: str) -> None:
    assert change_of(before, now) == change


def test_a_brief_alone_tells_figures_without_interval_and_targets_that_are_missed() -> None:
    earlier = brief.read(GIVEN, "brief")
    now: dict[str, float | None] = {"p50_ms": 450.0, "p95_ms": 480.0, "p99_ms": None}
    metrics = told(earlier, now)
    assert [(m.before, m.after, m.change_pct, m.verdict) for m in metrics] == [
        (900, 450, -50, "unsure")
    ]
    misses = brief.missed(earlier.targets, now)
    found = since(earlier, "io.external", metrics, misses, None)
    assert found.cause_is == "another"
    assert found.targets_missed == ("p50: 450 ms, wanted 200 ms",)
    assert "was db.n_plus_one and is io.external now" in found.summary
    assert type(found).model_validate(found.model_dump(mode="json")) == found


def test_a_measured_change_decides_faster_or_slower() -> None:
    metric = MetricComparison(
        name="p50",
        unit="ms",
        before=900,
        after=90,
        change_pct=-90,
        ci_low_pct=-92,
        ci_high_pct=-88,
        verdict="faster",
        runs_before=9,
        runs_after=9,
    )
    earlier = brief.read(GIVEN, "brief")
    found = since(earlier, "healthy", [metric], {}, "investigate-abcdefgh")
    assert (found.cause_is, found.verdict) == ("gone", "faster")
    assert "All targets are met" in found.summary
    assert "900 ms before, 90 ms now" in found.summary
