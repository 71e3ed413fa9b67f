"""Reading a large pprof profile and a recording of Java Flight Recorder, against the tools of Go
and the JDK: CPU time and peak memory, one after the other in one run, on inputs made here.

    .venv/bin/python benchmarks/read_profiles.py [STACKS] [SECONDS]

STACKS of the pprof profile (800,000: 20 MB packed), SECONDS that the Java program is recorded
(4). A peer that is not installed is left out, and said so. Ends with 1 past a limit.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from large_pprof import large_pprof

PPROF_LIMIT = 1.0  # of the CPU time of `go tool pprof -top`
JFR_LIMIT = 0.1  # of the CPU time of `jfr print --json`
BUSY = """
public class Busy {
    static byte[] kept;
    static int left(int depth, long seed) {
        if (depth == 0) {
            kept = new byte[20_000];
            return 1;
        }
        return (seed & 1) == 0 ? left(depth - 1, seed >> 1) : right(depth - 1, seed >> 1);
    }
    static int right(int depth, long seed) {
        return (depth == 0) ? left(0, seed) : left(depth - 1, seed >> 1) + 1;
    }
    public static void main(String[] arguments) throws Exception {
        long end = System.nanoTime() + Long.parseLong(arguments[0]) * 1_000_000_000L;
        for (long seed = 1; System.nanoTime() < end; seed = seed * 6364136223846793005L + 1) {
            left(10 + (int) (seed >>> 60), seed >>> 20);
        }
    }
}
"""
EVENTS = "ObjectAllocationInNewTLAB", "ObjectAllocationOutsideTLAB"
READ = """
import sys
from pathlib import Path
from slowcoach.profiling.readers import {0}
profiles = {0}.READER.read(Path(sys.argv[1]).read_bytes(), "profile")
for profile in profiles[:1]:
    top = [(profile.frames[i].name, profile.self_weights[i], profile.total_weights[i])
           for i in profile.present[:10]]
    print(top)
"""


@dataclass(frozen=True)
class Cost:
    """What a command used: CPU seconds, peak memory in MB, and the MB that it wrote."""

    cpu: float
    memory: float
    output: float

    def __str__(self) -> str:
        return f"{self.cpu:7.2f} s CPU, {self.memory:6.0f} MB"


def cost(*argv: str | Path) -> Cost:
    """Run a command to its end and return what it used."""
    with tempfile.TemporaryFile() as out:
        child = subprocess.Popen(
            [str(word) for word in argv], stdout=out, stderr=subprocess.DEVNULL
        )
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            sys.exit(f"{' '.join(map(str, argv))[:200]} ended with {child.returncode}")
        size = out.seek(0, os.SEEK_END)
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, size / 1e6)


def ours(reader: str, file: Path) -> Cost:
    """Read a file and take the self and total weights of its first profile."""
    return cost(sys.executable, "-c", READ.format(reader), file)


def told(what: str, mine: Cost, peer: str, theirs: Cost, limit: float) -> bool:
    """Print both and their ratios; tell whether the limit holds."""
    ratio = mine.cpu / theirs.cpu
    print(f"{what}\n  ours               {mine}\n  {peer:18s} {theirs}, {theirs.output:.1f} MB out")
    memory = mine.memory / theirs.memory
    print(f"  ratio: {ratio:.3f} of the CPU time (limit {limit:g}), {memory:.2f} of the memory")
    return ratio <= limit


def pprof(folder: Path, stacks: int) -> bool:
    """Compare on a made-up CPU profile."""
    go = shutil.which("go")
    if go is None:
        print("pprof: left out, go is not installed")
        return True
    file = folder / "large.pb.gz"
    file.write_bytes(large_pprof(stacks))
    small = folder / "small.pb.gz"
    small.write_bytes(large_pprof(100))
    cost(go, "tool", "pprof", "-top", small)  # builds the tool when it is used first
    what = f"pprof, {stacks:,} stacks, {file.stat().st_size / 1e6:.1f} MB"
    theirs = cost(go, "tool", "pprof", "-top", "-nodecount=10", file)
    return told(what, ours("pprof", file), "go tool pprof -top", theirs, PPROF_LIMIT)


def jfr(folder: Path, seconds: int) -> bool:
    """Compare on a recording of the tests' Java program."""
    java, tool = shutil.which("java"), shutil.which("jfr")
    if java is None or tool is None:
        print("JFR: left out, a JDK (java, jfr) is not installed")
        return True
    file = folder / "shop.jfr"
    source = folder / "Busy.java"
    source.write_text(BUSY)
    events = ",".join(f"jdk.{event}#enabled=true" for event in EVENTS)
    start = f"-XX:StartFlightRecording=settings=profile,{events},filename={file}"
    cost(java, "-Xmx64m", "-XX:TLABSize=8k", "-XX:-ResizeTLAB", start, source, str(seconds))
    what = f"JFR, {seconds} s, {file.stat().st_size / 1e6:.1f} MB"
    theirs = cost(tool, "print", "--json", file)
    return told(what, ours("jfr", file), "jfr print --json", theirs, JFR_LIMIT)


def main(argv: list[str]) -> int:
    """Measure both; return 1 when a limit is crossed."""
    stacks = int(argv[0]) if argv else 800_000
    seconds = int(argv[1]) if len(argv) > 1 else 4
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        held = [pprof(folder, stacks), jfr(folder, seconds)]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
