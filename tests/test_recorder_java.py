"""The recorder of Java programs, on one that runs."""

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

import needs
from slowcoach.api.record_profile import TOOL
from slowcoach.core import process
from slowcoach.core.errors import CancelledError, InputError, ToolFailedError, UnreachableError
from slowcoach.core.job import Cancellation, Job
from slowcoach.profiling.model import Profile
from slowcoach.profiling.recorded import RecordedProfile
from slowcoach.profiling.recorders import java
from slowcoach.profiling.recorders.java_attach import asked
from slowcoach.profiling.recorders.java_counters import parsed, told
from slowcoach.profiling.recorders.java_flight import settings
from slowcoach.profiling.recorders.java_threads import held, threads_of

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


HELD = """
"holder" #12 prio=5 tid=0x00007f nid=0x5b02 sleeping [0x0]
   java.lang.Thread.State: TIMED_WAITING (sleeping)
\tat java.lang.Thread.sleep(java.base@17.0.15/Native Method)
\tat Shop.slow(Shop.java:40)
\tat Shop.reserve(Shop.java:32)
\t- locked <0x00000000fce00ad0> (a java.lang.Object)
"""


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compile the shop."""
    folder = tmp_path_factory.mktemp("java")
    subprocess.run([needs.program("javac"), "-g", "-d", str(folder), str(SOURCE)], check=True)
    return folder


@pytest.fixture(scope="module")
def pid(classes: Path) -> Iterator[int]:
    """Run the shop for as long as the tests take."""
    command = [needs.program("java"), "-Xmx64m", "-cp", str(classes), "Shop", "600"]
    with subprocess.Popen(command, cwd=classes) as child:
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
    ("kind", "unit", "method", "text"),
    [
        ("alloc", "bytes", "Shop:main", "log.write("),
        ("lock", "nanoseconds", "Shop:reserve", "synchronized (STOCK)"),
    ],
)
def test_allocations_and_locks_are_named_with_file_and_line(
    pid: int, kind: str, unit: str, method: str, text: str
) -> None:
    profile = java.attach(pid, 4, kind=kind)[0]
    top = {profile.frames[i].name: profile.frames[i] for i in profile.present[:3].tolist()}

    assert profile.unit == unit
    assert top[method].file == "Shop.java"
    assert abs((top[method].line or 0) - line_of(text)) <= 1  # Java's line of a monitor is its end


@pytest.mark.slow
def test_the_runtime_tells_of_itself_and_what_was_switched_on(pid: int) -> None:
    figures = java.attach(pid, 3, kind="lock").figures

    assert "version" in figures["runtime"]
    assert "runs took" in figures["garbage collection"]
    assert "all threads stopped for" in figures["safepoints"]
    assert "its own threads used" in figures["flight recorder"]
    assert "Shop:reserve (Shop.java:" in figures["waited for monitors"]
    assert "Shop:reserve (Shop.java:" in figures["monitor held by"]


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
    assert "slowcoach" not in asked(pid, "JFR.check")


def line_of(text: str) -> int:
    """Return the line of the shop's source that holds a text."""
    lines = SOURCE.read_text(encoding="utf-8").splitlines()
    return next(i for i, line in enumerate(lines, 1) if text in line)


HOT = (line_of("for (int i = 0; i < items"), line_of("sum = (sum * 31"))


def record(**arguments: object) -> RecordedProfile:
    """Call the tool as the faces do."""
    result = TOOL.call(TOOL.validate(arguments), Job())
    assert isinstance(result, RecordedProfile)
    return result


@pytest.mark.slow
def test_the_tool_knows_java_by_itself_and_names_hot_code_and_where_threads_wait(pid: int) -> None:
    answer = record(pid=pid, duration_s=8, top=15)  # whole: a short answer may lack a finding
    for _ in range(3):  # on a busy machine few looks come through
        if "profile.lock_wait" in {finding.rule for finding in answer.findings}:
            break
        answer = record(pid=pid, duration_s=12, top=15)

    assert answer.format == "jfr"
    assert answer.profiles[0].name == "on CPU"
    assert answer.profiles[0].frames[0].name == "Shop:price"
    lock = next(wait for wait in answer.waits if wait.held_by)
    assert lock.where.startswith("Shop:reserve (Shop.java:")
    assert lock.held_by.startswith("Shop:reserve (Shop.java:")
    assert "profile.lock_wait" in {finding.rule for finding in answer.findings}
    assert answer.profiles[0].frames[0].line in HOT
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


