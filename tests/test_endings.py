"""Whatever ends the server in the middle of a long tool: no child, file or attachment is left.

The client is killed, closes the pipe, or the server gets SIGTERM or SIGKILL. In CI several tools
work in one server at a time; SLOWCOACH_EACH_ENDING=1 stops each in each way alone (20 minutes).
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

import needs
import programs
from ending import BEGUN_S, Served, eventually, over_http, over_stdio
from load_server import Server
from slowcoach.catalogue import tools
from slowcoach.core.errors import SlowcoachError
from slowcoach.load.validation import k6_program
from slowcoach.profiling.recorders import (
    java_attach,
    node_inspector,
    node_process,
    perf_run,
    proc,
)
from slowcoach.queries.embedded import embedded_postgres
from test_process import alive

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="needs /proc"),
]
EACH: Final = bool(os.environ.get("SLOWCOACH_EACH_ENDING"))
PIPE: Final = ("client killed", "input closed", "SIGTERM", "SIGKILL")
HTTP: Final = ("SIGTERM", "SIGKILL")
DATA: Final = Path(__file__).parent / "data" / "profiles"
LONG: Final = {"duration_s": 60, "wait_s": 50}
NODE: Final = """
const http = require('http');
function price() { let sum = 0; for (let i = 0; i < 3e5; i++) sum += Math.sqrt(i); return sum; }
module.exports = { price };
if (require.main === module) {
  setInterval(price, 20);
  http.createServer((_, answer) => answer.end('ok')).listen(0, '127.0.0.1', function () {
    console.log(this.address().port);
  });
}
"""
PYTHON: Final = """
import json, threading, time
from http.server import BaseHTTPRequestHandler, HTTPServer

def price(n=20000):
    return json.loads(json.dumps([i * i % 7 for i in range(n)]))

def work():
    while True:
        price()
        time.sleep(0.01)

class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *_):
        pass

if __name__ == "__main__":
    server = HTTPServer(("127.0.0.1", 0), Answer)
    print(server.server_address[1], flush=True)
    threading.Thread(target=work, daemon=True).start()
    server.serve_forever()
