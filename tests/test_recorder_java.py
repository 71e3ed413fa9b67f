"""The recorder of Java programs, on one that runs."""

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import needs
from slowcoach.api.record_profile import TOOL
from slowcoach.core.errors import (
    CancelledError,
    InputError,
    UnreachableError,
    UnsupportedError,
)
from slowcoach.core.job import Cancellation, Job
from slowcoach.profiling.model import Profile
from slowcoach.profiling.recorded import RecordedProfile
from slowcoach.profiling.recorders import java
from slowcoach.profiling.recorders.java_threads import threads_of

SOURCE = Path(__file__).parent / "data" / "profiles" / "Shop.java"
DUMP = """
"reserve-1" #13 prio=5 cpu=3.04ms tid=0x00007f nid=0x5b03 waiting for monitor entry  [0x0]
   java.lang.Thread.State: BLOCKED (on object monitor)
\tat Shop.reserve(Shop.java:31)
\t- waiting to lock <0x00000000fce00ad0> (a java.lang.Object)
\tat Shop$$Lambda$14/0x0000000800c03000.run(Unknown Source)
\tat java.lang.Thread.run(java.base@17.0.15/Thread.java:840)

"G1 Service" os_prio=0 cpu=0.10ms elapsed=1.3s tid=0x00007f nid=23291 runnable
"""


@pytest.fixture(scope="module")
def pid(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Compile the shop and run it for as long as the tests take."""
    folder = tmp_path_factory.mktemp("java")
    subprocess.run([needs.program("javac"), "-d", str(folder), str(SOURCE)], check=True)
    needs.program("jcmd")
    command = [needs.program("java"), "-Xmx64m", "-cp", str(folder), "Shop", "300"]
    with subprocess.Popen(command, cwd=folder) as child:
        deadline = time.monotonic() + 60
        while not java.is_java(child.pid) and time.monotonic() < deadline:
            time.sleep(0.1)
        time.sleep(2)
        yield child.pid
        child.kill()


def hottest(profile: Profile) -> str:
    """Return the function with the most weight of its own."""
    return profile.frames[int(profile.present[0])].name


@pytest.mark.slow
def test_the_hot_method_is_named_with_file_and_line(pid: int) -> None:
    taken = java.attach(pid, 4)
    place = taken[0].hottest(int(taken[0].present[0]))

    assert (place.name, place.file) == ("Shop:price", "Shop.java")
    assert place.line is not None
    assert taken.samples == taken[0].samples


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "unit", "method"),
    [("alloc", "bytes", "Shop:main"), ("lock", "nanoseconds", "Shop:reserve")],
)
def test_allocations_and_locks_are_named(pid: int, kind: str, unit: str, method: str) -> None:
    profile = java.attach(pid, 4, kind=kind)[0]

    assert profile.unit == unit
    assert method in {profile.frames[i].name for i in profile.present[:3].tolist()}


@pytest.mark.slow
def test_threads_that_wait_for_the_lock_show_on_the_wall_clock(pid: int) -> None:
    profile = java.attach(pid, 4, kind="wall")[0]
    names = [frame.name for frame in profile.frames]
    reserve = sum(
        float(profile.total_weights[i]) for i, name in enumerate(names) if name == "Shop:reserve"
    )

    assert profile.unit == "seconds"
    assert reserve > 0.15 * profile.total  # three of some dozen threads
    assert any(frame.file == "Shop.java" and frame.line for frame in profile.frames)


@pytest.mark.slow
def test_nothing_is_left_recording_when_the_work_is_called_off(pid: int) -> None:
    cancellation = Cancellation()

    def off(elapsed: float) -> None:
        if elapsed > 1:
            cancellation.ask()

    with pytest.raises(CancelledError):
        java.attach(pid, 60, cancellation=cancellation, on_tick=off)
    said = subprocess.run(
        [java.jcmd(pid), str(pid), "JFR.check"], check=True, capture_output=True, text=True
    )
    assert "slowcoach" not in said.stdout


def record(**arguments: object) -> RecordedProfile:
    """Call the tool as the faces do."""
    result = TOOL.call(TOOL.validate(arguments), Job())
    assert isinstance(result, RecordedProfile)
    return result


@pytest.mark.slow
def test_the_tool_knows_java_by_itself_and_names_hot_code_and_where_threads_wait(pid: int) -> None:
    answer = record(pid=pid, duration_s=8)

    assert answer.format == "jfr"
    assert answer.profiles[0].name == "on CPU"
    assert answer.profiles[0].frames[0].name == "Shop:price"
    assert any(wait.where.startswith("Shop:reserve") for wait in answer.waits)
    assert answer.speedscope is not None
    assert answer.speedscope.endswith("profile.speedscope.json")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "form", "method", "said"),
    [
        ("alloc", "jfr", "Shop:main", "B of allocations"),
        ("lock", "jfr", "Shop:reserve", "of waiting for locks"),
        ("wall", "thread dumps", "Shop:reserve", "of wall time"),
    ],
)
def test_the_tool_says_what_the_weights_are_of(
    pid: int, kind: str, form: str, method: str, said: str
) -> None:
    answer = record(pid=pid, duration_s=5, kind=kind, top=50)

    assert answer.format == form
    assert said in answer.summary
    assert method in {frame.name for frame in answer.profiles[0].frames}
    assert all(finding.cause != "cpu.hot_function" for finding in answer.findings)


def test_a_command_of_java_is_refused_with_what_to_do() -> None:
    with pytest.raises(UnsupportedError, match="command: of Java only a pid") as caught:
        record(command="java -jar shop.jar")

    assert "give its pid" in caught.value.hint


def test_a_process_that_is_no_java_and_a_dead_one_are_refused() -> None:
    with pytest.raises(InputError, match="expected a Java process"):
        java.attach(os.getpid(), 1)
    with pytest.raises(UnreachableError, match="no such process"):
        java.attach(2**22 + 1, 1)


def test_a_dump_gives_threads_with_files_lines_and_what_they_wait_for() -> None:
    (thread,) = threads_of(DUMP)

    assert (thread.name, thread.os_thread_id, thread.state) == ("reserve-1", 0x5B03, "BLOCKED")
    assert [tuple(frame) for frame in thread.frames] == [
        ("Shop:reserve", "Shop.java", 31),
        ("Shop$$Lambda$14/0x0000000800c03000:run", "Shop.java", None),
        ("java.lang.Thread:run", "java/lang/Thread.java", 840),
    ]
    assert thread.waits == "waiting to lock 0x00000000fce00ad0"