@pytest.mark.slow
def test_a_command_is_recorded_from_its_start_and_stopped(
    classes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", "-Duser.own=kept")
    command = ["java", "-Xmx64m", "-cp", str(classes), "Shop", "600"]
    answer = record(command=command, duration_s=6, cwd=str(classes), top=10)

    assert [profile.name for profile in answer.profiles][:1] == ["on CPU"]
    assert "wall clock" in [profile.name for profile in answer.profiles]
    row = answer.profiles[0].frames[0]
    assert (row.name, row.file) == ("Shop:price", "Shop.java")
    assert row.line in HOT
    assert any(wait.held_by.startswith("Shop:reserve") for wait in answer.waits)
    assert process.children() == ()


@pytest.mark.slow
def test_of_a_command_that_ends_early_its_locks_are_known(classes: Path) -> None:
    command = ["java", "-Xmx64m", "-cp", str(classes), "Shop", "2"]
    answer = record(command=command, duration_s=300, kind="lock", cwd=str(classes), top=20)

    assert "Shop:reserve" in {frame.name for frame in answer.profiles[0].frames}
    assert any("ended after" in warning for warning in answer.warnings)


@pytest.mark.slow
def test_a_command_without_its_class_says_what_java_said(classes: Path) -> None:
    needs.program("java")
    with pytest.raises(ToolFailedError, match=r"ended with 1.*ClassNotFoundException"):
        record(command=["java", "-cp", str(classes), "Nothing"], duration_s=2)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("target", "arguments"), [("Shop:price", [200_000]), ("Shop.java:discount", [4, 200_000])]
)
def test_a_method_is_timed_and_profiled_from_its_class_or_its_source(
    classes: Path, target: str, arguments: list[object]
) -> None:
    folder = SOURCE.parent if ".java" in target else classes
    answer = record(target=target, arguments=arguments, cwd=str(folder), duration_s=6)

    assert answer.timing is not None
    assert answer.timing.ci_low_ms is not None
    assert answer.timing.ci_low_ms <= answer.timing.mean_ms
    hot = answer.profiles[0].frames[0]
    assert hot.name == "Shop:price"
    assert hot.line in HOT
    assert not any("SlowcoachRunner" in frame.name for frame in answer.profiles[0].frames)


@pytest.mark.slow
def test_a_method_that_waits_is_shown_by_the_wall_clock(classes: Path) -> None:
    needs.program("java")
    answer = record(target="Shop:reserve", cwd=str(classes), duration_s=5)

    assert answer.profiles[0].name == "wall clock"
    assert any("uses the processor only" in warning for warning in answer.warnings)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("target", "arguments", "said"),
    [
        ("Shop:price", ["many"], r"no static Shop.price takes these 1 arguments.*\[int\]"),
        ("Shop:none", [], "NoSuchMethodException"),
        ("com.example.None:none", [], "ClassNotFoundException"),
        ("Shop:price", [{"items": 1}], "expected numbers, texts"),
        ("None.java:price", [], "no such file"),
    ],
)
def test_a_method_that_cannot_be_called_says_why(
    classes: Path, target: str, arguments: list[object], said: str
) -> None:
    needs.program("java")
    with pytest.raises(InputError, match=said):
        record(target=target, arguments=arguments, cwd=str(classes), duration_s=2)


def test_settings_hold_for_every_jdk_and_sample_the_processor_from_25_on() -> None:
    for jdk, sampled in ((11, "jdk.ExecutionSample"), (17, "jdk.ExecutionSample")):
        tree = ElementTree.fromstring(settings("cpu", jdk))
        on = {each.get("name") for each in tree if each.findtext("setting") == "true"}
        assert sampled in on
        assert "jdk.CPUTimeSample" not in on
    tree = ElementTree.fromstring(settings("cpu", 25))
    on = {each.get("name") for each in tree if each.findtext("setting") == "true"}
    assert "jdk.CPUTimeSample" in on
    assert "jdk.ExecutionSample" not in on
    assert "jdk.ObjectAllocationInNewTLAB" in settings("alloc", 11)
    assert "jdk.ObjectAllocationInNewTLAB" not in settings("alloc", 17)


def test_counters_of_the_jvm_are_told_in_words() -> None:
    said = told(
        {"sun.gc.collector.0.invocations": 4, "sun.gc.collector.0.time": 500_000_000},
        {"sun.gc.collector.0.time": 700_000_000, "sun.os.hrt.frequency": 1_000_000_000},
        10.0,
    )

    assert said == {"garbage collection": "4 runs took 500 ms, 5 % of the time"}


def test_what_is_no_file_of_counters_is_refused() -> None:
    with pytest.raises(ValueError, match="counters"):
        parsed(b"\0" * 64)


def test_a_dump_tells_who_holds_the_monitor_that_others_wait_for() -> None:
    dumped = threads_of(HELD + DUMP)
    (found,) = held([dumped, dumped], 4.0)

    assert (found.waiter.name, found.holder.name, found.took_it.name) == (
        "Shop:reserve",
        "Shop:slow",
        "Shop:reserve",
    )
    assert (found.thread, found.seconds, found.holder.line) == ("holder", 4.0, 40)


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
