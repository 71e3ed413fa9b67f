"""The tool `record_profile` with real Node.js programs."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import needs
from slowcoach.api.record_profile import TOOL
from slowcoach.core.errors import (
    CancelledError,
    InputError,
    SlowcoachError,
    ToolFailedError,
    UnreachableError,
    UnsupportedError,
)
from slowcoach.core.job import Job
from slowcoach.profiling import readers
from slowcoach.profiling.answer import FrameRow
from slowcoach.profiling.recorded import RecordedProfile
from slowcoach.profiling.recorders import node_process

Recorded = Callable[[str], tuple[RecordedProfile, str]]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="attaches on Linux only")

# `price` holds the processor, `remember` allocates; `report` holds the loop for long
SHOP = """
const http = require('http');
function price(ms) {
  const end = Date.now() + ms;
  let sum = 0;
  while (Date.now() < end) {
    for (let i = 0; i < 5000; i++) sum += Math.sqrt(i) % 7; // line 7
  }
  return sum;
}
let kept = [];
function remember() {
  kept = [];
  for (let i = 0; i < 20000; i++) kept.push({ name: 'order ' + i });
}
const turn = Number(process.argv[2] || 30);
setInterval(() => { price(turn); remember(); }, turn / 4);
http.createServer((_, answer) => answer.end('ok')).listen(0, '127.0.0.1', () => {
  console.log('ready');
});
if (process.argv[3]) setTimeout(() => process.exit(), Number(process.argv[3]));
"""
MODULE = SHOP.replace("const http = require('http')", "import http from 'http'")

WORKERS = """
const { Worker, isMainThread } = require('worker_threads');
function crunch() {
  let sum = 0;
  const end = Date.now() + 20;
  while (Date.now() < end) for (let i = 0; i < 3000; i++) sum += Math.sqrt(i);
  return sum;
}
if (isMainThread) {
  const worker = new Worker(__filename);
  worker.on('online', () => console.log('ready'));
} else setInterval(crunch, 5);
""".replace(
    "return sum;", "if (sum < 0) {" + " sum += 1;" * 300 + " } return sum;"
)  # too long to be inlined

# one known hot function, wait, lock of each kind and place of allocation
FAULTS = """
const { Worker, isMainThread, workerData } = require('worker_threads');
class Mutex {
  constructor() { this.queue = []; this.held = false; }
  acquire() {
    if (this.held) return new Promise((go) => this.queue.push(go));
    this.held = true;
    return Promise.resolve();
  }
  release() {
    const next = this.queue.shift();
    if (next) next(); else this.held = false;
  }
}
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
function crunch(ms) {
  const end = performance.now() + ms;
  let sum = 0;
  while (performance.now() < end) for (let i = 0; i < 5000; i++) sum += Math.sqrt(i) % 7;
  return sum;
}
let kept = [];
function remember() {
  kept = [];
  for (let i = 0; i < 9000; i++) kept.push({ name: 'order ' + i });
}
const mutex = new Mutex();
async function stock() {
  await mutex.acquire();
  await sleep(30);
  mutex.release();
}
async function query() {
  await sleep(200);
}
async function order() {
  crunch(10);
  remember();
  await query();
}
if (isMainThread) {
  new Worker(__filename, { workerData: new SharedArrayBuffer(4) });
  setInterval(order, 40);
  setInterval(stock, 25);
  setTimeout(() => console.log('ready'), 600);
} else {
  const cell = new Int32Array(workerData);
  function stand() {
    Atomics.wait(cell, 0, 0, 40);
  }
  setInterval(stand, 60);
}
"""
CLUSTER = """
const cluster = require('cluster');
function crunch(ms) {
  const end = Date.now() + ms;
  let sum = 0;
  while (Date.now() < end) for (let i = 0; i < 5000; i++) sum += Math.sqrt(i) % 7;
  return sum;
}
if (cluster.isPrimary) {
  let up = 0;
  cluster.on('message', () => { if (++up === 2) console.log('ready'); });
  cluster.fork();
  cluster.fork();
} else {
  setInterval(() => crunch(10), 40);
  process.send('up');
}
"""
EXPORTS = """
export function hot(n) { return work(n); }
function work(n) {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += Math.sqrt(i) % 3;
  return sum;
}
export const api = {
  async slow(ms) {
    await new Promise((done) => setTimeout(done, ms));
    return work(10);
  },
};
"""


@pytest.fixture
def tmp_path(short_folder: Path) -> Path:
    """Return where programs lie: answers tell their whole paths."""
    return short_folder


@pytest.fixture
def node() -> str:
    """Return the path of Node.js."""
    return needs.program("node")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Return a program with a hot function."""
    file = tmp_path / "a shop.cjs"
    file.write_text(SHOP, encoding="utf-8")
    return file


