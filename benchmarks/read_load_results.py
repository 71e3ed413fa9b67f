"""A gigabyte of a load test's requests to what is known of it: time and memory, by format.

A file that the tool wrote (tests/data/load/results) is repeated, each time later, until it is as
large as wanted. The reader runs in a process of its own; its peak is Linux's VmHWM. Limits are of
the processor's time, since other work on the machine makes it wait.

    .venv/bin/python benchmarks/read_load_results.py [MEGABYTES] [FORMAT ...]
"""

import gzip
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

RESULTS = Path(__file__).parents[1] / "tests" / "data" / "load" / "results"
MOST_S, MOST_MB = 60.0, 200.0
MEGABYTE = 1_000_000
CODE = (
    "import re, sys, time\n"
    "from slowcoach.load.reading import read\n"
    "begun = time.process_time()\n"
    "outcome, names = read(sys.argv[1])\n"
    "peak = re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1]\n"
    "print(time.process_time() - begun, peak, outcome.whole.sent, names[0])"
)


@dataclass(frozen=True)
class Form:
    """A format: its sample, what a line begins with that is said once, and where times stand."""

    sample: str
    once: bytes
    time: re.Pattern[bytes]
    later: Callable[[bytes, int], bytes]
    """Returns a time so many seconds later."""


def iso_later(text: bytes, seconds: int) -> bytes:
    """Shift a date."""
    return (datetime.fromisoformat(text.decode()) + timedelta(seconds=seconds)).isoformat().encode()


FORMS = {
    "k6_ndjson": Form(
        "closed.ndjson.gz",
        b'{"type":"Metric"',
        re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"),
        iso_later,
    ),
    "k6_csv": Form(
        "closed.csv.gz",
        b"metric_name",
        re.compile(rb"(?<=,)\d{10}(?=,)"),
        lambda text, seconds: b"%d" % (int(text) + seconds),
    ),
    "jmeter_csv": Form(
        "defaults.jtl",
        b"timeStamp",
        re.compile(rb"(?m)^\d{13}"),
        lambda text, seconds: b"%d" % (int(text) + 1000 * seconds),
    ),
}
LENGTH_S = 20  # of the samples
AT_ONCE = 20  # copies at the same time, for the rate of a real test


def parts(name: str) -> Iterator[bytes]:
    """Yield the beginning of a file, and its requests again and again, each time later."""
    form = FORMS[name]
    data = (RESULTS / name / form.sample).read_bytes()
    lines = (gzip.decompress(data) if form.sample.endswith(".gz") else data).splitlines(True)
    head = [line for line in lines if line.startswith(form.once)]
    body = b"".join(line for line in lines if not line.startswith(form.once))
    yield b"".join(head)
    shift = 0
    while True:
        known: dict[bytes, bytes] = {}

        def later(
            match: re.Match[bytes], shift: int = shift, known: dict[bytes, bytes] = known
        ) -> bytes:
            if match[0] not in known:
                known[match[0]] = form.later(match[0], shift)
            return known[match[0]]

        shifted = form.time.sub(later, body)
        for _ in range(AT_ONCE):
            yield shifted
        shift += LENGTH_S


def write(path: Path, name: str, megabytes: float) -> None:
    """Write requests until the file is as large as wanted."""
    written = 0
    with path.open("wb") as file:
        for part in parts(name):
            file.write(part)
            written += len(part)
            if written >= megabytes * MEGABYTE:
                return


def measured(name: str, megabytes: float) -> bool:
    """Read a file of a format; print the figures and tell whether they are within the limits."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "results"
        write(path, name, megabytes)
        begun = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-c", CODE, str(path)], capture_output=True, text=True, check=True
        )
        wall = time.monotonic() - begun
    cpu, peak, requests, read_as = done.stdout.split()
    assert read_as == name
    print(f"{name}, {megabytes:g} MB, {int(requests):,} requests")
    print(f"{float(cpu):.1f} s of the processor (limit {MOST_S:g} s a GB), {wall:.1f} s in all")
    print(f"peak {int(peak) / 1024:.0f} MB (limit {MOST_MB:g} MB)")
    return float(cpu) * 1000 / megabytes <= MOST_S and int(peak) / 1024 <= MOST_MB


def main() -> None:
    """Measure each format, and end with 1 when a limit is crossed."""
    megabytes = float(sys.argv[1]) if len(sys.argv) > 1 else 1000.0
    fine = [measured(name, megabytes) for name in sys.argv[2:] or FORMS]
    if not all(fine):
        sys.exit("a limit was crossed")


if __name__ == "__main__":
    main()
