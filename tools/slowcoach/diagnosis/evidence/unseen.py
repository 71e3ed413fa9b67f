"""Waits for peers that no thread stands in: what callbacks and promises await. Pure.

Where requests are with nobody that can be seen, and the process's connections await answers, they
wait for those. Who asks is told by what was seen sending.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence

from slowcoach.diagnosis.activity import NOT_SERVED
from slowcoach.diagnosis.evidence.awaited import Awaited
from slowcoach.diagnosis.limits import deciding
from slowcoach.diagnosis.models import Activity

_WAITS = frozenset({"net", "db", "future"})
_PLACE = ("function", "file", "line", "path", "callee")


def together(awaited: Mapping[int, Awaited]) -> float:
    """Return how many answers a lone request awaits at a time, whoever gives them."""
    counts = [sum(each) for each in zip(*(a.counts for a in awaited.values()), strict=False)]
    some = [n for n in counts if n]
    return max(1.0, sum(some) / len(some)) if some else 1.0


def unseen(
    awaited: Mapping[int, Awaited],
    idle: Mapping[int, float],
    beside: float,
    concurrency: int,
    seen: Sequence[Activity],
    database_port: int = 0,
    asks: Callable[[Sequence[str]], bool] = bool,
    askers: Callable[[Sequence[Activity]], Collection[str]] = lambda _: (),
) -> tuple[Activity, ...]:
    """Return the waits by peer, for as many requests as nobody was seen to work on.

    `idle`: the answers awaited at a time without requests; `beside`: how many a lone one awaits;
    `asks` tells by functions that the program's own code called whether it asks peers by them;
    `askers` which of the functions that were seen running belong to code that does so.
    """
    waits = {
        port: each.mean / beside
        for port, each in awaited.items()
        if each.exchanges and idle.get(port, 0.0) <= deciding("awaited_idle") * each.mean
    }
    total = sum(waits.values())
    served = sum(a.mean for a in seen if a.state not in NOT_SERVED)
    visible = sum(a.mean for a in seen if a.state in _WAITS and a.carrier != "loop")
    hidden = min(total - visible, concurrency - served)
    if (
        total > deciding("awaited_beyond") * concurrency
        or hidden < deciding("awaited_least") * concurrency
    ):
        return ()
    sender = _sender(seen, asks, askers)
    return tuple(
        _activity(port, wait * hidden / total, awaited[port], beside, sender).model_copy(
            update={"state": "db" if port == database_port else "net"}
        )
        for port, wait in sorted(waits.items(), key=lambda each: -each[1])
        if wait
    )


def _activity(
    port: int, mean: float, each: Awaited, beside: float, sender: Activity | None
) -> Activity:
    found = Activity(
        carrier="task",
        state="net",
        port=port,
        mean=round(mean, 4),
        evenness=round(each.evenness, 3),
        beside=round(beside, 2),
    )
    if sender is None:
        return found
    return found.model_copy(
        update={
            **{name: getattr(sender, name) for name in _PLACE},
            "lines": {sender.line: found.mean},
        }
    )


def _sender(
    seen: Sequence[Activity],
    asks: Callable[[Sequence[str]], bool],
    askers: Callable[[Sequence[Activity]], Collection[str]],
) -> Activity | None:
    """Return what was seen asking most; else what runs on loops or workers, which calls back:
    rather where code stands that asks.
    """
    asking = [a for a in seen if a.path and asks((*a.callee, *a.packages))]
    runs = [a for a in seen if a.path and a.carrier in {"loop", "worker"}]
    if not asking and runs:
        near = askers(runs)
        asking = [a for a in runs if a.function in near]
    group = asking or runs
    if not group:
        return None
    means: defaultdict[str, float] = defaultdict(float)
    for a in group:
        means[a.function] += a.mean
    most = max(means, key=lambda name: means[name])
    return max((a for a in group if a.function == most), key=lambda a: len(a.path))
