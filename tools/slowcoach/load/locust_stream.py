"""What Locust's processes write by the second, read as it comes and counted."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from slowcoach.load.histogram import Histogram
from slowcoach.load.locust_listener import BEGAN, DROPPED, SECONDS
from slowcoach.load.tally import Batch, Tally

_CHUNK = 1 << 22
_MOST_TEXTS = 100


class Seconds:
    """Counts the lines of every process's file of a folder into a tally.

    `labels` gives the plan's name for what Locust calls a request. `seen_s` is until when each
    process has told all that ended.
    """

    def __init__(self, folder: Path, tally: Tally, labels: dict[str, str]) -> None:
        self._folder, self._tally, self._labels = folder, tally, labels
        self._places: dict[Path, int] = {}
        self._at: dict[Path, float] = {}
        self._users: dict[Path, float] = {}
        self.began_s: float | None = None
        self.requests = 0
        self.thrown: Counter[str] = Counter()

    @property
    def seen_s(self) -> float:
        """Return the second of the test up to which every process has told what it saw."""
        return min(self._at.values(), default=0.0)

    def read(self) -> None:
        """Count what was written since the last time."""
        if self.began_s is None:
            try:
                self.began_s = float(json.loads((self._folder / BEGAN).read_bytes()))
            except (OSError, ValueError):
                return
        for path in self._folder.glob(f"{SECONDS}*.ndjson"):
            self._follow(path)

    def _follow(self, path: Path) -> None:
        with path.open("rb") as file:
            place = self._places.setdefault(path, 0)
            file.seek(place)
            while lines := file.readlines(_CHUNK):
                for line in lines:
                    if not line.endswith(b"\n"):
                        return
                    self._count(path, json.loads(line))
                    self._places[path] = self._places[path] + len(line)

    def _count(self, path: Path, line: dict[str, Any]) -> None:
        self._at[path] = line["at"]
        for text, count in line["thrown"].items():
            known = text in self.thrown or len(self.thrown) < _MOST_TEXTS
            self.thrown[text if known else "others"] += count
        if line["users"] is not None:
            self._users[path] = line["users"]
            self._tally.add_users(int(line["at"]), sum(self._users.values()))
        for second, ended, name, error, answered, counted in line["requests"]:
            histogram = Histogram.decoded(counted)
            if name == DROPPED:
                self._tally.add_dropped(second, histogram.n)
                continue
            self.requests += histogram.n
            batch = _batch(error, histogram, answered=answered)
            self._tally.add(second, self._label(name), batch, ended=ended)

    def _label(self, name: str) -> str:
        return self._labels.get(name) or self._labels.get(name.partition(" ")[2]) or name


def _batch(error: str | None, histogram: Histogram, *, answered: bool) -> Batch:
    if error is None:
        return Batch(good=histogram)
    # an answer, or a time limit, took its time; what was refused has none
    has_latency = answered or error == "timeout"
    return Batch(
        bad=histogram if has_latency else Histogram(),
        errors=Counter({error: histogram.n}),
        unanswered=0 if answered else histogram.n,
    )
