"""A test on a cluster: submit it, follow its runners, merge what they tell, delete it."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from slowcoach.core.errors import CancelledError, InputError, SlowcoachError, ToolFailedError
from slowcoach.core.knowledge import page
from slowcoach.core.permission import is_loopback
from slowcoach.load.distributed.gathering import Gathering
from slowcoach.load.distributed.k6_script import endpoint_names, runner_files
from slowcoach.load.distributed.kubeconfig import cluster_of
from slowcoach.load.distributed.kubernetes_api import KubernetesApi
from slowcoach.load.distributed.pods import Follower, Paths, Pod, pods_of
from slowcoach.load.distributed.testrun import (
    PAGE,
    Runners,
    config_map,
    name_of,
    problems_of,
    runners_for,
    secret,
    secrets_of,
    testrun,
)
from slowcoach.load.engine_kind import Order, StopTestError, Watch
from slowcoach.load.guard import look_at_switch
from slowcoach.load.outcome import Outcome

if TYPE_CHECKING:
    from slowcoach.core.job import Job

_LOOK_S = 1.0
_OVER = frozenset({"stopped", "finished", "error"})
_TAIL = 300


def run_on_kubernetes(order: Order, job: Job, watch: Watch) -> Outcome:
    """Run an order on the cluster of the kubeconfig by k6-operator, and return what came of it.

    Everything that was made there is deleted on every way out. Raises NotPermittedError,
    InputError, UnreachableError before anything is sent; ToolFailedError when no runner tells
    anything; CancelledError.
    """
    _check(order, job)
    cluster = cluster_of(job)
    namespace = os.environ.get("SLOWCOACH_KUBE_NAMESPACE") or cluster.namespace
    runners = _runners(order, namespace)
    files = runner_files(order)
    with KubernetesApi(cluster, job.permissions) as api:
        test = _Test(api, runners, order, job)
        with test.submitted(files):
            stopped = test.follow(watch)
        return test.outcome(stopped)


def _check(order: Order, job: Job) -> None:
    job.permissions.require_load(order.target.origin)
    if is_loopback(order.target.host):
        raise InputError(
            f"{order.target.host} is each runner's own pod on Kubernetes",
            hint="Give the target by a name or address that pods reach",
        )


def _runners(order: Order, namespace: str) -> Runners:
    name = f"{name_of(order.plan.test_name)[:28].strip('-')}-{secrets.token_hex(4)}"
    scenarios = tuple(s for s in order.plan.scenarios if s.name == order.schedule.scenario)
    plan = order.plan.model_copy(update={"scenarios": scenarios, "timeout_s": order.timeout_s})
    needs_secret = bool(secrets_of(plan))
    found = runners_for(
        plan,
        name=name,
        namespace=namespace,
        image=os.environ.get("SLOWCOACH_KUBE_IMAGE") or None,
        secret=f"{name}-env" if needs_secret else None,
    )
    return replace(found, parallelism=max(found.parallelism, order.processes))


@dataclass(slots=True)
class _Test:
    """One test on one cluster."""

    api: KubernetesApi
    runners: Runners
    order: Order
    job: Job
    paths: Paths = field(init=False)
    gathering: Gathering = field(init=False)
    followers: dict[int, Follower] = field(default_factory=dict[int, Follower])
    pods: dict[int, Pod] = field(default_factory=dict[int, Pod])
    left: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        self.paths = Paths(self.runners.namespace or "default", self.runners.name)
        self.gathering = Gathering(self.order.schedule, endpoint_names(self.order))

    @contextmanager
    def submitted(self, files: Mapping[str, str]) -> Iterator[None]:
        """Create the test's objects; delete them when the block ends, however it ends."""
        documents = self._documents(files)
        made: list[str] = []
        try:
            for collection, document in documents:
                self.job.cancellation.check()
                # noted before it is asked for: an answer that is lost may have made it all the same
                made.append(f"{collection}/{document['metadata']['name']}")
                self.api.create(collection, document)
            yield
        finally:
            for path in reversed(made):
                self._delete(path)
            for follower in self.followers.values():
                follower.stop()

    def _documents(self, files: Mapping[str, str]) -> list[tuple[str, dict[str, Any]]]:
        document = testrun(self.runners)
        if problems := problems_of(document):
            raise InputError(f"TestRun: {problems[0]}", hint="Check the plan")
        found = [(self.paths.config_maps, config_map(self.runners, files))]
        names = secrets_of(self.order.plan)
        if missing := [name for name in names if name not in self.order.environment]:
            raise InputError(
                f"environment: {missing[0]} is not set, which the plan needs",
                hint=f"Set {', '.join(missing)} where Slowcoach runs",
            )
        if names:
            values = {name: self.order.environment[name] for name in names}
            found.append((self.paths.secrets, secret(self.runners, values)))
        return [*found, (self.paths.testruns, document)]

    def _delete(self, path: str) -> None:
        try:
            self.api.delete(path)
        except SlowcoachError as error:
            self.left.append(
                f"{path.rsplit('/', 2)[-2]} {path.rsplit('/', 1)[-1]}: {error.message}"
            )

    def follow(self, watch: Watch) -> bool:
        """Follow the test to its end; return whether the watcher stopped it before."""
        try:
            self._until_begun()
            self._until_over(watch)
        except StopTestError:
            self._see_pods()  # as they are before they are gone
            # they are asked to end and tell their results, while their logs are still read
            self._delete(f"{self.paths.testruns}/{self.runners.name}")
            self._rest(self.order.timeout_s)
            return True
        self._rest(0.0)
        return False

    def _until_begun(self) -> None:
        wait_s = float(page(PAGE).data["kubernetes"]["start_s"])
        begun = time.monotonic()
        while (stage := self._look()) not in {"started", *_OVER}:
            waited = time.monotonic() - begun
            trouble = next((pod.trouble for pod in self.pods.values() if pod.trouble), "")
            if waited > wait_s:
                raise ToolFailedError(
                    f"the TestRun did not start within {wait_s:.0f} s; it is at stage "
                    f"{stage or '(none)'}. {trouble or self._said_by_initializer()}".strip(),
                    hint="Is k6-operator running? kubectl describe testrun, kubectl get events",
                )
            self.job.progress(0, None, f"TestRun: {stage or 'submitted'} {trouble}".strip())
            look_at_switch()
            self.job.cancellation.sleep(_LOOK_S)
        if stage == "error":
            raise ToolFailedError(
                f"the TestRun is at stage error: {self._said_by_initializer()}",
                hint="kubectl describe testrun; check the script with k6 inspect",
            )

    def _until_over(self, watch: Watch) -> None:
        sizes = page(PAGE).data["kubernetes"]
        length_s = self.order.schedule.length_s
        most_s = length_s + self.order.timeout_s + float(sizes["start_s"])
        begun = time.monotonic()
        while not self._is_over(self._look()):
            past = time.monotonic() - begun
            if past > most_s:
                return  # what was told until now counts; the rest is said to be missing
            look_at_switch()
            self.gathering.tell(watch)
            ended = sum(pod.has_ended for pod in self.pods.values())
            text = f"{self.gathering.requests:,} requests, {ended} of "
            text += f"{self.runners.parallelism} runners have ended"
            self.job.progress(min(past, length_s), length_s, text)
            self.job.cancellation.sleep(_LOOK_S)

    def _is_over(self, stage: str) -> bool:
        everyone = len(self.pods) >= self.runners.parallelism
        return (everyone and all(pod.has_ended for pod in self.pods.values())) or stage in _OVER

    def _look(self) -> str:
        """Look at the test and its pods, follow those that began, and return the test's stage."""
        answer = self.api.get(f"{self.paths.testruns}/{self.runners.name}")
        self._see_pods()
        return str((answer.get("status") or {}).get("stage") or "")

    def _see_pods(self) -> None:
        for pod in pods_of(self.api, self.paths):
            if not 1 <= pod.number <= self.runners.parallelism:
                continue
            self.pods[pod.number] = pod
            if pod.has_begun and pod.number not in self.followers:
                self.followers[pod.number] = Follower(
                    self.api,
                    f"{self.paths.pods}/{pod.name}/log",
                    partial(self.gathering.read, pod.number),
                )

    def _rest(self, extra_s: float) -> None:
        """Wait until every log is at its end, a while at most."""
        until = time.monotonic() + extra_s + float(page(PAGE).data["kubernetes"]["end_s"])
        for follower in self.followers.values():
            while time.monotonic() < until and not follower.join(_LOOK_S / 4):
                self.job.cancellation.check()

    def _said_by_initializer(self) -> str:
        """Return the end of the log of whichever pod of the test has failed, if one tells."""
        try:
            for pod in pods_of(self.api, self.paths, kind="any"):
                if pod.trouble:
                    path = f"{self.paths.pods}/{pod.name}/log"
                    lines = list(self.api.log(path, follow=False, since=None))
                    return f"{pod.name}: {pod.trouble}: {' '.join(lines[-3:])[-_TAIL:]}"
        except CancelledError:
            raise
        except SlowcoachError as error:
            return error.message
        return ""

    def outcome(self, stopped: bool) -> Outcome:
        """Return what the runners told; raises ToolFailedError when they told nothing."""
        count = self.runners.parallelism
        found = self.gathering.outcome(
            f"k6 on Kubernetes, {count} runners",
            count,
            target=self.order.target.origin,
            ended=not stopped,
        )
        if not found.whole.sent:
            raise ToolFailedError(
                f"none of {count} runners told a request: {self._why() or 'their logs are empty'}",
                hint="Look at the runners' pods: kubectl logs -l runner=true",
            )
        return replace(found, warnings=(*found.warnings, *self._troubles()))

    def _why(self) -> str:
        errors = [log.script_error for log in self.gathering.logs.values() if log.script_error]
        return next(iter([*errors, *self._troubles()]), "")

    def _troubles(self) -> list[str]:
        found = [f"runner {n}: {p.trouble}" for n, p in sorted(self.pods.items()) if p.trouble]
        followers = sorted(self.followers.items())
        found += [f"runner {n}: its log broke off: {f.trouble}" for n, f in followers if f.trouble]
        return found + [f"not deleted: {each}" for each in self.left]
