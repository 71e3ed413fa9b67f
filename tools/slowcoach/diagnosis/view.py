"""The evidence in the figures that causes are judged by: shares of the loaded latency. Pure.

In a closed load of C requests at a time, C requests are always somewhere: executing, waiting for
something, or queueing for whoever would execute them. By Little's law the mean number of
requests in a state divided by C is the share of the latency that is spent in it.
"""

from functools import cached_property
from statistics import fmean, median

from slowcoach.core.knowledge import rule
from slowcoach.diagnosis.activity import (
    BLOCKING,
    BURNING,
    NOT_SERVED,
    Test,
    burns,
    chain,
    is_sql,
    merged,
    tables_of,
)
from slowcoach.diagnosis.borne_out import borne_out
from slowcoach.diagnosis.limits import deciding
from slowcoach.diagnosis.models import Activity, Budget, Database, Observed, Phase
from slowcoach.diagnosis.phases import explained
from slowcoach.diagnosis.ramp import ramp
from slowcoach.diagnosis.requests_share import unstarted

__all__ = [
    "BLOCKING",
    "BURNING",
    "NOT_SERVED",
    "Test",
    "View",
    "burns",
    "chain",
    "is_sql",
    "merged",
    "ramp",
    "tables_of",
]

_PERCENTILE = 0.95
_NEWS = frozenset({"event", "condition", "queue"})


def _for_news(activity: Activity) -> bool:
    return activity.state in _NEWS and activity.carrier != "loop"


