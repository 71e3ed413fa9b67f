"""Capacity: known answers computed by hand, and the published fits of the scalability law."""

from typing import Any

import pytest

from slowcoach.api.plan_capacity import TOOL, CapacityPlan
from slowcoach.capacity.usl import fit_usl
from slowcoach.core.errors import InputError
from slowcoach.core.job import Job
from slowcoach.core.knowledge import rules

# SPEC SDM 1991 and a ray tracer: the examples of the R package usl (Neil Gunther's data)
SPECSDM = {1: 64.9, 18: 995.9, 36: 1652.4, 72: 1853.2, 108: 1828.9, 144: 1775.0, 216: 1702.2}
RAYTRACER = {1: 20, 4: 78, 8: 130, 12: 170, 16: 190, 20: 200, 24: 210, 28: 230, 32: 260, 48: 280}

CURRENT = {
    "daily_requests": 1_000_000,
    "peak_rps": 100,
    "avg_response_ms": 200,
    "instances": 4,
    "cpu_peak_pct": 35,
    "memory_peak_pct": 60,
    "db_connections_peak": 50,
    "storage_used_gb": 100,
}
GROWTH = {"request_growth_monthly_pct": 10, "storage_growth_monthly_gb": 10}
LIMITS = {"max_db_connections": 200, "storage_gb": 200}
PRICES = {"instance_monthly": 100, "storage_gb_monthly": 0.5}


def plan(**arguments: Any) -> CapacityPlan:
    result = TOOL.call(TOOL.validate(arguments), Job())
    assert isinstance(result, CapacityPlan)
    again = CapacityPlan.model_validate(result.model_dump(mode="json"))
    assert again.model_dump_json() == result.model_dump_json()
    assert len(result.model_dump_json()) < 6000
    assert {item.rule for item in result.not_checked} <= set(rules())
    return result


def points(measured: dict[int, float]) -> list[dict[str, float]]:
    return [{"concurrency": n, "throughput": x} for n, x in measured.items()]


def test_projections_follow_the_formula() -> None:
    growth = GROWTH | {"seasonal_peak_multiplier": 2}
    result = plan(current=CURRENT, growth=growth, prices=PRICES)
    assert list(result.projections) == ["3_month", "6_month", "12_month"]
    year = result.projections["12_month"]  # 1.1^12 x 2 = 6.276857
    assert year.traffic_factor == pytest.approx(6.2769, abs=1e-4)
    assert year.daily_requests == pytest.approx(6_276_856.75, abs=0.01)
    assert year.peak_rps == pytest.approx(627.69, abs=0.01)
    assert year.instances_needed == 13  # 4 x 0.35 x 6.2769 / 0.7 = 12.55
    assert year.db_connections == pytest.approx(313.84, abs=0.01)
    assert year.storage_gb == 220  # 100 + 12 x 10, whatever the season
    assert year.monthly_cost == 1410  # 13 x 100 + 220 x 0.5
    assert year.estimated_cost == "$1,410.00/month"
    quarter = result.projections["3_month"]
    assert quarter.peak_rps == 266.2
    assert quarter.instances_needed == 6  # 5.32
    assert result.requests_in_flight == 20  # Little: 100/s x 0.2 s


def test_ten_times_is_projected_without_growth() -> None:
    result = plan(current=CURRENT, multiplier="10x")
    assert list(result.projections) == ["10x"]
    ten = result.projections["10x"]
    assert (ten.peak_rps, ten.instances_needed, ten.db_connections) == (1000, 20, 500)
    assert ten.monthly_cost is None
    assert "20 instances" in result.summary
    assert result.first_limit is not None
    assert result.first_limit.traffic_factor_left == 2  # 0.7 / 0.35
    assert result.first_limit.month is None
    for same in (10, "10", "10 times", "10X"):
        assert plan(current=CURRENT, multiplier=same).projections["10x"] == ten


def test_the_first_limit_and_its_month_are_named() -> None:
    result = plan(current=CURRENT, growth=GROWTH, limits=LIMITS, months=24)
    months = {item.resource: item.month for item in result.headroom}
    assert months == {
        "storage (alert)": 6,  # 100 + 10 m > 150
        "cpu of today's instances": 8,  # 1.1^m > 2
        "storage (expand)": 8,  # 100 + 10 m > 170
        "db_connections": 13,  # 50 x 1.1^m > 160: m > 12.2
        "memory": None,
    }
    assert result.headroom[0].resource == "storage (alert)"
    assert result.first_limit is not None
    assert (result.first_limit.resource, result.first_limit.month) == ("storage (alert)", 6)
    cpu = next(item for item in result.headroom if item.resource.startswith("cpu"))
    assert cpu.month_if_faster == 7  # 1.12^m > 2: m > 6.1
    assert {finding.rule for finding in result.findings} >= {"capacity.cpu", "capacity.storage"}
    assert "24_month" in result.projections


