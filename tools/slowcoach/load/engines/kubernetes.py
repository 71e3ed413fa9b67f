"""k6 on a Kubernetes cluster, by its operator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slowcoach.load.engine_kind import Engine, Order, Watch
from slowcoach.load.outcome import Outcome

if TYPE_CHECKING:
    from slowcoach.core.job import Job


def _missing() -> str | None:
    from slowcoach.load.distributed.kubeconfig import configured

    return None if configured() else "Set KUBECONFIG to the file of a cluster with k6-operator"


def _run(order: Order, job: Job, watch: Watch) -> Outcome:
    from slowcoach.load.distributed.on_kubernetes import run_on_kubernetes

    return run_on_kubernetes(order, job, watch)


ENGINE = Engine(
    name="kubernetes",
    title="k6-operator on Kubernetes",
    missing=_missing,
    run=_run,
)
