"""An access log of a million lines to a load test's traffic, against parsing lines alone.

The log is made here: 12 kinds of requests with ids, keys and queries, visits with pauses, in
combined format. Ours does all of the work: lines, templates, mix, rates, visits, the distribution
of pauses. The others only parse each line: `apachelogs` (pip install apachelogs==0.6.1), and a
regular expression with its time by strptime. Times are of the processor. Memory is that of a
process of its own.

    .venv/bin/python benchmarks/read_access_logs.py [LINES]
"""

import math
import random
import re
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from slowcoach.load.sources.access_log import SOURCE
from slowcoach.load.traffic import Given

LINES = 1_000_000
SAMPLE = 40_000
KINDS = (
    ("/", 20),
    ("/products/{n}", 30),
    ("/products/{n}/reviews?page={d}", 8),
    ("/users/{k}/orders", 10),
    ("/search?q=word{d}&page=2", 15),
    ("/api/v1/items/{n}", 10),
    ("/about", 4),
    ("/static/app-{d}.css", 3),
)
LINE = re.compile(
    r'^(\S+) (\S+) (\S+) \[([^\]]+)\] "([A-Z]+) ([^ "]+) ([^"]+)" (\d{3}) (\S+)'
    r' "([^"]*)" "([^"]*)"'
)
FORMAT = '%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"'


def write(path: Path, count: int) -> None:
    """Write visits of about ten requests, with pauses of 6 s in the median."""
    pick = random.Random(11)
    paths, weights = zip(*KINDS, strict=True)
    rows: list[tuple[float, str]] = []
    while len(rows) < count:
        at = 1_795_000_000 + pick.random() * count / 50
        ip = f"10.{pick.randrange(256)}.{pick.randrange(256)}.{pick.randrange(256)}"
        agent = f"Mozilla/5.0 (X11; Linux x86_64) Chrome/{pick.randrange(90, 140)}.0"
        for _ in range(pick.randint(5, 15)):
            asked = pick.choices(paths, weights)[0].format(
                n=pick.randrange(100_000), d=pick.randrange(50), k=f"{pick.getrandbits(64):016x}"
            )
            rows.append((at, f'"GET {asked} HTTP/1.1" 200 {pick.randrange(9999)} "-" "{agent}"'))
            rows[-1] = (at, f"{ip}\0{rows[-1][1]}")
            at += math.exp(math.log(6) + 0.8 * pick.gauss(0, 1))
    rows.sort()
    with path.open("w") as file:
        for at, text in rows[:count]:
            ip, _, rest = text.partition("\0")
            stamp = datetime.fromtimestamp(int(at), UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
            file.write(f"{ip} - - [{stamp}] {rest}\n")


def ours(path: Path) -> float:
    """Return the processor's seconds from the file to the traffic."""
    with path.open("rb") as file:
        head = file.read(65536)
    begun = time.process_time()
    found = SOURCE.read(Given(path, None, "http://127.0.0.1/", head))
    spent = time.process_time() - begun
    assert found.think is not None
    assert abs(found.think.median_s - 6) < 0.2
    return spent


def by_regex(lines: list[str]) -> float:
    """Return the seconds of a plain parser: a regular expression, and strptime."""
    begun = time.process_time()
    for line in lines:
        match = LINE.match(line)
        assert match is not None
        datetime.strptime(match[4], "%d/%b/%Y:%H:%M:%S %z")
    return time.process_time() - begun


def by_apachelogs(lines: list[str]) -> float | None:
    """Return the seconds of apachelogs; None where it is not installed."""
    try:
        from apachelogs import LogParser  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        return None
    parser = LogParser(FORMAT)
    begun = time.process_time()
    for line in lines:
        parser.parse(line)
    return time.process_time() - begun


def memory(path: Path) -> float:
    """Return the peak in MB of a process that reads the file (Linux's VmHWM)."""
    code = (
        "import re, sys\nfrom pathlib import Path\n"
        "from slowcoach.load.sources.access_log import SOURCE\n"
        "from slowcoach.load.traffic import Given\n"
        "SOURCE.read(Given(Path(sys.argv[1]), None, 'http://127.0.0.1/', b''))\n"
        "print(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    return float(done.stdout) / 1024


def main() -> None:
    """Measure each in turn, three times, and print the medians."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else LINES
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "access.log"
        write(path, count)
        size = path.stat().st_size / 1e6
        with path.open() as file:
            lines = [file.readline().rstrip("\n") for _ in range(min(SAMPLE, count))]
        rounds = [(ours(path), by_regex(lines), by_apachelogs(lines)) for _ in range(3)]
        peak = memory(path)
    own = count / sorted(r[0] for r in rounds)[1]
    regex = len(lines) / sorted(r[1] for r in rounds)[1]
    print(f"{count:,} lines, {size:.0f} MB, {peak:.0f} MB of memory at the peak")
    print(f"slowcoach, lines to traffic: {own:,.0f} lines/s of processor time")
    print(f"a regular expression, lines only: {regex:,.0f} lines/s: {own / regex:.1f} times slower")
    parsed = sorted(seconds for _, _, seconds in rounds if seconds is not None)
    if parsed:
        other = len(lines) / parsed[len(parsed) // 2]
        print(f"apachelogs, lines only: {other:,.0f} lines/s: {own / other:.1f} times slower")
    else:
        print("apachelogs: not installed (pip install apachelogs==0.6.1)")


if __name__ == "__main__":
    main()
