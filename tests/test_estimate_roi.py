"""What an optimization pays: the methodology's example, and cases by hand."""

from typing import Any

import pytest

from slowcoach.api.estimate_roi import TOOL, Roi
from slowcoach.core.errors import InputError
from slowcoach.core.job import Job
from slowcoach.core.knowledge import page


def roi(**arguments: Any) -> Roi:
    result = TOOL.call(TOOL.validate(arguments), Job())
    assert isinstance(result, Roi)
    again = Roi.model_validate(result.model_dump(mode="json"))
    assert again.model_dump_json() == result.model_dump_json()
    return result


def test_the_methodologys_example_comes_out() -> None:
    given = page("roi").data["inputs"]
    result = roi(
        before={"p95_ms": given["before_ms"]},
        after={"p95_ms": given["after_ms"]},
        requests_per_month=given["requests_per_month"],
        prices={"cost_per_hour": given["cost_per_hour"]},
        effort={"hours": given["effort_hours"], "cost_per_hour": given["effort_cost_per_hour"]},
    )
    assert round(result.hours_saved_per_month) == 1667
    assert result.monthly_saving == pytest.approx(83.33, abs=0.01)
    assert result.implementation_cost == 2400
    assert round(result.payback_months or 0) == 29
    assert result.verdict == "not_worth_it_for_cost_alone"
    assert [finding.rule for finding in result.findings] == ["roi.payback"]
    assert len(result.also_consider) == 4
    assert "p95_ms stands in" in result.warnings[0]
    assert "29 months" in result.summary
    assert len(result.tables()[0].rows) == 4


def test_a_quick_payback_is_worth_it() -> None:
    result = roi(before=800, after=200, requests_per_month=1e9, prices=0.05, effort=2400)
    assert result.monthly_saving == pytest.approx(8333.33, abs=0.01)
    assert result.payback_months == pytest.approx(0.288, abs=0.01)
    assert result.verdict == "worth_it"
    assert result.findings == ()
    assert result.warnings == ()


def test_the_mean_is_preferred_to_percentiles() -> None:
    before = {"mean_ms": 100, "p95_ms": 900}
    after = {"mean_ms": 64, "p95_ms": 100}
    result = roi(before=before, after=after, requests_per_month=1e8)
    assert result.hours_saved_per_month == 1000  # 36 ms x 1e8


def test_without_prices_nothing_is_made_up() -> None:
    result = roi(before=100, after=50, requests_per_month=1e6)
    assert result.monthly_saving is None
    assert result.payback_months is None
    assert result.verdict == "unsure"
    assert "prices" in result.not_checked[0].why
    assert "effort" in result.not_checked[0].why


def test_what_became_slower_saves_nothing() -> None:
    result = roi(before=100, after=150, requests_per_month=1e6, prices=0.05, effort=100)
    assert result.verdict == "no_saving"
    assert result.payback_months is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"before": 1, "after": 2}, "requests_per_month"),
        ({"before": {"p95_ms": 1}, "after": {"p50_ms": 1}, "requests_per_month": 1}, "in common"),
        ({"before": {"p96_ms": 1}, "after": 1, "requests_per_month": 1}, "p95_ms"),
        ({"before": -1, "after": 1, "requests_per_month": 1}, "greater than or equal to 0"),
        ({"before": 1, "after": 1, "requests_per_month": 0}, "greater than 0"),
        ({"before": float("inf"), "after": 1, "requests_per_month": 1}, "finite"),
    ],
)
def test_bad_input_is_explained(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        roi(**arguments)
    assert caught.value.hint
