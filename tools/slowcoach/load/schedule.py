"""A scenario as load over time: one form that every engine and script is made from."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from slowcoach.core.knowledge import page
from slowcoach.load.outcome import LoadUnit
from slowcoach.load.plan import Scenario, seconds


@dataclass(frozen=True, slots=True)
class Stage:
    """Load that goes in a straight line from `first` to `last` within `length_s` seconds.

    `held` tells that it stands still there to be measured (a step); ramps are not measured.
    """

    start_s: float
    length_s: float
    first: float
    last: float
    held: bool

    @property
    def end_s(self) -> float:
        """Return when it ends, in seconds from the beginning of the scenario."""
        return self.start_s + self.length_s


@dataclass(frozen=True, slots=True)
class Schedule:
    """A scenario's stages in turn, in requests a second (open) or users (closed)."""

    scenario: str
    unit: LoadUnit
    stages: tuple[Stage, ...]

    @property
    def length_s(self) -> float:
        """Return how long all of it takes."""
        return self.stages[-1].end_s if self.stages else 0.0

    @property
    def top(self) -> float:
        """Return the highest load."""
        return max((max(stage.first, stage.last) for stage in self.stages), default=0.0)

    def load_at(self, at_s: float) -> float:
        """Return the load due at a second of the scenario; 0 after its end."""
        for stage in self.stages:
            if at_s < stage.end_s:
                share = (at_s - stage.start_s) / stage.length_s if stage.length_s else 1.0
                return stage.first + (stage.last - stage.first) * max(share, 0.0)
        return 0.0


@dataclass(frozen=True, slots=True)
class Ladder:
    """A scenario's load by steps, each climbed in `ramp_s` and held for `hold_s` seconds.

    A plain scenario is a ladder of one step. Steps differ by `step`, or by `factor` where it is
    given. At the end the first load is held for `recovery_s` once more.
    """

    count: int
    first: float
    step: float
    ramp_s: float
    hold_s: float
    factor: float | None = None
    recovery_s: float = 0.0

    def load(self, index: int) -> float:
        """Return the load of a step, from 0."""
        if self.factor is None:
            return self.first + index * self.step
        return _three_digits(self.first * self.factor**index)

    @property
    def top(self) -> float:
        """Return the highest load."""
        return self.load(self.count - 1)

    @property
    def length_s(self) -> float:
        """Return how long all of it takes."""
        recovery_s = self.ramp_s + self.recovery_s if self.recovery_s else 0.0
        return self.count * (self.ramp_s + self.hold_s) + recovery_s

    @property
    def is_whole(self) -> bool:
        """Tell whether every load of it is a whole number."""
        return all(self.load(index).is_integer() for index in range(self.count))


def ladder_of(scenario: Scenario) -> Ladder:
    """Return a scenario's steps; raises InputError for a duration that is none."""
    if scenario.step_duration is not None:
        return _climb(scenario, seconds(scenario.step_duration))
    load = scenario.rate or float(scenario.vus or 1)
    length = seconds(scenario.duration or "0s")
    if scenario.key == "breakpoint":
        return Ladder(1, load, 0.0, length, 0.0)
    ramp_s = seconds(scenario.ramp_up) if scenario.ramp_up else 0.0
    return Ladder(1, load, 0.0, ramp_s, length)


def _climb(scenario: Scenario, hold_s: float) -> Ladder:
    if scenario.rate_start is not None:
        first, last = scenario.rate_start, scenario.rate_end or 0.0
        step = scenario.rate_step or 0.0
    else:
        first, last = float(scenario.vus_start or 1), float(scenario.vus_end or 1)
        step = float(scenario.step_size or 0)
    ramp_s = float(page("load_scenarios").data["sizing"]["step_ramp_s"])
    if scenario.ramp_up is not None:
        ramp_s = seconds(scenario.ramp_up)
    recovery_s = seconds(scenario.recovery) if scenario.recovery else 0.0
    if scenario.step_factor is not None and first > 0:
        count = round(math.log(max(last / first, 1.0), scenario.step_factor)) + 1
        return Ladder(count, first, 0.0, ramp_s, hold_s, scenario.step_factor, recovery_s)
    count = round((last - first) / step) + 1 if step else 1
    return Ladder(count, first, step, ramp_s, hold_s, recovery_s=recovery_s)


def _three_digits(value: float) -> float:
    """Return a load without noise: whole from 100 on, three digits below."""
    return float(round(value)) if value >= 100 else float(f"{value:.3g}")  # noqa: PLR2004


def schedule_of(scenario: Scenario) -> Schedule:
    """Return a scenario's load over time; open when it has a rate."""
    ladder = ladder_of(scenario)
    is_open = scenario.rate is not None or scenario.rate_start is not None
    return Schedule(
        scenario=scenario.name,
        unit="req/s" if is_open else "users",
        stages=tuple(_stages(ladder)),
    )


def _stages(ladder: Ladder) -> Iterable[Stage]:
    at = below = 0.0
    for index in range(ladder.count):
        load = ladder.load(index)
        if ladder.ramp_s:
            yield Stage(at, ladder.ramp_s, below, load, held=False)
            at += ladder.ramp_s
        if ladder.hold_s:
            yield Stage(at, ladder.hold_s, load, load, held=True)
            at += ladder.hold_s
        below = load
    if ladder.recovery_s:
        if ladder.ramp_s:
            yield Stage(at, ladder.ramp_s, below, ladder.first, held=False)
            at += ladder.ramp_s
        yield Stage(at, ladder.recovery_s, ladder.first, ladder.first, held=True)
