"""What recording a running Go or Java service costs it: CPU time a request and throughput.

As record_node.py: two services of the same program on one processor side by side, each under our
own closed-loop driver, and in turns one of them is recorded.

    .venv/bin/python benchmarks/record_go_java.py [PAIRS] [SECONDS] [KINDS] [LANGUAGES]

PAIRS of recordings, one of each service (4), SECONDS of each (5), KINDS with a comma between
(cpu,wall: both views of the default), LANGUAGES (go,java). The services have 1 worker, then 40.
"steady" is the middle of the recordings; "whole" has their start and end, at which the JDK's
recorder sets up its classes. Ends with 1 past the limit.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import record_node
from record_node import LIMIT, Bench, Service, costs, load, shown

from slowcoach.core.job import Cancellation
from slowcoach.profiling.recorders import go, java

SERVICES = Path(__file__).with_name("services")
SETTLE_S = {"go": 3.0, "java": 12.0}  # the JVM compiles the handlers
RATE = {"cpu": {"go": 100, "java": 50}, "wall": {"go": 10, "java": 10}}
ATTACH: dict[str, Callable[..., object]] = {"go": go.attach, "java": java.attach}


def built(language: str, folder: Path) -> list[str] | None:
    """Build the service and return the command that starts it, None without its compiler."""
    compiler = shutil.which("go" if language == "go" else "javac")
    if compiler is None:
        return None
    if language == "go":
        argv = [compiler, "build", "-o", str(folder / "orders"), str(SERVICES / "orders.go")]
        command = [str(folder / "orders")]
    else:
        argv = [compiler, "-d", str(folder), str(SERVICES / "Orders.java")]
        command = ["java", "-Xmx128m", "-XX:+UseSerialGC", "-cp", str(folder), "Orders"]
    subprocess.run(argv, check=True, cwd=folder)
    return command


@contextmanager
def loaded(command: list[str], workers: int) -> Iterator[Service]:
    """Yield a service with so many workers, on the first processor and under load."""
    processors = sorted(os.sched_getaffinity(0))
    child = subprocess.Popen(
        [*command, str(workers)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: os.sched_setaffinity(0, processors[:1]),
    )
    stop = Cancellation()
    thread = threading.Thread(target=lambda: None)
    try:
        assert child.stdout is not None
        url = f"http://127.0.0.1:{int(child.stdout.readline())}/"
        thread = threading.Thread(target=load, args=(url, stop))
        thread.start()
        yield Service(child.pid, url)
    finally:
        stop.ask()
        child.kill()
        child.wait()


def attached(language: str, kind: str) -> Callable[..., object]:
    """Return the recorder as record_node.py calls it."""

    def record(pid: int, seconds: float, *, rate: int, on_tick: Callable[[float], None]) -> object:
        del rate  # the runtimes decide it
        return ATTACH[language](pid, seconds, kind=kind, on_tick=on_tick)

    return record


def measured(language: str, command: list[str], kinds: list[str], pairs: int, span: float) -> float:
    """Print the figures of one language; return the worst cost."""
    worst = 0.0
    for workers in (1, 40):
        with loaded(command, workers) as first, loaded(command, workers) as second:
            time.sleep(SETTLE_S[language])
            for service in (first, second):  # what is set up once is not what a recording costs
                ATTACH[language](service.pid, 1)
            for kind in kinds:
                record_node.RECORD = cast("Any", attached(language, kind))
                bench = Bench(first, second)
                rate = RATE.get(kind, RATE["cpu"])[language]
                found = costs(bench, pairs, span, rate)
                print(f"{language}, kind {kind}: ", end="")
                worst = max(worst, shown(bench, found, workers, rate))
    return worst


def main() -> int:
    """Print the figures of both languages; end with 1 past the limit."""
    given = [*sys.argv[1:], "", "", "", ""]
    pairs, seconds = int(given[0] or 4), float(given[1] or 5)
    kinds = (given[2] or "cpu,wall").split(",")
    worst = 0.0
    for language in (given[3] or "go,java").split(","):
        with tempfile.TemporaryDirectory() as folder:
            command = built(language, Path(folder))
            if command is None:
                print(f"no compiler of {language} is installed")
                continue
            worst = max(worst, measured(language, command, kinds, pairs, seconds))
    print(f"limit {LIMIT:.0%} of the CPU time a request, in the steady part")
    return int(worst > LIMIT)


if __name__ == "__main__":
    raise SystemExit(main())