def record(job: Job | None = None, **arguments: object) -> RecordedProfile:
    """Call the tool as the faces do."""
    result = TOOL.call(TOOL.validate(arguments), job or Job())
    assert isinstance(result, RecordedProfile)
    return result


@contextmanager
def running(*argv: str) -> Iterator[int]:
    """Run a program beside the block; it says a line when it is ready."""
    child = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert child.stdout is not None
        child.stdout.readline()
        yield child.pid
    finally:
        child.kill()
        child.wait()
        if child.stdout:
            child.stdout.close()


@contextmanager
def serving(node: str, *argv: str) -> Iterator[int]:
    """Run a Node.js program whose inspector takes any free port: tests may run side by side."""
    with running(node, "--inspect-port=127.0.0.1:0", *argv) as pid:
        before = node_process.own_listeners(pid)
        yield pid
        assert node_process.own_listeners(pid) <= before, "the inspector is still open"


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Wait until nobody else on this machine uses the inspector's port."""
    deadline = time.monotonic() + 60
    while any(
        each.port == node_process.DEFAULT_PORT for each in node_process.listeners(os.getpid())
    ):
        if time.monotonic() > deadline:
            pytest.skip("another program keeps the inspector's port")
        time.sleep(0.2)
    yield


@pytest.mark.slow
@pytest.mark.parametrize("text", [SHOP, MODULE], ids=["script", "module"])
def test_a_running_program_is_named_with_function_file_and_line(
    node: str, tmp_path: Path, text: str
) -> None:
    program = tmp_path / ("shop.mjs" if text is MODULE else "shop.cjs")
    program.write_text(text, encoding="utf-8")
    job = Job()
    with serving(node, str(program)) as pid:
        answer = record(job, pid=pid, duration_s=1)
        os.kill(pid, 0)

    assert [profile.name for profile in answer.profiles] == ["on CPU", "wall clock"]
    # what V8 put into its caller while it optimized it counts as the caller's for a moment
    top = [(f.name, f.file, f.line) for f in answer.profiles[0].frames[:2]]
    assert ("price", str(program), 3) in top
    assert any("price" in place for finding in answer.findings for place in finding.where)
    assert answer.event_loop is not None
    assert answer.event_loop.utilization is not None
    assert answer.event_loop.utilization > 0.3
    assert answer.event_loop.gc_count > 0
    assert answer.event_loop.active["TCPServerWrap"] == 1
    assert answer.cost is not None
    assert answer.cost.target_cpu_while is not None
    assert len(answer.model_dump_json()) < 6_000
    kept = readers.read(job.artefacts["profile.speedscope.json"], "kept")
    assert [profile.name for profile in kept] == ["on CPU", "wall clock"]
    dumped = answer.model_dump(mode="json")
    assert RecordedProfile.model_validate(dumped).model_dump(mode="json") == dumped


@pytest.mark.slow
def test_the_usual_port_is_closed_again(node: str, shop: Path) -> None:
    with one_at_a_time(), running(node, str(shop)) as pid:
        record(pid=pid, duration_s=1)
        ports = {each.port for each in node_process.own_listeners(pid)}

    assert node_process.DEFAULT_PORT not in ports


@pytest.mark.slow
def test_the_wall_clock_shows_the_idle_loop_too(node: str, tmp_path: Path) -> None:
    program = tmp_path / "idle.cjs"
    program.write_text("setInterval(() => {}, 200); console.log('ready')", encoding="utf-8")
    with serving(node, str(program)) as pid:
        answer = record(pid=pid, duration_s=1, kind="wall")

    assert answer.profiles[0].name == "wall clock"
    assert answer.profiles[0].frames[0].name == "(idle)"
    assert answer.profiles[0].total > 0.5e6
    assert not any(finding.cause for finding in answer.findings)


