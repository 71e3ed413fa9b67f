"""Memory grows with every request and is not given back."""

from dataclasses import dataclass

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.core.units import size
from slowcoach.diagnosis.cause import Cause
from slowcoach.diagnosis.causes._compute import spread_of
from slowcoach.diagnosis.causes._course import Course, course_of
from slowcoach.diagnosis.models import (
    LIVE_OBJECTS,
    REACTIONS,
    Growth,
    Judgement,
    MemoryPoint,
)
from slowcoach.diagnosis.view import View, ramp

WORD = "memory.leak"
_NO_FILE = "the heap"  # a class of the runtime's or a library's own


@dataclass(frozen=True, slots=True)
class Slope:
    """How memory grew: bytes per request, in all, and in how many quarters of the load."""

    per_request: float
    total: int
    steady: float


def slope_of(points: tuple[MemoryPoint, ...]) -> Slope:
    """Return the growth after the warm-up, which is a first part of the answers."""
    limits = rule(WORD)
    least = limits.limit("least_points")
    if len(points) < least or points[-1].completed <= points[0].completed:
        return Slope(0.0, 0, 0.0)
    last = points[-1].completed
    kept = [p for p in points if p.completed >= last * limits.limit("warm_up")]
    if len(kept) < least - 1:
        return Slope(0.0, 0, 0.0)
    requests = kept[-1].completed - kept[0].completed
    grown = kept[-1].rss - kept[0].rss
    middle = min(kept, key=lambda p: abs(p.completed - (kept[0].completed + requests / 2)))
    earlier, later = _rate(kept[0], middle), _rate(middle, kept[-1])
    # what warms up slows down; a leak goes on
    steady = min(1.0, later / earlier) if earlier > 0 else 0.0
    return Slope(grown / max(1, requests), grown, max(0.0, steady))


def _rate(one: MemoryPoint, other: MemoryPoint) -> float:
    """Return the bytes gained per answer between two looks."""
    answers = other.completed - one.completed
    return (other.rss - one.rss) / answers if answers > 0 else 0.0


def growing(view: View) -> list[Growth]:
    """Return the containers that gained about an entry or more for each request."""
    limits = rule(WORD)
    least = limits.limit("entries_per_request") * view.requests
    part = limits.limit("reactions_per_request") * view.requests
    found = [
        g for g in view.observed.growth if g.after - g.before >= (part if _keeps(g) else least)
    ]
    # arrays and texts are what the program's own objects consist of, and more of them; of objects
    # that are parts of others there are more than of the whole, which is what is kept
    # who makes objects is known of all of them, what keeps them only of some: that is named first
    return sorted(found, key=lambda g: (g.file == _NO_FILE, not _keeps(g), _many(g)))


def _keeps(growth: Growth) -> bool:
    return growth.kind.startswith(REACTIONS)


def _many(growth: Growth) -> int:
    gained = growth.after - growth.before
    return gained if growth.kind == LIVE_OBJECTS else -gained


def _judge(view: View) -> Judgement:
    limits = rule(WORD)
    slope = slope_of(view.observed.memory)
    containers, course = growing(view), course_of(view)
    score = (
        ramp(slope.per_request, limits.limit("least_bytes"), limits.limit("bytes_per_request"))
        * ramp(slope.total, limits.limit("least_growth"), limits.limit("growth"))
        # what each request goes through grows, though looks at memory go up and down
        * max(
            ramp(slope.steady, limits.limit("least_steady"), limits.limit("steady")), course.dearer
        )
        * (1.0 if containers else max(limits.limit("without_holder"), course.dearer))
        * (1.0 if view.observed.tasks_seen else limits.limit("other_runtimes"))
    )
    # how much is kept is not known where it is little, or few collections tell; nor is it nothing
    score = max(score, limits.limit("unweighed") * course.dearer)
    figures = [
        Evidence(
            metric="resident memory per request",
            value=slope.per_request,
            unit="bytes",
            limit=limits.limit("bytes_per_request"),
        ),
        Evidence(
            metric="resident memory gained after the warm-up", value=slope.total, unit="bytes"
        ),
        *_dearer(course),
        *(
            Evidence(
                metric="entries gained per request",
                value=(g.after - g.before) / view.requests,
                unit="count",
                where=_holder(g),
            )
            for g in containers[:3]
        ),
    ]
    held = f"; {containers[0].name} gains entries with each" if containers else ""
    if course.dearer:
        held += (
            "; each request computes more than those before it, so it goes through what they left"
        )
    return Judgement(
        cause=WORD,
        score=score,
        why=f"{size(slope.per_request)} more resident memory per request, steadily{held}",
        where=(
            *(_holder(g) for g in containers[:3]),
            *(_gone_through(view) if course.dearer else ()),
            *_on_the_way(view),
        ),
        figures=tuple(figures),
        against="" if score else "memory does not grow steadily with the requests",
    )


def _gone_through(view: View) -> list[str]:
    """Return the function that computes most, which goes through what is kept."""
    functions = spread_of(view).functions[:1]
    return [f"what is kept is gone through in {a.place}" for a in functions]


def _dearer(course: Course) -> list[Evidence]:
    if not course.dearer:
        return []
    return [
        Evidence(metric=f"CPU per request, {part} third of the answers", value=value, unit="ms")
        for part, value in (("first", course.first_ms), ("last", course.last_ms))
    ]


def _on_the_way(view: View) -> list[str]:
    """Return the functions that the requests pass through, which may be those that keep."""
    names = dict.fromkeys(name for a in view.top(lambda a: bool(a.path)) for name in a.path)
    return [f"requests pass through {', '.join(list(names)[:10])}"] if names else []


def _holder(growth: Growth) -> str:
    users = f", used by {', '.join(growth.functions)}" if growth.functions else ""
    listed = f"in heap histograms {growth.listed_as}, " if growth.listed_as else ""
    return f"{growth.name} ({listed}{growth.kind} in {growth.file.rsplit('/', 1)[-1]}{users})"


CAUSE = Cause(WORD, _judge, symptoms=("cpu.hot_function", "gc.pressure"))
