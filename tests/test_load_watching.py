"""A target is watched from outside: its processor time, memory, files, sockets, collections."""

import contextlib
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

import load_zoo as zoo
import needs
from slowcoach.core.errors import InputError, NotPermittedError, UnreachableError
from slowcoach.core.permission import Permissions
from slowcoach.load.sampling import pid_of, sampling
from slowcoach.load.watching import collectors, control_group, network
from slowcoach.load.watching.kernel import Process
from slowcoach.load.watching.prometheus import Query, prometheus_series
from slowcoach.load.watching.series import Facts, Look, series_of

if sys.platform != "linux":
    pytest.skip("needs Linux's /proc", allow_module_level=True)

FACTS = Facts(
    pid=1,
    runtime="python",
    affinity=4,
    machine_cores=4,
    quota=None,
    memory_limit=None,
    file_limit=None,
    backlog=None,
    peers={},
    collector=False,
)


def look(at: float, user: float, **more: object) -> Look:
    """Return a look at one process with one thread, which stood ready as long as it ran."""
    process = Process(start=7, user=user, system=0.0, rss=1000, threads=1, state="S", files=5)
    return Look(at=at, processes={1: process}, threads={(1, 1): (user, user)}, **more)  # type: ignore[arg-type]


# -- between two looks ---------------------------------------------------------------------------


def test_what_happened_between_looks_is_told_by_the_second() -> None:
    looks = (
        look(10.0, 0.0, throttled=1.0, stolen=0.0, dropped={"listen overflows": 3}),
        look(12.0, 1.0, throttled=1.5, stolen=0.1, dropped={"listen overflows": 8}),
    )
    (moment,) = series_of(looks, FACTS, started=9.0).moments
    assert (moment.at_s, moment.length_s) == (1.0, 2.0)
    assert (moment.cpu, moment.ready) == (0.5, 0.5)
    assert moment.throttled == 0.25
    assert moment.steal == pytest.approx(0.05)
    assert moment.resets == {"listen overflows": 5}
    assert moment.busiest_thread == 1.0


def test_threads_that_ended_in_between_are_scaled_in_by_the_processors_time() -> None:
    """A server with a thread for each connection loses their run-queue wait when they end."""
    ended = Look(
        at=1.0,
        processes={1: Process(7, 2.0, 0.0, 1000, 1, "S", 5)},
        threads={(1, 9): (0.1, 0.2)},
    )
    (moment,) = series_of((look(0.0, 0.0), ended), FACTS, started=0.0).moments
    assert moment.cpu == 2.0
    assert moment.ready == pytest.approx(4.0)


def test_another_process_of_the_same_number_begins_at_nothing() -> None:
    other = Look(at=1.0, processes={1: Process(99, 0.3, 0.0, 1000, 1, "S", 5)}, threads={})
    (moment,) = series_of((look(0.0, 50.0), other), FACTS, started=0.0).moments
    assert moment.cpu == pytest.approx(0.3)


@pytest.mark.parametrize(("runtime", "lanes"), [("python", 1), ("node", 1), ("go", 4), ("java", 4)])
def test_a_runtime_computes_on_one_core_for_each_process_or_on_all(
    runtime: str, lanes: float
) -> None:
    facts = replace(FACTS, runtime=runtime)
    series = series_of((look(0.0, 0.0), look(1.0, 0.9)), facts, started=0.0)
    assert series.lanes == lanes


# -- control groups ------------------------------------------------------------------------------


def test_the_tightest_limit_of_a_group_and_those_above_counts(tmp_path: Path) -> None:
    inner = tmp_path / "outer" / "inner"
    inner.mkdir(parents=True)
    (tmp_path / "outer" / "cpu.max").write_text("50000 100000\n")
    (inner / "cpu.max").write_text("max 100000\n")
    (inner / "cpu.stat").write_text("usage_usec 5\nnr_throttled 3\nthrottled_usec 2500000\n")
    (inner / "memory.max").write_text("1000000\n")
    (tmp_path / "outer" / "memory.max").write_text("max\n")
    group = control_group.Group((inner, inner.parent), (inner, inner.parent))
    assert group.cores() == 0.5
    assert group.throttled() == 2.5
    assert group.memory_limit() == 1_000_000


def test_groups_of_version_one_are_read_too(tmp_path: Path) -> None:
    (tmp_path / "cpu.cfs_quota_us").write_text("30000\n")
    (tmp_path / "cpu.cfs_period_us").write_text("100000\n")
    (tmp_path / "cpu.stat").write_text("nr_periods 9\nnr_throttled 4\nthrottled_time 1500000000\n")
    (tmp_path / "memory.limit_in_bytes").write_text("9223372036854771712\n")
    group = control_group.Group((tmp_path,), (tmp_path,))
    assert group.cores() == pytest.approx(0.3)
    assert group.throttled() == 1.5
    assert group.memory_limit() is None


# -- live processes ------------------------------------------------------------------------------


