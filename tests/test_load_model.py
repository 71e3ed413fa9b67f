"""What a load test's samples say: percentiles, windows, errors, and doubt about the generator."""

from typing import Any

import pytest

from slowcoach.load.assessment import generator_findings
from slowcoach.load.model import LoadResult, Sample


def ran(**changes: Any) -> LoadResult:
    """Return a run of 100 requests of 10 ms by an idle generator, changed."""
    samples = tuple(Sample(i / 100, 10.0, 10.0, 200, None, 5) for i in range(100))
    sound: dict[str, Any] = {
        "samples": samples,
        "sent": 100,
        "completed": 100,
        "errors": {},
        "dropped": 0,
        "slip_p99_ms": 0.5,
        "duration_s": 1.0,
        "throughput_rps": 100.0,
        "generator_cpu_share": 0.1,
    }
    return LoadResult(**(sound | changes))


@pytest.mark.parametrize(
    ("changes", "metric"),
    [
        ({}, None),
        ({"dropped": 1}, "requests dropped: 0.99 %"),
        ({"slip_p99_ms": 2.0}, "late sends by the p99: 20 %"),
        ({"generator_cpu_share": 0.97}, "generator's CPU: 97 %"),
        ({"samples": (), "completed": 0, "slip_p99_ms": 2.0}, None),
    ],
)
def test_a_generator_that_shaped_the_figures_is_told(
    changes: dict[str, Any], metric: str | None
) -> None:
    evidence = [str(e) for f in generator_findings(ran(**changes)) for e in f.evidence]
    assert [text.split(" (")[0] for text in evidence] == ([metric] if metric else [])


def test_percentiles_are_interpolated_and_errors_kept_apart() -> None:
    outcomes: list[tuple[int | None, str | None]] = [
        (200, None),
        (500, "status 500"),
        (None, "reset"),
        (200, None),
    ]
    samples = tuple(
        Sample(i, float(i), float(i), *outcome, 0) for i, outcome in enumerate(outcomes)
    )
    result = ran(samples=samples, sent=4, completed=3, errors={"status 500": 1, "reset": 1})
    assert result.percentile(0) == 0
    assert result.percentile(0.5) == 1  # of 0, 1 and 3: the reset has no latency
    assert result.percentile(0.75) == 2
    assert result.percentile(1) == 3
    assert result.error_rate == 0.5
    assert result.goodput_rps == pytest.approx(100 * 2 / 3)
    assert result.windows(2) == [[0, 1], [3]]
