"""The kernel's account of a recording, and what is concluded from it."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import needs
from slowcoach.core import process
from slowcoach.profiling import kernel_account
from slowcoach.profiling.recorded import RecordedProfile, States
from slowcoach.profiling.recorders import states
from slowcoach.profiling.recorders.states import Account, Group, watched

# one thread computes, two sleep
PROGRAM = """
import threading, time
for _ in range(2):
    threading.Thread(target=time.sleep, args=(300,), daemon=True).start()
print("ready", flush=True)
end = time.monotonic() + 300
while time.monotonic() < end:
    pass
"""
QUIET = Account(
    seconds=10.0,
    processes=1,
    threads=9,
    running=0.8,
    runnable=0.02,
    waiting=8.0,
    disk=0.0,
    voluntary=100.0,
    involuntary=1.0,
    minor_faults=3.0,
    major_faults=0.0,
    throttled=None,
    pressure={"cpu": 0.01},
    groups=(Group("worker-#", 8, 0.8, 0.02), Group("main", 1, 0.0, 0.0)),
)


@contextmanager
def program() -> Iterator[int]:
    if sys.platform != "linux":
        needs.missing("needs Linux")
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline().strip() == b"ready"
            yield child.pid
        finally:
            child.kill()


def test_running_and_waiting_threads_of_a_process_are_counted() -> None:
    with program() as pid, watched(pid) as watch:
        time.sleep(1.5)

    account = watch.account
    assert account is not None
    assert account.threads == 3
    assert account.processes == 1
    assert account.seconds >= 1.5
    # whatever else runs here: one thread wants a processor all the time, two never
    assert account.running > 0.02
    assert account.runnable is None or 0.5 < account.running + account.runnable < 1.5
    assert 1.5 < account.waiting < 2.6
    assert account.groups[0].threads >= 1


def test_what_is_started_meanwhile_is_counted_and_the_children_of_others_are_not(
    tmp_path: Path,
) -> None:
    if sys.platform != "linux":
        needs.missing("needs Linux")
    argv = [sys.executable, "-c", PROGRAM]
    with (
        process.running(argv, log=tmp_path / "other"),
        watched(None) as watch,
        process.running(argv, log=tmp_path / "log"),
    ):
        time.sleep(2.5)

    account = watch.account
    assert account is not None
    assert account.processes == 1
    assert account.running > 0.01


def test_a_process_that_is_gone_has_no_account() -> None:
    with watched(2**22 + 1) as watch:
        pass
    assert watch.account is None


def test_an_error_in_the_block_ends_the_watch_and_goes_on() -> None:
    before = threading.active_count()
    with pytest.raises(KeyError), program() as pid, watched(pid):
        raise KeyError
    assert threading.active_count() == before


def test_a_quiet_account_says_nothing() -> None:
    assert kernel_account.judge(QUIET, on_cpu=True) == []
    assert kernel_account.sentence(QUIET, []) == ""
    assert kernel_account.judge(None, on_cpu=True) == []
    assert kernel_account.sentence(None, []) == ""


@pytest.mark.parametrize(
    ("change", "rule", "said"),
    [
        ({"runnable": 0.9}, "profile.short_of_processors", "short of processors"),
        ({"throttled": 0.3}, "profile.throttled", "control group"),
        ({"major_faults": 200.0, "disk": 0.7}, "profile.major_faults", ""),
        ({"running": 0.03}, "profile.mostly_waits", "0.03 cores: it waits"),
    ],
)
def test_each_conclusion_names_its_figure(change: dict[str, Any], rule: str, said: str) -> None:
    account = replace(QUIET, **change)

    findings = kernel_account.judge(account, on_cpu=True)

    assert [finding.rule for finding in findings] == [rule]
    assert findings[0].evidence[0].limit is not None
    assert said in kernel_account.sentence(account, findings)


def test_a_wall_clock_view_is_not_told_that_the_program_waits() -> None:
    assert kernel_account.judge(replace(QUIET, running=0.03), on_cpu=False) == []


def test_a_kernel_that_does_not_tell_the_queue_is_not_judged_by_it() -> None:
    account = replace(QUIET, runnable=None, pressure={})

    assert kernel_account.judge(account, on_cpu=True) == []
    assert "unknown" in str(States.model_validate(kernel_account.fields(account)).table())


def test_the_account_is_part_of_the_answer_and_survives_its_json() -> None:
    fields = kernel_account.fields(QUIET)
    told = States.model_validate(fields)

    assert told.busiest[0].name == "worker-#"
    assert States.model_validate(told.model_dump(mode="json")) == told
    assert "states" in RecordedProfile.model_fields


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("usage_usec 5\nnr_periods 9\nnr_throttled 3\nthrottled_usec 2500000\n", 2.5),
        ("nr_periods 9\nnr_throttled 3\nthrottled_time 1500000000\n", 1.5),
        ("usage_usec 5\n", None),
        ("", None),
        ("no pair of words here\n", None),
    ],
)
def test_both_versions_of_control_groups_tell_how_long_they_stopped(
    tmp_path: Path, text: str, seconds: float | None
) -> None:
    file = tmp_path / "cpu.stat"
    file.write_text(text, encoding="ascii")
    assert states.throttled(file) == seconds
