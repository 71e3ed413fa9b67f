"""What looks at the database's sessions add up to, also where little of them may be seen."""

from dataclasses import replace

import pytest

from slowcoach.diagnosis.evidence.sessions import Sessions
from slowcoach.queries.statistics import Session

QUIET = Session(
    pid=1,
    state="idle",
    wait_event_type="Client",
    wait_event="ClientRead",
    query="COMMIT",
    blocked_by=(),
    seconds_in_state=0.2,
    seconds_in_transaction=None,
    application="",
    client_port=40001,
)
BUSY = replace(QUIET, state="active", wait_event_type=None, wait_event=None)


def test_a_statement_lasts_twice_as_long_as_it_is_old_when_it_is_seen() -> None:
    seen = Sessions()
    for age in (0.01, 0.03):
        seen.add((replace(BUSY, query=f"SELECT a FROM t WHERE b = {age}", seconds_in_state=age),))
    (statement,) = seen.statements(0.2, 8)
    assert statement.query == "SELECT a FROM t WHERE b = 0.01"
    assert statement.total_ms == pytest.approx(400)
    assert statement.mean_ms == pytest.approx(40)


def test_who_may_not_look_into_sessions_still_sees_who_blocks_whom() -> None:
    seen = Sessions()
    hidden = replace(BUSY, query="<insufficient privilege>", state="", client_port=None)
    seen.add((replace(hidden, pid=1, blocked_by=(2,)), replace(hidden, pid=2)))
    assert (seen.lock_waiting, seen.active, seen.hidden) == (1, 1, 2)
    assert seen.statements(0.2, 8) == ()
    assert seen.blocking()[0].samples == 1


def test_what_other_clients_do_is_not_the_services() -> None:
    seen = Sessions(lambda: frozenset({40001}))
    waits = replace(
        BUSY, wait_event_type="Lock", wait_event="tuple", query="UPDATE t SET a = 1 WHERE b = 2"
    )
    holder = replace(
        QUIET,
        pid=9,
        state="idle in transaction",
        query="DELETE FROM t WHERE a = 5",
        application="nightly",
        client_port=5,
    )
    seen.add((replace(waits, blocked_by=(9,)), holder, replace(waits, pid=8, client_port=6)))
    (blocking,) = seen.blocking()
    assert (seen.lock_waiting, seen.sessions, seen.idle_in_transaction) == (1, 1, 0)
    assert (blocking.other, blocking.blocker_state) == ("nightly", "idle in transaction")


def test_behind_a_pooler_all_sessions_count() -> None:
    seen = Sessions(lambda: frozenset({50_000}))
    seen.add((BUSY, replace(BUSY, pid=2, client_port=40002)))
    assert (seen.sessions, seen.active) == (2, 2)
    assert sum(seen.activity().values()) == pytest.approx(2)


def test_the_one_that_waits_for_nobody_holds_the_lock() -> None:
    seen = Sessions()
    waits = replace(BUSY, wait_event_type="Lock", wait_event="transactionid")
    seen.add(
        (
            replace(waits, pid=1, query="UPDATE t SET a = 1", blocked_by=(2,)),
            replace(waits, pid=2, query="UPDATE t SET a = 2", blocked_by=(3,)),
            replace(QUIET, pid=3, state="idle in transaction", query="SELECT pg_sleep(9)"),
        )
    )
    assert [b.blocker_query for b in seen.blocking()] == ["SELECT pg_sleep(9)"]
    assert seen.blocking()[0].samples == 2
