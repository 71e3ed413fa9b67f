"""How computing is spread over functions: what the hot function and the spread cost share."""

from dataclasses import dataclass
from math import sqrt

from slowcoach.core.knowledge import rule
from slowcoach.diagnosis.causes._statements import reading
from slowcoach.diagnosis.causes._whole_library import (
    in_layers,
    innermost,
    needed,
    spread_inside,
)
from slowcoach.diagnosis.models import Activity
from slowcoach.diagnosis.view import BURNING, View, burns, merged, ramp

_RUNS = frozenset(BURNING - {"gil"})
_COUNTED = frozenset({"python", "java"})  # runtimes whose stacks are counted look by look
_MARK_ALL = frozenset({"go"})  # runtimes whose collectors know no generations


@dataclass(frozen=True, slots=True)
class Spread:
    """The computing functions, most first; shares of all computing of the endpoint.

    `pair` is the hottest function with the one that calls it or that it calls. `layered`: the
    hottest only calls a library, in which many functions compute a little. `led`: it leads others
    through the steps of the work, of which `top` is the largest. `samples`: so many stacks tell
    it, 0 where they are not counted.
    """

    functions: tuple[Activity, ...]
    top: float
    pair: float
    needed: int
    layered: bool = False
    led: bool = False
    samples: float = 0.0

    def concentrated(self, errors: int) -> float:
        """Return how far (0..1) one of them has the computing, if its share is by so many standard
        errors of the count of stacks larger.
        """
        limits = rule("cpu.hot_function")
        least, most = "spread_share", "top_share"
        if self.led:  # one step of several has to be most of the work to be worth mending alone
            least, most = "step_least", "step_top"
        top = self.top + errors * _error(self.top, self.samples)
        pair = self.pair + errors * _error(self.pair, self.samples)
        return max(
            ramp(top, limits.limit(least), limits.limit(most)),
            ramp(pair, limits.limit("top_share"), limits.limit("pair_share")),
        )


def _error(part: float, samples: float) -> float:
    """Return the standard error of a share of so many stacks (binomial); 0 if not counted."""
    return sqrt(max(0.0, part * (1 - part)) / samples) if samples else 0.0


def spread_of(view: View) -> Spread:
    """Return the spread, from both phases (the one alone is calm, the loaded has more looks).

    Threads that only wait for the interpreter do not compute, and stand where they waited for
    something else before: they are left out where others are seen computing.
    """
    burning = [a for a in _all(view) if burns(a)]
    computing = [a for a in burning if a.state in _RUNS] or burning
    every = [a for a in computing if a.path]
    frameworks = [a for a in computing if not a.path]
    total = sum(a.mean for a in every) + sum(a.mean for a in frameworks)
    looks = view.loaded.looks if view.observed.runtime in _COUNTED else 0
    found = {(a.function, a.file): (a, _weighed(a, every, burning, looks)) for a in merged(every)}
    ordered = sorted(found.values(), key=lambda pair: -pair[1].weight)
    if not ordered or not total:
        return Spread((), 0.0, 0.0, 0)
    if parts := spread_inside(every, total):
        top = parts[0] / total
        many = needed(parts, total)
        return Spread(tuple(merged(every)), top, top, many, samples=looks * total)
    first, weighed = ordered[0]
    near = max(
        (
            a.mean
            for a, other in ordered[1:]
            if not (weighed.parted or other.parted) and _neighbours(first, a, every)
        ),
        default=0.0,
    )
    return Spread(
        tuple(a for a, _ in ordered),
        weighed.weight / total,
        (weighed.weight + near) / total,
        needed((p for _, w in ordered for p in sorted(w.parts, reverse=True)), total),
        weighed.layered and not weighed.leads,
        weighed.leads and not weighed.layered,
        looks * total,
    )


def _all(view: View) -> list[Activity]:
    """Return what was done in both phases, for requests and beside them. Where stacks are counted
    one by one, the few of a short phase do not count for more than those of a long one.
    """
    loaded, alone = view.loaded, view.alone
    every = [*loaded.activities, *loaded.standing]
    lone = [*alone.activities, *alone.standing]
    if not loaded.looks or not any(a.leaves for a in every):
        return every + lone
    part = min(1.0, alone.looks / loaded.looks)
    return every + [_scaled(a, part) for a in lone]


def _scaled(a: Activity, part: float) -> Activity:
    leaves = {leaf: mean * part for leaf, mean in a.leaves.items()}
    return a.model_copy(update={"mean": a.mean * part, "leaves": leaves})


@dataclass(frozen=True, slots=True)
class _Weighed:
    """How much computing makes a function hot, and the parts that count one by one.

    `leads`: it only leads others through the steps of the work. `layered`: what libraries compute
    for it is spread over many of their functions.
    """

    weight: float
    parts: tuple[float, ...]
    leads: bool = False
    layered: bool = False

    @property
    def parted(self) -> bool:
        """Tell whether it is not one thing that a neighbour adds to."""
        return self.leads or self.layered


