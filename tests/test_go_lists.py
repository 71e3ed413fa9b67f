"""Lists of a Go program by which caches evict: found in memory, and who adds to them."""

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import needs
from slowcoach.diagnosis.evidence.go_lists import ListWatch, adders, taken_by
from slowcoach.diagnosis.goroutines_memory.lists import Entry, lists_of, walk
from slowcoach.diagnosis.goroutines_memory.reader import GoroutineReader
from slowcoach.profiling.recorders.go_program import version

PROGRAM = Path(__file__).parent / "data" / "diagnosis" / "programs" / "lists.go"
KEPT, TURNING = 100, 200


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GoroutineReader]:
    """Yield a reader of a program whose lists are full and in use."""
    needs.program("go")
    file = tmp_path_factory.mktemp("go") / "lists"
    subprocess.run(
        ["go", "build", "-trimpath", "-o", str(file), PROGRAM.name],
        check=True,
        cwd=PROGRAM.parent,
        env={**os.environ, "GOTOOLCHAIN": "local"},
    )
    with subprocess.Popen([str(file)], stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
            with GoroutineReader(child.pid, version(child.pid)) as opened:
                yield opened
        finally:
            child.kill()


def sizes(reader: GoroutineReader) -> dict[int, int]:
    """Return the lists that were found, with the most entries that were seen in each."""
    return {
        at: max(len(walk(reader.memory, at)) for _ in range(20)) for at in lists_of(reader.memory)
    }


def test_lists_are_found_in_memory_with_their_entries(reader: GoroutineReader) -> None:
    found = sorted(sizes(reader).values())
    assert len(found) == 2  # the third is too short
    assert KEPT * 0.9 <= found[0] <= KEPT
    assert TURNING * 0.9 <= found[1] <= TURNING * 1.1


def test_entries_that_change_places_only_are_no_new_ones(reader: GoroutineReader) -> None:
    kept, turning = sorted((size, at) for at, size in sizes(reader).items())
    until = time.monotonic() + 30
    same: set[Entry] = set()
    while taken_by(reader.memory, kept[1], same).rate or len(same) < KEPT:
        assert time.monotonic() < until
    assert len(same) == KEPT
    ever: set[Entry] = set()
    while len(ever) < 3 * TURNING or not taken_by(reader.memory, turning[1], ever).rate:
        taken_by(reader.memory, turning[1], ever)
        assert time.monotonic() < until


def test_those_who_add_are_told_by_the_code_though_adding_is_inlined(
    reader: GoroutineReader,
) -> None:
    names = [functions for functions, _ in adders(reader.memory, reader.functions)]
    assert ("main.fill", "main.put") in names


def test_a_list_that_turns_is_told_of_with_what_it_took(reader: GoroutineReader) -> None:
    watch = ListWatch(reader.memory, reader.functions)
    watch.begin()
    until = time.monotonic() + 3
    while time.monotonic() < until:
        watch.look()
        time.sleep(0.1)
    growth = next(g for g in watch.evicting() if "main.put" in g.functions)
    assert growth.bounded
    assert growth.added > TURNING
    assert growth.file.endswith("lists.go")
