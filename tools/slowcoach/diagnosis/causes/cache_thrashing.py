"""A cache evicts its entries before they are used again."""

from itertools import pairwise

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.core.units import number, share
from slowcoach.diagnosis.cause import Cause
from slowcoach.diagnosis.causes._places import latency
from slowcoach.diagnosis.claim import Claim, all_that
from slowcoach.diagnosis.limits import deciding
from slowcoach.diagnosis.models import Activity, CacheUse, Growth, Judgement
from slowcoach.diagnosis.view import Test, View, ramp

WORD = "cache.thrashing"


def _judge(view: View) -> Judgement:
    found = [_memo(view, cache) for cache in view.observed.caches]
    found += [_container(view, growth) for growth in view.observed.growth]
    return max(
        found,
        key=lambda j: j.score,
        default=Judgement(cause=WORD, score=0, why="no cache was seen to lose entries"),
    )


def _memo(view: View, cache: CacheUse) -> Judgement:
    """Judge a memoizing function. The requests are all alike: a second one should only hit."""
    limits = rule(WORD)
    asked = cache.hits + cache.misses
    missed = cache.misses / asked if asked else 0.0
    each = cache.misses / view.requests
    full = cache.limit > 0 and cache.entries >= cache.limit
    name = cache.name.rsplit(".", 1)[-1]
    spent = _spent(view, _in_memo(cache))
    score = (
        float(full)
        * ramp(each, limits.limit("least_misses"), limits.limit("misses"))
        * ramp(missed, limits.limit("least_miss_share"), limits.limit("miss_share"))
        * ramp(spent, 0, limits.limit("spent_share"))
        * max(view.crowded, limits.limit("within_budget"))
    )
    return Judgement(
        cause=WORD,
        score=score,
        why=(
            f"the cache of {name} is full with {cache.entries} entries and misses "
            f"{number(each)} times per request though the requests are alike"
        ),
        where=(_cache(cache),),
        figures=(
            Evidence(
                metric="misses per request", value=each, unit="count", limit=limits.limit("misses")
            ),
            Evidence(metric="share of look-ups that miss", value=missed, unit="share"),
            Evidence(
                metric="entries, of a limit that is the same", value=cache.entries, unit="count"
            ),
            Evidence(metric="share of the latency spent on filling it", value=spent, unit="share"),
            *latency(view),
        ),
        against="" if score else "its misses cost nothing or it is not full",
    )


def _cache(cache: CacheUse) -> str:
    file = cache.file.rsplit("/", 1)[-1]
    return f"cache of {cache.name} (functools.lru_cache, {cache.limit} entries, {file})"


def _container(view: View, growth: Growth) -> Judgement:
    limits = rule(WORD)
    spent = _spent(view, _in_container(view, growth))
    harm = (
        float(growth.bounded)
        * _kept(growth)
        * ramp(spent, 0, limits.limit("spent_share"))
        # what is computed anew takes the processor from others; what is waited for within the
        # budget harms nobody
        * max(view.crowded, limits.limit("within_budget") * view.compute_share)
        * (1 - _written(view))
    )
    score = harm * _turned(view, growth)
    least = deciding("least_score")
    if unclear := score < least <= harm and (_loads(growth) or growth.filling):
        score = harm  # what is loaded is no hot function's doing, though few are seen to be lost
        unclear = not _keeps_nothing(growth)
    users = f", used by {', '.join(growth.functions)}" if growth.functions else ""
    return Judgement(
        cause=WORD,
        score=score,
        why=_course(view, growth),
        where=(f"{growth.name} ({growth.kind} in {growth.file.rsplit('/', 1)[-1]}{users})",),
        figures=(
            Evidence(metric="entries", value=growth.after, unit="count", where=growth.name),
            Evidence(
                metric="share of the entries replaced between two looks",
                value=growth.turnover,
                unit="share",
                limit=limits.limit("turnover"),
            ),
            *_adding(view, growth),
            Evidence(
                metric="share of the latency in functions that use it", value=spent, unit="share"
            ),
            *latency(view),
        ),
        against="" if score else "it is no bounded cache that loses its entries",
        doubt=growth.doubt or ("loads" if unclear else ""),
    )


def _loads(growth: Growth) -> bool:
    """Tell whether a library's cache is seen to load values for much of the time."""
    return growth.remade and growth.loading >= rule(WORD).limit("filling_share")


def _keeps_nothing(growth: Growth) -> bool:
    """Tell whether a library's cache loads most of the time and has hardly an entry at rest."""
    limits = rule(WORD)
    loads = growth.remade and growth.loading >= limits.limit("mostly_loading")
    return loads and growth.after < limits.limit("least_entries")


