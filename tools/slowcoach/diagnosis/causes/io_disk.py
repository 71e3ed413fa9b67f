"""Requests wait for the disk: synchronous writes, syncs or reads."""

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.core.units import share, size
from slowcoach.diagnosis.cause import Cause
from slowcoach.diagnosis.causes._library_locks import behind_files
from slowcoach.diagnosis.causes._loop_files import at_disk, stands_at_files
from slowcoach.diagnosis.causes._places import latency, places, shares
from slowcoach.diagnosis.causes._pools import held_by_files, waiting_share, waits_for_pool
from slowcoach.diagnosis.claim import Claim
from slowcoach.diagnosis.models import Activity, Judgement
from slowcoach.diagnosis.view import View, ramp

WORD = "io.disk"
_INSIDE = frozenset({"other", "queue"})


def _judge(view: View) -> Judgement:
    on_loop = _on_loop(view)
    held = max(view.own_share(_waits), on_loop)
    waiting = view.top(stands_at_files if on_loop > view.own_share(_waits) else _waits)
    if not waiting:
        return Judgement(cause=WORD, score=0, why="nobody was seen waiting for the disk")
    in_turn = min(view.share(_inside), 1 - view.share(_waits)) * _one_at_a_time(view)
    in_turn = max(in_turn, view.share(behind_files(view)))
    in_turn = max(in_turn, waiting_share(view) * held_by_files(view))
    behind = max(view.queued / view.concurrency * held, in_turn)
    written = view.loaded.written_bytes / view.requests
    read = view.loaded.read_chars / view.requests
    files = list(dict.fromkeys(a.target.rsplit("/", 1)[-1] for a in waiting if a.target))
    before = f", {share(in_turn)} waits for those of requests before it" if in_turn else ""
    return Judgement(
        cause=WORD,
        score=min(1.0, held + behind) * max(view.late, _syncs(view, min(1.0, held + behind))),
        why=(
            f"{share(held)} of the latency is in file operations{before}; {size(written)} reach "
            f"the disk and {size(read)} are read per request"
        ),
        where=(*places(waiting, 2), *files[:2]),
        figures=(
            *shares(view, waiting, "are in a file operation"),
            Evidence(metric="bytes written to disk per request", value=written, unit="bytes"),
            Evidence(metric="bytes read per request", value=read, unit="bytes"),
            *latency(view),
        ),
    )


def _syncs(view: View, held: float) -> float:
    """Return how far writes by the dozen are to blame (0..1) though the budget is met: one write
    would not take so long, and a budget that nobody gave does not excuse them.
    """
    limits = rule(WORD)
    if view.observed.budget is not None:
        return 0.0
    written = view.loaded.written_bytes / view.requests
    near, far = (limits.limit(name) * view.budget_p50 for name in ("synced_near", "synced_far"))
    return (
        ramp(view.calm_alone_ms, near, far)
        * ramp(written, limits.limit("one_sync"), limits.limit("several_syncs"))
        * ramp(held, limits.limit("synced_share") / 2, limits.limit("synced_share"))
    )


def _on_loop(view: View) -> float:
    """Return the share of the time in which event loops wait for the disk themselves."""
    standing = view.mean(stands_at_files) / max(1, view.observed.workers)
    return min(1.0, standing) * at_disk(view)


def _waits(a: Activity) -> bool:
    return a.state == "disk" and a.carrier != "loop"


def _inside(a: Activity) -> bool:
    """Tell whether a task waits for other code of the program, not at what is named as a lock."""
    return a.state in _INSIDE and a.carrier == "task"


def _one_at_a_time(view: View) -> float:
    """Return how much of what tasks wait for in the program (0..1) are the file operations of
    requests before them: one goes on at a time, hardly anything else does, and a request alone
    does not wait so.
    """
    limits = rule(WORD)
    at_work = view.mean(lambda a: not view.hands_over(a) and not _inside(a))
    written = view.mean(_waits)
    one = ramp(written, limits.limit("least_at_a_time"), limits.limit("one_at_a_time"))
    one *= 1 - ramp(at_work, limits.limit("few"), limits.limit("several"))
    return one * (1 - view.alone_share(_inside)) * written / at_work if at_work else 0.0


def _claims(view: View) -> Claim:
    in_turn, at_locks, lent = _one_at_a_time(view), behind_files(view), held_by_files(view)
    on_loop = at_disk(view)
    pools, _ = waits_for_pool(view) if lent else ([], False)

    def part(a: Activity) -> float:
        if a in pools:
            return lent
        if stands_at_files(a):
            return on_loop
        return in_turn if _inside(a) else float(a.state == "disk" or at_locks(a))

    return Claim(part, queues=_on_loop(view) >= rule("loop.blocked").limit("share"))


CAUSE = Cause(WORD, _judge, claims=_claims)
