"""A log with known weights and pauses gives them back; its rates size the scenarios."""

import math
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import yaml

import shop_traffic
from shop_traffic import BEGUN, Request, Shop
from slowcoach.api.design_load_test import TOOL, LoadTestDesign
from slowcoach.core.job import Job
from slowcoach.load.design import design
from slowcoach.load.goal import parse_goal
from slowcoach.load.lognormal import Part, cells_of, fitted
from slowcoach.load.plan import LoadPlan
from slowcoach.load.rates import RateTally
from slowcoach.load.schedule import schedule_of
from slowcoach.load.scripts import expected_requests
from slowcoach.load.sessions import SessionTally
from slowcoach.load.sources.access_log import SOURCE
from slowcoach.load.think_time import Pauses, thinking
from slowcoach.load.traffic import Given, Rates, Traffic

BASE = "http://127.0.0.1:8000"


def read(path: Path, *, form: str | None = None) -> Traffic:
    head = path.read_bytes()[:65536] if path.is_file() else b""
    return SOURCE.read(Given(path, None, BASE, head, format=form))


def shares(found: Traffic) -> dict[str, float]:
    total = sum(endpoint.weight for endpoint in found.endpoints)
    return {str(endpoint.name): endpoint.weight / total for endpoint in found.endpoints}


FORMS = {
    "combined": shop_traffic.combined,
    "with request_time": shop_traffic.timed,
    "msec": shop_traffic.precise,
    "Apache with %D": shop_traffic.apache,
    "JSON lines": shop_traffic.lines_of_json,
    "cookie behind one address": shop_traffic.cookied,
}


@pytest.mark.parametrize("form", FORMS)
def test_weights_and_pauses_come_back_within_a_percent(form: str, tmp_path: Path) -> None:
    served_s = 0.0 if form == "combined" or form.startswith("cookie") else 0.3
    made = shop_traffic.traffic(Shop(seed=21, service_s=served_s))
    found = read(shop_traffic.write(tmp_path / "access.log", made, FORMS[form]))
    for name, share in shares(found).items():
        assert share == pytest.approx(made.share(name), abs=1e-9)
    assert set(shares(found)) == set(shop_traffic.WEIGHTS)
    assert found.think is not None
    assert found.think.median_s == pytest.approx(made.median(), rel=0.01)
    assert found.think.sigma == pytest.approx(made.sigma(), rel=0.015)
    assert found.sessions is not None
    assert found.sessions.count == 1500
    assert found.sessions.median_requests == pytest.approx(10, abs=1)


@pytest.mark.parametrize(
    ("median_s", "sigma", "hours", "visits", "form"),
    [
        (0.4, 0.6, 2, 2000, shop_traffic.combined),
        (1.2, 1.0, 4, 1500, shop_traffic.combined),
        (90, 1.0, 30, 1500, shop_traffic.combined),
        (0.05, 0.5, 2, 800, shop_traffic.precise),
        (300, 0.7, 60, 1500, shop_traffic.precise),
    ],
)
def test_pauses_much_shorter_and_longer_come_back(
    median_s: float,
    sigma: float,
    hours: float,
    visits: int,
    form: Callable[[Request], str],
    tmp_path: Path,
) -> None:
    made = shop_traffic.traffic(
        Shop(seed=5, visits=visits, median_s=median_s, sigma=sigma, hours=hours)
    )
    found = read(shop_traffic.write(tmp_path / "access.log", made, form))
    assert found.think is not None
    assert found.think.median_s == pytest.approx(made.median(), rel=0.012)
    assert found.think.sigma == pytest.approx(made.sigma(), rel=0.03)


@pytest.mark.parametrize("addresses", [1, 25])
def test_users_behind_one_address_are_told_apart_by_their_agents(
    addresses: int, tmp_path: Path
) -> None:
    made = shop_traffic.traffic(Shop(seed=8, addresses=addresses))
    found = read(shop_traffic.write(tmp_path / "access.log", made, shop_traffic.combined))
    assert found.think is not None
    assert found.think.median_s == pytest.approx(made.median(), rel=0.01)
    assert found.sessions is not None
    assert found.sessions.count == 1500


def test_visits_of_one_client_within_the_gap_are_no_pauses(tmp_path: Path) -> None:
    made = shop_traffic.traffic(Shop(seed=9, again_s=900))
    found = read(shop_traffic.write(tmp_path / "access.log", made, shop_traffic.combined))
    assert found.think is not None
    assert found.think.median_s == pytest.approx(made.median(), rel=0.012)
    assert any("new visits" in note for note in found.notes)


@pytest.mark.parametrize(
    ("pause", "median_s"),
    [
        (lambda pick: pick.uniform(1, 3), 2.0),
        (lambda pick: pick.expovariate(1 / 8), 8 * math.log(2)),
        (lambda pick: max(pick.gauss(5, 1), 0.1), 5.0),
        (lambda _pick: 5.0, 5.0),
    ],
    ids=["uniform", "exponential", "normal", "always the same"],
)
def test_pauses_that_are_not_lognormal_keep_their_median(
    pause: Callable[[random.Random], float], median_s: float, tmp_path: Path
) -> None:
    made = shop_traffic.traffic(Shop(seed=4, pause=pause))
    found = read(shop_traffic.write(tmp_path / "access.log", made, shop_traffic.combined))
    assert found.think is not None
    assert found.think.median_s == pytest.approx(median_s, rel=0.02)


