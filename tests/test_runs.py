"""Runs are kept: by two processes at once, through a kill, in SQLite and in PostgreSQL."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import needs
from slowcoach.catalogue import tools
from slowcoach.core.errors import (
    CancelledError,
    InputError,
    SlowcoachError,
    UnknownRunError,
    UnreachableError,
)
from slowcoach.core.job import Job, Progress
from slowcoach.core.result import Result
from slowcoach.core.runs import Runs
from slowcoach.core.store import Store
from slowcoach.core.tool import Tool
from slowcoach_server.settings import from_environment

RUNS_PER_WRITER = 25
WRITER = """
import sys
from slowcoach.core.job import Job
from slowcoach.core.result import Result
from slowcoach.core.runs import Runs
from slowcoach.core.tool import Tool

def say(job: Job, word: str) -> Result:
    job.save("word.txt", word.encode(), "text/plain")
    return Result(summary=word)

runs = Runs(sys.argv[1])
for number in range(int(sys.argv[2])):
    print(runs.call(Tool(say, title="Say"), {"word": str(number)}).run_id, flush=True)
if len(sys.argv) > 3:
    def hang(job: Job) -> Result:
        job.save("half.txt", b"half", "text/plain")
        print("hanging", job.run_id, flush=True)
        job.cancellation.sleep(300)
        return Result()
    runs.call(Tool(hang, title="Hang"), {})
