"""A server that has stopped altogether: asking it, waiting for it and calling it off all end."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

import needs
from slowcoach.core.errors import CancelledError, ToolFailedError, UnreachableError
from slowcoach.core.job import Cancellation
from slowcoach.queries import deadline, live
from slowcoach.queries.embedded import embedded_postgres

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc")
_GENEROUS_S = 90.0


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, int]]:
    needs.module("psycopg")
    needs.module("embedded_postgres")
    import psycopg

    with embedded_postgres() as url:
        with psycopg.connect(url, autocommit=True) as connection:
            row = connection.execute("SHOW data_directory").fetchone()
        pid = Path(row[0] if row else "", "postmaster.pid").read_text("utf-8").splitlines()[0]
        yield url, int(pid)


@pytest.fixture(autouse=True)
def _short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadline, "_CANCEL_S", 0.5)


@contextmanager
def _stopped(postmaster: int) -> Iterator[None]:
    """Stop the server and all its backends in their tracks for the block."""
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text("utf-8").split()
    pids = [postmaster, *map(int, children)]
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with suppress(ProcessLookupError):  # one of its workers was about to end
                os.kill(pid, signal.SIGCONT)


def _seconds(call: Callable[[], Any]) -> float:
    begun = time.monotonic()
    call()
    return time.monotonic() - begun


@pytest.mark.slow
def test_a_server_that_takes_the_call_and_says_nothing_is_given_up_on(
    server: tuple[str, int],
) -> None:
    url, pid = server

    def ask() -> None:
        asked = f"{url}?connect_timeout=0"  # which means forever, to the driver
        with pytest.raises(UnreachableError, match="timeout"), live.connect(asked):
            pass

    with _stopped(pid):
        assert _seconds(ask) < _GENEROUS_S


@pytest.mark.slow
def test_a_statement_that_a_stopped_server_never_answers_ends_at_the_total_deadline(
    server: tuple[str, int],
) -> None:
    url, pid = server
    with live.connect(url) as other:
        assert live.rows(other, "SELECT 1 AS one") == [{"one": 1}]

    def ask() -> None:
        with (
            pytest.raises(ToolFailedError, match="did not answer within 1 s"),
            live.connect(url, total_s=1) as opened,
            _stopped(pid),
        ):
            live.explain(opened, "SELECT 1")

    assert _seconds(ask) < _GENEROUS_S
    with live.connect(url) as opened:
        assert live.explain(opened, "SELECT 1").root.node_type == "Result"


@pytest.mark.slow
def test_work_that_is_called_off_ends_though_the_server_is_stopped(
    server: tuple[str, int],
) -> None:
    url, pid = server
    cancellation = Cancellation()
    timer = threading.Timer(0.5, cancellation.ask)

    def ask() -> None:
        with live.connect(url, cancellation=cancellation) as opened, _stopped(pid):
            timer.start()
            live.explain(opened, "SELECT 1")

    begun = time.monotonic()
    with pytest.raises(CancelledError):
        ask()
    assert time.monotonic() - begun < _GENEROUS_S
    timer.join()


def test_a_statement_that_runs_on_is_cancelled_by_the_server_at_the_total_deadline(
    server: tuple[str, int],
) -> None:
    url, _ = server
    endless = "SELECT count(*) FROM generate_series(1, 100000000000) g"
    with (
        pytest.raises(ToolFailedError, match="did not answer within 1 s"),
        live.connect(url, total_s=1) as opened,
    ):
        live.explain(opened, endless, analyze=True)
    with live.connect(url) as opened:
        left = "SELECT count(*) AS n FROM pg_stat_activity WHERE query LIKE 'EXPLAIN%%generate%%'"
        until = time.monotonic() + _GENEROUS_S
        while live.rows(opened, left)[0]["n"] and time.monotonic() < until:
            time.sleep(0.1)
        assert live.rows(opened, left)[0]["n"] == 0
