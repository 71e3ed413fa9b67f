"""The processes that fuzz: what each does, and what is kept when an input breaks or kills it."""

import hashlib
import json
import multiprocessing
import os
import resource
import time
import traceback
from collections import Counter
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fuzz import load_target, target
from fuzz.mutation import mutated
from fuzz.target import HangError

_ADDRESS_SPACE = 6_000_000_000  # bytes; an input that takes more fails with MemoryError
_STUCK_S = 120.0  # without a new input: the process hangs in code that no signal interrupts
_SHOWN = 12  # lines of a traceback
_RECYCLED = 20_000  # inputs, after which a process starts anew: its memory is not of one input


TARGETS = {"profiles": target.outcome, "load": load_target.outcome}


@dataclass(frozen=True)
class Plan:
    """How long, with how many processes, from which random seed and input, where to keep, and
    what is fuzzed: the readers of profiles, or of load results.
    """

    seconds: float
    processes: int
    seed: int
    first: int
    crashers: Path
    kind: str = "profiles"


def fuzz(plan: Plan) -> int:
    """Fuzz as planned and say how it went; returns how many different failures there were."""
    start, old = time.monotonic(), set(plan.crashers.glob("*.txt"))
    with TemporaryDirectory() as folder:
        workers = [_Worker(plan, number, Path(folder)) for number in range(plan.processes)]
        while time.monotonic() - start < plan.seconds:
            time.sleep(0.2)
            for worker in workers:
                worker.watch()
        for worker in workers:
            worker.stop()
        spent = time.monotonic() - start
        counts = sum((worker.counts() for worker in workers), Counter[str]())
    total = sum(counts.values())
    last = max(worker.next for worker in workers)
    _say(f"{total:,} inputs (up to number {last:,}) in {spent:.0f} s, {total / spent:.0f} a second")
    _say(", ".join(f"{form} {count:,}" for form, count in counts.most_common()))
    found = sorted(set(plan.crashers.glob("*.txt")) - old)
    for said in found:
        _say(f"\n{said.with_suffix('.bin')}\n{said.read_text('utf-8')}")
    _say(f"{len(found)} different failures" + (f" in {plan.crashers}" if found else ""))
    return len(found)


class _Worker:
    """One process, and the number of the input that it is at."""

    def __init__(self, plan: Plan, number: int, folder: Path) -> None:
        self.next = plan.first + number
        self._plan = plan
        self._at = folder / f"{number}.json"
        self._total = Counter[str]()
        self._process = self._started()

    def _started(self) -> BaseProcess:
        self._at.unlink(missing_ok=True)
        self._seen = time.monotonic()
        process = multiprocessing.get_context("spawn").Process(
            target=_work, args=(self._plan, self.next, self._at), daemon=True
        )
        process.start()
        return process

    def watch(self) -> None:
        """See whether it lives and goes on; keep the input that killed it, and go on after it."""
        before, now = self.next, self._read()
        if now != before or not self._at.exists():
            self._seen = max(self._seen, time.monotonic() if now != before else self._seen)
        stuck = time.monotonic() - self._seen > _STUCK_S
        if self._process.is_alive() and not stuck:
            return
        if self._process.exitcode != 0:
            data, how = mutated(self._plan.seed, self.next, self._plan.kind)
            said = "it hangs" if stuck else f"it ended with {self._process.exitcode}"
            said = f"{self.next} {how}\nthe process died: {said}"
            _keep(self._plan.crashers, data, said, kind=self._plan.kind)
        self._end()
        self.next += self._plan.processes
        self._process = self._started()

    def stop(self) -> None:
        """End it."""
        self._read()
        self._end()

    def _end(self) -> None:
        self._process.kill()
        self._process.join()
        self._total += self._counted()
        self._at.unlink(missing_ok=True)

    def counts(self) -> Counter[str]:
        """Return how often each format was read, or the input refused."""
        return self._total

    def _state(self) -> dict[str, Any]:
        try:
            state: dict[str, Any] = json.loads(self._at.read_bytes())
        except (OSError, ValueError):
            return {}
        return state

    def _read(self) -> int:
        self.next = int(self._state().get("at", self.next))
        return self.next

    def _counted(self) -> Counter[str]:
        return Counter(self._state().get("counts", {}))


def _work(plan: Plan, first: int, at: Path) -> None:
    """Take input after input; each is noted before it is tried."""
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, _ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    counts, kept = Counter[str](), set[str]()
    for index in range(first, first + _RECYCLED * plan.processes, plan.processes):
        _note(at, index, counts)
        data, how = mutated(plan.seed, index, plan.kind)
        try:
            counts[TARGETS[plan.kind](data)] += 1
        except (Exception, HangError) as error:  # noqa: BLE001 - whatever it is, it is a failure
            counts["FAILED"] += 1
            where = _where(error)
            if where not in kept:
                kept.add(where)
                lines = traceback.format_exception(error)
                said = f"{index} {how}\n{''.join(lines[-_SHOWN:])}"
                _keep(plan.crashers, data, said, where, kind=plan.kind)
    _note(at, first + _RECYCLED * plan.processes - plan.processes, counts)


def _note(at: Path, index: int, counts: Counter[str]) -> None:
    new = at.with_suffix(".new")
    new.write_text(json.dumps({"at": index, "counts": counts}), "utf-8")
    new.replace(at)


def _where(error: BaseException) -> str:
    """Return what tells failures apart: the kind, and the line that raised it."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "slowcoach" in frame.filename] or list(frames)
    last = ours[-1] if not isinstance(error, HangError) else ours[min(4, len(ours) - 1)]
    told = str(error)[:30] if "fuzz" in frames[-1].filename else ""
    return f"{type(error).__name__} {Path(last.filename).name}:{last.lineno} {told}"


def _keep(folder: Path, data: bytes, said: str, where: str = "", *, kind: str) -> None:
    """Write the input, and how it failed; of failures of one kind the first stays."""
    folder.mkdir(parents=True, exist_ok=True)
    name = hashlib.sha256((where or said).encode()).hexdigest()[:12]
    if (folder / f"{name}.txt").exists():
        return
    (folder / f"{name}.bin").write_bytes(data)
    again = f"again: python -m fuzz --of {kind} --again {folder / name}.bin\n"
    (folder / f"{name}.txt").write_text(said + "\n" + again, "utf-8", errors="replace")


def _say(line: str) -> None:
    os.write(1, f"{line}\n".encode("utf-8", "replace"))
