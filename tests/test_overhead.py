"""What being watched cost a service is told from the steps after the load, within their scatter."""

import pytest

from slowcoach.diagnosis.load_shape import Step, Sweep
from slowcoach.diagnosis.models import Observed, Phase
from slowcoach.diagnosis.overhead import overhead_of


def observed(rate: float, *steps: Step) -> Observed:
    loaded = Phase(concurrency=8, seconds=10.0, completed=round(rate * 10), looks=100)
    return Observed(
        url="http://127.0.0.1:1/x",
        port=1,
        alone=Phase(concurrency=1, seconds=1.0, completed=10),
        loaded=loaded,
        sweep=Sweep(steps=steps),
    )


def step(throughput: float, scatter: float, concurrency: int = 8) -> Step:
    parts = (throughput - scatter, throughput, throughput, throughput + scatter)
    return Step(concurrency=concurrency, throughput=throughput, parts=parts, answers=40)


def test_a_loss_within_the_scatter_is_no_loss() -> None:
    assert "scatters by 10 %: no cost" in overhead_of(observed(92, step(100, 10)))
    assert "less than 5 %" in overhead_of(observed(96, step(100, 2)))


def test_a_loss_beyond_the_scatter_is_told_with_its_share() -> None:
    assert "may have cost 30 % of the throughput" in overhead_of(observed(70, step(100, 2)))


@pytest.mark.parametrize("steps", [(), (step(100, 2, concurrency=4),)])
def test_without_a_like_step_nothing_is_said(steps: tuple[Step, ...]) -> None:
    assert not overhead_of(observed(70, *steps))
