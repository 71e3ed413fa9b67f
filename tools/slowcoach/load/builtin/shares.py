"""What passes between the process that orders a load and those that send its shares: files of one
line of JSON a message. Secrets travel in the environment only.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from slowcoach.load.builtin.health import Health
from slowcoach.load.builtin.record import Record
from slowcoach.load.engine_kind import Order
from slowcoach.load.histogram import Histogram
from slowcoach.load.outcome import Moment
from slowcoach.load.plan import LoadPlan
from slowcoach.load.schedule import Schedule, Stage
from slowcoach.load.targets import Target

ORDER, GO, STOP = "order.json", "go", "stop"
_PLAIN = ("start_s", "length_s", "sent", "completed", "failed", "dropped", "users", "due_rps")


def write_order(order: Order, in_flight_limit: int, folder: Path) -> None:
    """Write what the processes send together; `in_flight_limit` is of all."""
    data = {
        "plan": order.plan.model_dump(mode="json"),
        "schedule": dataclasses.asdict(order.schedule),
        "target": dataclasses.asdict(order.target),
        "timeout_s": order.timeout_s,
        "in_flight_limit": in_flight_limit,
        "processes": order.processes,
    }
    (folder / ORDER).write_text(json.dumps(data), encoding="utf-8")


def read_order(folder: Path) -> Order:
    """Return what `write_order` wrote."""
    data = json.loads((folder / ORDER).read_text(encoding="utf-8"))
    schedule, target = data["schedule"], data["target"]
    stages = tuple(Stage(**stage) for stage in schedule.pop("stages"))
    target["addresses"] = tuple(target["addresses"])
    return Order(
        plan=LoadPlan.model_validate(data["plan"]),
        schedule=Schedule(**schedule, stages=stages),
        target=Target(**target),
        timeout_s=data["timeout_s"],
        in_flight_limit=data["in_flight_limit"],
        folder=folder,
        processes=data["processes"],
    )


def ready() -> dict[str, Any]:
    """Return the message that a process waits for the beginning."""
    return {"ready": True}


def told(moment: Moment) -> dict[str, Any]:
    """Return a second as a message."""
    return {
        "moment": {name: getattr(moment, name) for name in _PLAIN},
        "latency": moment.histogram and moment.histogram.encoded(),
        "good": moment.good and moment.good.encoded(),
    }


def moment_of(message: Mapping[str, Any]) -> Moment:
    """Return the second that a message tells."""
    latency, good = message["latency"], message["good"]
    return Moment(
        **message["moment"],
        histogram=latency and Histogram.decoded(latency),
        good=good and Histogram.decoded(good),
    )


def ended(record: Record, health: Health) -> dict[str, Any]:
    """Return a process's result as a message."""
    return {"record": record.encoded(), "health": dataclasses.asdict(health)}


def result_of(message: Mapping[str, Any]) -> tuple[Record, Health]:
    """Return the result that a message tells."""
    return Record.decoded(message["record"]), Health(**message["health"])
