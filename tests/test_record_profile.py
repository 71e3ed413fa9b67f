"""The tool `record_profile` with a real py-spy on real small programs."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import needs
from slowcoach.api.record_profile import TOOL
from slowcoach.core.errors import (
    CancelledError,
    InputError,
    NotPermittedError,
    SlowcoachError,
    ToolFailedError,
    UnreachableError,
    UnsupportedError,
)
from slowcoach.core.job import Job, Progress
from slowcoach.core.permission import Permissions
from slowcoach.profiling import readers
from slowcoach.profiling.recorded import RecordedProfile
from slowcoach.profiling.recorders import function_runner, python
from slowcoach.profiling.recorders.spy_errors import explained

SHOP = Path(__file__).parent / "data" / "profiles" / "shop.py"
FUNCTIONS = """
import json, time

def hot(n=20000):
    total = 0
    for i in range(n):
        total += i * i % 7
    return total

def text(rows, key="x"):
    return json.dumps([{key: i} for i in range(rows)], indent=1)

def waits():
    time.sleep(0.05)

async def soon():
    return hot()

def numbers():
    for _ in range(3):
        yield hot()

def fails():
    raise ValueError("no <b>such</b> order")

class Shop:
    @staticmethod
    def total():
        return hot()
"""


@pytest.fixture
def tmp_path(short_folder: Path) -> Path:
    """Return where programs lie: answers tell their whole paths."""
    return short_folder


def record(job: Job | None = None, **arguments: object) -> RecordedProfile:
    """Call the tool as the faces do."""
    result = TOOL.call(TOOL.validate(arguments), job or Job())
    assert isinstance(result, RecordedProfile)
    return result


@contextmanager
def running(*argv: str) -> Iterator[int]:
    """Run a program beside the block."""
    child = subprocess.Popen([sys.executable, *argv], stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                if python.dump(child.pid):
                    break
            except NotPermittedError as error:
                needs.missing(f"py-spy may not attach: {error.message}")
            except SlowcoachError:
                time.sleep(0.2)
        yield child.pid
    finally:
        child.kill()
        child.wait()


@pytest.fixture
def module(tmp_path: Path) -> Path:
    """Return a folder with a module of small functions."""
    (tmp_path / "work.py").write_text(FUNCTIONS, encoding="utf-8")
    return tmp_path


@pytest.mark.slow
def test_a_running_program_is_seen_on_cpu_and_by_the_wall_clock(tmp_path: Path) -> None:
    seen: list[Progress] = []
    job = Job(on_progress=seen.append)
    program = tmp_path / "shop.py"  # with a thread that a busy machine does not keep awake
    text = SHOP.read_text(encoding="utf-8").replace("sleep(0.01)", "sleep(1)")
    program.write_text(text, encoding="utf-8")
    with running(str(program), "120") as pid:
        answer = record(job, pid=pid, duration_s=6)
        assert Path(f"/proc/{pid}").exists() or not Path("/proc").exists()

    assert [profile.name for profile in answer.profiles][:2] == ["on CPU", "wall clock"]
    assert any(row.name == "price" for row in answer.profiles[0].frames)
    assert any("wait (" in wait.where for wait in answer.waits)
    assert answer.cost is not None
    assert answer.cost.samples > 50
    assert len(answer.model_dump_json()) < 6_000
    assert len(readers.read(job.artefacts["profile.speedscope.json"], "kept")) >= 2
    assert len(seen) > 3
    dumped = answer.model_dump(mode="json")
    assert RecordedProfile.model_validate(dumped).model_dump(mode="json") == dumped


@pytest.mark.slow
@pytest.mark.parametrize("form", ["list", "text"])
def test_a_command_is_started_profiled_and_stopped(form: str, tmp_path: Path) -> None:
    program = tmp_path / "a program.py"
    program.write_text(SHOP.read_text(encoding="utf-8"), encoding="utf-8")
    words = [sys.executable, str(program), "120"]
    command: object = words if form == "list" else f"{sys.executable} '{program}' 120"
    answer = record(command=command, duration_s=3)

    assert any(row.name == "price" for row in answer.profiles[0].frames)
    left = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    assert str(program) not in left.stdout


@pytest.mark.slow
def test_a_function_is_timed_with_an_interval_and_profiled(module: Path) -> None:
    answer = record(target="work:text", arguments=[2000], cwd=str(module), duration_s=4)
    timing = answer.timing

    assert timing is not None
    assert timing.ci_low_ms is not None
    assert timing.ci_high_ms is not None
    assert timing.ci_low_ms <= timing.mean_ms <= timing.ci_high_ms
    assert timing.repeats >= 2
    assert "One call of work:text takes" in answer.summary
    assert any("json" in (row.file or "") for row in answer.profiles[0].frames)
    assert not any("function_runner" in (row.file or "") for row in answer.profiles[0].frames)


@pytest.mark.slow
def test_a_function_that_waits_is_shown_by_the_wall_clock(module: Path) -> None:
    answer = record(target="work.py:waits", cwd=str(module), duration_s=3)

    assert answer.profiles[0].frames[0].name == "waits"
    assert any("wall-clock profile" in text for text in answer.warnings)
    assert all(finding.cause is None for finding in answer.findings)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("work:fails", "ValueError: no <b>such</b> order at "),
        ("work:missing", "has no attribute 'missing'"),
        ("nothing:at_all", "No module named 'nothing'"),
        ("nothing.py:at_all", "no file nothing.py"),
        ("work:text", "missing 1 required positional argument"),
        ("work:FUNCTIONS", "has no attribute"),
    ],
)
def test_a_function_that_cannot_be_called_is_explained(
    module: Path, target: str, said: str
) -> None:
    with pytest.raises(InputError) as caught:
        record(target=target, cwd=str(module), duration_s=1)

    assert said in caught.value.message
    assert caught.value.hint


def test_coroutines_are_run_and_generators_drained(
    module: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(module)
    monkeypatch.setattr(sys, "path", [*sys.path])
    for name in ("soon", "numbers", "Shop.total", "hot"):
        call = function_runner.bound(function_runner.load(f"work:{name}"), [], {})
        answer = function_runner.timed(call, 0.05)
        assert answer["means_s"]
        assert answer["calls"] > 1
    sys.modules.pop("work", None)


def test_the_interval_is_called_narrow_only_when_it_is() -> None:
    assert function_runner.narrow([1.0, 1.001] * 20)
    assert not function_runner.narrow([1.0, 2.0] * 5)


@pytest.mark.slow
def test_a_dump_names_threads_and_frames_leaf_first() -> None:
    with running(str(SHOP), "120") as pid:
        deadline = time.monotonic() + 30
        by_name: dict[str, python.ThreadStack] = {}
        while "ticker" not in by_name and time.monotonic() < deadline:
            by_name = {stack.name: stack for stack in python.dump(pid)}

    assert {"MainThread", "ticker"} <= set(by_name)
    assert by_name["ticker"].frames[0].name == "wait"
    assert by_name["ticker"].frames[0].file == str(SHOP)
    assert by_name["MainThread"].frames[-1].name == "<module>"


@pytest.mark.slow
def test_a_program_with_many_threads_is_not_stopped_for_its_samples() -> None:
    code = (
        "import threading, time\n"
        "def wait(): time.sleep(120)\n"
        "for _ in range(12): threading.Thread(target=wait, daemon=True).start()\n"
        "while True: sum(range(1000))\n"
    )
    with running("-c", code) as pid:
        deadline = time.monotonic() + 30
        while len(python.dump(pid)) < 13 and time.monotonic() < deadline:
            time.sleep(0.2)
        taken = python.record(pid, 2)

    assert taken.blocking is False
    assert taken.threads == 13
    assert 0 <= taken.lost_share < 1


@pytest.mark.slow
def test_a_recording_can_be_called_off_and_leaves_the_program_running() -> None:
    job = Job()
    with running(str(SHOP), "120") as pid:
        threading.Timer(2.0, job.cancellation.ask).start()
        begun = time.monotonic()
        with pytest.raises(CancelledError):
            record(job, pid=pid, duration_s=60)
        assert time.monotonic() - begun < 40
        os.kill(pid, 0)
        if Path(f"/proc/{pid}/stat").exists():
            state = (
                Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
            )
            assert state not in {"T", "t", "Z"}


def ended() -> int:
    """Return the pid of a process that has ended."""
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    child.wait()
    return child.pid


def test_a_dead_pid_is_unreachable() -> None:
    with pytest.raises(UnreachableError, match="no such process"):
        record(pid=ended())


@pytest.mark.slow
def test_a_program_that_is_not_python_is_refused() -> None:
    with subprocess.Popen(["sleep", "60"]) as child:
        try:
            with pytest.raises(InputError) as caught:
                python.record(child.pid, 1)
        finally:
            child.kill()
    assert caught.value.hint


@pytest.mark.slow
def test_a_command_that_ends_at_once_is_explained() -> None:
    try:
        answer = record(command=[sys.executable, "-c", "pass"], duration_s=2)
    except SlowcoachError as error:
        said = error.hint
    else:  # py-spy was quick enough for a sample or two
        said = " ".join(answer.warnings)
    assert said


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        ({}, InputError, "got 0 of them"),
        ({"pid": 1, "target": "a:b"}, InputError, "got 2 of them"),
        ({"command": "python 'x"}, InputError, "No closing quotation"),
        ({"command": "no-such-program-here x"}, InputError, "not on the PATH"),
        ({"command": "x; rm -rf y"}, InputError, "not on the PATH"),
        ({"target": "no_colon"}, InputError, "expected 'module:function'"),
        ({"target": "a:b", "cwd": "/no/such/folder"}, InputError, "expected a folder"),
        ({"target": "a:b", "kind": "lock"}, UnsupportedError, "kind lock"),
        ({"target": "no_colon", "kind": "alloc"}, InputError, "expected 'module:function'"),
        (
            {"command": "no-such-program-here x", "kind": "alloc", "language": "python"},
            InputError,
            "not on the PATH",
        ),
        ({"target": "a:b", "language": "go"}, InputError, "no such file or folder"),
    ],
)
def test_what_cannot_be_done_is_said_with_what_can(
    arguments: dict[str, object], error: type[SlowcoachError], said: str
) -> None:
    with pytest.raises(error) as caught:
        TOOL.call(TOOL.validate(arguments), Job())

    assert said in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("arguments", [{"pid": 0}, {"pid": -4}, {"pid": 1, "duration_s": 1e9}])
def test_arguments_out_of_range_are_refused(arguments: dict[str, object]) -> None:
    with pytest.raises(InputError):
        TOOL.validate(arguments)


def test_nothing_is_run_without_permission() -> None:
    job = Job(permissions=Permissions(execute=False))
    with pytest.raises(NotPermittedError, match="record_profile"):
        TOOL.call(TOOL.validate({"pid": os.getpid()}), job)


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ("Permission Denied: Try running again with elevated permissions", NotPermittedError),
        ("Error: EPERM: Operation not permitted", NotPermittedError),
        ("Error: Failed to find python version from target process", InputError),
        ("Error: No python processes found in process 7 or any of its subprocesses", InputError),
        ("Error: Failed to get process executable name. Check that the process is running.\n"
         "\nCaused by:\n    0: No such file or directory (os error 2)", UnreachableError),
        ("Error: something new\n\nStack backtrace:\n   0: anyhow::error", ToolFailedError),
    ],
)  # fmt: skip
def test_py_spys_refusals_become_errors_with_what_to_do(
    said: str, error: type[SlowcoachError]
) -> None:
    found = explained(said, "pid 7", os.getpid())

    assert type(found) is error
    assert found.message.startswith("pid 7")
    assert "backtrace" not in found.message
    assert found.hint
