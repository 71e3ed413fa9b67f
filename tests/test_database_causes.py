"""Pools, statements and locks: which of them is the root, from figures as services showed them."""

import pytest

from slowcoach.diagnosis.decide import UNSURE, Verdict, decide
from slowcoach.diagnosis.models import (
    Activity,
    Blocking,
    Database,
    Observed,
    Phase,
    PlanNote,
    Statement,
)

TOGETHER, LOADED_S = 8, 10.0
QUERY = "SELECT id FROM orders WHERE customer = $1"
LACKS_INDEX = PlanNote(
    query=QUERY,
    kind="filter",
    table="orders",
    columns=("customer",),
    table_rows=240_000,
    kept_rows=3,
    cost_share=0.9,
    text="Seq Scan on orders",
)


def does(state: str, mean: float, function: str = "find") -> Activity:
    return Activity(
        carrier="thread",
        state=state,
        function=function,
        file="/srv/app.py",
        line=7,
        lines={7: mean},
        path=("handle", function),
        mean=mean,
    )


def phase(concurrency: int, latency_ms: float, *activities: Activity) -> Phase:
    count = round(1000 * LOADED_S / latency_ms * concurrency)
    return Phase(
        concurrency=concurrency,
        seconds=LOADED_S,
        completed=count,
        latencies_ms=(latency_ms,) * min(count, 100),
        activities=activities,
        looks=200,
        cpu_user_s=0.2,
    )


def verdict(
    alone: Phase,
    loaded: Phase,
    statement_ms: float,
    working: dict[str, float],
    calls: int = 1,
    **more: object,
) -> Verdict:
    count = calls * loaded.completed
    given: dict[str, object] = {
        "port": 5432,
        "samples": 50,
        "active": sum(working.values()),
        "statements": (
            Statement(query=QUERY, calls=count, total_ms=count * statement_ms, rows=count),
        ),
        "statements_seen": True,
        "activity": working,
    }
    return decide(
        Observed(
            url="http://x/y",
            port=80,
            cores=2,
            alone=alone,
            loaded=loaded,
            stacks_seen=True,
            tasks_seen=True,
            database=Database.model_validate({**given, **more}),
        )
    )


POOLED = phase(TOGETHER, 300, does("db", 2.0), does("pool", 6.0))
ALONE = phase(1, 75, does("db", 1.0))
ASLEEP = {"Timeout:PgSleep": 2.0}
AT_WORK = {"CPU": 2.0}


def test_two_connections_for_a_statement_that_sleeps_are_too_few() -> None:
    assert verdict(ALONE, POOLED, 75, ASLEEP).cause == "pool.exhausted"


def test_an_index_would_free_the_connections() -> None:
    found = verdict(ALONE, POOLED, 75, AT_WORK, plans=(LACKS_INDEX,))
    assert found.cause == "db.missing_index"
    assert "orders" in found.best.where[0]


def test_more_connections_do_not_help_a_server_that_is_busy() -> None:
    assert verdict(ALONE, POOLED, 75, AT_WORK).cause == "db.slow_query"


def test_quick_statements_of_a_small_pool_are_not_slow() -> None:
    loaded = phase(TOGETHER, 300, does("net", 1.9, "ask"), does("db", 0.1), does("pool", 6.0))
    alone = phase(1, 75, does("net", 0.95, "ask"), does("db", 0.05))
    assert verdict(alone, loaded, 1, {"CPU": 0.1}).cause == "pool.exhausted"


def test_statements_by_the_dozen_hold_the_connections() -> None:
    found = verdict(ALONE, POOLED, 0.5, {"CPU": 1.0}, calls=120)
    assert found.cause == "db.n_plus_one"


def test_who_waits_for_a_connection_waits_for_the_lock() -> None:
    blocking = Blocking(
        query="UPDATE orders SET a = 1",
        blocker_query="UPDATE orders SET b = 2",
        blocker_state="idle in transaction",
        lock="transactionid",
        samples=50,
        other="nightly",
    )
    found = verdict(
        phase(1, 40, does("db", 1.0)),
        POOLED,
        75,
        {"Lock:transactionid": 2.0},
        lock_waiting=2.0,
        blocking=(blocking,),
    )
    assert found.cause == "db.lock_wait"
    assert any("nightly, which is not this service" in str(f) for f in found.best.figures)


@pytest.mark.parametrize("state", ["net", "db"])
def test_a_peer_that_is_not_looked_at_is_no_statement_of_the_database(state: str) -> None:
    loaded = phase(TOGETHER, 400, does(state, float(TOGETHER)))
    found = decide(
        Observed(
            url="http://x/y",
            port=80,
            alone=phase(1, 400, does(state, 1.0)),
            loaded=loaded,
            stacks_seen=True,
            tasks_seen=True,
            missing={"database": "no database_url was given"},
        )
    )
    if state == "db":
        assert found.cause in {UNSURE, "db.slow_query"}
    else:
        assert not found.cause.startswith("db.")
