"""What threads of Java programs are at, and `investigate` on Java services that run."""

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import needs
from slowcoach.api.investigate import investigate
from slowcoach.core.job import Job
from slowcoach.diagnosis.evidence.java_caches import Asked, Rate, evicting, loading
from slowcoach.diagnosis.evidence.java_collector import Spent, collector_share, with_collector
from slowcoach.diagnosis.evidence.java_heap import (
    Histogram,
    evicted,
    extending,
    grown,
    histogram_of,
    is_own_class,
)
from slowcoach.diagnosis.evidence.java_threads import units_of, waiting_state
from slowcoach.diagnosis.evidence.java_virtual import uses_virtual, virtual_of
from slowcoach.diagnosis.evidence.units import Unit
from slowcoach.diagnosis.evidence.waits import Wait, WaitReader
from slowcoach.diagnosis.eyes import StackFrame
from slowcoach.diagnosis.interpreter.memory import ProcessMemory
from slowcoach.diagnosis.models import Activity, Growth
from slowcoach.profiling.recorders.java import dump

DATA = Path(__file__).parent / "data"
STATES = {
    "monitor": ("lock", "Waits.Desk.enter"),
    "lock": ("lock", "Waits.main"),
    "semaphore": ("semaphore", "Waits.main"),
    "queue": ("queue", "Waits.main"),
    "full queue": ("queue", "Waits.main"),
    "job": ("join", "Waits.main"),
    "jobs": ("sleep", "Waits.main"),
    "future": ("future", "Waits.main"),
    "latch": ("event", "Waits.main"),
    "bell": ("condition", "Waits.main"),
    "sleep": ("sleep", "Waits.main"),
    "peer": ("net", "Waits.read"),
    "client": ("client", "Waits.read"),
    "accept": ("idle", "Waits.main"),
    "child": ("child", "Waits.start"),
    "count": ("cpu", "Waits.count"),
}


