"""Fuzz the readers: `python -m fuzz --of profiles --seconds 3600 --processes 2`, or `--of load`.

Inputs are numbered and always the same; each process takes every n-th. A failure is written to a
folder with how to see it again: `python -m fuzz --again FILE`. Exits 1 when there is one.
"""

import argparse
import sys
from pathlib import Path

from fuzz.supervision import TARGETS, Plan, fuzz


def main() -> int:
    """Run what the command line asks for."""
    ask = argparse.ArgumentParser(prog="python -m fuzz", description="Fuzz the readers of files.")
    ask.add_argument("--of", choices=tuple(TARGETS), default="profiles", help="which readers")
    ask.add_argument("--seconds", type=float, default=60.0)
    ask.add_argument("--processes", type=int, default=2)
    ask.add_argument("--seed", type=int, default=0)
    ask.add_argument("--first", type=int, default=0, help="the number of the first input")
    ask.add_argument("--crashers", type=Path, default=Path("fuzz-crashers"), help="a folder")
    ask.add_argument("--again", type=Path, help="run this one file and show what happens")
    given = ask.parse_args()
    if given.again is not None:
        print(TARGETS[given.of](given.again.read_bytes()))  # noqa: T201 - the command's answer
        return 0
    plan = Plan(given.seconds, given.processes, given.seed, given.first, given.crashers, given.of)
    return 1 if fuzz(plan) else 0


if __name__ == "__main__":
    sys.exit(main())
