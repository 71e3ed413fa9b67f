"""Java Flight Recorder in a running JVM: what is switched on for a kind, start, dump, stop.

The settings are our own, not the JDK's `profile`: only events that a view needs, with thresholds
that keep what they cost small. They hold from JDK 11 on; a JDK takes no notice of events that it
does not know.
"""

import math
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.sax.saxutils import quoteattr

from slowcoach.core import caretaker, scratch
from slowcoach.core.errors import SlowcoachError, ToolFailedError, UnreachableError
from slowcoach.core.job import Cancellation
from slowcoach.profiling.recorders import proc
from slowcoach.profiling.recorders.go_java_recording import lives
from slowcoach.profiling.recorders.java_attach import asked

SAMPLE_MS: Final = 20  # of each of some running threads at a time; 10 ms is the JDK's `profile`
_FAILED: Final = re.compile(r"Could not start recording|No Flight Recording|Exception|not found")
_SAID = 300
SETTINGS, _RECORDING = "slowcoach.jfc", "recording.jfr"
_ALLOCATIONS: Final = {"alloc": "300/s"}  # samples a second; some for the other kinds
_FEW: Final = "50/s"
_WAIT_FROM: Final = {"lock": "1 ms"}  # shorter waits leave no event
_LONG: Final = "10 ms"
_TLAB_EVENTS: Final = ("jdk.ObjectAllocationInNewTLAB", "jdk.ObjectAllocationOutsideTLAB")
_SAMPLES_ALLOCATIONS, _SAMPLES_CPU_TIME = 16, 25  # the JDKs from which there are these events
AT_START: Final = "slowcoach"
_STOP: Final = (
    "import sys; from slowcoach.profiling.recorders.java_attach import asked; "
    "asked(int(sys.argv[1]), 'JFR.stop', f'name={sys.argv[2]}')"
)
_RELEASE = re.compile(r'^JAVA_VERSION="(?:1\.)?(\d+)', re.MULTILINE)
_JDK = re.compile(r"^JDK (?:1\.)?(\d+)", re.MULTILINE)


def version(pid: int) -> tuple[int, str]:
    """Return a JVM's feature version (17) and its name with the whole one."""
    said = asked(pid, "VM.version")
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    known = _JDK.search(said)
    return int(known[1]) if known else 0, lines[0] if lines else "JVM"


def settings(kind: str, jdk: int) -> str:
    """Return the settings of a recording as a .jfc file's text; `jdk` 0 is any.

    Format: https://docs.oracle.com/en/java/javase/17/jfapi/flight-recorder-configurations.html
    """
    wait = _WAIT_FROM.get(kind, _LONG)
    with_stacks = {"enabled": "true", "stackTrace": "true"}
    cpu_time = jdk >= _SAMPLES_CPU_TIME
    events: dict[str, dict[str, str]] = {
        "jdk.ExecutionSample": {"enabled": str(not cpu_time).lower(), "period": f"{SAMPLE_MS} ms"},
        "jdk.CPUTimeSample": {"enabled": str(cpu_time).lower(), "throttle": f"{SAMPLE_MS} ms"},
        "jdk.ObjectAllocationSample": {
            **with_stacks,
            "throttle": _ALLOCATIONS.get(kind, _FEW),
        },
        "jdk.GarbageCollection": {"enabled": "true", "threshold": "0 ms"},
        "jdk.GCHeapSummary": {"enabled": "true"},
        "jdk.JVMInformation": {"enabled": "true", "period": "beginChunk"},
        **{
            name: {**with_stacks, "threshold": wait}
            for name in ("jdk.JavaMonitorEnter", "jdk.ThreadPark")
        },
        **{
            name: {**with_stacks, "threshold": _LONG}
            for name in (
                *("jdk.JavaMonitorWait", "jdk.ThreadSleep", "jdk.SocketRead", "jdk.SocketWrite"),
                *("jdk.FileRead", "jdk.FileWrite", "jdk.FileForce"),
            )
        },
    }
    if kind == "alloc" and 0 < jdk < _SAMPLES_ALLOCATIONS:  # dear, and all there is
        events |= dict.fromkeys(_TLAB_EVENTS, with_stacks)
    body = "".join(
        f"<event name={quoteattr(name)}>"
        + "".join(f"<setting name={quoteattr(k)}>{v}</setting>" for k, v in each.items())
        + "</event>"
        for name, each in events.items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><configuration version="2.0" label="Slowcoach" '
        f'description="Slowcoach" provider="Slowcoach">{body}</configuration>'
    )


def settings_said(kind: str, jdk: int) -> str:
    """Return the settings in words."""
    what = "processor time" if jdk >= _SAMPLES_CPU_TIME else "running threads"
    return (
        f"{what} every {SAMPLE_MS} ms, {_ALLOCATIONS.get(kind, _FEW)} allocations, locks from "
        f"{_WAIT_FROM.get(kind, _LONG)}, other waits from {_LONG}"
    )