def test_limits_passed_today_are_findings_at_once() -> None:
    current = {"memory_peak_pct": 85, "db_connections_peak": 90, "storage_used_gb": 80}
    limits = {"max_db_connections": 100, "storage_gb": 100}
    result = plan(current=current, limits=limits)
    found = {finding.rule: finding for finding in result.findings}
    assert set(found) == {"capacity.memory", "capacity.connections", "capacity.storage"}
    assert found["capacity.memory"].severity == "warning"
    assert [item.ok for item in result.headroom if item.resource == "storage (expand)"] == [True]
    assert result.first_limit is not None
    assert result.first_limit.month == 0


def test_instances_just_at_the_target_are_enough() -> None:
    current = {"instances": 7, "cpu_peak_pct": 50}
    assert plan(current=current, multiplier=1).projections["1x"].instances_needed == 5
    own = plan(current=current, multiplier=1, limits={"cpu_target_pct": 50})
    assert own.projections["1x"].instances_needed == 7


def test_a_limit_of_instances_is_a_limit() -> None:
    result = plan(current=CURRENT, growth=GROWTH, limits={"max_instances": 8})
    month = {item.resource: item.month for item in result.headroom}
    assert month["instances"] == 15  # 2 x 1.1^m > 8: m > 14.5


def test_nothing_is_made_up_for_missing_input() -> None:
    result = plan(current={"peak_rps": 100})
    assert result.projections == {}
    assert result.first_limit is None
    missing = {item.rule: item.why for item in result.not_checked}
    assert "growth.request_growth_monthly_pct" in missing["capacity.growth"]
    assert "current.instances" in missing["capacity.cpu"]
    assert "prices.instance_monthly" in missing["capacity.cost"]
    assert "measurements" in missing["capacity.throughput"]
    storage = plan(current={"storage_used_gb": 5}, growth={"storage_growth_monthly_gb": 1})
    assert storage.projections["3_month"].storage_gb == 8
    assert storage.projections["3_month"].peak_rps is None


def test_complete_input_leaves_nothing_unchecked() -> None:
    result = plan(
        current=CURRENT,
        growth=GROWTH,
        limits=LIMITS,
        prices=PRICES,
        multiplier="10x",
        measurements=points(SPECSDM),
    )
    assert result.not_checked == ()
    assert all(table.rows for table in result.tables())


def test_shrinking_traffic_reaches_no_limit() -> None:
    result = plan(current=CURRENT, growth={"request_growth_monthly_pct": -5})
    assert {item.month for item in result.headroom} == {None}
    assert result.projections["12_month"].peak_rps == pytest.approx(100 * 0.95**12, abs=0.01)


def test_figures_that_contradict_each_other_are_told() -> None:
    result = plan(current={"daily_requests": 8_640_000, "peak_rps": 50})
    assert "below the day's average of 100" in result.warnings[0]


def test_storage_that_outgrows_traffic_makes_requests_dearer() -> None:
    current = {"daily_requests": 1000, "storage_used_gb": 100}
    growth = {"request_growth_monthly_pct": 0, "storage_growth_monthly_gb": 10}
    result = plan(current=current, growth=growth, prices={"per_gb": 1, "currency": "€"})
    assert "capacity.cost" in {finding.rule for finding in result.findings}
    assert result.projections["12_month"].estimated_cost == "€220.00/month"


def test_the_published_fit_is_found() -> None:
    fit = fit_usl(list(SPECSDM), list(SPECSDM.values()))
    assert fit.sigma == pytest.approx(0.0277285, abs=5e-7)
    assert fit.kappa == pytest.approx(0.0001044, abs=5e-8)
    assert fit.gamma == pytest.approx(89.9952, abs=5e-4)
    assert fit.peak_concurrency == pytest.approx(96.5, abs=0.05)
    assert fit.ceiling == pytest.approx(1884, abs=0.5)
    first = dict(list(RAYTRACER.items())[:6])
    fit = fit_usl(list(first), list(first.values()))
    assert (fit.sigma, fit.kappa) == pytest.approx((0.02444, 0.00163), abs=5e-6)
    assert fit.gamma == pytest.approx(20.856, abs=5e-4)


def test_a_curve_without_coherency_keeps_kappa_at_zero() -> None:
    fit = fit_usl([*RAYTRACER, 64], [*RAYTRACER.values(), 310])
    assert fit.sigma == pytest.approx(0.0578, abs=5e-5)
    assert fit.kappa == 0
    assert fit.gamma == pytest.approx(21.85, abs=0.005)
    assert fit.peak_concurrency is None
    assert fit.ceiling == pytest.approx(378, abs=0.5)


