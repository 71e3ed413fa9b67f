"""Child processes are bounded and reaped on every way out."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from slowcoach.core import process
from slowcoach.core.errors import CancelledError, MissingDependencyError, ToolFailedError
from slowcoach.core.job import Cancellation

SLEEP = [sys.executable, "-c", "import time; time.sleep(120)"]
# a child that starts a grandchild, says its pid, and waits
FAMILY = [
    sys.executable,
    "-c",
    "import subprocess, sys, time\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(120)'])\n"
    "open(sys.argv[1], 'w').write(str(child.pid))\n"
    "time.sleep(120)",
]


def alive(pid: int) -> bool:
    """Tell whether a process runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def gone(pid: int, seconds: float = 10) -> bool:
    """Wait for the end of a process."""
    until = time.monotonic() + seconds
    while alive(pid) and time.monotonic() < until:
        time.sleep(0.02)
    return not alive(pid)


def test_output_and_exit_code_come_back() -> None:
    done = process.run([sys.executable, "-c", "print('out')"], deadline_s=30)

    assert (done.returncode, done.text.strip(), done.truncated) == (0, "out", False)


def test_standard_input_is_fed() -> None:
    code = "import sys; print(len(sys.stdin.read()))"
    done = process.run([sys.executable, "-c", code], deadline_s=30, stdin=b"x" * 300_000)

    assert done.text.strip() == "300000"


def test_words_of_a_command_are_never_read_by_a_shell(tmp_path: Path) -> None:
    victim = tmp_path / "owned"
    code = "import sys; print(sys.argv[1])"
    word = f"; touch {victim} $(touch {victim})"
    done = process.run([sys.executable, "-c", code, word], deadline_s=30)

    assert done.text.strip() == word
    assert not victim.exists()


def test_a_failing_command_says_what_it_complained_of() -> None:
    code = "import sys; sys.exit('no such profile')"
    with pytest.raises(ToolFailedError, match="no such profile"):
        process.run([sys.executable, "-c", code], deadline_s=30)


def test_a_missing_program_is_named() -> None:
    with pytest.raises(MissingDependencyError, match="no-such-program-here"):
        process.run(["no-such-program-here"], deadline_s=5)


def test_output_past_the_limit_is_cut_and_said() -> None:
    code = "print('x' * 100_000)"
    done = process.run([sys.executable, "-c", code], deadline_s=30, output_limit=1000)

    assert len(done.stdout) == 1000
    assert done.truncated


def test_a_command_past_its_deadline_is_ended_with_all_its_children(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    with pytest.raises(ToolFailedError, match="did not end within"):
        process.run([*FAMILY, str(note)], deadline_s=3)

    assert gone(int(note.read_text()))
    assert process.children() == ()


def test_a_cancelled_command_ends_at_once(tmp_path: Path) -> None:
    cancellation = Cancellation()
    threading.Timer(0.5, cancellation.ask).start()
    begun = time.monotonic()
    with pytest.raises(CancelledError):
        process.run(SLEEP, deadline_s=100, cancellation=cancellation)

    assert time.monotonic() - begun < 30
    assert process.children() == ()


def test_a_child_beside_a_block_ends_with_the_block(tmp_path: Path) -> None:
    with process.running(SLEEP, log=tmp_path / "log") as child:
        assert alive(child.pid)
        assert child.ended() is None

    assert gone(child.pid)


def test_a_child_beside_a_block_ends_when_the_block_fails(tmp_path: Path) -> None:
    with (
        pytest.raises(ZeroDivisionError),
        process.running(SLEEP, log=tmp_path / "log") as child,
    ):
        raise ZeroDivisionError

    assert gone(child.pid)


def test_stop_all_kills_what_runs(tmp_path: Path) -> None:
    with process.running(SLEEP, log=tmp_path / "log") as child:
        process.stop_all()
        assert gone(child.pid)


def test_progress_is_told_while_a_command_runs() -> None:
    told: list[float] = []
    code = "import time; time.sleep(0.6)"
    process.run([sys.executable, "-c", code], deadline_s=30, while_running=told.append)

    assert told
    assert told == sorted(told)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="needs root")
def test_a_command_can_run_as_another_user() -> None:
    done = process.run(["id", "-u"], deadline_s=10, user=65534, cwd=Path("/"))

    assert done.text.strip() == "65534"


BEING_STARTED = """
import os, signal, subprocess, sys
from slowcoach.core import caretaker
caretaker.begin()
with caretaker.expecting() as mark:
    child = subprocess.Popen(["sleep", "60"], env={**os.environ, **mark}, start_new_session=True)
    print(child.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_a_child_that_is_being_started_ends_with_a_killed_process() -> None:
    done = subprocess.run(
        [sys.executable, "-c", BEING_STARTED], stdout=subprocess.PIPE, text=True, check=False
    )
    child = int(done.stdout)

    until = time.monotonic() + 20
    while alive(child) and time.monotonic() < until:
        time.sleep(0.05)
    assert not alive(child)
