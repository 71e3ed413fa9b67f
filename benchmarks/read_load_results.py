"""A gigabyte of a load test's points to what is known of it: time and memory.

A file that k6 wrote (tests/data/load/results) is repeated, each time later, until it is as large
as wanted. The reader runs in a process of its own; its peak is Linux's VmHWM.

    .venv/bin/python benchmarks/read_load_results.py [MEGABYTES]
"""

import gzip
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

RESULTS = Path(__file__).parents[1] / "tests" / "data" / "load" / "results"
MOST_S, MOST_MB = 60.0, 200.0
MEGABYTE = 1_000_000
TIME = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
CODE = (
    "import re, sys, time\n"
    "from slowcoach.load.reading import read\n"
    "begun = time.process_time()\n"
    "outcome, names = read(sys.argv[1])\n"
    "peak = re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1]\n"
    "print(time.process_time() - begun, peak, outcome.whole.sent, names[0])"
)


def points() -> bytes:
    """Return the points of a real run, without the declarations of metrics."""
    lines = gzip.decompress((RESULTS / "k6_ndjson" / "closed.ndjson.gz").read_bytes()).splitlines()
    return b"\n".join(line for line in lines if b'"type":"Point"' in line) + b"\n"


def later(data: bytes) -> Iterator[bytes]:
    """Yield the points again and again, each time as much later as they last."""
    seconds = sorted(set(TIME.findall(data)))
    times = {each: datetime.fromisoformat(each.decode()) for each in seconds}
    length = max(times.values()) - min(times.values()) + timedelta(seconds=1)
    shift = timedelta()
    while True:
        shifted = {each: (at + shift).isoformat().encode() for each, at in times.items()}
        yield TIME.sub(partial(_shifted, shifted), data)
        shift += length


def _shifted(times: Mapping[bytes, bytes], match: re.Match[bytes]) -> bytes:
    return times[match[0]]


def write(path: Path, megabytes: float) -> None:
    """Write points until the file is as large as wanted."""
    written = 0
    with path.open("wb") as file:
        for part in later(points()):
            file.write(part)
            written += len(part)
            if written >= megabytes * MEGABYTE:
                return


def main() -> None:
    """Measure, print, and end with 1 when a limit is crossed."""
    megabytes = float(sys.argv[1]) if len(sys.argv) > 1 else 1000.0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "points.ndjson"
        write(path, megabytes)
        begun = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-c", CODE, str(path)], capture_output=True, text=True, check=True
        )
        wall = time.monotonic() - begun
    cpu, peak, requests, name = done.stdout.split()
    scale = 1000 / megabytes
    print(f"{name}, {megabytes:g} MB, {int(requests):,} requests")
    print(f"{wall:.1f} s ({float(cpu):.1f} s of the processor; limit {MOST_S:g} s a GB)")
    print(f"peak {int(peak) / 1024:.0f} MB (limit {MOST_MB:g} MB)")
    if wall * scale > MOST_S or int(peak) / 1024 > MOST_MB:
        sys.exit("a limit was crossed")


if __name__ == "__main__":
    main()