@pytest.fixture(scope="module")
def waits(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, Unit], int]]:
    """Run a program whose threads wait for one thing each; yields them by name, and a port."""
    folder = tmp_path_factory.mktemp("waits")
    source = DATA / "diagnosis" / "programs" / "Waits.java"
    subprocess.run([needs.program("javac"), "-g", "-d", str(folder), str(source)], check=True)
    command = [needs.program("java"), "-Xmx32m", "-cp", str(folder), "Waits"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        try:
            assert child.stdout is not None
            _, peer, own = child.stdout.readline().split()
            yield _seen(child.pid, int(own)), int(peer)
        finally:
            child.communicate("\n", timeout=20)


def _seen(pid: int, own_port: int) -> dict[str, Unit]:
    with ProcessMemory(pid) as memory:
        reader = WaitReader(pid, memory, own_port, None)
        threads = dump(pid)
        units = units_of(threads, lambda thread, _: reader.read(thread))
    return {t.name.removesuffix("-1"): unit for t, unit in zip(threads, units, strict=True)}


@pytest.mark.parametrize("name", STATES)
def test_what_a_thread_waits_for_is_told_with_the_place(
    waits: tuple[dict[str, Unit], int], name: str
) -> None:
    unit = waits[0][name]
    assert unit.own_at is not None
    assert (unit.state, unit.frames[unit.own_at].name) == STATES[name]


def test_the_peer_of_a_socket_is_told_by_its_port(waits: tuple[dict[str, Unit], int]) -> None:
    units, port = waits
    assert units["peer"].port == port
    assert units["jobs"].carrier == "worker"
    assert units["jobs"].server == "the executor jobs"
    assert units["future"].carrier == "task"


def test_idle_threads_of_the_jvm_are_no_requests(waits: tuple[dict[str, Unit], int]) -> None:
    unit = waits[0]["Reference Handler"]
    assert unit.own_at is None
    assert unit.state not in {"cpu", "gc", "native"}


def test_the_collector_has_the_pauses_or_its_processor_time_whichever_is_more() -> None:
    before = Spent(1.0, 10.0, 2.0, (3, 0, 0))
    assert collector_share(before, Spent(2.0, 14.0, 3.0, (9, 0, 1)), 10.0) == 0.25
    assert collector_share(before, Spent(1.1, 14.0, 7.0, (9, 0, 1)), 10.0) == 0.5
    assert collector_share(before, before, 0.0) == 0.0


def test_the_collectors_part_of_the_computing_is_taken_from_what_computes() -> None:
    computing = Activity(carrier="thread", state="cpu", function="f", mean=4.0, lines={3: 4.0})
    waiting = Activity(carrier="thread", state="net", function="f", mean=4.0)
    found = with_collector([computing, waiting], 0.25)
    assert {(a.state, a.mean) for a in found} == {("net", 4.0), ("cpu", 3.0), ("gc", 1.0)}


def test_classes_that_gain_live_objects_all_the_time_are_growth() -> None:
    text = " num #instances #bytes class name (module)\n   1: {} 800 Shop$Visit\n   2: 40 64 [B\n"
    looks = [histogram_of(text.format(count), float(count)) for count in (10, 400, 900)]
    visits = grown(looks)[0]
    assert (visits.name, visits.before, visits.after) == ("Shop.Visit", 10, 900)
    assert visits.file == "Shop.java"
    assert looks[0].bytes == 864
    level = [
        Histogram(0.0, 0, {"A": 10}),
        Histogram(1.0, 0, {"A": 900}),
        Histogram(2.0, 0, {"A": 900}),
    ]
    assert not grown(level)
    assert is_own_class("Shop$Visit")
    assert not is_own_class("java.util.HashMap$Node")


def test_a_nested_class_is_told_by_its_name_in_the_source_and_in_histograms() -> None:
    (jobs,) = grown([Histogram(0.0, 0, {}), Histogram(1.0, 0, {"shop.Desk$Job": 900})])
    assert (jobs.name, jobs.listed_as) == ("shop.Desk.Job", "shop.Desk$Job")
    (plain,) = grown([Histogram(0.0, 0, {}), Histogram(1.0, 0, {"shop.Desk": 900})])
    assert not plain.listed_as


def test_virtual_threads_are_read_from_the_jvms_own_file() -> None:
    threads = virtual_of((DATA / "diagnosis" / "java" / "virtual-25.json").read_text())
    units = units_of(threads, lambda *_: Wait("other"))
    states = sorted(unit.state for unit in units if unit.own_at is not None)
    assert states == ["lock"] * 3 + ["net"] * 3 + ["sleep"] * 4
    assert uses_virtual(threads)
    with pytest.raises(ValueError, match="expected"):
        virtual_of("{}")


PARKED = ("jdk.internal.misc.Unsafe.park", "java.util.concurrent.locks.LockSupport.parkNanos")


@pytest.mark.parametrize(
    ("outer", "state"),
    [
        (
            (
                "java.util.concurrent.SynchronousQueue.poll",
                "com.zaxxer.hikari.pool.HikariPool.getConnection",
            ),
            "pool",
        ),
        (("org.apache.commons.pool2.impl.GenericObjectPool.borrowObject",), "pool"),
        (
            (
                "java.util.concurrent.CompletableFuture.get",
                "jdk.internal.net.http.HttpClientImpl.send",
            ),
            "net",
        ),
        (("org.postgresql.core.v3.QueryExecutorImpl.execute",), "db"),
        (("java.util.concurrent.locks.ReentrantReadWriteLock$WriteLock.lock",), "lock"),
        (("java.util.concurrent.AbstractExecutorService.invokeAll",), "join"),
        (("java.util.concurrent.CyclicBarrier.await",), "event"),
        ((), "sleep"),
    ],
)
def test_what_a_parked_thread_waits_for_is_told_by_the_library_that_parked_it(
    outer: tuple[str, ...], state: str
) -> None:
    assert waiting_state((*PARKED, *outer)) == state


def test_entries_that_die_in_a_map_of_constant_size_are_a_cache_that_evicts() -> None:
    entry, plain = "java.util.LinkedHashMap$Entry", "java.util.LinkedHashMap"
    looks = [Histogram(float(i), 0, {entry: 300, plain: 40, "App$Lru": 1}) for i in range(3)]
    dead = Histogram(1.5, 0, {entry: 700, plain: 42, "App$Lru": 1})
    found = evicted(looks, (looks[1], dead), ["App$Lru"])[0]
    assert (found.name, found.turnover, found.bounded) == ("App.Lru", 1.0, True)
    maps_of_requests = Histogram(1.5, 0, {entry: 700, plain: 240})
    assert not evicted(looks, (looks[1], maps_of_requests), ["App$Lru"])
    assert not evicted(looks, (looks[1], dead), [])


def test_a_small_cache_that_evicts_is_seen_beside_the_jvms_own_entries() -> None:
    entry, plain = "java.util.LinkedHashMap$Entry", "java.util.LinkedHashMap"
    looks = [Histogram(float(i), 0, {entry: 1190, plain: 40, "App$Lru": 1}) for i in range(5)]
    dead = Histogram(1.5, 0, {entry: 1350, plain: 40})
    rate = Rate(apart=0.5, requests=8.0, lasted=4.0)
    found = evicted(looks, (looks[1], dead), ["App$Lru"], rate)[0]
    assert (found.added, found.doubt) == (160 / 0.5 * 4, "")
    requests = evicted(
        looks, (looks[1], Histogram(1.5, 0, {entry: 1350, plain: 60})), ["App$Lru"], rate
    )[0]
    assert requests.added == 0
    assert requests.doubt
    of_the_last = Rate(apart=0.5, requests=150.0, lasted=4.0)
    assert not evicted(looks, (looks[1], dead), ["App$Lru"], of_the_last)


def _units(frames: str, state: str, count: int) -> list[Unit]:
    """Return like units with a stack, leaf first; the program's own functions are capitalized."""
    stack = tuple(StackFrame(f, "Shop.java", 7, own=f[0].isupper()) for f in frames.split())
    return [Unit(k, state, "thread", stack) for k in range(count)]


_GUAVA = "com.google.common.cache.LocalCache"
_LOADS = f"Tiles.read {_GUAVA}$Segment.loadSync {_GUAVA}$Segment.get Tiles.at Shop.page"
_WAITS = f"java.util.concurrent.locks.LockSupport.park {_GUAVA}$Segment.get Tiles.at Shop.page"
_HITS = f"{_GUAVA}$Segment.get Tiles.at Shop.page"


def _lost(asked: Asked, dead: int, requests: float) -> Growth | None:
    entry = "com.google.common.cache.LocalCache$StrongAccessEntry"
    found = evicting({entry: 7}, {entry: 7 + dead}, {entry: 6}, asked, Rate(1.0, requests, 10.0))
    return found[0] if found else None


def test_values_that_a_library_has_loaded_again_and_again_are_a_cache_that_thrashes() -> None:
    asked = Asked()
    asked.look([*_units(_LOADS, "cpu", 2), *_units(_WAITS, "future", 5)])
    found = _lost(asked, dead=80, requests=10)
    assert found is not None
    assert (found.remade, found.bounded, found.added) == (True, True, 800)
    assert found.functions == ("Tiles.read", "Tiles.at")


def test_a_cache_that_can_keep_nothing_is_told_by_what_dies_unless_it_dies_as_well() -> None:
    asked = Asked()
    asked.look([*_units(_LOADS, "cpu", 29), *_units(_WAITS, "future", 95)])
    entry, rate = f"{_GUAVA}$StrongAccessEntry", Rate(1.54, 39.0, 9.42, 1.39)
    lived, dead = {entry: 6, _GUAVA: 1}, {entry: 85, _GUAVA: 1}
    (found,) = evicting(lived, dead, {entry: 0, _GUAVA: 1}, asked, rate)
    assert (found.turnover, found.bounded, found.remade, found.loading) == (1.0, True, True, 1.0)
    assert found.added > 2 * 235  # requests of the load
    # caches that requests make for themselves
    assert not evicting(lived, {entry: 85, _GUAVA: 8}, {_GUAVA: 1}, asked, rate)
    # what is not seen to be loaded may have expired
    assert not evicting(lived, dead, {entry: 0, _GUAVA: 1}, Asked(), rate)


def test_a_cache_by_its_name_that_loads_most_of_the_time_is_told_without_entries() -> None:
    asked = Asked()
    asked.look(_units("Tiles.unpack TileCache.get Tiles.at Shop.page", "cpu", 9))
    (found,) = loading(asked)
    assert (found.name, found.loading, found.remade, found.turnover) == ("TileCache", 1.0, True, 0)
    assert found.functions == ("Tiles.unpack", "Tiles.at")
    asked.look(_units("Shop.page", "cpu", 16))  # then it loads in a third of the time
    assert not loading(asked)


def test_a_record_of_the_last_requests_in_a_librarys_cache_is_no_cache_that_thrashes() -> None:
    asked = Asked()
    asked.look([*_units(_HITS, "cpu", 1), *_units("Shop.page", "cpu", 9)])
    assert _lost(asked, dead=10, requests=10) is None
    several = _lost(asked, dead=80, requests=10)
    assert several is not None
    assert (several.remade, several.returned) == (False, 0)


def test_what_expires_now_and_then_is_loaded_in_little_of_the_time() -> None:
    asked = Asked()
    asked.look([*_units(_LOADS, "cpu", 1), *_units("Shop.page", "cpu", 19)])
    assert not asked.remade("Guava")


def test_entries_of_a_map_are_a_caches_only_if_no_such_maps_die_with_them() -> None:
    node, of = "java.util.concurrent.ConcurrentHashMap$Node", "java.util.concurrent."
    asked = Asked()
    asked.look(_units(f"Curves.cool {of}ConcurrentHashMap.computeIfAbsent Curves.of", "cpu", 5))
    rate = Rate(1.0, 10.0, 10.0)
    counts = {node: 900, f"{of}ConcurrentHashMap": 50}
    dead = {node: 1400, f"{of}ConcurrentHashMap": 52}
    found = evicting(counts, dead, counts, asked, rate)
    assert [(g.name, g.functions) for g in found] == [
        ("ConcurrentHashMap cache", ("Curves.cool", "Curves.of"))
    ]
    assert not found[0].doubt
    memos = {node: 1400, f"{of}ConcurrentHashMap": 60}
    assert evicting(counts, memos, counts, asked, rate)[0].doubt
    assert not evicting(counts, dead, counts, Asked(), rate)


def test_classes_that_extend_the_ordered_map_are_told_by_the_jvm() -> None:
    told = "java.lang.Object/null\n|--java.util.LinkedHashMap/null\n|  |--App$Lru/0x00007f\n"
    assert extending(told) == ("App$Lru",)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def service(name: str, folder: Path) -> Iterator[tuple[int, int]]:
    """Build and start one of the services; yields its pid and port once it answers."""
    source, port = DATA / "services" / name / "App.java", free_port()
    subprocess.run([needs.program("javac"), "-g", "-d", str(folder), str(source)], check=True)
    command = [needs.program("java"), "-Xmx256m", "-Dsun.net.httpserver.nodelay=true"]
    command += ["-cp", str(folder), "App"]
    environment = {**os.environ, "PORT": str(port)}
    with subprocess.Popen(command, cwd=folder, env=environment) as child:
        try:
            late = time.monotonic() + 30
            while time.monotonic() < late:
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).close()
                    break
                except urllib.error.URLError:
                    time.sleep(0.1)
            yield child.pid, port
        finally:
            child.kill()


@pytest.mark.slow
def test_a_lock_around_slow_work_is_named_with_the_method_that_takes_it(tmp_path: Path) -> None:
    with service("java-stage-plan", tmp_path) as (pid, port):
        url = f"http://127.0.0.1:{port}/plans/move"
        found = investigate(url, Job(), pid=pid, duration_s=4, concurrency=8)
        assert not list(tmp_path.glob(".attach_pid*"))
    assert found.verdict.cause == "lock.contention", found.considered
    assert "App.Plan.shift (App.java:" in found.verdict.where[0]


@pytest.mark.slow
def test_a_quick_java_service_is_not_accused(tmp_path: Path) -> None:
    with service("java-lamp-legend", tmp_path) as (pid, port):
        url = f"http://127.0.0.1:{port}/legend"
        found = investigate(url, Job(), pid=pid, duration_s=3, concurrency=2)
    assert found.verdict.cause in {"healthy", "unsure"}, found.considered