def _turned(view: View, growth: Growth) -> float:
    """Return how surely entries are lost that are needed again: like requests should add none.

    Where keys are seen to come back, each entry added is a miss. Where they are not, about one
    for each request is a record of the requests, or what each has of its own.
    """
    limits = rule(WORD)
    each = _added(view, growth)
    if growth.returned and growth.added:
        return ramp(each, limits.limit("least_misses"), limits.limit("misses"))
    lost = growth.turnover
    if growth.returned is None and growth.added:
        lost = max(lost, ramp(each, limits.limit("least_added"), limits.limit("added")))
    elif growth.added and each <= limits.limit("recorded"):
        return 0.0
    return ramp(lost, limits.limit("least_turnover"), limits.limit("turnover"))


def _adding(view: View, growth: Growth) -> list[Evidence]:
    if not growth.added:
        return []
    limit = (
        "least_added" if growth.returned is None else "misses" if growth.returned else "recorded"
    )
    return [
        Evidence(
            metric="entries that each of the like requests adds",
            value=_added(view, growth),
            unit="count",
            limit=rule(WORD).limit(limit),
        )
    ]


def _added(view: View, growth: Growth) -> float:
    """Return how many entries a request adds; one process of several was looked at."""
    processes = 1 if growth.returned is None else max(1, view.observed.workers)
    return growth.added * processes / view.requests


def _kept(growth: Growth) -> float:
    """Return how surely it keeps entries when no request is there, as a cache does."""
    if growth.remade or (growth.added and growth.returned is None):
        return 1.0
    return ramp(growth.after, 1, rule(WORD).limit("least_entries"))


def _course(view: View, growth: Growth) -> str:
    if growth.remade and not _turned(view, growth) and _loads(growth):
        return f"values are loaded for {growth.name} in {share(growth.loading)} of the time"
    if growth.added:
        return (
            f"{number(_added(view, growth))} entries per request are added to "
            f"{growth.name}, which grows no more, though the requests are alike"
        )
    return (
        f"{growth.name} stays at {growth.after} entries while {share(growth.turnover)} of them "
        "are replaced between two looks, though the requests are alike"
    )


def _written(view: View) -> float:
    """Return the share of the latency in writing files: no cache spares that."""
    writes = view.loaded.written_bytes > view.loaded.read_chars
    return view.own_share(lambda a: a.state == "disk") if writes else 0.0


def _spent(view: View, test: Test) -> float:
    def within(a: Activity) -> bool:
        return not view.hands_over(a) and test(a)

    return max(view.share(within), view.alone_share(within))


def _in_memo(cache: CacheUse) -> Test:
    name = cache.name.rsplit(".", 1)[-1]
    return lambda a: name in {part.rsplit(".", 1)[-1] for part in a.path}


def _in_container(view: View, growth: Growth) -> Test:
    """Test for the functions that use a container: those that name it, those that own it (a
    class, a decorated function), where a library's object may lie in between. What no function of
    the program names is used by those that call the library which has it.
    """
    if growth.library and not growth.functions:
        return lambda a: growth.library in a.packages
    names = _below(view, {f.rsplit(".", 1)[-1] for f in growth.functions})
    owners = set(growth.name.split(".")[1:-1]) or {growth.name.split(".")[0]}
    return lambda a: any(
        part.rsplit(".", 1)[-1] in names or not owners.isdisjoint(part.split("."))
        for part in a.path
    )


def _below(view: View, names: set[str]) -> set[str]:
    """Return the functions with those that only they call: what goes on after an await has no
    callers on its stack.
    """
    callers: dict[str, set[str]] = {}
    for a in (*view.loaded.activities, *view.alone.activities):
        parts = [part.rsplit(".", 1)[-1] for part in a.path]
        for caller, called in pairwise(parts):
            callers.setdefault(called, set()).add(caller)
    found = set(names)
    while more := {f for f, by in callers.items() if f not in found and by <= found | {f}}:
        found |= more
    return found


def _claims(view: View) -> Claim:
    seen = view.observed
    found = [(_memo(view, cache).score, _in_memo(cache)) for cache in seen.caches]
    found += [
        (_container(view, growth).score, _in_container(view, growth)) for growth in seen.growth
    ]
    best = max(found, key=lambda each: each[0], default=None)
    return all_that(best[1] if best else lambda _: False)


CAUSE = Cause(
    WORD,
    _judge,
    claims=_claims,
    symptoms=(
        "cpu.hot_function",
        "cpu.spread",
        "db.slow_query",
        "gc.pressure",
        "io.disk",
        "io.external",
        "io.sequential",
        "loop.blocked",
    ),
)