def _weighed(one: Activity, every: list[Activity], burning: list[Activity], looks: int) -> _Weighed:
    """Return how much computing makes a function hot: all that is its own, unless it only leads
    others through the steps of the work. Then it is the largest step that a library does for it,
    or the largest of the functions in which libraries do it, where those are many layers that
    call the program back, as all that is `burning` tells, who waits to compute included.
    """
    mine = [a for a in every if (a.function, a.file) == (one.function, one.file)]
    own = sum(a.mean for a in mine if not a.callee and a.state != "gc")
    limits, inner = rule("cpu.spread"), innermost(mine)
    spent = sum(inner.values())
    layered = in_layers(mine)
    steps: dict[tuple[str, int], float] = {}
    for a in mine:
        if a.callee:
            steps[a.callee[0], a.line] = steps.get((a.callee[0], a.line), 0.0) + a.mean
    computing = sum(a.mean for a in mine if a.state != "gc")
    files = {leaf.split(":")[0] for leaf in inner if ":" in leaf}
    around = len(files) >= limits.limit("inner_files") and _called_back(one, burning, spent)
    if (layered and around) or (inner and _woven(one, burning, own, spent)):
        return _Weighed(own + max(inner.values()), tuple(inner.values()), True, True)
    apart = own / computing if computing else 0.0
    apart -= _error(apart, looks * computing)
    if len(steps) >= limits.limit("steps") and _leads(one, every, computing, apart):
        return _Weighed(own + max(steps.values()), (own, *steps.values()), True)
    return _Weighed(one.mean, (one.mean,), False, layered)


def _leads(one: Activity, every: list[Activity], computing: float, apart: float) -> bool:
    """Tell whether others that a function calls, and libraries, do its work, of which `apart` is
    the share that is surely its own.
    """
    limits = rule("cpu.spread")
    led = {a.function for a in every if one.function in a.path[:-1]} - {one.function}
    delegated = sum(a.mean for a in every if a.function in led and a.state != "gc")
    return (
        len(led) >= limits.limit("led")
        and delegated >= limits.limit("delegated") * computing
        and apart <= limits.limit("own_code")
    )


def _called_back(one: Activity, every: list[Activity], spent: float) -> bool:
    """Tell whether the libraries that a function calls call others of the program, which do a part
    of the work that matters beside theirs: not a parser's that tells events.
    """
    limits = rule("cpu.spread")
    back = [a for a in every if one.function in a.path[:-1] and a.called_by]
    back = [a for a in back if a.function != one.function and a.state != "gc"]
    names = {a.function for a in back}
    enough = sum(a.mean for a in back) >= limits.limit("back_share") * spent
    return enough and len(names) >= limits.limit("called_back")


def _woven(one: Activity, every: list[Activity], own: float, spent: float) -> bool:
    """Tell whether a function only calls a library that calls many of the program, which do such a
    part of the work: whatever files it has, and though one of its functions walks through all.
    """
    limits = rule("cpu.spread")
    back = [a for a in every if a.path[-2:-1] == (one.function,) and a.called_by]
    back = [a for a in back if a.state != "gc"]
    return (
        len({a.function for a in back}) >= limits.limit("many_back")
        and sum(a.mean for a in back) >= limits.limit("back_share") * spent
        and own <= limits.limit("own_code") * spent
    )


def collecting(view: View) -> float:
    """Return the part of the computing that is garbage collection."""
    every = _all(view)
    spent = sum(a.mean for a in every if a.state == "gc")
    running = sum(a.mean for a in every if a.state in _RUNS)
    return spent / running if running else 0.0


def collected_beside(view: View) -> float:
    """Return the part of the collections that threads do with or without requests."""
    loaded = view.loaded
    beside = sum(a.mean for a in loaded.standing if a.state == "gc")
    spent = beside + sum(a.mean for a in loaded.activities if a.state == "gc")
    return beside / spent if spent else 0.0


def collectors(view: View) -> list[Activity]:
    """Return the program's functions in which collections run, most first."""
    every = (*view.loaded.activities, *view.loaded.standing)
    return merged(a for a in every or _all(view) if a.state == "gc" and a.path)


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
    """Return the most that one function computes itself, by all collections.

    Who waits for the interpreter is about to compute; behind a thread that collects beside the
    requests it stands wherever it was when that took over.
    """
    every = _all(view)
    waiting = 1 - collected_beside(view)
    own = merged(
        [
            _scaled(a, waiting) if a.state == "gil" else a
            for a in every
            if a.path and burns(a) and a.state != "gc"
        ]
    )
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