"""
GO_BENCHMARK: Final = """package shop
import "testing"
func BenchmarkSum(b *testing.B) {
	for i := 0; i < b.N; i++ { sum := 0; for j := 0; j < 1000; j++ { sum += j % 7 } ; sink = sum }
}
var sink int
"""
SCHEMA: Final = """
CREATE TABLE orders (id int PRIMARY KEY, customer_id int, status text, ts timestamp);
INSERT INTO orders SELECT i, i % 2000, 'paid', now() FROM generate_series(1, 30000) i;
ANALYZE orders;
"""


# -- what the tools work on ----------------------------------------------------------------------


@dataclass
class Target:
    """A program that is measured. `port` answers, if it is given; `log` is what it said."""

    pid: int
    port: int | None = None
    log: Path | None = None
    listeners: node_inspector.Listeners = frozenset()

    def is_as_before(self) -> str:
        """Return what is not as it was before it was measured; nothing when all is."""
        if not alive(self.pid):
            code = Path(f"/proc/{self.pid}/stat").read_text().split()[-1]
            said = self.log.read_text()[-500:] if self.log else ""
            return f"pid {self.pid} ended with {code}: {said}"
        wrong = [
            "it is stopped" if _status(self.pid, "State")[:1] in "Tt" else "",
            "it is traced" if _status(self.pid, "TracerPid") != "0" else "",
            "it does not answer" if self.port and not _answers(self.port) else "",
        ]
        if node_process.is_node(self.pid) and node_inspector.open_now(self.pid, self.listeners):
            wrong.append("its inspector is open")
        if java_attach.is_java(self.pid) and "No available" not in _recordings(self.pid):
            wrong.append(f"it is recorded: {_recordings(self.pid)}")
        place = Path(f"/proc/{self.pid}/cwd").resolve()
        wrong += [f"{file} is left" for file in place.glob(".attach_pid*")]
        wrong += [f"its thread {name}" for name in _threads(self.pid) if "slowcoach" in name]
        told = "; ".join(filter(None, wrong))
        return told and f"{proc.name(self.pid)}: {told}"


def _is_left_alone(target: Target) -> bool:
    return not target.is_as_before()


def _status(pid: int, name: str) -> str:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(line.partition(":")[2].strip() for line in lines if line.startswith(f"{name}:"))


def _threads(pid: int) -> list[str]:
    names: list[str] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):
            names.append((task / "comm").read_text().strip())
    return names


def _answers(port: int) -> bool:
    with suppress(httpx.HTTPError):
        return bool(httpx.get(f"http://127.0.0.1:{port}/", timeout=10, trust_env=False).status_code)
    return False


def _recordings(pid: int) -> str:
    with suppress(SlowcoachError):
        return " ".join(java_attach.asked(pid, "JFR.check").split())
    return "nothing is said"


@contextmanager
def started(*argv: str, folder: Path, tells_port: bool = True) -> Iterator[Target]:
    """Run a program beside the block."""
    log = folder / f"{Path(argv[0]).name}.log"
    with log.open("wb") as said:
        child = subprocess.Popen(argv, cwd=folder, stdout=subprocess.PIPE, stderr=said)
    try:
        assert child.stdout is not None
        port = int(child.stdout.readline()) if tells_port else None
        yield Target(child.pid, port, log, node_process.own_listeners(child.pid))
    finally:
        child.kill()
        child.wait()
        if child.stdout:
            child.stdout.close()


class World:
    """What the tools work on; each part is made when it is first asked for."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self._stack = folder, stack
        self._made: dict[str, Any] = {}

    def part(self, make: "Callable[[World], Any]") -> Any:
        """Return a part, made once."""
        if make.__name__ not in self._made:
            self._made[make.__name__] = make(self)
        return self._made[make.__name__]

    def run(self, *argv: str, tells_port: bool = True) -> Target:
        """Run a program for as long as the tests take."""
        wish = started(*argv, folder=self.folder, tells_port=tells_port)
        return self._stack.enter_context(wish)

    def enter(self, what: Any) -> Any:
        """Enter a context for as long as the tests take."""
        return self._stack.enter_context(what)

    def file(self, name: str, text: str, times: int = 1) -> str:
        """Return the path of a file that holds a text so many times."""
        path = self.folder / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("w", encoding="utf-8") as out:
                for _ in range(times):
                    out.write(text)
        return str(path)

    def targets(self) -> list[Target]:
        """Return the programs that run."""
        return [made for made in self._made.values() if isinstance(made, Target)]


def a_python(world: World) -> Target:
    return world.run(sys.executable, world.file("shop.py", PYTHON))


def a_node(world: World) -> Target:
    return world.run(needs.program("node"), world.file("shop.js", NODE))


def a_go(world: World) -> Target:
    binary, source = world.folder / "service", world.folder / "service.go"
    shutil.copy(DATA / "service.go", source)
    build = [needs.program("go"), "build", "-o", str(binary), str(source)]
    subprocess.run(build, check=True, env={**os.environ, "GOTOOLCHAIN": "local"})
    return world.run(str(binary))


def java_classes(world: World) -> str:
    folder = world.folder / "classes"
    source = str(DATA / "Shop.java")
    subprocess.run([needs.program("javac"), "-g", "-d", str(folder), source], check=True)
    return str(folder)


def a_java(world: World) -> Target:
    words = [needs.program("java"), "-Xmx64m", "-cp", world.part(java_classes), "Shop", "900"]
    made = world.run(*words, tells_port=False)
    assert eventually(lambda: "No available" in _recordings(made.pid), BEGUN_S)
    return made


def a_server(world: World) -> str:
    server: Server = world.enter(Server())
    return server.url("/ok")


