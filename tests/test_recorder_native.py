"""The recorder of native programs: C with and without frame pointers, Rust, by pid and command."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import needs
from slowcoach.api.record_profile import TOOL
from slowcoach.core import process
from slowcoach.core.errors import (
    CancelledError,
    InputError,
    MissingDependencyError,
    NotPermittedError,
    ToolFailedError,
    UnreachableError,
    UnsupportedError,
)
from slowcoach.core.job import Cancellation, Job
from slowcoach.core.permission import Permissions
from slowcoach.profiling.recorded import RecordedProfile
from slowcoach.profiling.recorders import elf, native, native_allocations, off_cpu, perf, perf_run
from slowcoach.profiling.recorders.perf_script import Place, Sample, Script, Switch, parse
from slowcoach.profiling.recorders.wait_looks import Looks

SOURCES = Path(__file__).parent / "data" / "programs" / "native"
BUILDS = {
    "c": ["gcc", "-g", "-O2", "-fno-omit-frame-pointer", "-pthread", "service.c"],
    "c-without-frame-pointers": [
        "gcc",
        "-g",
        "-O2",
        "-fomit-frame-pointer",
        "-pthread",
        "service.c",
    ],
    "rust": ["rustc", "-g", "-O", "service.rs"],
}
ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


def line_of(name: str, text: str) -> str:
    """Return `service.c:28` for the one line of a source that holds a text."""
    source = "service.rs" if name == "rust" else "service.c"
    lines = (SOURCES / source).read_text(encoding="utf-8").splitlines()
    (number,) = [n for n, line in enumerate(lines, 1) if text in line]
    return f"{source}:{number}"


@pytest.fixture(scope="module")
def permitted() -> None:
    """Demand perf; skip where the kernel forbids it (a container's sandbox)."""
    if sys.platform != "linux":
        needs.missing("needs Linux")
    needs.program("perf")
    try:
        perf.record(command=[sys.executable, "-c", "while True: pass"], duration_s=0.3)
    except (NotPermittedError, UnsupportedError) as error:
        pytest.skip(f"the kernel forbids perf: {error}")
    if not perf_run.kernel_visible():
        pytest.skip("the kernel tells only root where threads wait")


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Build the programs."""
    folder = tmp_path_factory.mktemp("native")
    for name, (compiler, *rest) in BUILDS.items():
        argv = [needs.program(compiler), *rest[:-1], "-o", str(folder / name)]
        subprocess.run([*argv, str(SOURCES / rest[-1])], check=True, cwd=folder)
    return {name: folder / name for name in BUILDS}


@contextmanager
def started(program: Path) -> Iterator[int]:
    """Run a program until the block ends, once it is ready."""
    with subprocess.Popen([str(program)], stdout=subprocess.PIPE) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline().strip() == b"ready"
            yield child.pid
        finally:
            child.kill()


def record(**arguments: object) -> RecordedProfile:
    """Call the tool as the faces do."""
    job = Job(permissions=Permissions(execute=True))
    result = TOOL.call(TOOL.validate(arguments), job)
    assert isinstance(result, RecordedProfile)
    return result


def places(answer: RecordedProfile) -> dict[tuple[str, int | None], float]:
    """Return what each line of the program's source holds by itself in the first view."""
    return {
        (frame.name.rpartition("::")[2], frame.line): frame.self
        for frame in answer.profiles[0].frames
        if frame.file is not None and "service." in frame.file
    }


@pytest.mark.slow
@pytest.mark.usefixtures("permitted")
@pytest.mark.parametrize("name", list(BUILDS))
def test_a_running_program_is_recorded_with_its_hot_line_its_lock_and_its_wait(
    programs: dict[str, Path], name: str
) -> None:
    with started(programs[name]) as pid:
        answer = record(pid=pid, duration_s=2, top=60)

    assert answer.format == "perf"
    assert [profile.name for profile in answer.profiles] == ["on CPU", "wall clock"]
    hot = answer.profiles[0].frames[0]
    assert hot.name.rpartition("::")[2] == "price"
    file, line = line_of(name, "(sum * 31 + i)").split(":")
    assert hot.file is not None
    assert hot.file.endswith(file)
    assert hot.line is not None
    assert abs(hot.line - int(line)) <= 2  # the loop's head counts too
    at = {wait.where: wait for wait in answer.waits}
    lock = "lock.lock()" if name == "rust" else "pthread_mutex_lock(&lock)"
    wait = ".recv()" if name == "rust" else "read(ends[0]"
    locked = [w for where, w in at.items() if where.endswith(f"{line_of(name, lock)})")]
    waited = [w for where, w in at.items() if where.endswith(f"{line_of(name, wait)})")]
    assert locked, at
    assert locked[0].at == "futex"
    assert 1 < locked[0].threads < 3.1
    assert waited, at
    assert 0.5 < waited[0].threads < 1.1
    assert answer.cost is not None
    assert not answer.cost.stops_threads
    assert answer.states is not None
    assert answer.states.threads >= 6


@pytest.mark.slow
@pytest.mark.usefixtures("permitted")
@pytest.mark.parametrize("name", ["c-without-frame-pointers", "rust"])
def test_a_command_is_recorded_with_what_its_threads_wait_for(
    programs: dict[str, Path], name: str
) -> None:
    answer = record(command=[str(programs[name])], duration_s=2, kind="wall", top=60)

    assert answer.format == "perf"
    assert [profile.name for profile in answer.profiles] == ["wall clock", "on CPU"]
    lock = "lock.lock()" if name == "rust" else "pthread_mutex_lock(&lock)"
    assert any(line_of(name, lock) in wait.where for wait in answer.waits), answer.waits
    assert answer.profiles[1].frames[0].name.rpartition("::")[2] == "price"
    assert not process.children()


@pytest.mark.slow
@pytest.mark.usefixtures("permitted")
@pytest.mark.parametrize(("name", "by"), [("c", "pid"), ("rust", "command")])
def test_locks_are_told_by_the_line_that_takes_them(
    programs: dict[str, Path], name: str, by: str
) -> None:
    if by == "pid":
        with started(programs[name]) as pid:
            answer = record(pid=pid, duration_s=2, kind="lock")
    else:
        answer = record(command=[str(programs[name])], duration_s=2, kind="lock")

    text = "lock.lock()" if name == "rust" else "pthread_mutex_lock(&lock)"
    line = int(line_of(name, text).partition(":")[2])
    found = places(answer)
    assert max(found, key=lambda place: found[place]) == ("reserve", line)
    assert "waiting for locks" in answer.summary


@pytest.mark.slow
@pytest.mark.usefixtures("permitted")
@pytest.mark.parametrize(("name", "by"), [("c-without-frame-pointers", "command"), ("rust", "pid")])
def test_allocations_are_told_by_the_line_that_makes_them(
    programs: dict[str, Path], name: str, by: str
) -> None:
    if not ROOT:
        pytest.skip("probes need root")
    try:
        if by == "pid":
            with started(programs[name]) as pid:
                answer = record(pid=pid, duration_s=1, kind="alloc", top=60)
        else:
            answer = record(command=[str(programs[name])], duration_s=1, kind="alloc", top=60)
    except UnsupportedError as error:
        pytest.skip(f"the kernel forbids probes: {error}")

    text = "vec![1; 3000" if name == "rust" else "= malloc("
    profile = answer.profiles[0]
    assert profile.unit == "bytes"
    totals = {(f.file or "").rpartition("/")[2] + f":{f.line}": f.total for f in profile.frames}
    assert totals[line_of(name, text)] > 0.9 * profile.total
    listed = subprocess.run(["perf", "probe", "-l"], capture_output=True, text=True, check=False)
    assert f"slowcoach_{os.getpid()}" not in listed.stdout


@pytest.mark.slow
@pytest.mark.usefixtures("permitted")
def test_a_stripped_program_is_said_to_have_no_names(
    programs: dict[str, Path], tmp_path: Path
) -> None:
    bare = tmp_path / "bare"
    subprocess.run([needs.program("strip"), "-o", str(bare), str(programs["c"])], check=True)

    taken = perf.record(command=[str(bare)], duration_s=1)

    assert any("stripped" in text for text in taken.warnings), taken.warnings


@pytest.mark.slow
@pytest.mark.usefixtures("permitted")
def test_a_recording_that_is_called_off_leaves_nothing_running(programs: dict[str, Path]) -> None:
    cancellation = Cancellation()

    def off(elapsed: float) -> None:
        if elapsed > 0.3:
            cancellation.ask()

    begun = time.monotonic()
    with pytest.raises(CancelledError):
        native.record(
            command=[str(programs["c"])], duration_s=60, cancellation=cancellation, on_tick=off
        )
    assert time.monotonic() - begun < 45
    assert not process.children()


@pytest.mark.usefixtures("permitted")
def test_a_program_that_only_sleeps_has_no_processor_time_to_show() -> None:
    with pytest.raises(ToolFailedError, match=r"no thread used the processor|kind=wall"):
        perf.record(command=["sleep", "60"], duration_s=0.5, rate=1)


def test_a_process_that_is_not_there_is_unreachable() -> None:
    needs.program("perf")
    with pytest.raises(UnreachableError, match="no such process"):
        native.record(2**22 + 1, 1)


def test_a_command_that_is_not_there_is_bad_input() -> None:
    needs.program("perf")
    with pytest.raises(InputError, match="not on the PATH"):
        native.record(command=["/no/such/program"], duration_s=1)


def test_without_perf_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    if sys.platform != "linux":
        needs.missing("needs Linux")
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(MissingDependencyError, match="linux-perf"):
        native.record(os.getpid(), 1)


@pytest.mark.slow
def test_without_perf_the_waits_of_a_process_are_polled(
    programs: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    if sys.platform != "linux":
        needs.missing("needs Linux")
    with started(programs["c"]) as pid:
        monkeypatch.setenv("PATH", "/nowhere")
        answer = record(pid=pid, duration_s=2, kind="wall", language="native", top=60)

    profile = answer.profiles[0]
    assert profile.name == "wall clock"
    assert any(frame.name.startswith("thread ") for frame in profile.frames)
    assert any(frame.name == "nanosleep" for frame in profile.frames)
    assert any("no code" in text for text in answer.warnings)


# -- reading what perf prints -----------------------------------------------------------------

SCRIPT = """\
shop worker  10/11  100.000000: PERF_RECORD_SWITCH IN
shop worker  10/11  100.500000:   10101010 cpu-clock/freq=99/:
\t            1343 price (/srv/shop)
\t            137b main+0x10 (/srv/shop (deleted))

shop worker  10/11  101.000000:          1 context-switches/freq=99/:
\tffffffff821fb643 schedule ([kernel.kallsyms])
\tffffffff81441416 futex_do_wait ([kernel.kallsyms])
\t           13c9 reserve (/srv/shop)

shop worker  10/11  101.000001: PERF_RECORD_SWITCH OUT
shop worker  10/11  103.000001: PERF_RECORD_SWITCH IN
shop worker  10/11  103.500000: PERF_RECORD_SWITCH OUT preempt
shop worker  10/11  103.600000: PERF_RECORD_SWITCH IN
shop worker  10/11  104.000000: PERF_RECORD_LOST lost 7
shop worker  10/11  104.500000: 1 slowcoach_1_2:calloc: (7f00) a=10 b=30
\t           13c9 [unknown] (/srv/shop)

shop worker  10/11  105.000000: PERF_RECORD_SWITCH OUT
"""


def test_events_switches_and_probes_are_read() -> None:
    script = parse(SCRIPT.splitlines(keepends=True))

    assert [place[1:] for place in script.places] == [
        ("price", "/srv/shop"),
        ("main", "/srv/shop"),
        ("schedule", "[kernel.kallsyms]"),
        ("futex_do_wait", "[kernel.kallsyms]"),
        ("reserve", "/srv/shop"),
        ("[unknown]", "/srv/shop"),
    ]
    assert script.samples["cpu-clock"] == [Sample(10, 11, 100.5, 10101010, (0, 1))]
    assert script.samples["slowcoach_1_2"][0].value == 300
    assert script.names == {11: "shop worker"}
    assert script.lost == 7
    assert script.switches[11][1] == Switch(101.000001, on=False, forced=False)
    assert script.switches[11][3].forced


def test_the_time_off_the_processor_goes_to_the_stack_that_left_it() -> None:
    script = parse(SCRIPT.splitlines(keepends=True))

    found = off_cpu.off_cpu(script, Looks(10), 100.0, 107.0)

    told = {tuple(script.places[i].symbol for i in stack): w for stack, w in found.weights.items()}
    # two seconds that were looked at stand for the last two, too
    assert told == {("futex", "reserve"): pytest.approx(4.0)}


def test_waits_for_news_are_no_waits_for_locks() -> None:
    places = [
        Place(0, "futex", off_cpu.WAITS),
        Place(1, "pthread_cond_wait", "/lib/libc.so"),
        Place(2, "pthread_mutex_lock", "/lib/libc.so"),
        Place(3, "FnOnce::call_once", "/srv/shop"),
        Place(4, "std::sync::mpsc::Receiver<T>::recv", "/srv/shop"),
    ]
    found = off_cpu.OffCpu()
    found.weights.update({(0, 1, 3): 1.0, (0, 2, 3): 2.0, (0, 4, 3): 4.0})

    assert off_cpu.locks_only(found, places) == {(0, 2, 3): 2.0}


def test_text_of_the_program_among_the_events_is_passed_over() -> None:
    noise = "hello\n[ perf record: Woken up 1 times ]\n\tnot (a frame)\n" + SCRIPT
    assert parse(noise.splitlines(keepends=True)).samples["cpu-clock"]


def test_no_events_are_an_empty_script() -> None:
    assert parse([]) == Script()


@pytest.mark.parametrize(
    ("rate", "most"), [(0.0, 1.0), (1_000.0, 1.0), (100_000.0, 0.9), (5_000_000.0, 0.03)]
)
def test_probes_stand_for_a_share_of_the_time_that_their_cost_allows(
    rate: float, most: float
) -> None:
    plan = native_allocations.planned(rate, 10.0)

    looked_at = plan.bursts * plan.burst_s
    assert 0 < looked_at <= most * 10.0 + 1e-9
    assert plan.period >= rate / 1_100
    assert looked_at + (plan.bursts - 1) * plan.pause_s <= 10.0 + 1e-9


def test_a_programs_file_says_what_it_has(tmp_path: Path) -> None:
    if sys.platform != "linux":
        needs.missing("needs Linux")
    program = elf.read(Path(sys.executable).resolve())
    assert program is not None
    assert program.unwindable
    assert program.segments
    broken = tmp_path / "broken"
    for data in (b"", b"\x7fELF\x02\x01", b"\x7fELF\x02\x01" + b"\xff" * 58, b"#!/bin/sh\n"):
        broken.write_bytes(data)
        assert elf.read(broken) is None or elf.read(broken) == elf.Elf(frozenset(), ())
    assert elf.read(tmp_path / "nothing") is None
