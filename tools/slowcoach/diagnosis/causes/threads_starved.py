"""Requests queue for a worker or a thread while the processor idles."""

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.core.units import number, share
from slowcoach.diagnosis.activity import UNSTARTED
from slowcoach.diagnosis.cause import Cause
from slowcoach.diagnosis.causes._outside import workers
from slowcoach.diagnosis.causes._places import latency, places
from slowcoach.diagnosis.claim import Claim, all_that
from slowcoach.diagnosis.limits import shape
from slowcoach.diagnosis.load_signs import load_figures, unhindered
from slowcoach.diagnosis.models import Activity, Judgement
from slowcoach.diagnosis.requests_share import unstarted
from slowcoach.diagnosis.view import View, burns, merged, ramp

WORD = "threads.starved"
_ASKS = frozenset({UNSTARTED, "executor", "join"})


def _judge(view: View) -> Judgement:
    limits = rule(WORD)
    if not view.observed.stacks_seen:
        return workers(view, WORD)
    waiting = view.queued / view.concurrency
    beside = sum(a.mean for a in _beside(view))
    idle = 1 - max(view.saturation * _computing(view), view.share(burns))
    free_loop = 1 - ramp(view.loop_busy, limits.limit("loop_share") / 2, limits.limit("loop_share"))
    slow = min(1.0, limits.limit("alone_ms") / view.alone_ms) if view.alone_ms else 1.0
    # one request alone waits for a worker too: others than requests have them all
    behind = view.alone_share(lambda a: a.state == UNSTARTED)
    if beside > view.served:  # so they have, from when what they do beside requests came up
        behind = 1.0
    grown = ramp(view.growth, limits.limit("little_growth"), limits.limit("growth"))
    score = (
        ramp(waiting, limits.limit("least_share"), limits.limit("share"))
        * waiting**0.5
        * max(grown, behind)
        * idle
        * free_loop
        * max(slow, behind)
        * view.late
        * (1 - shape("against") * unhindered(view) * (1 - behind))
        * (max(view.served, unstarted(view.loaded), beside) >= limits.limit("least_served"))
    )
    at_work = view.top(lambda a: not view.hands_over(a))
    busy = merged(_beside(view)) if beside > view.served else at_work
    threads = view.mean(lambda a: not view.hands_over(a))
    holding = [a for a in busy if a.path]
    where = _threads(view)
    where += [f"they are held by {a.place}" for a in holding[:2]] + places(holding[:1])[1:]
    asked = view.top(lambda a: a.state in _ASKS)
    where += [f"waits for a thread: {_asking(a)}" for a in asked[:2]]
    return Judgement(
        cause=WORD,
        score=score,
        why=(
            f"of {view.concurrency} requests at a time only {number(threads)} are worked on, "
            f"{share(waiting)} of them wait for a worker, and the processor idles"
        ),
        where=tuple(where),
        figures=(
            Evidence(
                metric="requests in flight that no worker has",
                value=waiting,
                unit="share",
                limit=limits.limit("share"),
            ),
            Evidence(metric="requests that workers have, at a time", value=threads, unit="count"),
            Evidence(metric="cores that the service uses", value=view.cores_used, unit="count"),
            *load_figures(view),
            *latency(view),
        ),
        against="" if score else "requests find a worker, or the workers are busy computing",
    )


def _beside(view: View) -> list[Activity]:
    """Return what threads of an executor wait for beside the requests, which have them all."""
    return [a for a in view.loaded.standing if a.carrier == "worker" and not burns(a)]


def _computing(view: View) -> float:
    """Return how far those who have the workers compute (1) rather than wait (0): whose workers
    wait has none too few cores, however busy others keep the machine.
    """
    served = view.mean(lambda a: not view.hands_over(a))
    burning = view.mean(lambda a: burns(a) and not view.hands_over(a))
    if not served:
        return 0.0 if _beside(view) else 1.0
    return ramp(burning, 0, rule(WORD).limit("computing") * served)


def _asking(a: Activity) -> str:
    """Return where a request asks for a thread, and by what of a library or of the language."""
    by = a.waits_in or next(iter(a.callee), "")
    return f"{a.place}, in {by}" if by and by != a.function else a.place


def _threads(view: View) -> list[str]:
    """Return whose threads or processes are all taken, most first."""
    held: dict[str, float] = {}
    for a in view.observed.loaded.activities:
        if a.server and not view.hands_over(a):
            held[a.server] = held.get(a.server, 0.0) + a.mean
    names = sorted(held, key=lambda name: -held[name])[:1]
    if view.observed.workers > 1:
        return [f"the {view.observed.workers} worker processes ({', '.join(names)})"]
    return [f"the threads of {name} (about {number(held[name])} at a time)" for name in names]


def _claims(view: View) -> Claim:
    del view
    return all_that(lambda a: a.state in _ASKS, queues=True)


CAUSE = Cause(WORD, _judge, claims=_claims)