def test_long_pauses_in_a_log_that_was_cut_are_not_missed(tmp_path: Path) -> None:
    made = shop_traffic.traffic(Shop(seed=12, visits=4000, median_s=90, sigma=0.9, hours=3))
    until = BEGUN + 2 * 3600
    kept = [r for r in made.requests if BEGUN + 1800 < r.at < until]
    shown = shop_traffic.Traffic(kept, made.pauses, made.counts)
    found = read(shop_traffic.write(tmp_path / "access.log", shown, shop_traffic.combined))
    assert found.think is not None
    assert found.think.median_s == pytest.approx(made.median(), rel=0.02)


def test_durations_do_not_blur_the_shape_of_pauses(tmp_path: Path) -> None:
    made = shop_traffic.traffic(Shop(seed=3, service_s=0.2, pause=lambda pick: pick.uniform(1, 3)))
    found = read(shop_traffic.write(tmp_path / "access.log", made, shop_traffic.timed))
    assert found.think is not None
    assert found.think.median_s == pytest.approx(2, rel=0.025)
    assert any("not lognormal" in note for note in found.notes)


def test_clients_that_are_several_people_do_not_shorten_the_pauses() -> None:
    draw = np.random.default_rng(3)
    alone = 6 * np.exp(0.8 * draw.standard_normal(20_000))
    crowd = draw.exponential(2.0, 6_000)
    client = np.concatenate([np.arange(20_000) // 10, 10_000 + np.arange(6_000) // 300])
    found = thinking(Pauses(np.concatenate([alone, crowd]), client, 0.0, 1800.0))
    assert found.think is not None
    assert found.think.median_s == pytest.approx(6, rel=0.015)
    assert found.shared == pytest.approx(6 / 26, abs=0.01)


def test_a_pages_own_requests_are_told_apart_from_pauses() -> None:
    draw = np.random.default_rng(3)
    own = 8 * np.exp(0.7 * draw.standard_normal(15_000))
    scripts = 0.1 * np.exp(0.6 * draw.standard_normal(30_000))
    seconds = np.concatenate([own, scripts])
    found = thinking(Pauses(seconds, np.arange(45_000) // 9, 0.0, 1800.0))
    assert found.think is not None
    assert found.think.median_s == pytest.approx(8, rel=0.015)
    assert found.fast == pytest.approx(2 / 3, abs=0.01)


def test_whole_seconds_are_not_taken_at_face_value() -> None:
    draw = np.random.default_rng(7)
    true = 0.5 * np.exp(0.8 * draw.standard_normal(50_000))
    seen = np.floor(draw.random(50_000) + true)
    part = fitted(cells_of(seen, 1.0, 1800.0), [Part(0.0, 1.0)]).parts[0]
    assert part.median == pytest.approx(0.5, rel=0.015)
    assert part.sigma == pytest.approx(0.8, rel=0.03)
    assert float(np.median(seen)) in {0.0, 1.0}  # what the differences say as they stand


def test_pauses_cut_at_the_gap_are_fitted_as_such() -> None:
    draw = np.random.default_rng(7)
    true = 900 * np.exp(1.0 * draw.standard_normal(50_000))
    kept = true[true < 1800]
    part = fitted(cells_of(kept, 0.0, 1800.0), [Part(6.0, 1.0)]).parts[0]
    assert part.median == pytest.approx(900, rel=0.04)
    assert part.sigma == pytest.approx(1.0, rel=0.03)


def test_pauses_too_short_for_the_clock_or_too_few_are_not_told() -> None:
    draw = np.random.default_rng(7)
    true = 0.02 * np.exp(0.5 * draw.standard_normal(3_000))
    seen = np.floor(draw.random(3_000) + true)
    assert thinking(Pauses(seen, np.arange(3_000) // 9, 1.0, 1800.0)).think is None
    assert thinking(Pauses(seen[:50], np.arange(50), 1.0, 1800.0)).think is None


def test_rates_are_of_minutes_and_seconds() -> None:
    draw = np.random.default_rng(2)
    tally = RateTally()
    begin = 1_795_000_020.0
    times = np.sort(begin + draw.random(36_000 * 5) * 36_000)  # five a second for ten hours
    busy = np.sort(begin + 18_000 + draw.random(60 * 20) * 60)  # one minute with 20 more
    for part in np.array_split(np.sort(np.concatenate([times, busy])), 40):
        tally.add(part)
    rates, span_s = tally.found()
    assert span_s == pytest.approx(36_000, abs=120)
    assert rates.median == pytest.approx(5, rel=0.02)
    assert rates.p999 == pytest.approx(25, rel=0.1)
    assert rates.burstiness == pytest.approx(1, abs=0.05)
    assert rates.peak_second is not None
    assert rates.peak_second > 25
    assert rates.p99_second == pytest.approx(11, abs=2)


def test_two_requests_hours_apart_have_rates() -> None:
    tally = RateTally()
    tally.add(np.array([1_795_000_020.0, 1_795_040_020.0]))
    rates, _ = tally.found()
    assert rates.median == pytest.approx(1 / 60)
    assert rates.p999 == pytest.approx(1 / 60)


def test_crowded_seconds_are_bursty() -> None:
    tally = RateTally()
    tally.add(np.repeat(np.arange(1_795_000_020.0, 1_795_004_020.0, 10), 50))
    rates, _ = tally.found()
    assert rates.burstiness == pytest.approx(45, rel=0.03)  # 50 in each tenth second


def test_visits_end_by_the_gap_whatever_the_blocks() -> None:
    # two clients: one pauses 10 s and then 2000 s, the other asks twice at once
    client = np.array([1, 2, 2, 1, 1, 1])
    start = np.array([0.0, 1.0, 1.2, 10.0, 2010.0, 2020.0])
    end = start + 0.5
    for cut in range(7):
        tally = SessionTally(1800.0, 0.0)
        tally.add(client[:cut], start[:cut], end[:cut], end[:cut])
        tally.add(client[cut:], start[cut:], end[cut:], end[cut:])
        tally.close()
        found = tally.found()
        assert found.count == 3
        assert tally.parallel == 1
        assert sorted(tally.pauses().seconds) == pytest.approx([9.5, 9.5])
        assert found.median_requests == 2


# -- scenarios -----------------------------------------------------------------------------------


def test_measured_traffic_sizes_the_scenarios() -> None:
    made = design(parse_goal("p95 < 300 ms"), None, Rates(median=40, p999=100, burstiness=4.0))
    by = {scenario.key: scenario for scenario in made.scenarios}
    assert list(by) == ["baseline", "peak", "stress", "soak"]
    assert (by["baseline"].rate, by["baseline"].duration) == (40, "10m")
    assert (by["peak"].rate_start, by["peak"].rate_end) == (100, 120)
    assert by["peak"].step_duration == "15m"
    stress = schedule_of(by["stress"])
    held = [stage for stage in stress.stages if stage.held]
    assert [stage.last for stage in held[:4]] == [100, 125, 156, 195]
    assert held[-2].last >= 4 * 100
    assert held[-1].last == 100  # back to the first, to see it recover
    assert all(stage.length_s * stage.last >= 3000 for stage in held)
    assert all(stage.length_s >= 60 for stage in held)
    assert (by["soak"].rate, by["soak"].duration) == (75, "2h")
    assert made.is_open
    assert made.criteria.throughput_rps == 100
    assert any("bursty" in text for text in made.assumed)
    assert expected_requests(by["peak"], 300) == (100 + 120) * 900


def test_spike_smoke_and_factors_go_by_the_measured_rates() -> None:
    rates = Rates(median=40, p999=100)
    made = design(parse_goal("10x"), ["Smoke", "Spike", "Peak"], rates)
    by = {scenario.key: scenario for scenario in made.scenarios}
    assert by["smoke"].rate == 1
    assert by["spike"].rate == 1000  # the peak to come is more than ten times the median
    assert by["peak"].rate_start == 1000
    plain = design(parse_goal(""), ["Spike"], rates)
    assert plain.scenarios[0].rate == 400


def test_a_goal_with_a_load_of_its_own_and_no_traffic_keep_the_methodologys_plan() -> None:
    rates = Rates(median=40, p999=100)
    asked = design(parse_goal("500 rps"), None, rates)
    assert next(s for s in asked.scenarios if s.name == "Peak").rate == 500
    assert design(parse_goal(""), None, None) == design(parse_goal(""), None, Rates())


def test_slow_traffic_has_steps_of_bounded_length() -> None:
    made = design(parse_goal(""), ["Stress"], Rates(median=0.1, p999=0.5))
    assert made.scenarios[0].step_duration == "10m"


def test_the_tool_gives_weights_pauses_and_rates_back(tmp_path: Path) -> None:
    truth = shop_traffic.traffic(Shop(seed=33))
    log = shop_traffic.write(tmp_path / "access.log", truth, shop_traffic.combined)
    job = Job()
    result = TOOL.call(TOOL.validate({"url": BASE, "access_log": str(log)}), job)
    assert isinstance(result, LoadTestDesign)
    assert len(result.model_dump_json()) < 6000
    plan = LoadPlan.model_validate(yaml.safe_load(job.artefacts["load-test-plan.yaml"]))
    for shown in (plan, result.plan):
        total = sum(endpoint.weight for endpoint in shown.endpoints)
        told = {str(e.name): e.weight / total for e in shown.endpoints}
        assert told == {name: pytest.approx(truth.share(name)) for name in told}
        assert len(told) == len(shop_traffic.WEIGHTS)
        assert shown.think is not None
        assert shown.think.median_s == pytest.approx(truth.median(), rel=0.01)
    assert {"products_id", "search_query", "users_id"} <= set(plan.data)
    assert all(1 < len(values) <= 50 for values in plan.data.values())
    assert all(check.ok is not False for check in result.checks)
