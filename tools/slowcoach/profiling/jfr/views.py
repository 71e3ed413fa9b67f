"""What is made of a recording's events: which are put together, and what they weigh."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Source:
    """A type of event with stacks. `weight` is the field to add up; empty: each event counts 1.

    `label` is a field that says what it was about. `instead` is a type of event that says the
    same better: this one only counts without it.
    """

    event: str
    weight: str = ""
    label: str = ""
    instead: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """One profile: its name, what it measures, its unit, and the events in it."""

    name: str
    value: str
    unit: str
    sources: tuple[Source, ...]


_SAMPLE: Final = Source("jdk.ExecutionSample")
_SAMPLED: Final = "jdk.ObjectAllocationSample"
_NATIVE: Final = Source("jdk.NativeMethodSample")


def _span(event: str, label: str = "") -> Source:
    return Source(event, "duration", label)


VIEWS: Final = (
    View("Without native calls", "execution", "samples", (_SAMPLE,)),
    View("With native calls", "execution and native", "samples", (_SAMPLE, _NATIVE)),
    View(
        "Processor time",
        "cpu time",
        "nanoseconds",
        (Source("jdk.CPUTimeSample", "samplingPeriod"),),
    ),
    View("Wall clock", "wall", "samples", (Source("profiler.WallClockSample", "samples"),)),
    View(
        "Allocated",
        "allocation",
        "bytes",
        (
            Source(_SAMPLED, "weight", "objectClass"),
            Source("jdk.ObjectAllocationInNewTLAB", "tlabSize", "objectClass", _SAMPLED),
            Source("jdk.ObjectAllocationOutsideTLAB", "allocationSize", "objectClass", _SAMPLED),
        ),
    ),
    View(
        "Live objects",
        "live",
        "bytes",
        (Source("profiler.LiveObject", "allocationSize", label="objectClass"),),
    ),
    View("Native memory", "native memory", "bytes", (Source("profiler.Malloc", "size"),)),
    View(
        "Waiting for monitors",
        "monitor enter",
        "nanoseconds",
        (_span("jdk.JavaMonitorEnter", "monitorClass"),),
    ),
    View(
        "Waiting in Object.wait",
        "monitor wait",
        "nanoseconds",
        (_span("jdk.JavaMonitorWait", "monitorClass"),),
    ),
    View("Parked", "park", "nanoseconds", (_span("jdk.ThreadPark", "parkedClass"),)),
    View("Sleeping", "sleep", "nanoseconds", (_span("jdk.ThreadSleep"),)),
    View(
        "Socket input and output",
        "socket",
        "nanoseconds",
        (_span("jdk.SocketRead", "host"), _span("jdk.SocketWrite", "host")),
    ),
    View(
        "File input and output",
        "file",
        "nanoseconds",
        (
            _span("jdk.FileRead", "path"),
            _span("jdk.FileWrite", "path"),
            _span("jdk.FileForce", "path"),
        ),
    ),
    View(
        "Exceptions",
        "exceptions",
        "none",
        (Source("jdk.JavaExceptionThrow", label="thrownClass"),),
    ),
)