def a_desk(world: World) -> Target:
    found = world.enter(programs.running("desk.py"))
    return Target(found.pid, found.port)


def a_database(world: World) -> str:
    needs.module("psycopg")
    needs.module("embedded_postgres")
    import psycopg

    url: str = world.enter(embedded_postgres())
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SCHEMA.encode())
        for number in range(40):
            connection.execute(f"SELECT * FROM orders WHERE customer_id = {number}".encode())
    return url


# -- the situations ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Work:
    """A call of a long tool. It is in its middle once a child with `child` in its command line is
    there, or its progress was told, or `begun` holds of the world.
    """

    tool: str
    given: Callable[[World], Mapping[str, Any]]
    child: str = ""
    begun: Callable[[World], bool] | None = None
    together: bool = True  # in CI, with the others
    brief: bool = False  # so that it is begun last
    needs: Callable[[], object] = field(default=lambda: None)


def _pid(make: Callable[[World], Target], **more: Any) -> Callable[[World], Mapping[str, Any]]:
    return lambda world: {"pid": world.part(make).pid, **LONG, **more}


def _command(words: Callable[[World], Sequence[str]], **more: Any) -> Callable[..., dict[str, Any]]:
    return lambda world: {"command": list(words(world)), **LONG, **more}


def _load(**more: Any) -> Callable[[World], Mapping[str, Any]]:
    return lambda world: {"url": world.part(a_server), "rate": 20, **LONG, **more}


def _perf() -> None:
    needs.program("perf")
    if not perf_run.kernel_visible():
        needs.missing("needs a kernel that permits perf")


def _root() -> None:
    _perf()
    if os.geteuid() != 0:
        needs.missing("needs root")


def _debugger() -> None:
    needs.module("memray")
    needs.program("gdb", "lldb")


def _k6() -> None:
    if k6_program() is None:
        needs.missing("needs k6 on the PATH")


def _inspected(world: World) -> bool:
    target: Target = world.part(a_node)
    return node_inspector.open_now(target.pid, target.listeners)


def _recorded(world: World) -> bool:
    return "slowcoach" in _recordings(world.part(a_java).pid)


def _asks_pprof(world: World) -> bool:
    """Somebody is connected to the service's port."""
    port = f":{world.part(a_go).port:04X} "
    lines = Path("/proc/net/tcp").read_text().splitlines()
    return any(port in line and " 01 " in line for line in lines)


def _python(world: World) -> str:
    return world.file("shop.py", PYTHON)


def _benchmark(world: World) -> dict[str, Any]:
    world.file("bench/go.mod", "module shop\n\ngo 1.21\n")
    world.file("bench/shop_test.go", GO_BENCHMARK)
    return {"target": "./.:BenchmarkSum", "cwd": str(world.folder / "bench"), **LONG}


def _java_target(world: World) -> dict[str, Any]:
    needs.program("javac")
    world.file(
        "App.java",
        "class App { static long sum(int n) {\n"
        "long s = 0; for (int i = 0; i < n; i++) s += i % 7; return s; } }",
    )
    subprocess.run([needs.program("javac"), "App.java"], cwd=world.folder, check=True)
    return {
        "target": "App:sum",
        "arguments": [100_000],
        "cwd": str(world.folder),
        "language": "java",
        **LONG,
    }


def _stacks(world: World) -> dict[str, Any]:
    rows = "".join(f"main;serve;handle_{i % 97};leaf_{i} 1\n" for i in range(150_000))
    return {"path": world.file("stacks.folded", rows), "wait_s": 50}


def _jtl(world: World) -> dict[str, Any]:
    head = "timeStamp,elapsed,label,responseCode,success,bytes,allThreads,Latency\n"
    rows = "".join(f"{1700000000000 + i},{i % 97},GET,200,true,100,8,5\n" for i in range(20_000))
    return {"path": world.file("load.jtl", head + rows * 100), "wait_s": 50}


