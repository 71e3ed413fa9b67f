"""Waits for other services: how many calls per request, and how the time is spread over them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from slowcoach.core.knowledge import rule
from slowcoach.diagnosis.causes._statements import database_share
from slowcoach.diagnosis.models import Activity
from slowcoach.diagnosis.view import Test, View, ramp


@dataclass(frozen=True, slots=True)
class Calls:
    """`share` of the latency in waiting for peers; `count` of calls per request; `top`: the share
    of that waiting at the line that waits most, and how many calls that line makes one after
    another; `step`, `step_calls`: the same of the calls that one way through the program makes,
    where a line serves several; `at_a_time`: how many run together for one request.
    """

    share: float
    count: float
    top: float
    top_calls: float
    at_a_time: float
    ports: tuple[int, ...]
    activities: tuple[Activity, ...]
    step: float = 0.0
    step_calls: float = 0.0


def waits(a: Activity) -> bool:
    """Tell whether an activity waits for a peer other than the database, not holding a loop."""
    return a.state in {"net", "future"} and a.carrier != "loop"


def calls_of(view: View) -> Calls:
    """Return the calls to peers, from what was seen under load."""
    silent = not talks(view)

    def calls(a: Activity) -> bool:
        return waits(a) and not view.hands_over(a) and not (silent and a.state == "future")

    activities = view.top(calls)
    lines = sorted(
        (mean for a in activities for mean in (a.lines or {a.line: a.mean}).values()), reverse=True
    )
    total = sum(lines)
    database = view.database.port if view.database else 0
    counts = {
        p: n
        for p, n in _per_request(view).items()
        if p != database and n > rule("io.external").limit("call")
    }
    count = sum(counts.values())
    seen = [a.port for a in view.loaded.activities if waits(a) and a.port]
    ports = sorted(counts, key=lambda p: -counts[p]) or list(dict.fromkeys(seen))
    steps = _steps(view, calls, activities) if total else []
    together = sum(a.beside * a.mean for a in activities) / total if total else 1.0
    if not view.visible:
        return _from_outside(view, count, tuple(ports[:3]))
    return Calls(
        share=view.own_share(calls) if total else 0.0,
        count=count,
        top=lines[0] / total if total else 0.0,
        top_calls=_alike(count - _visible(lines), together, activities) if total else 0.0,
        at_a_time=together,
        ports=tuple(ports[:3]),
        activities=tuple(activities),
        step=steps[0] / sum(steps) if steps else 0.0,
        step_calls=_alike(count - _visible(steps), together, activities) if steps else 0.0,
    )


def _visible(means: Sequence[float]) -> int:
    """Return how many others than the first have a visible part of the waiting."""
    least = rule("io.external").limit("visible") * sum(means)
    return sum(1 for mean in means[1:] if mean >= least)


def _steps(view: View, test: Test, by: Sequence[Activity]) -> list[float]:
    """Return how the waiting is spread over the ways to the function that waits most, and the
    other functions, most first: what asks different things may all do it by one that sends. None
    where a way may be the rest of another, of which the callers are not known.
    """
    found: defaultdict[tuple[str, ...], float] = defaultdict(float)
    for a in filter(test, view.loaded.activities):
        found[a.path if a.function == by[0].function else (a.function,)] += a.mean
    ways = [way for way in found if way[-1:] == (by[0].function,)]
    if any(one != other and one == other[-len(one) :] for one in ways for other in ways):
        return []
    # what was seen beside a lone request only has no part of the load's
    return sorted(filter(None, found.values()), reverse=True)


def _alike(calls: float, together: float, activities: list[Activity]) -> float:
    """Return how many calls a line makes one after another: of several of which one takes the
    time, one is to blame.
    """
    even = activities[0].evenness if activities else 1.0
    return max(1.0, calls * even / max(1.0, together))


def talks(view: View) -> bool:
    """Tell whether requests make other processes send anything: else a bare future is a wait for
    something inside the program.
    """
    least = rule("io.external").limit("call")
    counted = any(n > least for n in _per_request(view).values())
    return counted or not view.observed.tasks_seen


def _per_request(view: View) -> dict[int, float]:
    """Return the calls per request by port. They do not depend on the load, but of connections
    that are closed under it fewer are seen: what a lone request makes is the least.
    """
    alone = view.alone if view.alone.completed >= rule("io.external").limit("enough") else None
    return {
        port: max(n / view.requests, alone.exchanges.get(port, 0) / alone.completed if alone else 0)
        for port, n in view.loaded.exchanges.items()
    }


def _from_outside(view: View, count: float, ports: tuple[int, ...]) -> Calls:
    """Return the calls where no stacks tell: what neither computing nor the database explains."""
    if not count or not view.alone_ms:
        return Calls(0.0, count, 0.0, 0.0, 0.0, ports, ())
    spent = 1000 * (view.alone.cpu_user_s + view.alone.cpu_system_s) / max(1, view.alone.completed)
    rest = 1 - min(1.0, spent / view.alone_ms) - database_share(view)
    # what grows with the load while nothing computes queues inside, and nobody sees where
    limits = rule("healthy")
    alike = 1 - ramp(view.growth, limits.limit("little_growth"), limits.limit("growth"))
    sure = rule("io.external").limit("from_outside") * alike
    return Calls(max(0.0, rest) * sure, count, 1.0, count, 1.0, ports, ())


def peers(view: View, calls: Calls) -> list[str]:
    """Return the peers for texts."""
    found: list[str] = []
    for port in calls.ports:
        name = view.observed.peers.get(port, "")
        address = view.observed.addresses.get(port, "")
        found.append(
            f"peer on port {port}"
            + (f" ({name})" if name else "")
            + (f" at {address}" if address else "")
        )
    return found
