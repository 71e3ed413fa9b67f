"""How computing is spread over functions: what the hot function and the spread cost share."""

from dataclasses import dataclass

from slowcoach.core.knowledge import rule
from slowcoach.diagnosis.causes._statements import reading
from slowcoach.diagnosis.models import Activity
from slowcoach.diagnosis.view import BURNING, View, burns, merged, ramp

_RUNS = frozenset(BURNING - {"gil"})
_MARK_ALL = frozenset({"go"})  # runtimes whose collectors know no generations


@dataclass(frozen=True, slots=True)
class Spread:
    """The computing functions, most first; shares of all computing of the endpoint.

    `pair` is the hottest function with the one that calls it or that it calls.
    """

    functions: tuple[Activity, ...]
    top: float
    pair: float
    needed: int


def spread_of(view: View) -> Spread:
    """Return the spread, from both phases (the one alone is calm, the loaded has more looks).

    Threads that only wait for the interpreter do not compute, and stand where they waited for
    something else before: they are left out where others are seen computing.
    """
    burning = [a for phase in (view.loaded, view.alone) for a in phase.activities if burns(a)]
    computing = [a for a in burning if a.state in _RUNS] or burning
    every = [a for a in computing if a.path]
    frameworks = [a for a in computing if not a.path]
    total = sum(a.mean for a in every) + sum(a.mean for a in frameworks)
    weights = {(a.function, a.file): _weight(a, every) for a in merged(every)}
    functions = sorted(merged(every), key=lambda a: -weights[a.function, a.file])
    if not functions or not total:
        return Spread((), 0.0, 0.0, 0)
    first = functions[0]
    top = weights[first.function, first.file]
    leads = [a for a in functions if weights[a.function, a.file] < a.mean]
    near = max(
        (
            a.mean
            for a in functions[1:]
            if first not in leads and a not in leads and _neighbours(first, a, every)
        ),
        default=0.0,
    )
    held, needed = 0.0, 0
    for a in functions:
        if held >= rule("cpu.spread").limit("almost_all") * total:
            break
        held += a.mean
        needed += 1
    return Spread(tuple(functions), top / total, (top + near) / total, needed)


def _weight(one: Activity, every: list[Activity]) -> float:
    """Return how much computing makes a function hot: all that is its own, unless it only leads
    others through the steps of the work. Then it is the largest step that a library does for it.
    """
    limits = rule("cpu.spread")
    mine = [a for a in every if (a.function, a.file) == (one.function, one.file)]
    led = {a.function for a in every if one.function in a.path[-2:-1]} - {one.function}
    delegated = sum(a.mean for a in every if a.function in led and a.state != "gc")
    computing = sum(a.mean for a in mine if a.state != "gc")
    steps: dict[tuple[str, int], float] = {}
    for a in mine:
        if a.callee:
            steps[a.callee[0], a.line] = steps.get((a.callee[0], a.line), 0.0) + a.mean
    own = sum(a.mean for a in mine if not a.callee and a.state != "gc")
    leads = (
        len(led) >= limits.limit("led")
        and len(steps) >= limits.limit("steps")
        and delegated >= limits.limit("delegated") * computing
        and own <= limits.limit("own_code") * computing
    )
    return own + max(steps.values()) if leads else one.mean


def collecting(view: View) -> float:
    """Return the part of the computing that is garbage collection."""
    phases = (view.loaded, view.alone)
    spent = sum(view.mean(lambda a: a.state == "gc", phase) for phase in phases)
    running = sum(view.mean(lambda a: a.state in _RUNS, phase) for phase in phases)
    return spent / running if running else 0.0


def collector_share(view: View) -> float:
    """Return how much of the blame for the computing is the collector's (0..1): little where one
    function computes far more by itself, for then its garbage goes when that is mended, or where
    many compute a little and each leaves some garbage.
    """
    limits = rule("gc.pressure")
    part = collecting(view)
    again = "_again" if view.observed.runtime in _MARK_ALL else ""
    strong = ramp(part, limits.limit(f"least_share{again}"), limits.limit(f"share{again}"))
    if not strong:
        return 0.0
    beside = ramp(_hottest_by_collector(view), limits.limit("beside"), limits.limit("far_beside"))
    own = ramp(part, limits.limit("share"), limits.limit("though_spread"))
    return strong * (1 - beside) * (1 - _scattered(view) * (1 - own))


def _scattered(view: View) -> float:
    """Return how far (0..1) many functions compute, their garbage included, and none stands out."""
    hot = rule("cpu.hot_function")
    spread = spread_of(view)
    even = 1 - ramp(spread.top, hot.limit("spread_share"), hot.limit("top_share"))
    return even * ramp(spread.needed, 1, rule("cpu.spread").limit("functions"))


def _hottest_by_collector(view: View) -> float:
    """Return the most that one function computes itself, by all collections."""
    every = [a for phase in (view.loaded, view.alone) for a in phase.activities]
    own = merged([a for a in every if a.path and burns(a) and a.state != "gc"])
    spent = sum(a.mean for a in every if a.state == "gc")
    return own[0].mean / spent if own and spent else 0.0


def blameless(view: View) -> float:
    """Return how much of the computing is neither the collector's nor for rows in excess."""
    return (1 - collector_share(view)) * (1 - reading(view))


def _neighbours(one: Activity, other: Activity, every: list[Activity]) -> bool:
    """Tell whether one of two functions calls the other directly."""
    pair = {one.function, other.function}
    return any(set(a.path[-2:]) == pair for a in every)


def called(activity: Activity) -> str:
    """Return the library code that a function burns its time in, for texts."""
    return activity.callee[0] if activity.callee else ""
