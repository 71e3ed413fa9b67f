"""A log of 100,000 statements to a report of its N+1 loops, against parsing each with sqlglot.

The log is made here: 8 kinds of statements in 7 sessions, and a loop of lookups now and then, in
some 12 MB. sqlglot parses a sample of it, and its time is scaled; reading the log's lines is not
counted against it. Times are of the processor. Memory is that of a process of its own.

    .venv/bin/python benchmarks/analyze_queries.py [STATEMENTS] [MEGABYTES]

MEGABYTES (300) is the size of the file whose memory is measured.
"""

import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from slowcoach.core.knowledge import rules
from slowcoach.queries.logs.answer import answer
from slowcoach.queries.logs.reading import read_log

FASTER = 5.0
MOST_MB = 300
SAMPLE = 2_000
KINDS = (
    "SELECT id, title FROM book WHERE author_id = {a}",
    "SELECT name, email FROM author WHERE id = {a} AND active = true",
    "UPDATE book SET title = 'title {b}' WHERE id = {a}",
    "INSERT INTO visit (id, author_id, note) VALUES ({a}, {b}, 'visited {c}')",
    "SELECT b.id FROM book b JOIN author a ON a.id = b.author_id WHERE a.id IN ({a}, {b}, {c})",
    "SELECT count(*) FROM visit WHERE author_id = {a} AND at > '2026-01-01 00:{c:02}'",
    "SELECT id FROM author ORDER BY id LIMIT {c}",
    "DELETE FROM visit WHERE id = {a}",
)
LOOP = "SELECT note FROM visit WHERE author_id = {a}"


def statements(count: int) -> list[str]:
    """Return statements with random values; every hundredth begins a loop of ten lookups."""
    pick = random.Random(5)
    found: list[str] = []
    while len(found) < count:
        kinds = [pick.choice(KINDS)] if len(found) % 100 else [KINDS[6], *[LOOP] * 10]
        found += [
            kind.format(a=pick.randint(1, 10**6), b=pick.randint(1, 10**6), c=pick.randint(1, 59))
            for kind in kinds
        ]
    return found[:count]


def write(path: Path, texts: list[str], megabytes: int = 0) -> None:
    """Write them as PostgreSQL's log, again and again until it is as large as wanted."""
    number = 0
    with path.open("w") as file:
        while number == 0 or file.tell() < megabytes * 1_000_000:
            for text in texts:
                second, pid = number // 1000, 100 + number // 100 % 7
                file.write(
                    f"2026-11-26 {second // 3600 % 24:02}:{second // 60 % 60:02}:{second % 60:02}."
                    f"{number % 1000:03} UTC [{pid}] LOG:  duration: 0.{number % 900 + 100} ms  "
                    f"statement: {text}\n"
                )
                number += 1


def ours(path: Path) -> float:
    """Return the processor's seconds from the file to the answer."""
    begun = time.process_time()
    workload, _ = read_log(str(path))
    found = answer(workload, top=8)
    spent = time.process_time() - begun
    assert any(finding.rule == "db.n_plus_one" for finding in found.findings)
    return spent


def parsed(texts: list[str]) -> float:
    """Return the seconds that sqlglot takes to parse these, one by one."""
    import sqlglot

    begun = time.process_time()
    for text in texts:
        sqlglot.parse_one(text, dialect="postgres")
    return time.process_time() - begun


def memory(path: Path) -> tuple[float, float]:
    """Return the peak in MB of a process that reads the file, and of one that only starts.

    By Linux's VmHWM: getrusage would count what this process held before it started the other.
    """
    code = (
        "import re, sys\n"
        "from slowcoach.queries.logs.reading import read_log\n"
        "sys.argv[1:] and read_log(sys.argv[1])\n"
        "print(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1])"
    )
    peaks = [
        subprocess.run(
            [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
        )
        for arguments in ([str(path)], [])
    ]
    read, bare = (float(done.stdout) / 1024 for done in peaks)
    return read, bare


def main() -> None:
    """Measure both in turn, three times, and print the medians."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    megabytes = int(sys.argv[2]) if len(sys.argv) > 2 else MOST_MB
    texts = statements(count)
    rules()  # read once: no part of the work on a log
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log"
        write(path, texts)
        size = path.stat().st_size / 1e6
        sample = texts[:: max(1, count // SAMPLE)][:SAMPLE]
        rounds = [(ours(path), parsed(sample) * count / len(sample)) for _ in range(3)]
        own, other = (sorted(column)[1] for column in zip(*rounds, strict=True))
        large = Path(folder) / "large"
        write(large, texts, megabytes)
        peak, bare = memory(large)
        large_mb = large.stat().st_size / 1e6
    print(f"{count:,} statements, {size:.1f} MB: {own:.2f} s, {count / own:,.0f} a second")
    print(f"sqlglot, parsing alone ({len(sample):,} of them, scaled): {other:.1f} s")
    print(f"ratio {other / own:.1f} (goal {FASTER:g})")
    print(f"{large_mb:.0f} MB: peak {peak:.0f} MB, {bare:.0f} MB of it to start (limit {MOST_MB})")
    if other / own < FASTER or peak > MOST_MB:
        sys.exit("a goal was missed")


if __name__ == "__main__":
    main()