@pytest.mark.slow
def test_allocations_are_named_with_their_place(node: str, shop: Path) -> None:
    with serving(node, str(shop)) as pid:
        answer = record(pid=pid, duration_s=1, kind="alloc")

    top = answer.profiles[0].frames[0]
    assert (top.name, top.file, top.line) == ("remember", str(shop), 12)
    assert answer.profiles[0].unit == "bytes"
    assert not any(finding.cause for finding in answer.findings)


@pytest.mark.slow
def test_worker_threads_are_recorded_too(node: str, tmp_path: Path) -> None:
    program = tmp_path / "workers.cjs"
    program.write_text(WORKERS, encoding="utf-8")
    with serving(node, str(program)) as pid:
        answer = record(pid=pid, duration_s=3, top=20)

    top = own_frames(answer, str(program))[0]
    assert (top.name, top.file, top.line) == ("crunch", str(program), 3)


def line_of(text: str, program: str = FAULTS) -> int:
    """Return the line, counted from 1, in which a text stands first."""
    return program[: program.index(text)].count("\n") + 1


def own_frames(answer: RecordedProfile, program: str) -> list[FrameRow]:
    """Return the rows of the first view that are of the program itself, the largest first."""
    return [frame for frame in answer.profiles[0].frames if frame.file == program]


@pytest.fixture(params=["pid", "command"])
def recorded(request: pytest.FixtureRequest, node: str, tmp_path: Path) -> Recorded:
    """Return a recording of the program with known faults, by its pid or by a command."""
    program = tmp_path / "faults.cjs"
    program.write_text(FAULTS, encoding="utf-8")

    def take(kind: str) -> tuple[RecordedProfile, str]:
        if request.param == "command":
            return record(command=[node, str(program)], duration_s=3, kind=kind), str(program)
        with serving(node, str(program)) as pid:
            return record(pid=pid, duration_s=2, kind=kind), str(program)

    return take


@pytest.mark.slow
def test_the_hot_function_is_named_and_a_thread_at_a_lock_is_not(recorded: Recorded) -> None:
    answer, program = recorded("cpu")

    own = own_frames(answer, program)
    assert (own[0].name, own[0].line) == ("crunch", line_of("function crunch"))
    assert not any(frame.name == "stand" and frame.self > own[0].self / 2 for frame in own)


@pytest.mark.slow
def test_the_place_that_allocates_is_named(recorded: Recorded) -> None:
    answer, program = recorded("alloc")

    top = own_frames(answer, program)[0]
    assert (top.name, top.line) == ("remember", line_of("function remember"))


@pytest.mark.slow
def test_what_the_loop_waits_for_is_named_with_the_line_that_awaits_it(recorded: Recorded) -> None:
    answer, program = recorded("wall")

    places = {row.where for row in answer.waits if row.at == "(timer)"}
    assert f"query ({program}:{line_of('await sleep(200)')})" in places
    assert f"stock ({program}:{line_of('await sleep(30)')})" in places
    stands = [frame for frame in answer.profiles[0].frames if frame.name == "Atomics.wait"]
    assert "stand" in str(stands[0].caller)


@pytest.mark.slow
def test_locks_are_named_with_who_waits_for_them(recorded: Recorded) -> None:
    answer, program = recorded("lock")

    waited = {(f.name, f.file, f.line): f.self for f in answer.profiles[0].frames}
    assert waited["stand", program, line_of("Atomics.wait(")] > 0.1
    assert waited["stock", program, line_of("await mutex.acquire")] > 0.1
    assert "waiting for locks" in answer.summary


