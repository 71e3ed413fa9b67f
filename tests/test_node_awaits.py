"""Node.js: awaits told by who made the promise, and threads of libuv's that stand at pipes."""

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

import needs
from slowcoach.diagnosis.evidence.node_facts import Facts
from slowcoach.diagnosis.evidence.node_notes import notes_of
from slowcoach.diagnosis.evidence.node_pending import waiting
from slowcoach.diagnosis.evidence.node_threads import ThreadLooks
from slowcoach.diagnosis.evidence.node_told import Told, told
from slowcoach.diagnosis.models import Activity
from slowcoach.profiling.recorders import node_waits

DATA = Path(__file__).parent / "data" / "diagnosis" / "node"
APP = "file:///srv/app.js"
HANDLER, LEND, AUDIT = ["handler", APP, 45, 3], ["lend", APP, 20, 3], ["audit", APP, 60, 3]
NOTHING = told([])
LATE_S = 10.0


def library(package: str) -> list[Any]:
    return ["run", f"file:///srv/node_modules/{package}/index.js", 9, 3]


def wait(leaf: str, mean: float, *frames: list[Any]) -> dict[str, Any]:
    one = {"leaf": leaf, "frames": list(frames), "ms": mean * 10_000}
    return {**one, "count": 100.0, "seen": 80}


def seen(*waits: dict[str, Any]) -> Told:
    return told(notes_of([{"seconds": 10.0, "windows": 1, "waits": list(waits)}]))


def most(found: tuple[Activity, ...]) -> tuple[str, str]:
    return found[0].state, found[0].function


# ------------------------------------------------------- promises, deeper


@pytest.mark.parametrize(
    ("recorded", "state", "function", "package"),
    [
        ("mutex", "lock", "TicketOffice.#withSession", "async-mutex"),
        ("pool", "pool", "inTransaction", "pg-pool"),
    ],
)
def test_an_await_is_told_by_the_librarys_promise_in_what_it_called(
    recorded: str, state: str, function: str, package: str
) -> None:
    one = json.loads((DATA / "awaits.json").read_text())[recorded]
    found = waiting(told(notes_of([one])), NOTHING, None, Facts(requests=one["requests"]))
    assert most(found) == (state, function)
    assert package in found[0].packages
    assert found[0].mean > one["requests"] / 2


@pytest.mark.parametrize(
    ("maker", "package", "state"),
    [
        ("Pool.acquire", "sequelize-pool", "pool"),
        ("Pool.acquire", "a-pool-nobody-knows", "pool"),
        ("Store.open", "a-store-nobody-knows", "other"),
    ],
)
def test_a_promise_that_libraries_make_after_an_await_of_their_own_tells_what_is_waited_for(
    maker: str, package: str, state: str
) -> None:
    inner = [maker, f"file:///srv/node_modules/{package}/lib/Pool.js", 191, 3]
    [found, *_] = waiting(
        seen(
            wait("(await)", 9.0, HANDLER),
            wait("(promise)", 9.0, HANDLER, library("sequelize")),
            wait("(promise)", 8.5, library("sequelize"), inner),
        ),
        NOTHING,
        None,
        Facts(requests=10.0),
    )
    assert (found.state, found.function) == (state, "handler")


def within(package: str, *functions: str) -> list[list[Any]]:
    """Frames of a pool's library, innermost last."""
    file = f"file:///srv/node_modules/{package}/pool.js"
    return [[name, file, line + 1, 3] for line, name in enumerate(functions)]


@pytest.mark.parametrize("known", ["by its promise", "by its timer", "by its timer alone"])
def test_own_code_that_waits_for_a_pool_within_libraries_is_told(known: str) -> None:
    held = [wait("(await)", 6.0, HANDLER), wait("(socket 127.0.0.1:5432)", 1.0, HANDLER)]
    told_of = {
        "by its promise": wait("(promise)", 5.0, *within("tarn", "Pool.acquire", "defer")),
        "by its timer": wait("(timer)", 5.0, HANDLER, *within("tarn", "Pool.acquire", "timeout")),
        "by its timer alone": wait("(timer)", 5.0, *within("tarn", "Pool.acquire", "timeout")),
    }
    found = waiting(seen(*held, told_of[known]), NOTHING, None, Facts(requests=6.0))
    assert most(found) == ("pool", "handler")
    assert found[0].mean == pytest.approx(5.0, rel=0.3)


def test_a_timer_that_ends_idle_connections_is_no_wait_for_one() -> None:
    idle = wait("(timer)", 5.0, HANDLER, *within("tarn", "Pool.release", "startReaping"))
    found = waiting(seen(wait("(await)", 6.0, HANDLER), idle), NOTHING, None, Facts(requests=6.0))
    assert "pool" not in {a.state for a in found}


def test_an_await_whose_operations_explain_all_but_its_error_waits_for_nothing_else() -> None:
    few = {**wait("(await)", 6.0, HANDLER), "seen": 16}  # a standard error of a quarter
    found = waiting(seen(few, wait("(timer)", 4.0, HANDLER)), NOTHING, None, Facts(requests=6.0))
    assert {a.state for a in found} == {"sleep"}


def test_of_two_branches_that_wait_alike_none_is_named() -> None:
    both = [
        wait("(await)", 6, HANDLER),
        wait("(promise)", 6, HANDLER, LEND, ["work", APP, 22, 3]),
        wait("(promise)", 6, HANDLER, AUDIT, library("async-mutex")),  # nobody may await it
    ]
    assert most(waiting(seen(*both), NOTHING, None, Facts()))[0] == "other"
    deeper = [both[0], wait("(promise)", 6, HANDLER, LEND, AUDIT, library("async-mutex"))]
    assert most(waiting(seen(*deeper), NOTHING, None, Facts())) == ("lock", "audit")


