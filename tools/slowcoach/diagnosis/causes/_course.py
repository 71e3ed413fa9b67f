"""How the computing of like requests goes on with their number: what they leave behind, and the
later ones go through, makes each dearer than those before it. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from slowcoach.core.knowledge import rule
from slowcoach.diagnosis.models import MemoryPoint
from slowcoach.diagnosis.view import View, ramp

_PARTS = 3


@dataclass(frozen=True, slots=True)
class Course:
    """Processor time per request in the first and last third of the answers, in ms; `dearer`: how
    far (0..1) it rises with them, in each third.
    """

    first_ms: float = 0.0
    last_ms: float = 0.0
    dearer: float = 0.0


def course_of(view: View) -> Course:
    """Return the course under load."""
    limits = rule("memory.leak")
    costs = _costs(view.observed.course)
    if not costs or min(costs) <= 0:
        return Course()
    rises = costs[-1] - costs[0]
    each = min(later - earlier for earlier, later in pairwise(costs))
    goes_on = rises > 0 and each >= limits.limit("each_dearer") * rises
    risen = ramp(costs[-1] / costs[0], limits.limit("dearer"), limits.limit("much_dearer"))
    return Course(1000 * costs[0], 1000 * costs[-1], risen if goes_on else 0.0)


def _costs(points: Sequence[MemoryPoint]) -> list[float]:
    """Return the seconds per answer in each third; none where too little was computed."""
    limits = rule("memory.leak")
    if len(points) < limits.limit("least_looks") or not points[-1].cpu_s:
        return []
    first, last = points[0].completed, points[-1].completed
    ends = [_nearest(points, first + k * (last - first) / _PARTS) for k in range(_PARTS + 1)]
    steps = [(b.completed - a.completed, b.cpu_s - a.cpu_s) for a, b in pairwise(ends)]
    if any(n <= 0 or spent < limits.limit("least_spent_s") for n, spent in steps):
        return []
    return [spent / n for n, spent in steps]


def _nearest(points: Sequence[MemoryPoint], completed: float) -> MemoryPoint:
    return min(points, key=lambda point: abs(point.completed - completed))
