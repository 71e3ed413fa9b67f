"""Start one of the small programs under tests/data/diagnosis/programs."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import needs

FOLDER = Path(__file__).parent / "data" / "diagnosis" / "programs"


@dataclass(frozen=True)
class Running:
    """A program that is up: its process and the port that it told."""

    pid: int
    port: int


@contextmanager
def running(name: str, python: str = sys.executable) -> Iterator[Running]:
    """Start a program, wait until it says that it is ready, stop it when the block ends."""
    if sys.platform != "linux":
        needs.missing("needs Linux")
    process = subprocess.Popen(
        [python, str(FOLDER / name)], stdout=subprocess.PIPE, text=True, bufsize=1
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("ready"), line
        yield Running(process.pid, int(line.split()[1]))
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()
