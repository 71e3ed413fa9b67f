"""From looks at counters to what happened between them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from slowcoach.load.target_series import TargetMoment, TargetSeries
from slowcoach.load.watching.collectors import Collections
from slowcoach.load.watching.kernel import Process, Times

_ONE_AT_A_TIME = frozenset({"python", "node", "ruby"})  # one core for each process
_SERVES = 0.1  # of the busiest process's CPU: what uses less only supervises
_OVER_LANES = 1.3  # native code that computes beside the interpreter
_MS = 1000.0
_MOST_SCALED = 20.0
_LEAST_RAN = 1e-3


@dataclass(frozen=True, slots=True)
class Look:
    """Counters of one moment (`at`: monotonic), and what was glanced at since the look before."""

    at: float
    processes: Mapping[int, Process]
    threads: Mapping[tuple[int, int], Times]
    own: Mapping[tuple[int, int], Times] = field(default_factory=dict[tuple[int, int], Times])
    throttled: float | None = None
    pressure: Mapping[str, float] = field(default_factory=dict[str, float])
    stolen: float | None = None
    dropped: Mapping[str, int] = field(default_factory=dict[str, int])
    sockets: Mapping[str, int] = field(default_factory=dict[str, int])
    collections: Collections | None = None
    stopped: float | None = None
    accept_queue: int | None = None
    machine_running: float | None = None
    running: tuple[int, ...] = ()
    unsent: float | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What does not change while one watches."""

    pid: int
    runtime: str
    affinity: int
    machine_cores: int | None
    quota: float | None
    memory_limit: int | None
    file_limit: int | None
    backlog: int | None
    peers: Mapping[str, int]
    collector: bool


def series_of(looks: tuple[Look, ...], facts: Facts, started: float) -> TargetSeries:
    """Return the moments between looks, in seconds from `started`."""
    cores = float(facts.affinity)
    if facts.quota is not None:
        cores = min(cores, facts.quota)
    lanes = _lanes(looks, facts.runtime, cores)
    moments = tuple(_moment(a, b, started, lanes) for a, b in pairwise(looks) if b.at > a.at)
    return TargetSeries(
        source=_source(looks, facts),
        moments=moments,
        cores=cores,
        memory_limit=facts.memory_limit,
        file_limit=facts.file_limit,
        unknown=tuple(_unknown(looks, facts)),
        runtime=facts.runtime,
        lanes=lanes,
        quota=facts.quota,
        machine_cores=facts.machine_cores,
        backlog=facts.backlog,
        peers=facts.peers,
    )


def _source(looks: tuple[Look, ...], facts: Facts) -> str:
    others = max((len(look.processes) for look in looks), default=1) - 1
    if not others:
        return f"pid {facts.pid}"
    return f"pid {facts.pid} and {others} {'child' if others == 1 else 'children'}"


def _unknown(looks: tuple[Look, ...], facts: Facts) -> list[str]:
    found: list[str] = []
    if any(p.files is None for look in looks for p in look.processes.values()):
        found.append("open files and sockets: the process belongs to another user")
    if facts.runtime == "java" and not facts.collector:
        found.append("garbage collection: the JVM keeps no counters (-XX:-UsePerfData)")
    elif facts.runtime == "go" and not facts.collector:
        found.append("garbage collection: the Go program serves no expvar (/debug/vars)")
    elif facts.runtime in {"node", "python"}:
        found.append(f"garbage collection: {facts.runtime} counts no pauses for others to read")
    return found


def _lanes(looks: tuple[Look, ...], runtime: str, cores: float) -> float:
    """Return on how many cores the runtime computes at a time."""
    if runtime not in _ONE_AT_A_TIME or not looks:
        return cores
    used = _used(looks[0], looks[-1])
    most = max(used.values(), default=0.0)
    serving = sum(1 for cpu in used.values() if most and cpu >= _SERVES * most)
    seconds = looks[-1].at - looks[0].at
    if seconds > 0 and max(used.values(), default=0.0) > _OVER_LANES * seconds:
        return cores
    return min(cores, float(max(serving, 1)))


def _used(first: Look, last: Look) -> dict[int, float]:
    found: dict[int, float] = {}
    for pid, now in last.processes.items():
        then = first.processes.get(pid)
        known = then is not None and then.start == now.start
        before = then.user + then.system if then is not None and known else 0.0
        found[pid] = now.user + now.system - before
    return found