def test_what_a_promise_does_itself_is_not_waited_for_at_its_library() -> None:
    held = [
        wait("(await)", 6, HANDLER),
        wait("(promise)", 6, HANDLER, LEND, library("async-mutex")),
        wait("(http 127.0.0.1:9001)", 5.5, HANDLER, LEND, AUDIT),
    ]
    found = waiting(seen(*held), NOTHING, None, Facts())
    assert most(found) == ("net", "audit")
    assert sum(a.mean for a in found if a.state == "lock") < 1


def test_a_function_without_a_name_is_one_whichever_of_its_lines_runs() -> None:
    (note,) = notes_of(
        [
            {
                "seconds": 10.0,
                "windows": 1,
                "waits": [
                    wait("(await)", 1, ["", APP, 52, 9, 50, 30]),
                    wait("(await)", 3, ["", APP, 53, 9, 50, 30]),
                ],
            }
        ]
    )
    assert [name for name, _ in note.path] == ["(anonymous app.js:50)"]
    assert set(note.lines) == {52, 53}


def test_own_code_that_goes_on_with_a_librarys_chain_is_noted(tmp_path: Path) -> None:
    node = needs.program("node")
    package = tmp_path / "node_modules" / "lender"
    package.mkdir(parents=True)
    (package / "index.js").write_text(
        "exports.lend = () => new Promise((done) => setTimeout(done, 60)).catch(console.error);"
    )
    program = tmp_path / "app.js"
    program.write_text(
        "const { lend } = require('lender');\n"
        "const notes = require(process.argv[2])((name) => require(name), false, true);\n"
        "const own = async () => { await lend(); };\n"
        "Promise.all([own(), own(), own()]).then(() => {\n"
        "  const { waits } = notes.read(); notes.stop(); console.log(JSON.stringify(waits));\n"
        "});\n"
    )
    done = subprocess.run(
        [node, program, node_waits.SOURCE], capture_output=True, check=True, timeout=60
    )
    waits = json.loads(done.stdout)
    awaited = [w for w in waits if w["leaf"] == "(await)" and w["frames"][-1][0] == "own"]
    assert sum(w["count"] for w in awaited) == 3


@pytest.mark.parametrize(("connections", "state"), [(2.0, "pool"), (9.0, "other")])
def test_what_an_http_client_has_not_begun_waits_for_its_connections(
    connections: float, state: str
) -> None:
    asked = [
        wait("(await)", 9, HANDLER),
        wait("(promise)", 9, HANDLER, library("undici")),
        wait("(http http://127.0.0.1:9001)", 1.9, library("undici")),
    ]
    facts = Facts(connections={9001: connections}, requests=9.0)
    found = {a.state: a.mean for a in waiting(seen(*asked), NOTHING, None, facts)}
    assert found[state] == pytest.approx(7.1, abs=0.3)
    assert found["net"] == pytest.approx(1.9, abs=0.1)


# -------------------------------------------------------- libuv's threads


FILE = wait("(file)", 6, HANDLER)


def test_files_wait_for_a_thread_where_the_services_own_pipes_hold_them_all() -> None:
    held = Facts(pool_size=4, held=3.9, taken=3.9, held_at="/srv/meter1", at_work=0.05)
    found = waiting(seen(FILE), NOTHING, None, held)
    assert {a.state for a in found} == {"unstarted", "other"}
    assert any("/srv/meter1" in a.server for a in found)


def test_files_share_the_threads_that_pipes_leave() -> None:
    held = Facts(pool_size=4, held=3.0, taken=3.0, held_at="/srv/meter1", at_work=0.9)
    found = waiting(seen(FILE), NOTHING, None, held)
    assert {a.state: round(a.mean) for a in found} == {"executor": 5, "disk": 1}


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        (Facts(at_work=2.0), "disk"),
        (Facts(), "disk"),  # nobody could look
        (Facts(held=2.5, at_work=0.2), "other"),  # requests read what flows
        (Facts(at_work=0.05), "other"),  # no thread is at anything
        (Facts(at_work=0.05, busy=0.9), "disk"),  # what is done waits for the loop
    ],
)
def test_a_file_operation_is_the_disks_only_where_threads_work(facts: Facts, state: str) -> None:
    found = waiting(seen(wait("(file)", 3, HANDLER)), NOTHING, None, facts)
    assert {a.state for a in found} == {state}


def test_threads_that_stand_at_named_pipes_are_seen(tmp_path: Path) -> None:
    node = needs.program("node")
    for name in ("written", "never"):
        os.mkfifo(tmp_path / name)
    program = tmp_path / "app.js"
    program.write_text(
        "const { createReadStream, open } = require('fs');\n"
        "open('written', 'r+', (_, fd) => createReadStream(null, { fd }).on('data', () => {}));\n"
        "createReadStream('never').on('data', () => {});\n"
    )
    child = subprocess.Popen([node, program], cwd=tmp_path)
    try:
        until = time.monotonic() + LATE_S
        looks = ThreadLooks()
        while looks.mean_held != 2 and time.monotonic() < until:
            time.sleep(0.05)
            looks = ThreadLooks()
            looks.look([child.pid])
        assert looks.mean_held == 2
        assert any(target.endswith("written") for target in looks.held)
        assert any("not opened" in target for target in looks.held)
    finally:
        child.kill()
        child.wait()
    gone = ThreadLooks()
    gone.look([child.pid])
    assert gone.mean_at_work is None
