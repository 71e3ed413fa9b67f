"""What recording a native program by perf costs it: CPU time for the same work.

Two copies of a C program on one processor compute in 1 thread each without a pause, then in 40
threads each that rest for a moment after each piece of work (thousands of switches a second). In
turns one of them is recorded; the CPU time of a piece of work by the scheduler's account, against
that of the other copy at the same time, tells the cost whatever else runs here.

    .venv/bin/python benchmarks/record_native.py [TURNS] [SECONDS]

TURNS of recordings (8), SECONDS of each (3). Ends with 1 past the limit of 2 %.
"""

import mmap
import os
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from slowcoach.core.stats import t_quantile
from slowcoach.profiling.recorders import native, proc

LIMIT = 0.02
EDGE_S = 0.5
PROGRAM = r"""
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static volatile unsigned long *done;
static int resting;
static volatile unsigned long items = 20000;

__attribute__((noinline)) static unsigned long work(unsigned long items) {
    unsigned long sum = items;
    for (unsigned long i = 0; i < items; i++)
        sum = (sum * 31 + i) % 1000003;
    return sum;
}

static void *worker(void *at) {
    volatile unsigned long *mine = done + 8 * (long)at;
    struct timespec moment = {0, 5000000};
    for (;;) {
        if (work(items) != 1)
            mine[0]++;
        if (resting)
            nanosleep(&moment, NULL);
    }
    return NULL;
}

int main(int count, char **words) {
    long threads = count > 2 ? atol(words[2]) : 1;
    resting = threads > 1;
    int file = open(words[1], O_RDWR);
    done = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (done == MAP_FAILED)
        return 1;
    for (long i = 0; i < threads; i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, worker, (void *)i))
            return 1;
    }
    puts("ready");
    fflush(stdout);
    sleep(3600);
    return 0;
}
"""


class Moment(NamedTuple):
    """CPU seconds of all threads so far, and pieces of work."""

    cpu: float
    done: int


class Program:
    """The program that runs, and its counters."""

    def __init__(self, pid: int, counters: mmap.mmap) -> None:
        self.pid = pid
        self._counters = counters

    def now(self) -> Moment:
        """Return the figures of now."""
        done = sum(struct.unpack(f"{len(self._counters) // 8}Q", self._counters[:]))
        return Moment(sum(ran for ran, _ in proc.thread_times(self.pid).values()), done)

    def cost(self, begun: Moment) -> float:
        """Return the CPU seconds of a piece of work since a moment."""
        now = self.now()
        return (now.cpu - begun.cpu) / max(now.done - begun.done, 1)


Pair = tuple[Program, Program]
Moments = tuple[Moment, Moment]


@contextmanager
def running(folder: Path, threads: int, number: int) -> Iterator[Program]:
    """Build and run the program with so many threads until the block ends."""
    folder = folder / str(number)
    folder.mkdir()
    source, binary, shared = (folder / name for name in ("work.c", "work", "counters"))
    source.write_text(PROGRAM, encoding="utf-8")
    subprocess.run(["gcc", "-O2", "-g", "-pthread", "-o", binary, source], check=True)
    shared.write_bytes(bytes(4096))
    with (
        shared.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as counters,
        subprocess.Popen([binary, shared, str(threads)], stdout=subprocess.PIPE) as child,
    ):
        for task in Path(f"/proc/{child.pid}/task").iterdir():
            os.sched_setaffinity(int(task.name), sorted(os.sched_getaffinity(0))[:1])
        try:
            if child.stdout is None or not child.stdout.readline():
                raise SystemExit("the program did not start")
            yield Program(child.pid, counters)
        finally:
            child.kill()


def ratio(pair: Pair, begun: Moments) -> float:
    """Return the CPU time of a piece of work of the first program by that of the second."""
    first, second = (program.cost(at) for program, at in zip(pair, begun, strict=True))
    return first / second


def now(pair: Pair) -> Moments:
    """Return both programs' figures of now."""
    return pair[0].now(), pair[1].now()


def alone(pair: Pair, seconds: float) -> float:
    """Return how both stand to each other while nothing records them."""
    begun = now(pair)
    time.sleep(seconds)
    return ratio(pair, begun)


def recorded(pair: Pair, which: int, seconds: float, kind: str) -> tuple[float, int]:
    """Return the cost of the one that is recorded, by the other; and the samples.

    The middle of the recording counts, which is at least half of it.
    """
    marks: list[Moments] = []
    found: list[float] = []

    def tick(elapsed: float) -> None:
        if not marks and elapsed > EDGE_S:
            marks.append(now(pair))
        elif marks and not found and elapsed > seconds - EDGE_S:
            found.append(ratio(pair, marks[0]))

    begun = now(pair)
    taken = native.record(pair[which].pid, seconds, kind=kind, on_tick=tick)
    if not found:  # the machine was too late for the middle
        found.append(ratio(pair, marks[0] if marks else begun))
    return (found[0] if which == 0 else 1 / found[0]), taken.samples


def measured(threads: int, kind: str, turns: int, seconds: float) -> bool:
    """Print the cost for a program of so many threads; tells whether it is within the limit."""
    factors: list[float] = []
    looks = 0
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder), threads, 1) as first,
        running(Path(folder), threads, 2) as second,
    ):
        pair = first, second
        before = alone(pair, seconds)
        for turn in range(turns):
            which = turn % 2
            cost, samples = recorded(pair, which, seconds, kind)
            looks += samples
            after = alone(pair, seconds)
            own = (before * after) ** 0.5
            factors.append(cost / own if which == 0 else cost * own)
            before = after
    half = t_quantile(0.975, len(factors) - 1) * statistics.stdev(factors) / len(factors) ** 0.5
    median = statistics.median(factors) - 1
    mean = statistics.fmean(factors) - 1
    print(
        f"{threads:3} threads, kind={kind}: {median:+.2%} CPU for the same work, "
        f"95 % interval {mean - half:+.2%} to {mean + half:+.2%} ({turns} turns, {looks} samples)"
    )
    return median <= LIMIT or mean - half <= LIMIT


def main(words: list[str]) -> int:
    """Measure 1 and 40 threads."""
    turns, seconds = int(words[0]) if words else 8, float(words[1]) if len(words) > 1 else 3.0
    within = [measured(threads, "cpu", turns, seconds) for threads in (1, 40)]
    return 0 if all(within) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
