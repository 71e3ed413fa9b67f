"""Which limits of real servers a load test's judgement names right, and how closely.

    .venv/bin/python benchmarks/judge_load.py [RUNS] [PART OF A NAME ...]

Each server of tests/data/load/servers has one limit that is known. It is loaded in steps by the
built-in engine and watched by its pid, RUNS times (3); the table says what was named. Servers in
Node and Go are left out where these are missing, throttled ones where no control group may be made.
With RECORD=FOLDER each run is kept there as tests/data/load/judged has them. Ends with 1 when one
was wrong.
"""

import gzip
import json
import os
import shutil
import sys
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import load_zoo as zoo
from slowcoach.load import outcome_file
from slowcoach.load.answer import Bottleneck
from slowcoach.load.judging import judged
from slowcoach.load.outcome import Outcome
from slowcoach.load.target_series import TargetSeries


def why_not(case: zoo.Case) -> str:
    """Return why a server cannot run here, "" when it can."""
    program = case.server.split()[0]
    if program.endswith(".cjs") and shutil.which("node") is None:
        return "no Node"
    if program == "go" and shutil.which("go") is None:
        return "no Go"
    if case.cores and not zoo.may_limit_cpu():
        return "no control group may be made here"
    return ""


def told(found: Bottleneck | None) -> str:
    if found is None:
        return "unsure"
    if found.limit is None:
        return found.kind
    return f"{found.kind} {found.limit:g} {found.unit} [{found.low}, {found.high}]"


def keep(name: str, outcome: Outcome, series: TargetSeries) -> None:
    if folder := os.environ.get("RECORD"):
        file = Path(folder) / f"{name.replace(' ', '_').replace(',', '')}.json.gz"
        data = {
            "outcome": json.loads(outcome_file.encoded(outcome)),
            "series": asdict(series),
        }
        file.write_bytes(gzip.compress(json.dumps(data).encode(), mtime=0))


def main() -> int:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    wanted = sys.argv[2:]
    wrong = 0
    for name, case in zoo.CASES.items():
        if wanted and not any(part in name for part in wanted):
            continue
        if reason := why_not(case):
            print(f"{name:34} left out: {reason}", flush=True)
            continue
        for _ in range(runs):
            outcome, series = case.run()
            found = judged(outcome, None, series).bottleneck
            keep(name, outcome, series)
            ok = case.is_right(found)
            wrong += not ok
            expected = f"{case.kind} {case.figure or ''}"
            confidence = "" if found is None else f"{found.confidence:.2f}"
            mark = "ok   " if ok else "WRONG"
            print(f"{name:34} {expected:16} {mark} {told(found)} {confidence}", flush=True)
    print(f"{wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
