"""Real servers with a known limit are loaded, watched and judged here and now.

A few of `benchmarks/judge_load.py`, with short steps. The machine may be busy: each has two tries.
"""

import sys
from dataclasses import replace

import pytest

import load_zoo as zoo
from slowcoach.load.judging import judged

if sys.platform != "linux":
    pytest.skip("needs Linux's /proc", allow_module_level=True)

_USERS = (1, 2, 4, 8, 16, 32)
_TRIES = 2
CASES = {
    "pool": zoo.Case("loop.py pool slots=6 ms=30", "pool", 6, _USERS),
    "processor": zoo.Case("loop.py cpu ms=4", "cpu", None, (1, 2, 4, 8), burners=1),
    "limit": zoo.Case("loop.py limit most=12 ms=30", "hard_limit", 12, _USERS),
    "retrograde": zoo.Case("threads.py retrograde ms=2 each=0.4", "contention", None, _USERS),
    "files": zoo.Case("loop.py healthy ms=20 files=30", "hard_limit", 30, (2, 4, 8, 16, 32)),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_the_limit_of_a_server_is_named(name: str) -> None:
    case = replace(CASES[name], seconds=1.0, within=0.2, timeout_s=2.0)
    seen = []
    for _ in range(_TRIES):
        outcome, series = case.run()
        seen.append(judged(outcome, None, series).bottleneck)
        if case.is_right(seen[-1]):
            return
    pytest.fail(f"expected {case.kind} {case.figure}, got {seen}")


@pytest.mark.slow
def test_a_throttled_server_is_named_by_its_quota() -> None:
    if not zoo.may_limit_cpu():
        pytest.skip("no control group may be made here")
    case = zoo.Case("loop.py cpu ms=2", "cpu_quota", 0.2, (1, 2, 4, 8), seconds=1.0, cores=0.2)
    outcome, series = case.run()
    found = judged(outcome, None, series).bottleneck
    assert case.is_right(found), found
