"""What lives on a Go program's heap, as its collector notes it, tells a leak from garbage."""

import os
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

import needs
from slowcoach.diagnosis.evidence.go_live import BEFORE, Lived, living
from slowcoach.diagnosis.goroutines_memory.pacer import living_at
from slowcoach.diagnosis.interpreter.memory import ProcessMemory
from slowcoach.diagnosis.models import MemoryPoint
from slowcoach.profiling.recorders.go_program import version

MB = 1_000_000
POINTS = tuple(MemoryPoint(at_s=at, completed=10 * at, rss=100 * MB) for at in range(1, 11))
KEEPS = """package main
import ("fmt"; "runtime"; "time")
var kept [][]byte
func main() {
	for i := 0; i < 300; i++ { kept = append(kept, make([]byte, 100_000)) }
	runtime.GC()
	fmt.Println("ready")
	time.Sleep(time.Minute)
}
"""


def lived(*each: tuple[float, int]) -> list[Lived]:
    return [Lived(at, bytes_ * MB) for at, bytes_ in each]


@pytest.mark.parametrize(
    ("seen", "course"),
    [
        # collections by the dozen: what lived at each moment
        (lived((0.1, 4), (2, 8), (4, 12), (6, 16), (8, 20), (9.5, 24)), [4, 8, 16, 24]),
        (lived((0.1, 9), (2, 11), (4, 10), (6, 11), (8, 10), (9.5, 11)), [9, 11, 11, 11]),
        # what requests at work have is no growth: the least between two looks counts
        (
            lived((0.1, 9), (0.5, 12), (4.2, 9), (4.5, 15), (8, 9), (9.1, 9), (9.8, 18)),
            [9, 12, 15, 9],
        ),
        # few, each at twice of what lived before: the growth goes on
        (lived((BEFORE, 10), (BEFORE, 20), (3, 40)), [40, 44, 51, 60]),
        # or it does not: something warmed up
        (lived((BEFORE, 10), (BEFORE, 40), (3, 44)), [44, 44, 44, 44]),
        (lived((BEFORE, 10), (BEFORE, 12), (3, 11)), [11, 11, 11, 11]),
    ],
)
def test_growth_is_of_what_lives(seen: list[Lived], course: Sequence[int]) -> None:
    told = living(POINTS, seen)

    assert told is not None
    assert [round(told[i].rss / MB) for i in (0, 2, 5, 9)] == course


@pytest.mark.parametrize(
    "seen",
    [[], lived((BEFORE, 10), (3, 20)), lived((BEFORE, 10), (BEFORE, 20), (BEFORE, 40))],
)
def test_few_collections_tell_nothing(seen: list[Lived]) -> None:
    assert living(POINTS, seen) is None


def test_of_memory_that_outgrew_the_last_collection_nothing_is_told() -> None:
    seen = lived((BEFORE, 8), (BEFORE, 30), (0.5, 33))
    grows = [p.model_copy(update={"rss": p.rss + i * 8 * MB}) for i, p in enumerate(POINTS)]

    assert living(grows, seen) is None


@pytest.mark.parametrize("flags", ["", "-s -w"])
def test_what_lives_is_found_in_a_programs_memory_with_symbols_and_without(
    tmp_path: Path, flags: str
) -> None:
    needs.program("go")
    (tmp_path / "keeps.go").write_text(KEEPS)
    subprocess.run(
        ["go", "build", f"-ldflags={flags}", "-o", "keeps", "keeps.go"],
        check=True,
        cwd=tmp_path,
        env={**os.environ, "GOTOOLCHAIN": "local"},
    )
    with subprocess.Popen([str(tmp_path / "keeps")], stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
            time.sleep(0.1)
            with ProcessMemory(child.pid) as memory:
                at = living_at(memory, version(child.pid))
                assert at is not None
                assert 30 * MB <= memory.word(at) <= 34 * MB
        finally:
            child.kill()


def test_other_versions_are_not_guessed_at() -> None:
    with ProcessMemory(os.getpid()) as memory:
        assert living_at(memory, "go1.19.13") is None
        assert living_at(memory, "devel") is None
