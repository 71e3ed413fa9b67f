"""Locust with workers on other machines."""

from __future__ import annotations

import importlib.util
import os
from typing import TYPE_CHECKING

from slowcoach.load.engine_kind import Engine, Order, Watch
from slowcoach.load.outcome import Outcome

if TYPE_CHECKING:
    from slowcoach.core.job import Job


def _missing() -> str | None:
    if os.name != "posix":
        return (
            "Locust's master ends with its parent on Linux and macOS alone: use the built-in engine"
        )
    return None if importlib.util.find_spec("locust") else "pip install locust"


def _run(order: Order, job: Job, watch: Watch) -> Outcome:
    from slowcoach.load.distributed.on_locust_workers import run_on_locust_workers

    return run_on_locust_workers(order, job, watch)


ENGINE = Engine(
    name="locust_workers",
    title="Locust's workers on other machines",
    missing=_missing,
    run=_run,
)