@contextmanager
def python(code: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def test_a_process_with_its_children_is_watched() -> None:
    code = """
    import os, time
    parent = os.getpid()
    if os.fork() == 0:
        while os.getppid() == parent: pass
        os._exit(0)
    print("ready", flush=True)
    time.sleep(60)
    """
    with python(code) as process:
        started = time.monotonic()
        with sampling(process.pid, 0.3) as watch:
            time.sleep(1.5)
        series = watch.series(started)
    assert "1 child" in series.source
    assert series.runtime == "python"
    wanted = [m.cpu + m.ready for m in series.moments if m.cpu is not None and m.ready is not None]
    assert max(wanted) > 0.8  # it computes, or stands ready where others compute
    assert all(m.rss_bytes and m.open_files and m.threads for m in series.moments)
    assert series.memory_limit
    assert series.file_limit


def test_a_listeners_queue_and_its_process_are_found() -> None:
    with zoo.running("threads.py healthy backlog=7") as server:
        assert pid_of(server.port) == server.pid
        own = [each for each in network.listening().values() if each.port == server.port]
        assert [each.most for each in own] == [7]
        with socket.create_connection(("127.0.0.1", server.port)):
            started = time.monotonic()
            with sampling(server.pid, 0.2) as watch:
                time.sleep(0.5)
        assert watch.series(started).backlog == 7


def test_an_answer_that_waits_for_an_acknowledgement_is_seen_unsent() -> None:
    """The kernel holds the second of two small writes back until the first is acknowledged."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            accepted, _ = server.accept()
            accepted.setblocking(False)
            before = network.glance(frozenset({port}), answers=True)
            with contextlib.suppress(BlockingIOError):
                while True:  # more than the other end takes stays unsent
                    accepted.send(b"x" * 65536)
            after = network.glance(frozenset({port}), answers=True)
            accepted.close()
    assert before.unsent == 0
    assert after.unsent == 1
    assert after.most > 0


def test_a_dead_pid_is_told() -> None:
    with python("print('ready', flush=True)") as process:
        process.wait()
    with pytest.raises(UnreachableError, match="no such process"), sampling(process.pid):
        pass


def test_a_target_that_ends_leaves_what_was_seen() -> None:
    with python("import time; print('ready', flush=True); time.sleep(60)") as process:
        started = time.monotonic()
        with sampling(process.pid, 0.1) as watch:
            time.sleep(0.5)
            process.kill()
            process.wait()
            time.sleep(0.3)
    assert watch.series(started).moments


# -- collectors ----------------------------------------------------------------------------------


def test_a_jvms_collections_are_those_that_stopped_it() -> None:
    found = collectors.of_counters(
        {
            "sun.os.hrt.frequency": 1_000_000_000,
            "sun.gc.collector.0.invocations": 12,
            "sun.gc.collector.0.time": 300_000_000,
            "sun.gc.collector.1.invocations": 1,
            "sun.gc.collector.1.time": 200_000_000,
            "sun.rt.safepointTime": 600_000_000,
        }
    )
    assert found == collectors.Collections(13, 0.5)
    assert collectors.of_counters({}) is None


def test_gos_pauses_are_read_from_expvar() -> None:
    found = collectors.of_expvar({"memstats": {"NumGC": 4, "PauseTotalNs": 2_000_000}})
    assert found == collectors.Collections(4, 0.002)


# -- Prometheus ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Prometheus that watches itself each second."""
    program = needs.program("prometheus")
    folder = tmp_path_factory.mktemp("prometheus")
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    (folder / "prometheus.yml").write_text(
        "global: {scrape_interval: 1s}\n"
        "scrape_configs:\n"
        f"- {{job_name: self, static_configs: [{{targets: ['{address}']}}]}}\n"
    )
    command = [
        program,
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address={address}",
    ]
    with (folder / "log").open("wb") as log, subprocess.Popen(command, stderr=log) as process:
        try:
            yield f"http://{address}"
        finally:
            process.terminate()


@pytest.mark.slow
def test_a_targets_series_is_read_from_a_real_prometheus(prometheus: str) -> None:
    begun = time.time()
    series = None
    for _ in range(30):
        time.sleep(1.0)
        query = Query('job="self"', begun, time.time())
        try:
            series = prometheus_series(prometheus, query, Permissions())
        except UnreachableError:
            continue
        if sum(moment.cpu is not None for moment in series.moments) >= 3:
            break
    assert series is not None
    seen = [moment for moment in series.moments if moment.cpu is not None]
    assert len(seen) >= 3
    assert all(moment.cpu is not None and moment.cpu >= 0 for moment in seen)
    assert all(moment.rss_bytes and moment.rss_bytes > 1_000_000 for moment in seen)
    assert all(moment.open_files for moment in seen)
    assert series.file_limit
    assert any("run-queue" in each for each in series.unknown)


def test_a_prometheus_elsewhere_is_not_asked_without_permission() -> None:
    query = Query('job="self"', 0, 60)
    with pytest.raises(NotPermittedError):
        prometheus_series("http://192.0.2.1:9090", query, Permissions())


def test_labels_that_would_end_the_selector_are_refused() -> None:
    with pytest.raises(InputError):
        prometheus_series("http://127.0.0.1:1", Query('a="b"} or up{', 0, 60), Permissions())


def test_what_is_no_prometheus_is_told() -> None:
    with zoo.running("threads.py healthy") as server, pytest.raises(UnreachableError, match="JSON"):
        prometheus_series(server.url, Query('job="self"', 0, 60), Permissions())
