"""On how many cores a process may compute."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from slowcoach.diagnosis.evidence.allotment import cores_of, own_limit, quota


@pytest.mark.parametrize(
    ("files", "cores"),
    [
        ({"cpu.max": "150000 100000\n"}, [1.5]),
        ({"cpu.max": "max 100000\n"}, []),
        ({"cpu.cfs_quota_us": "200000\n", "cpu.cfs_period_us": "100000\n"}, [2.0]),
        ({"cpu.cfs_quota_us": "-1\n", "cpu.cfs_period_us": "100000\n"}, []),
        ({}, []),
    ],
)
def test_a_control_group_tells_its_quota(
    files: dict[str, str], cores: list[float], tmp_path: Path
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert list(quota(tmp_path)) == cores


def test_a_go_program_is_told_its_threads_by_its_environment() -> None:
    assert own_limit(b"A=1\0GOMAXPROCS=3\0B=2\0") == 3
    assert own_limit(b"NOGOMAXPROCS=3\0") == 0


def test_a_process_has_the_cores_that_the_tightest_limit_leaves() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", "input()"],
        stdin=subprocess.PIPE,
        env={**os.environ, "GOMAXPROCS": "1"},
    ) as child:
        try:
            assert 1 <= cores_of(child.pid) <= len(os.sched_getaffinity(0))
            assert cores_of(child.pid, "go") == 1
        finally:
            child.kill()