@pytest.mark.parametrize(
    ("sigma", "kappa"), [(0, 0), (0.05, 0), (0, 0.001), (0.05, 0.001), (0.3, 1e-5), (1, 0)]
)
def test_a_made_curve_is_found_again(sigma: float, kappa: float) -> None:
    concurrency = [1, 2, 4, 8, 16, 32, 64]
    throughput = [100 * n / (1 + sigma * (n - 1) + kappa * n * (n - 1)) for n in concurrency]
    fit = fit_usl(concurrency, throughput)
    assert (fit.gamma, fit.sigma, fit.kappa) == pytest.approx((100, sigma, kappa), abs=1e-6)


def test_superlinear_and_noisy_points_keep_the_bounds() -> None:
    for throughput in ([10, 22, 50, 130], [100, 0, 3, 900], [0, 0, 0, 1], [5, 5, 5, 5]):
        fit = fit_usl([1, 2, 4, 8], throughput)
        assert fit.sigma >= 0
        assert fit.kappa >= 0
        assert fit.gamma > 0


@pytest.mark.parametrize(
    ("concurrency", "throughput"),
    [([1, 2, 3], [1, 2, 3]), ([1, 1, 2, 3], [1, 1, 2, 3]), ([1, 2, 3, 4], [0, 0, 0, 0]), ([], [])],
)
def test_too_few_points_are_refused(concurrency: list[float], throughput: list[float]) -> None:
    with pytest.raises(ValueError, match=r"needs 4|no throughput"):
        fit_usl(concurrency, throughput)


def test_doubtful_curves_are_told() -> None:
    retrograde = plan(measurements=points(SPECSDM))
    assert [f.rule for f in retrograde.findings] == ["capacity.retrograde"]  # 8.2 % below its peak
    assert retrograde.scalability is not None
    assert "96.5" in retrograde.summary
    scattered = plan(measurements=[[1, 50], [2, 10], [4, 90], [8, 20], [16, 60]])
    assert "capacity.poor_fit" in {f.rule for f in scattered.findings}
    far = plan(measurements=[[1, 10], [2, 19], [4, 36], [8, 60]])
    assert [f.rule for f in far.findings] == ["capacity.poor_fit"]
    few = plan(measurements=[[1, 10], [2, 19], [4, 36]])
    assert few.scalability is None
    assert any("got 3" in item.why for item in few.not_checked)


def test_measurements_may_be_rows_pairs_or_columns() -> None:
    columns = {"concurrency": list(SPECSDM), "throughput": list(SPECSDM.values())}
    pairs = [list(pair) for pair in SPECSDM.items()]
    fits = [plan(measurements=given).scalability for given in (points(SPECSDM), pairs, columns)]
    assert fits[0] is not None
    assert fits[0] == fits[1] == fits[2]


def test_a_peak_beyond_the_ceiling_is_critical() -> None:
    result = plan(current={"peak_rps": 400}, multiplier="4x", measurements=points(SPECSDM))
    ceiling = next(f for f in result.findings if f.rule == "capacity.throughput")
    assert ceiling.severity == "critical"  # 1600 of 1884 is 85 %
    assert result.first_limit is not None
    assert result.first_limit.traffic_factor_left == pytest.approx(0.8 * 1883.9 / 400, abs=0.001)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "something of today"),
        ({"current": {}}, "something of today"),
        ({"current": {"peak_rpm": 5}}, "peak_rps"),
        ({"current": {"cpu_peak_pct": 250}}, "less than or equal to 100"),
        ({"current": {"peak_rps": -1}}, "greater than or equal to 0"),
        ({"current": {"peak_rps": float("nan")}}, "peak_rps"),
        ({"current": {"instances": 2.5}}, "instances"),
        ({"current": {"peak_rps": "many"}}, "valid number"),
        ({"current": {"peak_rps": 5}, "months": 0}, "months"),
        ({"current": {"peak_rps": 5}, "multiplier": "lots"}, "how many times"),
        ({"current": {"peak_rps": 5}, "multiplier": "0x"}, "how many times"),
        ({"current": {"peak_rps": 5}, "growth": {"request_growth_monthly_pct": -100}}, "greater"),
        ({"measurements": {"concurrency": [1], "throughput": []}}, "of one length"),
        ({"measurements": [[1]]}, r"\[concurrency, throughput\]"),
        ({"measurements": [{"concurrency": 0, "throughput": 1}]}, "greater than 0"),
        ({"current": {"peak_rps": 5}, "prices": {"instance_monthly": -3}}, "greater than or equal"),
        ({"current": "5 instances"}, "dictionary"),
    ],
)
def test_bad_input_is_explained(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        TOOL.call(TOOL.validate(arguments), Job())
    assert caught.value.hint


def test_extreme_growth_stays_finite() -> None:
    growth = {"request_growth_monthly_pct": 1000, "seasonal_peak_multiplier": 1000}
    result = plan(current={"peak_rps": 1e15}, growth=growth, months=120)
    assert "inf" not in result.model_dump_json().lower().replace("info", "")
