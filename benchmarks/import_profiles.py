"""Reading large profiles, against speedscope's own importer and inferno: CPU time and peak memory,
one after the other in one run, on inputs made here; and the whole tool on 100 MB.

    .venv/bin/python benchmarks/import_profiles.py [ROUNDS]

Figures are medians of ROUNDS (3). speedscope is installed from npm into a temporary folder
(SPEEDSCOPE names one that is there: node_modules/speedscope); inferno-flamegraph is taken from
PATH (`cargo install inferno`). A peer that cannot be had is left out, and said so. Ends with 1
past a limit.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from read_profiles import Cost, cost

SPEEDSCOPE = "speedscope@1.25.0"
IMPORT = Path(__file__).with_name("speedscope_import.cjs")
MAKE = Path(__file__).with_name("large_profiles.py")
MEMORY = 12_000  # MB that node may use
SPEEDSCOPE_LIMIT = 0.2  # of the CPU time of its importer
INFERNO_LIMIT = 4.0  # times the CPU time of inferno-flamegraph
ANSWER_LIMIT = 5.0  # seconds of CPU from 100 MB to the answer
READ = """
import sys
from pathlib import Path
from slowcoach.profiling import readers
for profile in readers.read(Path(sys.argv[1]).read_bytes(), "profile"):
    print([(profile.frames[i].name, profile.self_weights[i], profile.total_weights[i])
           for i in profile.present[:10]])
"""
Run = Callable[[], Cost]


@dataclass(frozen=True)
class Input:
    """A file to read; `limits` are what ours may take, as a multiple of a peer's CPU time."""

    name: str
    file: Path
    limits: dict[str, float]


def inputs(folder: Path) -> list[Input]:
    """Write the inputs, in a process of its own: a child's peak memory begins with its parent's."""
    subprocess.run([sys.executable, MAKE, folder], check=True)
    both = {"speedscope": SPEEDSCOPE_LIMIT, "inferno-flamegraph": INFERNO_LIMIT}
    one = {"speedscope": SPEEDSCOPE_LIMIT}
    return [
        Input("collapsed, 100 MB", folder / "large.collapsed", both),
        Input("speedscope JSON, 43 MB", folder / "large.speedscope.json", one),
        Input("V8 .cpuprofile, 165,000 samples", folder / "large.cpuprofile", one),
        Input("trace events, 500,000", folder / "large.trace.json", one),
    ]


def speedscope(folder: Path) -> Path | None:
    """Return the folder of speedscope's package, installed when it is not there."""
    given = os.environ.get("SPEEDSCOPE")
    if given or not (shutil.which("npm") and shutil.which("node")):
        return Path(given) if given else None
    install = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), SPEEDSCOPE]
    done = subprocess.run(install, check=False, capture_output=True)
    return folder / "node_modules" / "speedscope" if done.returncode == 0 else None


def runs(each: Input, package: Path | None) -> dict[str, Run]:
    """Return how to run ours and each peer that is there on an input."""
    file, inferno = each.file, shutil.which("inferno-flamegraph")
    found: dict[str, Run] = {"ours": lambda: cost(sys.executable, "-c", READ, file)}
    if package is not None:
        node = ("node", f"--max-old-space-size={MEMORY}", IMPORT, package, file)
        found["speedscope"] = lambda: cost(*node)
    if inferno is not None and "inferno-flamegraph" in each.limits:
        found["inferno-flamegraph"] = lambda: cost(inferno, file)
    return found


def measured(found: dict[str, Run], rounds: int) -> dict[str, Cost]:
    """Run all in turn, so often, and return the medians."""
    costs: dict[str, list[Cost]] = {name: [] for name in found}
    for _ in range(rounds):
        for name, run in found.items():
            costs[name].append(run())
    return {
        name: Cost(*(statistics.median(column) for column in zip(*map(_row, rows), strict=True)))
        for name, rows in costs.items()
    }


def _row(each: Cost) -> tuple[float, float, float]:
    return each.cpu, each.memory, each.output


def compared(each: Input, package: Path | None, rounds: int) -> bool:
    """Print what ours and the peers take, and tell whether all limits hold."""
    costs = measured(runs(each, package), rounds)
    print(f"{each.name} ({each.file.stat().st_size / 1e6:.1f} MB)\n  {'ours':19s}{costs['ours']}")
    held = True
    for peer, limit in each.limits.items():
        if peer not in costs:
            print(f"  {peer:19s}left out, it is not there")
            continue
        cpu = costs["ours"].cpu / costs[peer].cpu
        memory = costs["ours"].memory / costs[peer].memory
        print(
            f"  {peer:19s}{costs[peer]}; ours: {cpu:.3f} of the CPU time (limit {limit:g}), ",
            end="",
        )
        print(f"{memory:.2f} of the memory")
        held = held and cpu <= limit
    return held


def answered(file: Path, rounds: int) -> bool:
    """Measure the whole tool on 100 MB, artefacts and all."""
    command = Path(sys.executable).with_name("slowcoach")
    call = (command, "call", "analyze_profile", f'{{"path": "{file}"}}')
    with tempfile.TemporaryDirectory() as home:
        os.environ["XDG_DATA_HOME"] = home
        used = measured({"tool": lambda: cost(*call)}, rounds)["tool"]
    print(f"analyze_profile on {file.name}\n  {used} (limit {ANSWER_LIMIT:g} s)")
    return used.cpu <= ANSWER_LIMIT


def main(argv: list[str]) -> int:
    """Measure all; return 1 when a limit is crossed."""
    rounds = int(argv[0]) if argv else 3
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made, package = inputs(folder), speedscope(folder)
        held = [compared(each, package, rounds) for each in made]
        held.append(answered(made[0].file, rounds))
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
