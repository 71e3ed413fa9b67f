"""What speaks against health though the latency is within its budget."""

import pytest

from slowcoach.diagnosis.causes.healthy import CAUSE
from slowcoach.diagnosis.limits import deciding
from slowcoach.diagnosis.models import Activity, MemoryPoint, Observed
from slowcoach.diagnosis.view import View
from test_decide import does, phase, service

MB = 1_000_000


def health(observed: Observed) -> float:
    return CAUSE.judge(View(observed)).score


def quick(*activities: Activity, alone_ms: float = 8.0, loaded_ms: float = 12.0) -> Observed:
    alone = phase(1, alone_ms, tuple(a.model_copy(update={"mean": 0.9}) for a in activities))
    return service(alone, phase(6, loaded_ms, activities))


def kept(each: int) -> tuple[MemoryPoint, ...]:
    """Return looks at memory that gains so many bytes with each of 2,000 answers."""
    counts = range(0, 2001, 200)
    return tuple(MemoryPoint(at_s=n / 200, completed=n, rss=80 * MB + n * each) for n in counts)


def test_a_quick_service_is_healthy() -> None:
    assert health(quick(does("net", 4.0))) >= deciding("healthy_score")


@pytest.mark.parametrize(("each", "healthy"), [(0, True), (4000, True), (40_000, False)])
def test_nothing_is_healthy_whose_memory_grew_as_much_as_a_leaks(
    each: int, *, healthy: bool
) -> None:
    observed = quick(does("net", 4.0)).model_copy(update={"memory": kept(each)})
    assert (health(observed) >= deciding("healthy_score")) is healthy


def test_memory_that_levels_off_late_is_doubted_too() -> None:
    points = kept(60_000)
    level = tuple(p.model_copy(update={"rss": min(p.rss, 140 * MB)}) for p in points)
    observed = quick(does("net", 4.0)).model_copy(update={"memory": level})
    assert health(observed) < deciding("healthy_score")


@pytest.mark.parametrize(("held", "healthy"), [(0.1, True), (0.85, False)])
def test_a_loop_that_stands_at_files_is_not_healthy_where_requests_queue_for_it(
    held: float, *, healthy: bool
) -> None:
    syncs = does("disk", held, carrier="loop")
    observed = quick(syncs, does("cpu", 0.1, "render", "loop"), alone_ms=9.0, loaded_ms=47.0)
    observed = observed.model_copy(
        update={"loaded": observed.loaded.model_copy(update={"loop_busy": 0.99})}
    )
    assert (health(observed) >= deciding("healthy_score")) is healthy