@pytest.mark.slow
def test_a_program_is_left_as_it_was(node: str, tmp_path: Path) -> None:
    """What was replaced while it was recorded is its own again."""
    program = tmp_path / "watched.cjs"
    look = "[Atomics.wait, net.Socket.prototype.write, net.Socket.prototype.push]"
    text = (
        f"const net = require('net'); const first = {look}; console.log('ready');"
        "setInterval(() => setTimeout(() => {}, 5), 20);"
        f"process.on('SIGUSR2', () => {{ const now = {look};"
        "console.log(first.every((each, i) => each === now[i])"
        " && !Object.hasOwn(net.Socket.prototype, 'push')); process.exit(); });"
    )
    program.write_text(text, encoding="utf-8")
    argv = [node, "--inspect-port=127.0.0.1:0", str(program)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        assert child.stdout is not None
        child.stdout.readline()
        for kind in ("wall", "cpu"):
            record(pid=child.pid, duration_s=1, kind=kind)
        child.send_signal(signal.SIGUSR2)
        assert child.stdout.readline() == b"true\n"


@pytest.mark.slow
def test_a_service_is_recorded_with_its_workers(node: str, tmp_path: Path) -> None:
    program = tmp_path / "cluster.cjs"
    program.write_text(CLUSTER, encoding="utf-8")
    with one_at_a_time(), running(node, str(program)) as pid:
        pids = [pid, *node_process.node_children(pid)]
        answer = record(pid=pid, duration_s=2)
        left = [each for child in pids for each in node_process.own_listeners(child)]

    assert len(pids) == 3
    assert not left
    top = answer.profiles[0].frames[0]
    assert top.file == str(program)
    # V8 of some versions makes it a part of its caller
    named = {(row.name, row.line) for row in answer.profiles[0].frames[:5]}
    assert ("crunch", 3) in named or top.line == 15
    assert not any("Not in this profile" in text for text in answer.warnings)


@pytest.mark.slow
def test_an_export_is_timed_and_profiled(node: str, tmp_path: Path) -> None:
    assert node
    (tmp_path / "shop.mjs").write_text(EXPORTS, encoding="utf-8")
    answer = record(target="shop.mjs:hot", cwd=str(tmp_path), arguments=[30_000], duration_s=3)

    assert answer.timing is not None
    assert answer.timing.mean_ms > 0.05
    assert answer.timing.calls > 10
    top = answer.profiles[0].frames[0]
    assert (top.name, top.file, top.line) == ("work", str(tmp_path / "shop.mjs"), 3)
    assert any("shop.mjs:5" in place for found in answer.findings for place in found.where)


@pytest.mark.slow
def test_an_export_that_waits_is_shown_by_the_clock_with_what_it_awaits(
    node: str, tmp_path: Path
) -> None:
    assert node
    file = tmp_path / "shop.mjs"
    file.write_text(EXPORTS, encoding="utf-8")
    answer = record(target=f"{file}:api.slow", arguments=[30], duration_s=2)

    assert answer.timing is not None
    assert answer.timing.mean_ms > 29
    assert answer.profiles[0].name == "wall clock"
    assert answer.waits[0].where == f"slow ({file}:{line_of('await new Promise', EXPORTS)})"
    assert answer.waits[0].at == "(timer)"


@pytest.mark.parametrize(
    ("text", "target", "said"),
    [
        ("exports.boom = () => { throw new TypeError('no order') };", "boom", "no order at"),
        ("exports.total = () => 1;", "sum", "no function sum; it exports"),
        ("require('no-such-package');", "sum", "no-such-package"),
        ("syntax error here", "sum", "SyntaxError"),
        ("exports.end = () => process.exit(3);", "end", "ended with 3"),
    ],
)
def test_an_export_that_cannot_be_called_is_explained(
    node: str, tmp_path: Path, text: str, target: str, said: str
) -> None:
    assert node
    (tmp_path / "shop.cjs").write_text(text, encoding="utf-8")
    with pytest.raises(SlowcoachError) as caught:
        record(target=f"shop.cjs:{target}", cwd=str(tmp_path), duration_s=1)

    assert said in caught.value.message
    assert caught.value.hint


def test_arguments_by_name_are_refused_for_javascript(tmp_path: Path) -> None:
    (tmp_path / "shop.cjs").write_text("exports.total = () => 1", encoding="utf-8")
    with pytest.raises(InputError, match="no arguments by name"):
        record(target="shop.cjs:total", cwd=str(tmp_path), arguments={"order": 1})


@pytest.mark.slow
def test_a_blocked_loop_is_found(node: str, shop: Path) -> None:
    with serving(node, str(shop), "300") as pid:
        answer = record(pid=pid, duration_s=2)

    assert answer.event_loop is not None
    assert answer.event_loop.delay_max_ms > 200
    found = [finding for finding in answer.findings if finding.rule == "profile.event_loop_delay"]
    doubted = [item for item in answer.not_checked if item.rule == "profile.event_loop_delay"]
    assert found or doubted  # of a machine that is overloaded, nothing is concluded
    if found:
        assert found[0].cause == "loop.blocked"
        # V8 of some versions makes it a part of its caller
        assert "price" in found[0].where[0] or f"{shop}:17" in found[0].where[0]


@pytest.mark.slow
def test_a_loop_that_never_comes_round_is_told_with_what_it_is_in(
    node: str, tmp_path: Path
) -> None:
    program = tmp_path / "endless.cjs"
    text = "function endless() { for (;;) Math.sqrt(2) }\nsetTimeout(endless, 300)"
    program.write_text(f"{text}; console.log('ready')", encoding="utf-8")
    with serving(node, str(program)) as pid:
        time.sleep(1.5)  # until it is in it
        answer = record(pid=pid, duration_s=1)

    assert any(f"endless ({program}:1)" in text for text in answer.warnings)
    assert answer.event_loop is not None
    assert answer.event_loop.delay_p50_ms > 500


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["cpu", "alloc"])
def test_a_command_is_recorded_from_its_first_line_and_stopped(
    node: str, shop: Path, kind: str
) -> None:
    answer = record(command=[node, str(shop)], duration_s=1, kind=kind)

    top = own_frames(answer, str(shop))[0]
    assert (top.name, top.line) == (("price", 3) if kind == "cpu" else ("remember", 12))
    assert answer.format == "v8"
    left = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    assert str(shop) not in left.stdout


