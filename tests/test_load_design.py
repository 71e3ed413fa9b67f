"""Goals read from sentences, and scenarios sized by them."""

from typing import Any

import pytest
import yaml

from slowcoach.core.errors import InputError
from slowcoach.load.assessment import assess
from slowcoach.load.design import Design, design, known_scenarios
from slowcoach.load.goal import Goal, parse_goal
from slowcoach.load.plan import LoadPlan, Scenario, duration_text, seconds, span
from slowcoach.load.scripts import expected_requests, length_s


def figures(goal: Goal) -> dict[str, Any]:
    """Return what a goal says, without what it leaves open."""
    found = {name: getattr(goal, name) for name in Goal.__slots__ if name != "assumed"}
    return {name: value for name, value in found.items() if value}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("500 rps", {"rps": 500}),
        ("1,500 requests per second", {"rps": 1500}),
        ("1.5k req/s", {"rps": 1500}),
        ("2000 requests per minute", {"rps": pytest.approx(2000 / 60)}),
        ("300 rpm", {"rps": 5}),
        ("5 requests a second", {"rps": 5}),
        ("100 to 500 rps", {"low_rps": 100, "rps": 500}),
        ("8.64 million requests per day", {"rps": 100, "is_normal": True}),
        ("200 users", {"users": 200}),
        ("1,000 concurrent users, think time 1-3s", {"users": 1000, "think_s": (1, 3)}),
        ("50 virtual users, pause of 2 s", {"users": 50, "think_s": (2, 2)}),
        ("10x", {"factor": 10}),
        ("double", {"factor": 2}),
        ("10x our current 50 rps", {"factor": 10, "rps": 50, "is_normal": True}),
        ("p95 < 300 ms", {"percentiles_s": {95: 0.3}}),
        ("p95<=300ms, p99 of 1s", {"percentiles_s": {95: 0.3, 99: 1}}),
        ("95th percentile below 0,5 s", {"percentiles_s": {95: 0.5}}),
        ("95% of requests under 0.3 s", {"percentiles_s": {95: 0.3}}),
        ("median under 100 ms", {"percentiles_s": {50: 0.1}}),
        ("respond in under 200 ms", {"percentiles_s": {95: 0.2}}),
        ("average response time 80 ms", {"response_s": 0.08}),
        ("error rate below 1%", {"error_pct": 1}),
        ("less than 0.5% errors", {"error_pct": 0.5}),
        ("99.9% success", {"error_pct": 0.1}),
        (
            "500 rps with p95 under 300ms and errors < 0.1% for 10 minutes",
            {"rps": 500, "percentiles_s": {95: 0.3}, "error_pct": 0.1, "duration_s": 600},
        ),
        ("20 rps for 2h", {"rps": 20, "duration_s": 7200}),
        ("20 rps in 2026", {"rps": 20, "unread": ("2026",)}),
        ("", {}),
    ],
)
def test_goals_are_read(text: str, expected: dict[str, Any]) -> None:
    assert figures(parse_goal(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "fast please",
        "launch in 2026",
        "0 rps",
        "9999999999 rps",
        "0 users",
        "1..2 rps",
        "150% errors",
    ],
)
def test_goals_that_say_nothing_usable_are_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_goal(text)


def of(goal: str, names: list[str] | None = None) -> tuple[Design, dict[str, Scenario]]:
    made = design(parse_goal(goal), names)
    return made, {scenario.key: scenario for scenario in made.scenarios}


def test_a_rate_sizes_the_peak_and_littles_law_the_users() -> None:
    made, by = of("500 rps, p95 < 300 ms")
    assert list(by) == ["baseline", "peak", "stress", "soak"]
    assert made.is_open
    assert (by["peak"].rate, by["peak"].vus) == (500, 150)  # 500/s x 0.3 s
    assert (by["baseline"].rate, by["baseline"].vus) == (250, 75)
    assert (by["soak"].rate, by["soak"].duration) == (250, "2h")
    assert (by["stress"].rate_start, by["stress"].rate_end, by["stress"].rate_step) == (
        250,
        2500,
        250,
    )
    assert (by["stress"].vus_start, by["stress"].vus_end) == (75, 750)
    assert made.criteria.p95_response_ms == 300
    assert made.criteria.error_rate_pct == 0.1
    assert made.criteria.throughput_rps == 500
    assert made.peak_rps == 2500
    assert any("errors below 0.1 %" in line for line in made.assumed)


def test_users_make_a_closed_test_with_think_time() -> None:
    made, by = of("200 users, p95 < 500 ms")
    assert not made.is_open
    assert (by["baseline"].vus, by["peak"].vus) == (100, 200)
    assert (by["stress"].vus_start, by["stress"].vus_end, by["stress"].step_size) == (
        100,
        1000,
        100,
    )
    assert by["peak"].think_time == "1-3s"
    assert made.criteria.throughput_rps == 80  # 200 users / (0.5 s + 2 s)


