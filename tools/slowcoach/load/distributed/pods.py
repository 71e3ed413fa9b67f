"""Pods of runners: what they are at, and their logs, followed in a thread for each."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slowcoach.core.errors import SlowcoachError
from slowcoach.load.distributed.testrun import GROUP, PLURAL, VERSION

if TYPE_CHECKING:
    from slowcoach.load.distributed.kubernetes_api import KubernetesApi

_NUMBER = re.compile(r"-(\d{1,5})$")
_JOB = ("batch.kubernetes.io/job-name", "job-name")
_ENDED = frozenset({"Succeeded", "Failed"})
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?Z ")
_TRIES = 5
_RETRY_S = 1.0
_SHOWN = 200
_CROSSED = 99  # k6: a threshold was crossed, in the share of one runner


@dataclass(frozen=True, slots=True)
class Pod:
    """A runner's pod: its `number` of the test, and where it stands. `trouble` says what keeps it
    from running, or how it failed; `exit_code` is that of k6.
    """

    name: str
    number: int
    phase: str
    exit_code: int | None
    trouble: str

    @property
    def has_ended(self) -> bool:
        """Tell whether its container is done."""
        return self.phase in _ENDED or self.exit_code is not None

    @property
    def has_begun(self) -> bool:
        """Tell whether it has a log."""
        return self.phase == "Running" or self.has_ended


@dataclass(frozen=True, slots=True)
class Paths:
    """Where a test's objects are, in the API."""

    namespace: str
    name: str

    @property
    def config_maps(self) -> str:
        """Return the ConfigMaps' collection."""
        return f"/api/v1/namespaces/{self.namespace}/configmaps"

    @property
    def secrets(self) -> str:
        """Return the Secrets' collection."""
        return f"/api/v1/namespaces/{self.namespace}/secrets"

    @property
    def testruns(self) -> str:
        """Return the TestRuns' collection."""
        return f"/apis/{GROUP}/{VERSION}/namespaces/{self.namespace}/{PLURAL}"

    @property
    def pods(self) -> str:
        """Return the pods' collection."""
        return f"/api/v1/namespaces/{self.namespace}/pods"


def pods_of(api: KubernetesApi, paths: Paths, kind: str = "runner") -> tuple[Pod, ...]:
    """Return the runners' pods by number (with another `kind`, all pods of the test)."""
    selector = f"app=k6,k6_cr={paths.name}" + (",runner=true" if kind == "runner" else "")
    answer = api.get(paths.pods, labelSelector=selector)
    found = [_pod(item) for item in answer.get("items") or () if isinstance(item, dict)]
    return tuple(sorted(found, key=lambda pod: pod.number))


def _pod(item: Mapping[str, Any]) -> Pod:
    metadata, status = item.get("metadata") or {}, item.get("status") or {}
    name = str(metadata.get("name"))
    labels = metadata.get("labels") or {}
    job = next((str(labels[key]) for key in _JOB if key in labels), name)
    number = _NUMBER.search(job)
    containers = status.get("containerStatuses") or [{}]
    state = containers[0].get("state") or {}
    ended = state.get("terminated") or {}
    return Pod(
        name=name,
        number=int(number[1]) if number else 0,
        phase=str(status.get("phase")),
        exit_code=ended.get("exitCode"),
        trouble=_trouble(status, state),
    )


def _trouble(status: Mapping[str, Any], state: Mapping[str, Any]) -> str:
    ended = state.get("terminated") or {}
    if ended.get("exitCode") not in {None, 0, _CROSSED}:
        return f"k6 ended with {ended['exitCode']} ({ended.get('reason') or 'Error'})"
    waiting = state.get("waiting") or {}
    if waiting.get("reason") not in {None, "ContainerCreating", "PodInitializing"}:
        return f"{waiting['reason']}: {str(waiting.get('message') or '')[:_SHOWN]}"
    for condition in status.get("conditions") or ():
        if condition.get("type") == "PodScheduled" and condition.get("status") == "False":
            return f"{condition.get('reason')}: {str(condition.get('message') or '')[:_SHOWN]}"
    if status.get("phase") == "Failed" and status.get("reason"):
        return f"{status['reason']}: {str(status.get('message') or '')[:_SHOWN]}"
    return ""


class Follower:
    """Reads a pod's log to its end in a thread, on from where it was when a connection breaks."""

    def __init__(self, api: KubernetesApi, path: str, tell: Callable[[str], None]) -> None:
        self._api, self._path, self._tell = api, path, tell
        self._last = ""
        self.trouble = ""
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="runner log", daemon=True)
        self._thread.start()

    def join(self, seconds: float) -> bool:
        """Wait for the end of the log; tell whether it came."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def stop(self) -> None:
        """Read no more once the connections are closed."""
        self._stopped.set()

    def _run(self) -> None:
        for _ in range(_TRIES):
            try:
                self._read()
            except SlowcoachError as error:
                self.trouble = error.message
            else:
                self.trouble = ""
                return
            if self._stopped.wait(_RETRY_S):
                return

    def _read(self) -> None:
        # the server takes whole seconds: lines up to the last one come again
        since, seen = self._last[:19] + "Z" if self._last else None, self._last
        again = bool(seen)
        for line in self._api.log(self._path, follow=True, since=since):
            found = _TIME.match(line)
            if found is None:
                continue
            at = found[1] + (found[2] or "")
            if again and at <= seen:
                continue
            self._last = at
            self._tell(line[found.end() :])