@pytest.mark.slow
def test_a_command_that_starts_node_further_down_and_ends_by_itself_is_recorded(
    node: str, shop: Path
) -> None:
    answer = record(
        command=["sh", "-c", f"'{node}' '{shop}' 20 1500; exit 3"], language="node", duration_s=60
    )

    assert own_frames(answer, str(shop))[0].name == "price"
    assert any("ended with 3" in text for text in answer.warnings)


@pytest.mark.slow
def test_a_command_whose_loop_never_comes_round_is_recorded(node: str, tmp_path: Path) -> None:
    program = tmp_path / "endless.cjs"
    program.write_text("function endless() { for (;;) Math.sqrt(2) }\nendless()", encoding="utf-8")
    answer = record(command=[node, str(program)], duration_s=1)

    assert answer.profiles[0].frames[0].name == "endless"
    assert answer.event_loop is not None
    assert answer.event_loop.delay_max_ms > 500


@pytest.mark.slow
@pytest.mark.parametrize("after_s", [0.0, 0.1, 1.5])
def test_what_is_called_off_leaves_no_inspector_open(node: str, shop: Path, after_s: float) -> None:
    job = Job()
    with serving(node, str(shop)) as pid:
        threading.Timer(after_s, job.cancellation.ask).start()
        begun = time.monotonic()
        with pytest.raises(CancelledError):
            record(job, pid=pid, duration_s=60)
        assert time.monotonic() - begun < 40
        os.kill(pid, 0)


@pytest.mark.slow
def test_an_inspector_that_was_open_already_is_used_and_stays_open(node: str, shop: Path) -> None:
    with running(node, "--inspect=127.0.0.1:0", str(shop)) as pid:
        before = node_process.own_listeners(pid)
        answer = record(pid=pid, duration_s=1)
        assert node_process.own_listeners(pid) == before

    assert answer.profiles[0].frames[0].name == "price"


@pytest.mark.slow
def test_a_taken_port_is_told_with_who_has_it(node: str, shop: Path) -> None:
    port = "--inspect-port=127.0.0.1:9339"
    with (
        running(node, "--inspect=127.0.0.1:9339", str(shop)) as first,
        running(node, port, str(shop)) as second,
        pytest.raises(UnreachableError) as caught,
    ):
        record(pid=second, duration_s=1)

    assert f"port 9339 is taken by pid {first}" in caught.value.message
    assert caught.value.hint