def _moment(a: Look, b: Look, started: float, lanes: float) -> TargetMoment:
    length = b.at - a.at
    used = _used(a, b)
    threads = _between(a.threads, b.threads)
    ran = sum(each[0] for each in threads.values())
    cpu = max(sum(used.values()), ran)
    ready = _ready(threads, cpu)
    busy = _busy_processes(used, threads)
    system = sum(now.system - _system(a, pid, now) for pid, now in b.processes.items())
    files = [p.files for p in b.processes.values() if p.files is not None]
    own = _between(a.own, b.own)
    return TargetMoment(
        at_s=a.at - started,
        length_s=length,
        cpu=cpu / length,
        cpu_system=max(system, 0.0) / length,
        ready=None if ready is None else ready / length,
        throttled=_share(a.throttled, b.throttled, length),
        pressure={
            name: min(max(now - a.pressure[name], 0.0) / length, 1.0)
            for name, now in b.pressure.items()
            if name in a.pressure
        },
        rss_bytes=sum(p.rss for p in b.processes.values()),
        threads=sum(p.threads for p in b.processes.values()),
        open_files=max(files, default=None),
        sockets=dict(b.sockets),
        resets={
            name: now - a.dropped.get(name, now)
            for name, now in b.dropped.items()
            if now > a.dropped.get(name, now)
        },
        gc_pause_ms=_pause(a.collections, b.collections),
        gc_share=_collecting(a.collections, b.collections, length),
        steal=_share(a.stolen, b.stolen, length),
        busiest_thread=max((sum(each) for each in threads.values()), default=0.0) / length,
        busiest_process=max(busy.values(), default=0.0) / length,
        stopped=b.stopped,
        accept_queue=b.accept_queue,
        machine_running=b.machine_running,
        occupied=_occupied(b.running, lanes),
        unsent=b.unsent,
        own_busy=max(sum(each) for each in own.values()) / length if own else None,
    )


def _occupied(running: tuple[int, ...], lanes: float) -> float | None:
    """Return the share of the cores that threads wanted, over the moments glanced at."""
    if not running:
        return None
    wanted = max(lanes, 1.0)
    return sum(min(count, wanted) for count in running) / wanted / len(running)


def _between(
    before: Mapping[tuple[int, int], Times], after: Mapping[tuple[int, int], Times]
) -> dict[tuple[int, int], Times]:
    """Return what each thread ran and stood ready since; one that is new began at nothing."""
    found: dict[tuple[int, int], Times] = {}
    for key, (ran, ready) in after.items():
        was = before.get(key, (0.0, 0.0))
        if ran < was[0] or ready < was[1]:  # another thread of the same number
            was = (0.0, 0.0)
        found[key] = ran - was[0], ready - was[1]
    return found


def _ready(threads: Mapping[tuple[int, int], Times], cpu: float) -> float | None:
    """Return the seconds that threads stood ready.

    Threads that ended in between took their account along: what the others tell is scaled to
    the CPU time of the processes, which counts the ended ones too.
    """
    if not threads:
        return None
    ran = sum(each[0] for each in threads.values())
    ready = sum(each[1] for each in threads.values())
    if ran <= _LEAST_RAN:
        return ready
    return ready * min(max(cpu / ran, 1.0), _MOST_SCALED)


def _busy_processes(
    used: Mapping[int, float], threads: Mapping[tuple[int, int], Times]
) -> dict[int, float]:
    found: dict[int, float] = {}
    for pid, cpu in used.items():
        own = {key: each for key, each in threads.items() if key[0] == pid}
        found[pid] = cpu + (_ready(own, cpu) or 0.0)
    return found


def _system(look: Look, pid: int, now: Process) -> float:
    then = look.processes.get(pid)
    return then.system if then is not None and then.start == now.start else 0.0


def _share(before: float | None, after: float | None, length: float) -> float | None:
    if before is None or after is None:
        return None
    return max(after - before, 0.0) / length


def _pause(before: Collections | None, after: Collections | None) -> float | None:
    """Return the mean pause in ms between two looks; 0 when there was none."""
    if before is None or after is None:
        return None
    count = after.count - before.count
    return (after.seconds - before.seconds) / count * _MS if count > 0 else 0.0


def _collecting(
    before: Collections | None, after: Collections | None, length: float
) -> float | None:
    if before is None or after is None:
        return None
    return max(after.seconds - before.seconds, 0.0) / length