def test_without_a_load_the_methodologys_own_plan_stands() -> None:
    made, by = of("")
    vus = {key: (s.vus or (s.vus_start, s.vus_end, s.step_size)) for key, s in by.items()}
    assert vus == {"baseline": 50, "peak": 100, "stress": (50, 500, 50), "soak": 50}
    assert [s.duration or s.step_duration for s in by.values()] == ["5m", "10m", "2m", "2h"]
    assert (made.criteria.p95_response_ms, made.criteria.error_rate_pct) == (500, 0.1)
    assert "give today's rate" in made.assumed[0]


@pytest.mark.parametrize(
    ("goal", "baseline", "peak"),
    [
        ("10x our current 50 rps", 50, 500),
        ("100 to 500 rps", 100, 500),
        ("normal load is 40 rps", 40, 80),
        ("864,000 requests per day", 10, 20),
        ("1 rps", 0.5, 1),
    ],
)
def test_what_the_figure_means_follows_from_its_words(
    goal: str, baseline: float, peak: float
) -> None:
    _, by = of(goal)
    assert (by["baseline"].rate, by["peak"].rate) == (baseline, peak)
    assert by["peak"].description == f"{peak / baseline:g}x normal traffic (expected peak)"


def test_a_duration_belongs_to_the_soak_when_it_is_long() -> None:
    _, short = of("20 rps for 3 minutes")
    _, long = of("20 rps for 4 hours")
    assert (short["baseline"].duration, short["peak"].duration, short["soak"].duration) == (
        "3m", "3m", "2h",
    )  # fmt: skip
    assert (long["baseline"].duration, long["soak"].duration) == ("5m", "4h")


def test_scenarios_are_picked_by_name() -> None:
    _, by = of("20 rps", ["smoke", "SPIKE", "breakpoint", "smoke"])
    assert list(by) == ["smoke", "spike", "breakpoint"]
    assert (by["smoke"].rate, by["spike"].rate, by["breakpoint"].rate) == (1, 100, 200)
    assert known_scenarios()[:4] == ("Baseline", "Peak", "Stress", "Soak")
    with pytest.raises(InputError, match="Known: Baseline"):
        of("20 rps", ["warmup"])


def plan_of(goal: str, names: list[str] | None = None) -> tuple[LoadPlan, Design]:
    made = design(parse_goal(goal), names)
    plan = LoadPlan(
        test_name="t",
        target="http://127.0.0.1/",
        date="2026-11-26",
        scenarios=made.scenarios,
        pass_criteria=made.criteria,
    )
    return plan, made


def rules_of(goal: str, names: list[str] | None = None, cores: int = 2) -> set[str]:
    findings, _ = assess(*plan_of(goal, names), cores=cores)
    return {finding.rule for finding in findings}


def test_a_sound_plan_has_no_findings() -> None:
    assert rules_of("500 rps, p95 < 300 ms") == set()


def test_plans_that_cannot_show_what_they_should_are_told() -> None:
    assert rules_of("200 users") == {"load.closed_model"}
    assert rules_of("1 rps for 3 minutes") == {"load.few_samples"}
    assert rules_of("2 rps, p99 < 1 s") == {"load.few_samples"}
    assert rules_of("1 rps for 3 minutes", ["Smoke"]) == set()
    # k6 sends 11,000/s a core: 70 % of two cores are 15,400
    assert rules_of("3000 rps", cores=2) == {"load.generator_limit"}
    assert rules_of("3000 rps", cores=8) == set()


def test_expected_requests_and_lengths_are_computed_from_the_plan() -> None:
    _, by = of("500 rps, p95 < 300 ms")
    assert expected_requests(by["baseline"], 300) == 250 * 300
    assert length_s(by["baseline"]) == 330
    assert length_s(by["stress"]) == 10 * (120 + 5)
    _, closed = of("200 users")
    assert expected_requests(closed["peak"], 500) == 200 / 2.5 * 600


def test_the_plan_is_the_methodologys_yaml_and_comes_back_whole() -> None:
    plan, _ = plan_of("500 rps, p95 < 300 ms")
    read = yaml.safe_load(plan.yaml())
    assert list(read) == ["test_name", "target", "date", "scenarios", "pass_criteria"]
    assert read["scenarios"][0]["name"] == "Baseline"
    assert read["pass_criteria"]["p95_response_ms"] == 300
    assert LoadPlan.model_validate(read) == plan


@pytest.mark.parametrize(
    ("text", "expected"), [("30s", 30), ("5m", 300), ("2h", 7200), ("1h30m", 5400), ("250ms", 0.25)]
)
def test_durations_are_read_and_written(text: str, expected: float) -> None:
    assert seconds(text) == expected
    if expected in {30, 300, 7200}:
        assert duration_text(expected) == text


def test_think_times_are_spans() -> None:
    assert span("1-3s") == (1, 3)
    assert span("2s") == (2, 2)
    with pytest.raises(InputError):
        span("a while")
