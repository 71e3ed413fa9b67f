"""Pools, statements and locks: which of them is the root, from figures as services showed them."""

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


def test_connections_that_never_came_back_are_missed_by_one_request_alone_too() -> None:
    alone = phase(1, 2000, does("pool", 0.95), does("db", 0.05))
    found = verdict(alone, phase(TOGETHER, 2005, does("pool", 8.0)), 1, {})
    assert found.cause == "pool.exhausted"
    assert "not given back" in found.best.why


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


def unseen(state: str, *, exchanges: int = 2, **more: object) -> Verdict:
    """Return the verdict on a slow peer whose statements nobody saw."""
    loaded = phase(TOGETHER, 400, does(state, float(TOGETHER)).model_copy(update={"port": 5432}))
    given: dict[str, object] = {"missing": {"database": "no database_url was given"}, **more}
    return decide(
        Observed.model_validate(
            {
                "url": "http://x/y",
                "port": 80,
                "alone": phase(1, 400, does(state, 1.0)),
                "loaded": loaded.model_copy(
                    update={"exchanges": {5432: exchanges * loaded.completed}}
                ),
                "stacks_seen": True,
                "tasks_seen": True,
                **given,
            }
        )
    )


def test_without_a_database_url_the_place_is_known_and_the_cause_to_be_asked_for() -> None:
    found = unseen("db")
    assert found.cause == UNSURE
    assert "database_url" in found.next_step
    assert found.best.where[0].startswith("find")


def test_round_trips_tell_statements_by_the_dozen_without_a_database_url() -> None:
    assert unseen("db", exchanges=200).cause == "db.n_plus_one"


def test_another_service_is_no_database() -> None:
    assert not unseen("net").cause.startswith("db.")


def test_a_role_that_sees_no_statements_is_to_be_given_rights() -> None:
    hidden = Database(port=5432, sessions=8, hidden=8)
    found = unseen("db", database=hidden, missing={"statements": "hidden"})
    assert found.cause == UNSURE
    assert "pg_monitor" in found.next_step


def test_a_role_that_sees_no_statements_still_sees_locks() -> None:
    hidden = Database(port=5432, active=8, sessions=8, hidden=8, lock_waiting=7)
    found = unseen("db", database=hidden, missing={"statements": "hidden"})
    assert found.cause == "db.lock_wait"


def test_statements_that_were_seen_at_work_only_lack_an_index_all_the_same() -> None:
    seen = Database(
        port=5432,
        active=8,
        sessions=8,
        activity={"CPU": 8.0},
        statements=(Statement(query=QUERY, calls=150, total_ms=60_000, rows=0),),
        plans=(LACKS_INDEX,),
    )
    found = unseen("db", database=seen, missing={"statements": "not counted"})
    assert found.cause == "db.missing_index"
