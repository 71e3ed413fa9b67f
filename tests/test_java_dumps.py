"""What dumps of JVMs under frameworks, pools and caches tell, and the caches' entries."""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

import needs
from slowcoach.diagnosis.evidence.java_caches import Asked, evicting, has_caches
from slowcoach.diagnosis.evidence.java_threads import units_of, waiting_state
from slowcoach.diagnosis.evidence.java_virtual import virtual_of
from slowcoach.diagnosis.evidence.units import Unit
from slowcoach.diagnosis.evidence.waits import Wait
from slowcoach.diagnosis.eyes import Where
from slowcoach.diagnosis.runtimes.java import JavaEyes
from slowcoach.profiling.frames import kind
from slowcoach.profiling.model import Frame
from slowcoach.profiling.recorders.java_attach import asked
from slowcoach.profiling.recorders.java_threads import threads_of

DUMPS = Path(__file__).parent / "data" / "diagnosis" / "java"
SEEN = {
    "caffeine-17.txt": {("thread", "net", "App.Tariffs.load")},
    "dbcp-17.txt": {("thread", "net", "App.level"), ("thread", "pool", "App.mills")},
    "hikari-17.txt": {
        ("thread", "net", "App.Depot.workshop"),
        ("thread", "pool", "App.Depot.service"),
    },
    "lock-elsewhere-17.txt": {
        ("thread", "lock", "App.Ledger.open"),
        ("thread", "net", "App.Payments.charge"),
    },
    "monitor-11.txt": {("thread", "lock", "App.Guide.route"), ("thread", "net", "App.Guide.read")},
    "netty-future-17.txt": {("loop", "event", "App.Grid.lamp")},
    "undertow-17.txt": {("thread", "disk", "App.Archive.append")},
    "vertx-blocked-17.txt": {("loop", "net", "App.FeedHandler.picked")},
}
NODE = "com.github.benmanes.caffeine.cache.PSMS"
OWN = ("Caffeine", "App.Tariffs.tariff", "App.java")


def units(name: str) -> list[Unit]:
    return units_of(threads_of((DUMPS / name).read_text()), lambda *_: Wait("other"))


@pytest.mark.parametrize("name", SEEN)
def test_threads_under_frameworks_are_told_by_what_their_own_code_waits_for(name: str) -> None:
    found = {
        (unit.carrier, unit.state, unit.frames[unit.own_at].name)
        for unit in units(name)
        if unit.own_at is not None
    }
    assert found == SEEN[name]


@pytest.mark.parametrize(
    ("by", "state"),
    [
        ("reactor.core.publisher.Mono.block", "future"),
        ("com.google.common.util.concurrent.AbstractFuture.get", "future"),
        ("kotlinx.coroutines.BlockingCoroutine.joinBlocking", "future"),
        ("feign.SynchronousMethodHandler.invoke", "net"),
    ],
)
def test_what_a_thread_awaits_by_a_library_of_futures_is_told(by: str, state: str) -> None:
    leaf = ("jdk.internal.misc.Unsafe.park", "java.util.concurrent.CountDownLatch.await")
    assert waiting_state((*leaf, by)) == state


@pytest.mark.parametrize(("idle", "states"), [(True, {"lock", "net"}), (False, {"cpu", "net"})])
def test_a_pinned_virtual_thread_stands_at_a_monitor_where_nothing_computes(
    idle: bool, states: set[str]
) -> None:
    threads = virtual_of((DUMPS / "virtual-pinned-21.json").read_text(), idle=idle)
    assert {unit.state for unit in units_of(threads, lambda *_: Wait("other"))} == states


def asking(dump: str) -> Asked:
    found = Asked()
    found.look(units(dump))
    return found


def test_who_asks_a_librarys_cache_is_told_by_the_stacks_that_load_its_entries() -> None:
    assert asking("caffeine-17.txt").users.keys() == {OWN}
    assert not asking("hikari-17.txt").users


@pytest.mark.parametrize(
    ("before", "with_dead", "last", "turnover", "bounded"),
    [(100, 900, 102, 1.0, True), (100, 101, 100, 0.01, True), (100, 240, 200, 0.7, False)],
)
def test_entries_of_a_librarys_cache_that_die_at_a_constant_number_are_evicted(
    before: int, with_dead: int, last: int, turnover: float, bounded: bool
) -> None:
    found = evicting({NODE: before}, {NODE: with_dead}, {NODE: last}, asking("caffeine-17.txt"))[0]
    assert (found.turnover, found.bounded) == (turnover, bounded)
    assert (found.name, found.functions[-1]) == ("Caffeine cache", OWN[1])


def test_other_classes_of_a_cache_library_are_no_entries() -> None:
    prefix = "com.github.benmanes.caffeine.cache"
    assert has_caches({NODE: 1})
    assert not has_caches({f"{prefix}.SSMS": 1, f"{prefix}.LocalCacheFactory": 1})
    assert not evicting({}, {}, {f"{prefix}.SSMS": 1}, Asked())


@pytest.mark.parametrize(
    ("name", "file", "library"),
    [
        ("calendar.App:find", "calendar/App.java", False),
        ("io.acme.shop.Orders:find", "io/acme/shop/Orders.java", False),
        ("spark.jobs.Orders:run", "spark/jobs/Orders.java", False),
        ("spark.http.matching.Routes:execute", "spark/http/matching/Routes.java", True),
        ("jakarta.servlet.http.HttpServlet:service", "jakarta/servlet/http/HttpServlet.java", True),
        ("org.xnio.nio.WorkerThread:run", "org/xnio/nio/WorkerThread.java", True),
        ("io.vertx.core.impl.ContextImpl:emit", "io/vertx/core/impl/ContextImpl.java", True),
        ("io.copyBuffer", "io/io.go", True),
    ],
)
def test_a_java_package_is_a_librarys_by_its_group_and_not_by_a_first_word(
    name: str, file: str, library: bool
) -> None:
    assert kind(Frame(name, file)).library is library


@contextmanager
def sleeping(folder: Path, *options: str) -> Iterator[int]:
    source = folder / "Sleeper.java"
    source.write_text(
        "public class Sleeper { public static void main(String[] a) throws Exception {"
        ' System.out.println("up"); Thread.sleep(60_000); } }'
    )
    command = [needs.program("java"), *options, str(source)]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == b"up\n"
            yield child.pid
        finally:
            child.kill()
            Path(f"/tmp/.java_pid{child.pid}").unlink(missing_ok=True)


def test_a_socket_that_a_killed_program_with_the_same_pid_left_is_not_the_jvms(
    tmp_path: Path,
) -> None:
    with sleeping(tmp_path) as pid:
        with closing(socket.socket(socket.AF_UNIX)) as left:
            left.bind(f"/tmp/.java_pid{pid}")
        assert "HotSpot" in asked(pid, "VM.version") or "OpenJDK" in asked(pid, "VM.version")


def test_a_jvm_that_may_not_be_attached_to_is_left_alone_and_what_else_tells_is_said(
    tmp_path: Path,
) -> None:
    with sleeping(tmp_path, "-XX:+DisableAttachMechanism") as pid:
        with JavaEyes(Where(pids=(pid,), port=0, database_port=0)) as eyes:
            assert "jhsdb jstack" in eyes.why_not
            assert not eyes.tasks_seen
            assert eyes.collections() is None
        assert Path(f"/proc/{pid}/exe").exists()
        assert not list(tmp_path.glob(".attach_pid*"))