@pytest.mark.slow
def test_a_program_that_ends_while_it_is_recorded_is_not_held_up(node: str, shop: Path) -> None:
    with serving(node, str(shop), "20", "4000") as pid:
        begun = time.monotonic()
        answer = record(pid=pid, duration_s=60)
        assert time.monotonic() - begun < 40

    assert answer.profiles[0].frames[0].name == "price"
    assert any("ended after" in text for text in answer.warnings)


@pytest.mark.slow
def test_a_program_that_is_killed_while_it_is_recorded_is_told(node: str, shop: Path) -> None:
    with serving(node, str(shop)) as pid:
        threading.Timer(2.5, os.kill, (pid, signal.SIGKILL)).start()
        with pytest.raises(SlowcoachError) as caught:
            record(pid=pid, duration_s=60)

    assert caught.value.hint


@pytest.mark.slow
def test_a_signal_that_would_kill_is_not_sent(node: str) -> None:
    """Where nothing takes SIGUSR1, as with --disable-sigusr1, it ends the process."""
    code = "import signal; signal.pause()"
    with subprocess.Popen([sys.executable, "-c", code]) as child:
        try:
            with pytest.raises(UnsupportedError):
                node_process.must_take_signal(child.pid)
            assert child.poll() is None
        finally:
            child.kill()
    with running(node, "-e", "setInterval(() => {}, 1000); console.log(1)") as pid:
        deaf = ["node", "--disable-sigusr1", "app.js"]
        assert node_process.options(pid)[1:2] == ["-e"]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(node_process, "options", lambda _pid: deaf)
            with pytest.raises(UnsupportedError, match="disable-sigusr1"):
                node_process.must_take_signal(pid)


def test_a_process_that_is_not_node_is_refused() -> None:
    with pytest.raises(InputError, match=r"expected a Node\.js process, got python") as caught:
        record(pid=os.getpid(), language="node")

    assert caught.value.hint
    assert not node_process.is_node(os.getpid())


def test_a_dead_pid_is_unreachable() -> None:
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    child.wait()
    with pytest.raises(UnreachableError, match="no such process"):
        record(pid=child.pid, language="node")


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        ({"target": "a.js:b", "language": "node", "kind": "lock"}, UnsupportedError, "kind lock"),
        ({"target": "app:main", "language": "node"}, InputError, "expected 'path.js:function'"),
        ({"target": "none.js:main"}, InputError, "got 'none.js', which is not in"),
        ({"language": "node"}, InputError, "expected one of pid, command and target"),
        ({"command": "no-such-node x", "language": "node"}, InputError, "not on the PATH"),
    ],
)
def test_what_cannot_be_done_is_said_with_what_can(
    arguments: dict[str, object], error: type[SlowcoachError], said: str
) -> None:
    with pytest.raises(error) as caught:
        TOOL.call(TOOL.validate(arguments), Job())

    assert said in caught.value.message
    assert caught.value.hint


def test_a_command_without_node_in_it_is_explained() -> None:
    with pytest.raises(ToolFailedError) as caught:
        record(command=["sh", "-c", "echo no such module; exit 4"], language="node", duration_s=5)

    assert "ended with 4: no such module" in caught.value.message


@pytest.mark.parametrize(
    ("command", "is_node"),
    [
        (("node", "app.js"), True),
        (("/opt/node-v22/bin/node", "app.js"), True),
        (("node22",), True),
        (("npm", "start"), True),
        (("python3", "app.py"), False),
        (("nodemon-like",), False),
        ((), False),
    ],
)
def test_commands_of_node_are_told_from_others(command: tuple[str, ...], is_node: bool) -> None:
    assert node_process.starts_node(command) is is_node


def test_a_script_of_node_is_known_by_its_first_line(tmp_path: Path) -> None:
    script = tmp_path / "tool"
    script.write_text("#!/usr/bin/env node\n", encoding="utf-8")

    assert node_process.starts_node((str(script),))