def _log(world: World) -> dict[str, Any]:
    rows = "".join(
        f"2026-11-26 10:00:{i % 60:02d}.000 UTC [{i % 9}] LOG:  duration: {i % 50}.5 ms  "
        f"statement: SELECT * FROM orders WHERE c{i % 300} = {i}\n"
        for i in range(10_000)
    )
    return {"path": world.file("postgresql.log", rows, times=60), "wait_s": 50}


def _investigated(world: World) -> dict[str, Any]:
    url = f"http://127.0.0.1:{world.part(a_desk).port}/ring"
    return {"url": url, **LONG}


def _python_called(world: World) -> dict[str, Any]:
    world.file("shop.py", PYTHON)
    return {"target": "shop:price", "cwd": str(world.folder), **LONG}


WORKS: Final[dict[str, Work]] = {
    "python": Work("record_profile", _pid(a_python), "py-spy"),
    "python wall": Work("record_profile", _pid(a_python, kind="wall"), "py-spy", together=False),
    "python alloc": Work(
        "record_profile", _pid(a_python, kind="alloc"), together=False,
        needs=_debugger,
    ),
    "python command": Work(
        "record_profile", _command(lambda w: [sys.executable, _python(w)]), "shop.py",
        together=False,
    ),
    "python command alloc": Work(
        "record_profile", _command(lambda w: [sys.executable, _python(w)], kind="alloc"),
        "shop.py", together=False,
    ),
    "python function": Work("record_profile", _python_called, "request.json", together=False),
    "node": Work("record_profile", _pid(a_node), begun=_inspected),
    "node wall": Work(
        "record_profile", _pid(a_node, kind="wall"), begun=_inspected, together=False
    ),
    "node alloc": Work(
        "record_profile", _pid(a_node, kind="alloc"), begun=_inspected, together=False
    ),
    "node command": Work(
        "record_profile", _command(lambda w: ["node", w.file("shop.js", NODE)]), "shop.js",
        together=False,
    ),
    "node function": Work(
        "record_profile",
        lambda w: {"target": w.file("shop.js", NODE) + ":price", **LONG}, "node", together=False,
    ),
    "go": Work("record_profile", _pid(a_go), begun=_asks_pprof, together=False),
    "go command": Work(
        "record_profile", _command(lambda w: (w.part(a_go), [str(w.folder / "service")])[1]),
        "/service", together=False,
    ),
    "go benchmark": Work("record_profile", _benchmark, "test", together=False),
    "java": Work("record_profile", _pid(a_java), begun=_recorded),
    "java lock": Work("record_profile", _pid(a_java, kind="lock"), begun=_recorded, together=False),
    "java alloc": Work(
        "record_profile", _pid(a_java, kind="alloc"), begun=_recorded, together=False
    ),
    "java wall": Work("record_profile", _pid(a_java, kind="wall"), together=False),
    "java command": Work(
        "record_profile",
        _command(lambda w: ["java", "-cp", w.part(java_classes), "Shop", "900"]), "Shop",
        together=False,
    ),
    "java method": Work("record_profile", _java_target, "java", together=False),
    "perf": Work(
        "record_profile", _pid(a_go, language="native"), "perf record", together=False, needs=_perf
    ),
    "perf command": Work(
        "record_profile",
        _command(lambda w: (w.part(a_go), [str(w.folder / "service")])[1], language="native"),
        "perf record", together=False, needs=_perf,
    ),
    "perf probes": Work(
        "record_profile", _pid(a_python, language="native", kind="alloc"), "perf",
        together=False, needs=_root,
    ),
    "built-in load": Work("run_load_test", _load()),
    "load by processes": Work("run_load_test", _load(processes=2), "load.builtin.worker"),
    "k6": Work("run_load_test", _load(engine="k6"), "k6 run", needs=_k6, together=False),
    "locust": Work(
        "run_load_test", _load(engine="locust"), "locust", together=False,
        needs=lambda: needs.module("locust"),
    ),
    "investigate": Work("investigate", _investigated),
    "investigate node": Work(
        "investigate", lambda w: {"url": f"http://127.0.0.1:{w.part(a_node).port}/", **LONG},
        begun=_inspected, together=False,
    ),
    "investigate go": Work(
        "investigate", lambda w: {"url": f"http://127.0.0.1:{w.part(a_go).port}/", **LONG},
        together=False,
    ),
    "advise indexes": Work(
        "advise_indexes", lambda w: {"database_url": w.part(a_database), "wait_s": 50},
        "slowcoach-pg-",
        brief=True,
    ),
    "read a profile": Work("analyze_profile", _stacks, together=False),
    "read load results": Work("analyze_load_results", _jtl, together=False),
    "read a query log": Work("analyze_queries", _log, together=False),
}  # fmt: skip


