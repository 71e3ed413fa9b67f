"""Who waits for a connection that a driver has inside is told from who waits for the database."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from slowcoach.diagnosis.evidence.node_drivers import drivers_share
from slowcoach.diagnosis.evidence.node_facts import Facts
from slowcoach.diagnosis.evidence.node_notes import notes_of
from slowcoach.diagnosis.evidence.node_pending import waiting
from slowcoach.diagnosis.evidence.node_told import Told, told
from slowcoach.diagnosis.models import Activity, Database, Observed, Phase
from slowcoach.diagnosis.phases import explained

RECORDED = Path(__file__).parent / "data" / "diagnosis" / "node_drivers"
HELD = (
    ("cursor_held_over_a_call", "Sales.find"),
    ("transaction_held_over_a_call", "takeOver"),
    ("reserved_over_a_call", "Manifest.open"),
)
NOTHING = Told([], [], [], [])


def recorded(name: str) -> dict[str, Any]:
    said: dict[str, Any] = json.loads((RECORDED / f"{name}.json").read_text())
    return said


def facts_of(said: dict[str, Any]) -> Facts:
    """Return what is known of the loaded phase."""
    port = said["database_port"]
    apart = Facts(database_port=port, requests=said["alone"]["requests"])
    alone = waiting(told(notes_of([said["alone"]])), NOTHING, None, apart)
    return replace(
        apart,
        busy=said["busy"],
        connections={port: said["connections"]},
        requests=said["loaded"]["requests"],
        drivers_alone=drivers_share(alone, apart.requests),
    )


def loaded(said: dict[str, Any], facts: Facts) -> tuple[Activity, ...]:
    calm = told(notes_of([said["alone"]]))
    return waiting(told(notes_of([said["loaded"]])), NOTHING, calm, facts)


def mean(found: tuple[Activity, ...], state: str) -> float:
    return sum(a.mean for a in found if a.state == state)


@pytest.mark.parametrize(("name", "place"), HELD)
def test_what_a_driver_has_not_asked_yet_waits_for_one_of_its_idle_connections(
    name: str, place: str
) -> None:
    said = recorded(name)
    found = loaded(said, facts_of(said))
    queued = max((a for a in found if a.state == "pool"), key=lambda a: a.mean)
    assert (queued.function, queued.port) == (place, said["database_port"])
    assert mean(found, "pool") > 3 * mean(found, "db")


def test_an_answer_that_comes_in_parts_is_waited_for_at_the_database() -> None:
    said = recorded("slow_answer_in_parts")
    found = loaded(said, facts_of(said))
    assert not mean(found, "pool")
    assert mean(found, "db") > 0.9 * said["loaded"]["requests"]


@pytest.mark.parametrize(
    "otherwise",
    [
        {"connections": {}},  # of a driver that is no socket's
        {"busy": 0.7},  # the event loop lets what came wait
        {"drivers_alone": 0.9},  # a request alone waits so too
        {"drivers_alone": 0.4, "database_port": 0},  # and nobody asks the database
        {"drivers_alone": None},
    ],
)
def test_without_signs_that_others_hold_them_nobody_waits_for_connections(
    otherwise: dict[str, Any],
) -> None:
    said = recorded(HELD[0][0])
    assert not mean(loaded(said, replace(facts_of(said), **otherwise)), "pool")


def test_connections_on_which_something_is_asked_most_of_the_time_are_not_held_in_vain() -> None:
    said = recorded(HELD[0][0])
    facts = facts_of(said)
    few = {said["database_port"]: 0.1 * said["connections"]}  # about as many as exchanges
    assert not mean(loaded(said, replace(facts, connections=few)), "pool")


@pytest.mark.parametrize(
    ("activity", "state"),
    [
        ({"Client:ClientRead": 2.6}, "pool"),
        ({}, "pool"),
        ({"CPU": 2.4}, "db"),
        ({"Lock:transactionid": 2.0, "Client:ClientRead": 0.9}, "db"),
    ],
)
def test_the_database_has_the_last_word_on_whether_it_is_at_work(
    activity: dict[str, float], state: str
) -> None:
    said = recorded(HELD[0][0])
    found = loaded(said, facts_of(said))
    database = Database(port=said["database_port"], sessions=2.9, activity=activity)
    phase = Phase(seconds=6, completed=150, concurrency=10, activities=found)
    seen = Observed(url="", port=0, alone=phase, loaded=phase, database=database)
    top = max(explained(phase, seen).activities, key=lambda a: a.mean)
    assert top.state == state
