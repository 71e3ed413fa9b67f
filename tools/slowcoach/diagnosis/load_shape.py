"""How the service took the load: a quiet path beside it, steps of concurrency, a steady rate."""

from pydantic import BaseModel, ConfigDict, Field


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Control(_Frozen):
    """A path of the same service that costs nothing, asked now and then while the load ran.

    Times in ms, from connecting to the first byte. `why_not` says why it tells nothing.
    """

    path: str = ""
    status: int = 0
    idle_ms: float = 0.0
    loaded_ms: tuple[float, ...] = ()
    unanswered: int = 0
    why_not: str = ""


class Step(_Frozen):
    """Some requests at a time for a moment: answers per second, and the same in parts of it."""

    concurrency: int
    throughput: float
    parts: tuple[float, ...] = ()
    answers: int = 0


class Sweep(_Frozen):
    """Throughput by concurrency; the Universal Scalability Law's coefficients where they fit.

    `sigma_low` and `sigma_high`: the interval of 90 %, from resampling the parts of the steps.
    """

    steps: tuple[Step, ...] = ()
    sigma: float | None = Field(default=None, description="contention: the share that queues")
    sigma_low: float | None = None
    sigma_high: float | None = None
    kappa: float | None = Field(default=None, description="coherency")
    why_not: str = ""


class Steady(_Frozen):
    """A constant rate below the measured throughput; latencies count from when each was due."""

    rate: float = 0.0
    share: float = Field(default=0.0, description="of the throughput under the asked load")
    answers: int = 0
    p50_ms: float = 0.0
    p95_ms: float = 0.0
    dropped: int = 0
    others_cores: float = Field(default=0.0, description="that other processes used meanwhile")
    why_not: str = ""