def test_every_long_tool_is_stopped_in_its_middle() -> None:
    long = {name for name, tool in tools().items() if tool.long}

    assert long == {work.tool for work in WORKS.values()}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with ExitStack() as stack:
        yield World(tmp_path_factory.mktemp("endings"), stack)


@pytest.fixture
def private() -> Iterator[Path]:
    """Return an empty folder for what is temporary, which other users may pass through."""
    with tempfile.TemporaryDirectory(prefix="endings-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)
        yield folder


def begin(served: Served, world: World, works: Sequence[Work]) -> None:
    """Start tools and wait until all of them are in their middle."""
    _begun(served, world, [work for work in works if not work.brief])
    _begun(served, world, [work for work in works if work.brief])


def _begun(served: Served, world: World, works: Sequence[Work]) -> None:
    given = [work.given(world) for work in works]
    calls = {served.call(work.tool, each): work for work, each in zip(works, given, strict=True)}

    def going_on(call: int, work: Work) -> bool:
        if call in served.answers:
            pytest.fail(f"{work.tool} ended: {str(served.answers[call])[:600]}")
        if work.child:
            return any(work.child in words for words in served.family().values())
        return work.begun(world) if work.begun else len(served.progress.get(call, ())) > 1

    for call, work in calls.items():
        seen = eventually(partial(going_on, call, work), BEGUN_S)
        assert seen, f"{work.tool} {work.child} did not begin: {served.family()}"


def stopped(served: Served, world: World, way: str) -> None:
    """Stop a server and look that nothing is left."""
    served.end(way)
    assert eventually(lambda: not served.family()), served.family()
    assert eventually(lambda: not list(served.folder.iterdir())), list(served.folder.rglob("*"))
    for target in world.targets():
        assert eventually(partial(_is_left_alone, target)), target.is_as_before()
    if (probes := Path("/sys/kernel/tracing/uprobe_events")).is_file():
        assert f"slowcoach_{served.pid}_" not in probes.read_text()


@pytest.mark.parametrize("way", PIPE)
def test_nothing_is_left_of_many_tools_at_work(way: str, world: World, private: Path) -> None:
    works = [work for work in WORKS.values() if work.together]
    for work in works:
        work.needs()
    with over_stdio(private, {}) as served:
        begin(served, world, works)
        stopped(served, world, way)


@pytest.mark.parametrize("way", HTTP)
def test_nothing_is_left_of_tools_that_were_called_over_http(
    way: str, world: World, private: Path
) -> None:
    names = ["python", "node", "java", "load by processes"]
    with over_http(private, {}) as served:
        begin(served, world, [WORKS[name] for name in names])
        stopped(served, world, way)


@pytest.mark.skipif(not EACH, reason="SLOWCOACH_EACH_ENDING=1 stops each tool in each way alone")
@pytest.mark.parametrize("way", PIPE)
@pytest.mark.parametrize("name", WORKS)
def test_nothing_is_left_of_one_tool(name: str, way: str, world: World, private: Path) -> None:
    WORKS[name].needs()
    with over_stdio(private, {}) as served:
        begin(served, world, [WORKS[name]])
        stopped(served, world, way)