"""


def say(job: Job, word: str) -> Result:
    """Say a word."""
    job.progress(1, 2, "saying")
    job.save("word.txt", word.encode(), "text/plain")
    return Result(summary=word)


def hang(job: Job) -> Result:
    """Wait until called off."""
    job.progress(0, None, "hanging")
    job.cancellation.sleep(120)
    return Result()


def fail() -> Result:
    """Fail as foreseen."""
    raise InputError("here: expected salt, got sugar", hint="Swap them")


def leave() -> Result:
    """Do what a library that parses arguments does."""
    raise SystemExit(3)


SAY, HANG, FAIL, LEAVE = (Tool(f, title=f.__name__) for f in (say, hang, fail, leave))


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """Return the address of a real PostgreSQL of our own."""
    needs.module("psycopg")
    from slowcoach.queries.embedded import embedded_postgres

    with embedded_postgres() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of a run store, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'runs.db'}"
    address: str = request.getfixturevalue("postgres")
    return address


def writer(url: str, *more: str) -> subprocess.Popen[str]:
    """Start a process that makes runs and prints their ids."""
    command = [sys.executable, "-c", WRITER, url, str(RUNS_PER_WRITER), *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_a_run_is_kept_with_its_artefacts(url: str) -> None:
    runs = Runs(url)
    told: list[Progress] = []
    result = runs.call(SAY, {"word": "höhe"}, told.append)

    assert result.run_id is not None
    stored = runs.get(result.run_id)
    assert (stored.tool, stored.status, stored.arguments) == ("say", "done", {"word": "höhe"})
    assert stored.result is not None
    assert stored.result["summary"] == "höhe"
    assert runs.store.artefact(result.run_id, "word.txt") == ("höhe".encode(), "text/plain")
    assert [a.name for a in runs.store.artefacts(result.run_id)] == ["word.txt"]
    assert told == [Progress(1, 2, "saying")]
    runs.close()


def test_the_newest_runs_come_first_and_by_tool(runs: Runs) -> None:
    ids = [runs.call(SAY, {"word": str(n)}).run_id for n in range(3)]

    assert [run.id for run in runs.store.newest(limit=2)] == ids[:0:-1]
    assert runs.store.newest("hang") == []


def test_a_foreseen_failure_is_kept_and_raised(runs: Runs) -> None:
    handle = runs.start(FAIL, {})
    handle.wait(30)

    with pytest.raises(InputError, match="expected salt"):
        handle.outcome()
    stored = runs.get(handle.run_id or "")
    assert stored.status == "failed"
    assert stored.result is not None
    assert stored.result["error"]["hint"] == "Swap them"


def test_a_library_that_exits_does_not_end_us(runs: Runs) -> None:
    with pytest.raises(RuntimeError, match=r"exit\(3\)"):
        runs.call(LEAVE, {})


def test_a_run_can_be_cancelled_from_this_process(runs: Runs) -> None:
    handle = runs.start(HANG, {})
    assert runs.cancel(handle.run_id or "") == "cancelled"
    with pytest.raises(CancelledError):
        handle.outcome()


@pytest.mark.slow
def test_a_run_can_be_cancelled_from_another_process(url: str) -> None:
    other = writer(url, "then hang")
    assert other.stdout is not None
    ids = [other.stdout.readline().split()[-1] for _ in range(RUNS_PER_WRITER + 1)]

    runs = Runs(url)
    assert runs.get(ids[-1]).status == "running"
    runs.cancel(ids[-1])
    until = time.monotonic() + 30
    while runs.get(ids[-1]).status == "running" and time.monotonic() < until:
        time.sleep(0.1)

    assert runs.get(ids[-1]).status == "cancelled"
    other.stdout.close()
    other.wait(30)
    runs.close()


@pytest.mark.slow
def test_two_processes_that_write_at_once_lose_nothing(url: str) -> None:
    writers = [writer(url) for _ in range(3)]
    ids = [line for w in writers for line in w.communicate(timeout=120)[0].split()]

    runs = Runs(url)
    assert len(set(ids)) == 3 * RUNS_PER_WRITER
    assert {runs.get(run_id).status for run_id in ids} == {"done"}
    assert all(runs.store.artefact(run_id, "word.txt") for run_id in ids)
    runs.close()


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_a_kill_in_the_middle_loses_nothing_that_was_finished(url: str) -> None:
    victim = writer(url, "then hang")
    assert victim.stdout is not None
    ids = [victim.stdout.readline().split()[-1] for _ in range(RUNS_PER_WRITER + 1)]
    victim.send_signal(signal.SIGKILL)
    victim.wait(30)
    victim.stdout.close()

    runs = Runs(url)
    assert {runs.get(run_id).status for run_id in ids[:-1]} == {"done"}
    interrupted = runs.get(ids[-1])
    assert interrupted.status == "failed"
    assert "ended before it was done" in str(interrupted.result)
    runs.close()


def test_waiting_for_a_run_ends_with_the_run(runs: Runs) -> None:
    handle = runs.start(HANG, {})
    threading.Timer(0.5, handle.cancel).start()

    assert runs.get(handle.run_id or "", wait_s=60).status == "cancelled"


def test_an_unknown_run_names_the_newest(runs: Runs) -> None:
    known = runs.call(SAY, {"word": "x"}).run_id
    with pytest.raises(UnknownRunError) as unknown:
        runs.get("say-nothere")

    assert str(known) in unknown.value.hint


def test_secrets_are_not_kept(runs: Runs) -> None:
    run_id = runs.call(SAY, {"word": "postgresql://bob:hunter2@db/shop"}).run_id or ""

    assert "hunter2" not in str(runs.get(run_id))


@pytest.mark.parametrize("name", ["../evil", "a/b", "", ".hidden", "x" * 200])
def test_an_artefact_cannot_leave_its_folder(runs: Runs, name: str) -> None:
    run_id = runs.call(SAY, {"word": "x"}).run_id or ""
    with pytest.raises(InputError):
        runs.store.save(run_id, name, b"", "text/plain")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("no address", "not a database URL"),
        ("sqlite:////proc/nowhere/runs.db", "run store"),
        ("postgresql://bob:hunter2@127.0.0.1:1/x", r"bob:\*\*\*@127.0.0.1"),
    ],
)
def test_a_store_that_cannot_be_opened_says_so(address: str, said: str) -> None:
    with pytest.raises(SlowcoachError, match=said) as refused:
        Store(address)

    assert "hunter2" not in str(refused.value)
    assert isinstance(refused.value, (InputError, UnreachableError))


def test_a_tool_without_input_takes_the_database_of_the_settings(tmp_path: Path) -> None:
    given = {"SLOWCOACH_DATABASE_URL": "postgresql://app:secret@127.0.0.1:1/shop"}
    settings = replace(from_environment(given), store_url=f"sqlite:///{tmp_path}/runs.db")
    tool = tools()["explain_query"]
    runs = settings.runs()

    with pytest.raises(UnreachableError) as refused:
        runs.call(tool, {"sql": "select 1"})
    assert "secret" not in str(refused.value)
    assert runs.call(tool, {"plan": "Seq Scan on t  (cost=0.00..1.00 rows=1 width=4)"}).summary