@dataclass(slots=True)
class Flight:
    """A recording under way, which the program writes to `file` when it stops or ends."""

    pid: int
    name: str
    file: Path
    landed: bool = False

    def land(self) -> bytes:
        """Stop it and return what was recorded. Raises ToolFailedError when nothing is left."""
        if lives(self.pid):
            with suppress(UnreachableError):
                asked(self.pid, "JFR.stop", f"name={self.name}")
                self.landed = True
        try:
            return self.file.read_bytes()
        except OSError:
            raise ToolFailedError(
                f"{proc.name(self.pid)}: it ended, and left no recording",
                hint="Record for less time than it runs; a killed program writes nothing",
            ) from None


@contextmanager
def flight(
    pid: int,
    kind: str,
    jdk: int,
    cancellation: Cancellation | None = None,
    *,
    longest_s: float | None = None,
) -> Iterator[Flight]:
    """Record for as long as the block lasts; stop and delete the files on every way out.

    When this process is killed, the caretaker stops it; after `longest_s` the JVM does by itself.
    """
    name = f"slowcoach-{os.getpid()}-{time.monotonic_ns()}"
    with _folder(pid) as (ours, theirs):
        (ours / SETTINGS).write_text(settings(kind, jdk), encoding="utf-8")
        under_way = Flight(pid, name, ours / _RECORDING)
        order = caretaker.command_at_end(caretaker.python(_STOP, pid, name))
        try:
            _jfr(
                pid,
                *("JFR.start", f"name={name}", f"settings={theirs / SETTINGS}"),
                *("dumponexit=true", f"filename={theirs / _RECORDING}"),
                *([f"duration={math.ceil(longest_s)}s"] if longest_s else []),
                cancellation=cancellation,
            )
            yield under_way
        finally:
            with suppress(SlowcoachError):  # it may end at this very moment
                if not under_way.landed and lives(pid):
                    asked(pid, "JFR.stop", f"name={name}")
                caretaker.settled(order)  # not before: this process may be killed meanwhile


def _jfr(pid: int, *words: str, cancellation: Cancellation | None = None) -> None:
    said = asked(pid, *words, cancellation=cancellation)
    if _FAILED.search(said):
        raise ToolFailedError(
            f"{proc.name(pid)}: {words[0]}: {' '.join(said.split())[:_SAID]}",
            hint="A JVM without the module jdk.jfr can be recorded with kind=wall only",
        )


@contextmanager
def _folder(pid: int) -> Iterator[tuple[Path, Path]]:
    """Make a folder for the program to write to: where we find it, and where the program does.

    It is the program's user's; a program in a container has a root of its own.
    """
    root = Path(f"/proc/{pid}/root")
    own_root = _same_root(pid)
    above = None if own_root else root / "tmp"
    with scratch.folder(above=above) as folder:
        owner = Path(f"/proc/{pid}").stat()
        if os.geteuid() != owner.st_uid:
            os.chown(folder, owner.st_uid, owner.st_gid)
        ours = Path(folder)
        yield ours, ours if own_root else Path("/") / ours.relative_to(root)


def _same_root(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/root").stat() == Path("/").stat()
    except OSError:
        return True


def at_start(folder: Path, kind: str, jdk: int) -> str:
    """Return the options with which a JVM records from its start and writes into a folder."""
    chosen = folder / SETTINGS
    chosen.write_text(settings(kind, jdk), encoding="utf-8")
    recording = f"name={AT_START},settings={chosen},dumponexit=true,filename={folder}"
    return (
        f"-XX:StartFlightRecording={recording} -XX:FlightRecorderOptions=stackdepth=128 "
        "-Xlog:jfr+startup=warning"
    )


def from_start(pid: int, folder: Path) -> bytes:
    """Return what a JVM that was started so recorded; raises ToolFailedError for nothing."""
    if lives(pid):
        with suppress(SlowcoachError):
            asked(pid, "JFR.stop", f"name={AT_START}", f"filename={folder}/pid-{pid}-.jfr")
    mine = sorted(folder.glob(f"*pid-{pid}-*.jfr"), key=lambda file: file.stat().st_size)
    if not mine:
        raise ToolFailedError(
            f"pid {pid}: it left no recording",
            hint="Record for less time than it runs; a killed program writes nothing",
        )
    return mine[-1].read_bytes()


def release(java: str) -> int:
    """Return the feature version of an installed JDK, 0 when it does not tell."""
    file = Path(java).resolve().parent.parent / "release"
    try:
        known = _RELEASE.search(file.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return 0
    return int(known[1]) if known else 0
