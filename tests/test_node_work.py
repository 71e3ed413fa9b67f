"""Node.js: what large heaps keep, addons at work, calls that run together, late worker threads."""

import json
import subprocess
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import needs
from slowcoach.diagnosis.evidence.node_facts import Facts
from slowcoach.diagnosis.evidence.node_heap import made_evenly
from slowcoach.diagnosis.evidence.node_memory import HeapPoint, live_memory
from slowcoach.diagnosis.evidence.node_notes import notes_of
from slowcoach.diagnosis.evidence.node_pending import waiting
from slowcoach.diagnosis.evidence.node_sight import NodeSight, at_files
from slowcoach.diagnosis.evidence.node_threads import ThreadLooks
from slowcoach.diagnosis.evidence.node_told import told
from slowcoach.diagnosis.models import Activity, MemoryPoint
from slowcoach.profiling.recorders import node_waits
from slowcoach.profiling.recorders.inspector import Inspector, debugger_url
from slowcoach.profiling.recorders.node_workers import joined, workers

RECORDED = json.loads(
    (Path(__file__).parent / "data" / "diagnosis" / "node" / "work.json").read_text()
)
NOTHING = told([])
LATE_S = 10.0
APP = "file:///srv/app.js"


def heap(*parts: int) -> dict[str, Any]:
    """Return a profile with so many objects still alive of each third until the mark."""
    whole = 300
    made = [third * 100 + i * 100 // n for third, n in enumerate(parts) if n for i in range(n)]
    frame = {"functionName": "keep", "url": APP, "lineNumber": 3}
    keep = {"callFrame": frame, "selfSize": 131_160, "id": 2}
    mark = {"callFrame": {"functionName": "", "url": ""}, "selfSize": 524_304, "id": 3}
    root = {"functionName": "(root)", "url": ""}
    return {
        "head": {"callFrame": root, "selfSize": 0, "id": 1, "children": [keep, mark]},
        "samples": [
            *({"size": 131_160, "nodeId": 2, "ordinal": at} for at in made),
            {"size": 534_000, "nodeId": 3, "ordinal": whole},
        ],
    }


@pytest.mark.parametrize(
    ("profile", "evenly"),
    [
        (RECORDED["heap"], True),
        (heap(20, 22, 18), True),
        (heap(40, 10, 0), False),  # filled up early
        (heap(0, 20, 40), False),  # a cache that loses what is older
        (heap(4, 4, 4), False),  # too few to say
    ],
)
def test_what_is_kept_all_the_time_is_told_from_what_fills_and_what_turns_over(
    profile: dict[str, Any], evenly: bool
) -> None:
    assert made_evenly(profile) is evenly
    unmarked = [s for s in profile["samples"] if s["size"] < 500_000]
    assert not made_evenly({**profile, "samples": unmarked})


def test_garbage_of_a_large_heap_is_no_growth_that_ends() -> None:
    # 1 MB is kept by each ten answers; the collector comes at the begin, at 2 s and at the end
    points = [MemoryPoint(at_s=t, completed=10 * t, rss=0) for t in range(1, 21)]
    between = [HeapPoint(t, round(t * 10**6 * 1.4)) for t in range(3, 20)]
    used = [HeapPoint(0, 0, True), HeapPoint(2, 2 * 10**6, True), *between]
    used.append(HeapPoint(20, 20 * 10**6, True))
    kept = live_memory(used, points, evenly=True)
    assert [p.rss for p in kept] == [p.completed * 10**5 for p in kept]
    unsure = live_memory(used, points)
    assert unsure[-1].rss < unsure[-2].rss
    level = [HeapPoint(p.at_s, min(p.used, 12 * 10**6), p.collected) for p in used]
    found = live_memory(level, points, evenly=True)
    assert all(p.rss <= 12 * 10**6 for p in found)


def test_a_callback_with_what_was_lent_is_no_rival_of_who_waits_for_it() -> None:
    one = RECORDED["lent"]
    found = waiting(told(notes_of([one])), NOTHING, None, Facts(requests=one["requests"]))
    assert (found[0].state, found[0].function) == ("pool", "PaymentHost.pay")
    assert "generic-pool" in found[0].packages
    assert not any(a.state == "other" and a.mean > 1 for a in found)


@pytest.mark.parametrize(
    ("seen", "state"),
    [
        ({"at_work": 1.3, "at_files": 0.2, "files_open": 0.2, "in_kernel": 0.76}, "disk"),
        ({"at_work": 1.0, "at_files": 0.9, "files_open": 0.8, "in_kernel": 0.3}, "disk"),
        ({"at_work": 1.6, "at_files": 0.0, "files_open": 0.0, "in_kernel": 0.02}, "native"),
        ({"at_work": 1.3, "at_files": 0.0, "files_open": 0.0, "in_kernel": 0.76}, "other"),
        ({"at_work": 0.1, "at_files": 0.0, "files_open": 0.0, "in_kernel": 0.1}, "other"),
        ({"at_work": None}, "other"),
    ],
)
def test_the_work_of_an_addon_is_what_threads_are_seen_at(seen: dict[str, Any], state: str) -> None:
    one = RECORDED["addon"]
    facts = Facts(requests=one["requests"], busy=one["busy"], **seen)
    found = waiting(told(notes_of([one])), NOTHING, None, facts)
    assert (found[0].state, found[0].function) == (state, "Registry.enter")
    assert found[0].mean > one["requests"] / 2


def test_what_an_addon_does_in_turn_waits_for_no_thread() -> None:
    one = RECORDED["addon"]
    said = [{**one, "waits": [{**w, "ms": 4 * w["ms"]} for w in one["waits"]]}]
    files = Facts(at_work=1.3, files_open=0.2, in_kernel=0.76, at_files=0.2)
    in_turn = waiting(told(notes_of(said)), NOTHING, None, files)
    assert "executor" not in {a.state for a in in_turn}
    at_once = waiting(told(notes_of(said)), NOTHING, None, replace(files, at_files=3.0))
    assert "executor" in {a.state for a in at_once}


def noted(tmp_path: Path, program: str) -> list[dict[str, Any]]:
    """Return the waits that were noted while a program ran."""
    file = tmp_path / "app.cjs"
    source = json.dumps(str(node_waits.SOURCE))
    file.write_text(f"const notes = require({source})(require, false, true);\n{program}")
    done = subprocess.run(
        [needs.program("node"), file], capture_output=True, check=True, timeout=60
    )
    waits: list[dict[str, Any]] = json.loads(done.stdout)["waits"]
    return waits


SAY = "process.stdout.write(JSON.stringify(notes.read()), () => process.exit());"


def test_an_await_of_what_is_no_promise_lasts_until_its_answer(tmp_path: Path) -> None:
    program = (
        "class Task { then(done) { setTimeout(done, 200, 1); } }\n"
        "async function handler() { await new Task(); }\n"
        f"handler().then(() => {{ {SAY} }});"
    )
    awaits = [w for w in noted(tmp_path, program) if w["leaf"] == "(await)"]
    lasts = {w["frames"][-1][0]: w["ms"] for w in awaits}
    assert lasts["handler"] > 150


def test_calls_that_run_together_have_their_part_of_the_time(tmp_path: Path) -> None:
    program = (
        "const http = require('http');\n"
        "const server = http.createServer((_, res) => setTimeout(() => res.end('x'), 200));\n"
        "const ask = () => new Promise((done) => http.get({ port: server.address().port },"
        " (res) => res.resume().on('end', done)));\n"
        "async function together() { await Promise.all([ask(), ask(), ask(), ask()]); }\n"
        "async function alone() { await ask(); }\n"
        f"server.listen(0, '127.0.0.1', () => together().then(alone).then(() => {{ {SAY} }}));"
    )
    calls = [w for w in noted(tmp_path, program) if w["leaf"].startswith("(http")]
    parts = {
        name: sum(w["part"] for w in of) / sum(w["ms"] for w in of)
        for name in ("together", "alone")
        if (of := [w for w in calls if any(f[0] == name for f in w["frames"])])
    }
    assert parts["alone"] == pytest.approx(1.0)
    assert parts["together"] < 0.5


def test_worker_threads_that_begin_later_are_joined(tmp_path: Path) -> None:
    program = tmp_path / "app.cjs"
    program.write_text("setInterval(() => {}, 1000);")
    with subprocess.Popen(
        [needs.program("node"), "--inspect=127.0.0.1:0", program],
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        try:
            said = child.stderr.readline() if child.stderr else ""
            port = int(said.split("127.0.0.1:")[1].split("/")[0])
            url = debugger_url(port)
            assert url
            one = Inspector(url, "the program", None, child.pid)
            assert workers(one) == []
            worker = "new (require('worker_threads').Worker)(stay, { eval: true })"
            one.evaluate(f"(stay => {{ {worker} }})('setInterval(() => {{}}, 1000)')")
            late, until = joined(one), time.monotonic() + LATE_S
            while not late and time.monotonic() < until:
                time.sleep(0.1)
                one.evaluate("0")
                late = joined(one)
            assert [each.evaluate("6 * 7")["value"] for each in late] == [42]
            assert joined(one) == []
            one.close()
        finally:
            child.kill()


def test_what_a_worker_does_by_itself_is_no_work_for_requests() -> None:
    def wait(name: str, count: int) -> dict[str, Any]:
        frames = [[name, APP, 9, 3]]
        return {"leaf": "(timer)", "frames": frames, "ms": 1900.0, "count": count, "seen": count}

    sight = NodeSight()
    sight.said = [{"seconds": 2.0, "answers": 40, "requests": 8, "waits": []}]
    sight.worker_said = [{"seconds": 2.0, "waits": [wait("task", 40), wait("look", 2)]}]
    assert [note.path[-1][0] for note in sight.worker_told.operations] == ["task"]


def spent_in_files(at: int, *, user: int, system: int) -> ThreadLooks:
    """Return a hundred looks at threads, `at` of which found one in a file operation."""
    return ThreadLooks(looks=100, at_files=at, spent={7: [(0, 0), (user, system)]})


@pytest.mark.parametrize(
    ("threads", "disk"),
    [
        (spent_in_files(45, user=60, system=40), 0.45),  # as long as they were seen so
        (spent_in_files(6, user=30, system=70), 0.9),  # the kernel works for what they ask of it
        (spent_in_files(6, user=90, system=10), 0.0),  # it computes
        (spent_in_files(0, user=30, system=70), 0.0),
    ],
)
def test_native_code_of_a_worker_thread_that_is_at_files_does_not_compute(
    threads: ThreadLooks, disk: float
) -> None:
    def does(mean: float, leaf: str) -> Activity:
        leaves = {leaf: mean}
        return Activity(carrier="worker", state="cpu", function="save", mean=mean, leaves=leaves)

    found = at_files([does(0.9, "run"), does(0.1, "app.js:save")], threads)
    assert sum(a.mean for a in found if a.state == "disk") == pytest.approx(disk)
    assert sum(a.mean for a in found) == pytest.approx(1.0)
