"""Threads wait for one another for ever."""

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.core.units import number
from slowcoach.diagnosis.cause import Cause
from slowcoach.diagnosis.causes._silence import silence, standstill
from slowcoach.diagnosis.claim import all_that
from slowcoach.diagnosis.models import Judgement, Stuck
from slowcoach.diagnosis.view import View, ramp

WORD = "lock.deadlock"
_LOCKS = frozenset({"lock", "semaphore", "join"})


def _judge(view: View) -> Judgement:
    limits = rule(WORD)
    standing = [s for s in view.observed.stuck if s.before]
    stuck = [s for s in view.observed.stuck if s.state in _LOCKS]
    if not stuck:
        return Judgement(cause=WORD, score=0, why="nobody stands still at a lock")
    longest = max(s.seconds for s in stuck)
    # one that waits for a lock for long may be unlucky; that no request ends is the sign
    silent = silence(view)
    hung = standstill(view)
    # several that stood at different locks before any request came wait for one another
    score = max(hung, float(_knotted(standing)) * ramp(view.late, 0, limits.limit("late")))
    stuck = stuck if hung else standing or stuck
    places = list(dict.fromkeys(s.place for s in stuck))
    return Judgement(
        cause=WORD,
        score=score,
        why=(
            f"{len(stuck)} threads or tasks have not moved for {number(longest)} s at a lock"
            + (f", and no request was answered in the last {number(silent)} s" if hung else "")
            + (", where they stood before the first request" if standing else "")
        ),
        where=(*places[:4], *_ways(stuck)),
        figures=(
            Evidence(
                metric="longest stand at a lock",
                value=longest,
                unit="s",
                limit=limits.limit("seconds"),
                where=places[0],
            ),
            Evidence(metric="threads or tasks that stand", value=len(stuck), unit="count"),
            Evidence(metric="time without any answer at the end", value=silent, unit="s"),
        ),
        against="" if score else "requests are still answered",
    )


def _knotted(standing: list[Stuck]) -> bool:
    """Tell whether those that stand wait for different locks: a cycle has two at least."""
    return len({s.target or s.place for s in standing}) > 1


def _ways(stuck: list[Stuck]) -> list[str]:
    return list(dict.fromkeys(f"by way of {' > '.join(s.path)}" for s in stuck if len(s.path) > 1))[
        :3
    ]


CAUSE = Cause(
    WORD,
    _judge,
    claims=lambda _: all_that(lambda a: a.state in _LOCKS, queues=True),
    symptoms=("lock.contention", "pool.exhausted", "threads.starved"),
)