class View:
    """What was observed, in shares."""

    def __init__(self, observed: Observed) -> None:
        self.observed = observed
        self.alone: Phase = explained(observed.alone, observed)
        self.loaded: Phase = explained(observed.loaded, observed)
        self.concurrency = max(1, observed.loaded.concurrency)
        healthy, wanted = rule("healthy"), observed.budget or Budget()
        self.budget_p50 = wanted.p50_ms or healthy.limit("p50_ms")
        self.budget_p95 = wanted.p95_ms or healthy.limit("p95_ms")

    @cached_property
    def alone_ms(self) -> float:
        """Return the median latency alone (the first request's, if there is no other)."""
        if self.alone.latencies_ms:
            return median(self.alone.latencies_ms)
        return self.observed.first_ms or 0.0

    @cached_property
    def loaded_ms(self) -> float:
        """Return the median latency under load."""
        return median(self.loaded.latencies_ms) if self.loaded.latencies_ms else 0.0

    @cached_property
    def loaded_p95_ms(self) -> float:
        """Return the 95th percentile under load."""
        ordered = sorted(self.loaded.latencies_ms)
        return ordered[int(_PERCENTILE * (len(ordered) - 1))] if ordered else 0.0

    @cached_property
    def mean_ms(self) -> float:
        """Return the mean latency under load."""
        return fmean(self.loaded.latencies_ms) if self.loaded.latencies_ms else 0.0

    @property
    def requests(self) -> int:
        """Return how many requests were answered under load."""
        return max(1, self.loaded.completed)

    @cached_property
    def cpu_ms(self) -> float:
        """Return the service's processor time per request, in ms."""
        spent = self.loaded.cpu_user_s + self.loaded.cpu_system_s
        return 1000 * spent / self.requests

    @cached_property
    def cores_used(self) -> float:
        """Return how many cores the service used under load."""
        spent = self.loaded.cpu_user_s + self.loaded.cpu_system_s
        return spent / self.loaded.seconds if self.loaded.seconds else 0.0

    @cached_property
    def late(self) -> float:
        """Return how far the latency leaves its budget: 0 well within, 1 beyond it."""
        limits = rule("healthy")
        near, far = limits.limit("near"), limits.limit("far")
        calm = self.calm_loaded_ms / self.loaded_ms if self.loaded_ms else 1.0
        # what grows with the load is on its way out of the budget already
        queueing = ramp(self.growth, limits.limit("little_growth"), limits.limit("growth"))
        return max(
            ramp(self.calm_alone_ms, near * self.budget_p50, far * self.budget_p50),
            ramp(self.calm_loaded_ms, near * self.budget_p50, far * self.budget_p50),
            ramp(self.calm_loaded_ms, self.budget_p50 / 2, self.budget_p50) * queueing,
            ramp(self.loaded_p95_ms * calm, near * self.budget_p95, far * self.budget_p95),
            1.0 if self.failing else 0.0,
        )

    @cached_property
    def growth(self) -> float:
        """Return the latency under load by that alone."""
        if not self.alone_ms or not self.calm_alone_ms:
            return 1.0
        return min(self.loaded_ms / self.alone_ms, self.calm_loaded_ms / self.calm_alone_ms)

    def _disturbed(self, phase: Phase) -> bool:
        """Tell whether other processes took so much of the machine that computing took longer."""
        others = phase.others_cpu_s / phase.seconds if phase.seconds else 0.0
        return self.visible and self.observed.tasks_seen and others > deciding("busy_machine")

    def _waiting(self, phase: Phase) -> float:
        """Return how many requests at a time wait for something, rather than compute."""
        return self.mean(lambda a: not self.hands_over(a) and a.state not in BURNING, phase)

    @cached_property
    def calm_alone_ms(self) -> float:
        """Return the latency alone as on a quiet machine: waits as they are, computing as CPU."""
        if not self._disturbed(self.alone) or not self.alone.completed:
            return self.alone_ms
        spent = self.alone.cpu_user_s + self.alone.cpu_system_s
        waits = min(1.0, self._waiting(self.alone) + unstarted(self.alone))
        return min(self.alone_ms, waits * self.alone_ms + 1000 * spent / self.alone.completed)

    @cached_property
    def calm_loaded_ms(self) -> float:
        """Return the loaded latency as on a quiet machine."""
        if not self._disturbed(self.loaded):
            return self.loaded_ms
        waiting = min(self.served, self._waiting(self.loaded))
        behind = unstarted(self.alone)  # others than requests: what these do is not seen
        part = max(waiting / self.served, behind) if self.served else 1.0
        queued = self.queued * part
        parallel = self.parallel
        computing = self.concurrency * self.cpu_ms / parallel
        waits = (waiting + queued) / self.concurrency * self.loaded_ms
        return min(self.loaded_ms, waits + computing)

    @cached_property
    def costly(self) -> float:
        """Return how far the CPU per request is from little (0) to one that fills a core (1)."""
        limits = rule("cpu.hot_function")
        return ramp(self.cpu_ms, limits.limit("least_cpu_ms"), limits.limit("cpu_ms"))

    @cached_property
    def crowded(self) -> float:
        """Return how far the computing of all requests together delays each of them."""
        limits = rule("cpu.hot_function")
        parallel = self.parallel
        together = self.concurrency * self.cpu_ms / parallel
        late = ramp(together, limits.limit("together_ms") / 2, limits.limit("together_ms"))
        return max(self.late, late)

    @cached_property
    def failing(self) -> bool:
        """Tell whether more than a hundredth of the requests failed."""
        failed, answered = sum(self.loaded.errors.values()), self.loaded.completed
        return failed > (failed + answered) * rule("healthy").limit("error_rate")

    @cached_property
    def intrinsic(self) -> float:
        """Return how far one request alone leaves the budget: 0 within p50's, 1 beyond p95's."""
        return ramp(self.calm_alone_ms, self.budget_p50, self.budget_p95)

    def mean(self, test: Test, phase: Phase | None = None) -> float:
        """Return how many activities at a time pass a test."""
        return sum(a.mean for a in (phase or self.loaded).activities if test(a))

    def share(self, test: Test) -> float:
        """Return the share of the loaded latency in activities that pass a test."""
        return min(1.0, self.mean(test) / self.concurrency)

    def alone_share(self, test: Test) -> float:
        """Return the same share of the latency alone."""
        total = max(1.0, self.mean(lambda a: not self.hands_over(a), self.alone))
        return min(1.0, self.mean(test, self.alone) / total)

    def own_share(self, test: Test) -> float:
        """Return the share that a cost inside the request explains.

        Where one request alone is too slow, queueing under load is its consequence: then the
        share of the latency alone counts.
        """
        return max(self.share(test), self.alone_share(test) * self.intrinsic)

    @cached_property
    def served(self) -> float:
        """Return how many requests at a time someone works on (or waits for, on their behalf)."""
        return min(float(self.concurrency), self.mean(lambda a: not self.hands_over(a)))

    def meant(self, activity: Activity) -> bool:
        """Tell whether an activity waits for news, as in a long poll, rather than for other
        requests: one request alone waits for them as well, and is answered.
        """
        return _for_news(activity) and self._news_awaited

    @cached_property
    def _news_awaited(self) -> bool:
        return not self.failing and self.alone_share(_for_news) >= rule("healthy").limit("meant")

    @cached_property
    def _executor_works(self) -> bool:
        return self.mean(lambda a: a.carrier == "worker") > deciding("working")

    def hands_over(self, activity: Activity) -> bool:
        """Tell whether an activity waits for another that is counted itself.

        A task that awaits a bare future waits for an executor's thread where those are at work.
        """
        if activity.state == "future" and activity.carrier == "task":
            return self._executor_works
        return activity.state in NOT_SERVED

    @cached_property
    def queued(self) -> float:
        """Return how many requests at a time nobody works on."""
        if not self.visible:
            return 0.0
        return max(unstarted(self.loaded), self.concurrency - self.served)

    @property
    def visible(self) -> bool:
        """Tell whether what requests wait for can be seen in stacks."""
        return self.observed.stacks_seen and not self.observed.hidden_tasks

    @cached_property
    def compute_share(self) -> float:
        """Return the share of the latency that is computing, queueing for it included."""
        alone = self.alone_share(burns) * max(self.saturation, self.intrinsic)
        return max(self.share(burns), alone) * borne_out(self.loaded, self.observed)

    @property
    def parallel(self) -> int:
        """Return how many cores the service can compute on."""
        seen = self.observed
        return max(1, min(seen.cores, seen.workers) if seen.one_core_each else seen.cores)

    @cached_property
    def saturation(self) -> float:
        """Return how near the service is to the most it can compute: a core per process."""
        room, seconds = self.parallel, self.loaded.seconds
        taken = self.loaded.run_queue_s / seconds if seconds else 0.0  # others had it meanwhile
        used = (self.cores_used + min(taken, room / 2)) / room
        if self.loaded.loop_busy is not None and self._loops_compute_all:
            used = min(used, self.loop_busy)  # it is other threads that wait for a core
        return ramp(used, deciding("unsaturated"), deciding("saturated"))

    @property
    def _loops_compute_all(self) -> bool:
        """Tell whether hardly anything but event loops was seen computing."""
        every = self.mean(burns)
        beside = self.mean(lambda a: burns(a) and a.carrier != "loop")
        return self.observed.one_core_each and beside < every * deciding("beside_loops")

    @cached_property
    def loop_blocked(self) -> float:
        """Return the share of time in which a loop's thread sat in a blocking call."""
        held = self.mean(lambda a: a.carrier == "loop" and a.state in BLOCKING)
        return min(1.0, held / max(1, self.observed.workers))

    @property
    def loop_busy(self) -> float:
        """Return the share of time in which the busiest event loop could take up nothing."""
        return self.loaded.loop_busy or 0.0

    @cached_property
    def sql_share(self) -> float:
        """Return the share of the latency in the database and its driver."""
        return self.own_share(is_sql)

    @property
    def database(self) -> Database | None:
        """Return what the database saw."""
        return self.observed.database

    def top(self, test: Test) -> list[Activity]:
        """Return the activities that pass a test, the like merged by function, most first."""
        return merged(a for a in self.loaded.activities if test(a)) or merged(
            a for a in self.alone.activities if test(a)
        )
