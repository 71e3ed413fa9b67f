"""What benchmark files hold, whatever tool wrote them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Verdict = Literal["faster", "slower", "same", "unsure"]


@dataclass(frozen=True, slots=True)
class Metric:
    """One measured thing: its name, unit, and the values of each run or window, in time order.

    `quantile` is what a run is judged by when its values are single measurements; None when
    they are summaries already, whose mean stands for the run. `separate` says that each run was
    a process of its own, so that the noise from one start to the next is in the data; otherwise
    the runs are windows of one process.
    """

    name: str
    unit: str
    runs: tuple[tuple[float, ...], ...]
    quantile: float | None = None
    separate: bool = True
    lower_is_better: bool = True


@dataclass(frozen=True, slots=True)
class Reader:
    """One tool's file format: `matches` looks at the content, `read` may raise UnreadableError."""

    format: str
    title: str
    matches: Callable[[bytes], bool]
    read: Callable[[bytes, str], list[Metric]]


class MetricComparison(BaseModel):
    """One metric: a typical run before and after, and the change in per cent of before."""

    model_config = ConfigDict(frozen=True)

    name: str
    unit: str = ""
    before: float
    after: float
    change_pct: float | None = Field(description="None when before is zero.")
    ci_low_pct: float | None = None
    ci_high_pct: float | None = None
    p_value: float | None = None
    verdict: Verdict
    lower_is_better: bool = True
    runs_before: int
    runs_after: int
    noise_pct: float | None = Field(default=None, description="Spread from run to run.")
    runs_needed: int | None = Field(default=None, description="Runs a side that would decide.")
    note: str = ""
