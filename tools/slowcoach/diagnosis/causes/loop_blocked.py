"""A blocking call or a long computation holds up the event loop."""

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.core.units import share
from slowcoach.diagnosis.cause import Cause
from slowcoach.diagnosis.causes._loop_files import at_disk, stands_at_files
from slowcoach.diagnosis.causes._outside import loop
from slowcoach.diagnosis.causes._places import latency, places
from slowcoach.diagnosis.claim import Claim, all_that
from slowcoach.diagnosis.limits import shape
from slowcoach.diagnosis.load_signs import load_figures, process_free
from slowcoach.diagnosis.models import Activity, Judgement
from slowcoach.diagnosis.view import BLOCKING, View, ramp

WORD = "loop.blocked"
_SAID = {
    "sleep": "time.sleep or another sleep that blocks",
    "net": "a blocking request over the network",
    "db": "a blocking database driver",
    "disk": "a blocking file operation",
    "child": "a wait for a child process",
    "native": "a long computation in C that would run in a thread",
    "lock": "a wait for a thread's lock",
    "event": "a wait for a result that others compute",
    "join": "a wait for a result that others compute",
}


def _judge(view: View) -> Judgement:
    limits = rule(WORD)
    if view.loaded.loop_busy is None:
        if not view.observed.stacks_seen:
            return loop(view, WORD)
        return Judgement(cause=WORD, score=0, why="the service runs no event loop")
    blocking = _blocking(view)
    blocked = max(blocking, _native(view))
    both = min(1.0, blocking + _native(view))
    computing = _share(view, frozenset({"cpu", "gil"}))
    score = ramp(both, limits.limit("least_share"), limits.limit("share")) * view.late
    # a long computation in Python holds the loop too, but its function is the better word
    long = ramp(view.cpu_ms, limits.limit("long_ms") / 2, limits.limit("long_ms"))
    score = max(score, limits.limit("computing") * computing * long * view.late * view.saturation)
    # a path that is answered at once was not held up by this loop
    score *= 1 - shape("free_against") * process_free(view)
    states = BLOCKING | {"native"} if blocked >= computing else BLOCKING | {"native", "cpu"}
    holding = view.top(lambda a: a.carrier == "loop" and a.state in states and bool(a.path))
    kind = _kind(view, states)
    where = places(holding)
    if kind in _SAID:
        where.insert(0, _SAID[kind])
    where += [
        f"waits for port {a.port}" for a in holding[:1] if a.port and a.state in {"net", "db"}
    ]
    return Judgement(
        cause=WORD,
        score=score,
        why=f"the event loop's thread sits {share(max(both, blocked))} of the time in "
        + (_SAID.get(kind, "a long computation")),
        where=tuple(where),
        figures=(
            Evidence(
                metric="share of time in which the loop can take up nothing",
                value=view.loop_busy,
                unit="share",
                limit=limits.limit("share"),
            ),
            Evidence(metric="of it in blocking calls", value=both, unit="share"),
            *(
                Evidence(
                    metric="share of the loop's time",
                    value=min(1.0, a.mean),
                    unit="share",
                    where=a.place,
                    note=a.state,
                )
                for a in holding[:2]
            ),
            *load_figures(view),
            *latency(view),
        ),
        against="" if score else "the loop waits in its selector or computes briefly",
    )


def _share(view: View, states: frozenset[str]) -> float:
    held = view.mean(lambda a: a.carrier == "loop" and a.state in states)
    return min(1.0, held / max(1, view.observed.workers))


def _blocking(view: View) -> float:
    """Return the share of the loop's time in calls that block, but for waits for the disk."""
    disk = view.mean(stands_at_files) / max(1, view.observed.workers)
    return max(0.0, _share(view, BLOCKING) - min(1.0, disk) * at_disk(view))


def _native(view: View) -> float:
    """Return the share of the loop's time in long computations without the interpreter's lock.

    Brief ones are the system calls of sending and receiving.
    """
    limits = rule(WORD)
    exchanged = 1 + sum(view.loaded.exchanges.values()) / view.requests
    each_ms = 1000 * view.loaded.cpu_user_s / view.requests / exchanged
    long = ramp(each_ms, limits.limit("native_ms") / 4, limits.limit("native_ms"))
    return _share(view, frozenset({"native"})) * long


def _kind(view: View, states: frozenset[str]) -> str:
    by_state: dict[str, float] = {}

    def note(a: Activity) -> bool:
        return a.carrier == "loop" and a.state in states

    for a in view.loaded.activities:
        if note(a):
            by_state[a.state] = by_state.get(a.state, 0.0) + a.mean
    return max(by_state, key=lambda s: by_state[s], default="")


def _claims(view: View) -> Claim:
    held = BLOCKING | {"native", "cpu", "gil"}
    del view
    return all_that(lambda a: a.carrier == "loop" and a.state in held, queues=True)


CAUSE = Cause(
    WORD,
    _judge,
    claims=_claims,
    symptoms=("cpu.hot_function", "io.external", "threads.starved"),
)
