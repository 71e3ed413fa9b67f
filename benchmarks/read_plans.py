"""Reading and judging plans: a pasted one, 1 MB of text, 40 MB of JSON, against two peers.

    .venv/bin/python benchmarks/read_plans.py [MEGABYTES] [REPEATS]

The inputs are put together from the tests' samples. The first figures are the wall time of whole
calls of `explain_query` in this process; the large JSON is read by one process after the other
(CPU seconds with the start of the process, peak memory). Peers (`pip install dataxplan pgplan`)
are looked for in this interpreter's environment, or in the one that PEERS names (its `bin`
folder); one that is missing is left out, and said so. Ends with 1 past a limit.
"""

import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from large_plans import SAMPLES, large_text
from read_profiles import Cost, cost

from slowcoach.api.explain_query import TOOL
from slowcoach.core.job import Job

PASTED_MS = 10.0
MEGABYTE_MS = 150.0
TIMES_FASTER = 4.0
CALL = """
import sys
from slowcoach.api.explain_query import TOOL
from slowcoach.core.job import Job
print(TOOL.call(TOOL.validate({"path": sys.argv[1]}), Job()).model_dump_json())
"""
MAKE = f"""
import sys
from pathlib import Path
sys.path.insert(0, {str(Path(__file__).parent)!r})
from large_plans import large_json
Path(sys.argv[1]).write_text(large_json(float(sys.argv[2])), encoding="utf-8")
"""
DATAXPLAN = """
import sys
from dataxplan import analyze
print(len(analyze(open(sys.argv[1], encoding="utf-8").read()).findings))
"""


def called_ms(text: str, repeats: int) -> list[float]:
    """Return the wall time of each call, in ms."""
    found: list[float] = []
    for _ in range(repeats):
        begun = time.perf_counter()
        TOOL.call(TOOL.validate({"plan": text}), Job())
        found.append((time.perf_counter() - begun) * 1e3)
    return found


def pasted(repeats: int) -> bool:
    """Time every sample; the figure is the median over all of them."""
    files = sorted((SAMPLES / "postgresql_text").iterdir())
    files += sorted((SAMPLES / "postgresql_json").iterdir())
    texts = [file.read_text("utf-8") for file in files]
    called_ms(texts[0], 3)
    times = [min(called_ms(text, repeats)) for text in texts]
    median, worst = statistics.median(times), max(times)
    print(f"a pasted plan ({len(texts)} samples): p50 {median:.1f} ms (limit {PASTED_MS:g}), "
          f"slowest {worst:.1f} ms ({files[times.index(worst)].name})")  # fmt: skip
    return median <= PASTED_MS


def megabyte(repeats: int) -> bool:
    """Time a text of 1 MB."""
    text = large_text(1.0)
    best = min(called_ms(text, repeats))
    print(f"text of {len(text) / 1e6:.2f} MB: {best:.0f} ms (limit {MEGABYTE_MS:g})")
    return best <= MEGABYTE_MS


def told(what: str, mine: Cost, theirs: Cost) -> float:
    """Print a peer's cost and the ratio of CPU times."""
    ratio = theirs.cpu / mine.cpu
    print(
        f"  {what:18s} {theirs}: {ratio:.1f} times ours, {theirs.memory / mine.memory:.1f} memory"
    )
    return ratio


def large(folder: Path, megabytes: float) -> bool:
    """Compare on a large plan in JSON."""
    file = folder / "plan.json"
    cost(sys.executable, "-c", MAKE, file, str(megabytes))  # a child's memory begins at ours
    mine = cost(sys.executable, "-c", CALL, file)
    print(f"JSON of {file.stat().st_size / 1e6:.1f} MB\n  ours               {mine}")
    programs = Path(os.environ.get("PEERS", Path(sys.executable).parent))
    python = programs / "python"
    held = True
    try:
        cost(python, "-c", "import dataxplan")
    except SystemExit:
        print("  dataxplan: left out, it is not installed")
    else:
        held = told("dataxplan", mine, cost(python, "-c", DATAXPLAN, file)) >= TIMES_FASTER
    pgplan = shutil.which("pgplan", path=str(programs))
    if pgplan is None:
        print("  pgplan: left out, it is not installed")
    else:
        told("pgplan", mine, cost(pgplan, "analyze", file))
    return held


def main(argv: list[str]) -> int:
    """Measure all; return 1 when a limit is crossed."""
    megabytes = float(argv[0]) if argv else 40.0
    repeats = int(argv[1]) if len(argv) > 1 else 5
    held = [pasted(repeats), megabyte(repeats)]
    with tempfile.TemporaryDirectory() as name:
        held.append(large(Path(name), megabytes))
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
