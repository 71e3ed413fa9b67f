"""Sort what was seen into activities of the endpoint: who does what, how many at a time. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from slowcoach.diagnosis.evidence.frames import (
    function_of,
    is_user,
    origin_of,
    package_of,
    place_of,
)
from slowcoach.diagnosis.evidence.loops import EXECUTORS, runs_loop
from slowcoach.diagnosis.evidence.stack_parts import (
    called_by,
    files_of,
    leaf_selects,
    leaf_waits,
    path_of,
    server_of,
    short_of,
    waits_in,
)
from slowcoach.diagnosis.evidence.stacks import Looks, Seen
from slowcoach.diagnosis.evidence.states import (
    takes_over,
    task_state,
    thread_state,
)
from slowcoach.diagnosis.interpreter.executors import IN_QUEUE
from slowcoach.diagnosis.interpreter.stacks import PyFrame
from slowcoach.diagnosis.limits import looking
from slowcoach.diagnosis.models import Activity, Stuck

CALLEE_KEPT = 3
_SELECT_WAITS = frozenset({"select", "client", "idle"})
_BURNS = frozenset({"cpu", "gc", "native"})
_TARGETED = frozenset({"lock", "net", "db", "disk"})
_Key = tuple[str, str, str, str, tuple[str, ...], tuple[str, ...], str, int]


@dataclass(frozen=True, slots=True)
class Baseline:
    """What the service did before any request: each thread's stack, and the tasks' stacks."""

    threads: Mapping[tuple[int, int], tuple[tuple[str, str], ...]]
    tasks: Mapping[tuple[tuple[str, str], ...], float]
    loops: frozenset[tuple[int, int]] = frozenset()


def _names(frames: Iterable[PyFrame]) -> tuple[tuple[str, str], ...]:
    """Return (name, file) root first."""
    return tuple(reversed([(f.name, f.file) for f in frames]))


def baseline_of(idle: Looks) -> Baseline:
    """Return what is there without requests, from looks at the idle service."""
    stacks: dict[tuple[int, int], tuple[tuple[str, str], ...]] = {}
    tasks: Counter[tuple[tuple[str, str], ...]] = Counter()
    for seen, count in idle.seen.items():
        names = _names(seen.frames)
        if seen.task:
            tasks[names] += count
            continue
        key = (seen.pid, seen.thread)
        stacks[key] = _common(stacks[key], names) if key in stacks else names
    loops = {(s.pid, s.thread) for s in idle.seen if not s.task and runs_loop(s.frames)}
    looks = max(1, idle.looks)
    standing = {names: count / looks for names, count in tasks.items()}
    return Baseline(stacks, standing, frozenset(loops))


def _common(
    a: Sequence[tuple[str, str]], b: Sequence[tuple[str, str]]
) -> tuple[tuple[str, str], ...]:
    length = 0
    for one, other in zip(a, b, strict=False):
        if one != other:
            break
        length += 1
    return tuple(a[:length])


def _own(seen: Seen, baseline: Baseline) -> tuple[PyFrame, ...]:
    """Return the frames (leaf first) that requests added to a thread's idle stack."""
    base = baseline.threads.get((seen.pid, seen.thread), ())
    shared = len(_common(base, _names(seen.frames)))
    return seen.frames[: len(seen.frames) - shared]


class Sorter:
    """Sorts looks into activities, given what the idle service does."""

    def __init__(self, baseline: Baseline, database_port: int) -> None:
        self._baseline = baseline
        self._database_port = database_port

    def activities(self, looks: Looks) -> tuple[Activity, ...]:
        """Return the endpoint's activities, most first."""
        counts: dict[_Key, float] = defaultdict(float)
        lines: dict[_Key, dict[int, float]] = defaultdict(lambda: defaultdict(float))
        leaves: dict[_Key, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        packages: dict[_Key, tuple[str, ...]] = {}
        servers: dict[_Key, str] = {}
        files: dict[_Key, tuple[str, ...]] = {}
        waiting: dict[_Key, str] = {}
        callers: dict[_Key, str] = {}
        for seen, count in self._requests(looks):
            found = self._key(seen)
            if found is None:
                continue
            key, line, used = found
            counts[key] += count
            lines[key][line] += count
            packages[key] = used
            if key not in files:
                files[key] = files_of(seen.frames, key[4])
            servers[key] = server_of(seen)
            callers.setdefault(key, called_by(seen.frames))
            if key[1] in _BURNS:
                leaves[key][short_of(seen.frames[0])] += count
            else:
                waiting.setdefault(key, waits_in(seen.frames))
        total, least = max(1, looks.looks), looking("least_activity")
        made = [
            _activity(key, count / total, {n: c / total for n, c in lines[key].items()}).model_copy(
                update={
                    "packages": packages[key],
                    "leaves": {name: round(c / total, 4) for name, c in leaves[key].items()},
                    "server": servers[key],
                    "files": files[key],
                    "waits_in": waiting.get(key, ""),
                    "called_by": callers.get(key, ""),
                }
            )
            for key, count in counts.items()
            if count / total >= least
        ]
        return tuple(sorted(made, key=lambda a: -a.mean))

    def _requests(self, looks: Looks) -> Iterable[tuple[Seen, float]]:
        """Yield what was seen, less the tasks that are there without requests."""
        standing = {names: mean * looks.looks for names, mean in self._baseline.tasks.items()}
        for seen, count in looks.seen.items():
            if not seen.task:
                yield seen, count
                continue
            names = _names(seen.frames)
            taken = min(float(count), standing.get(names, 0.0))
            if taken:
                standing[names] -= taken
            if count > taken:
                yield seen, count - taken

    def _key(self, seen: Seen) -> tuple[_Key, int, tuple[str, ...]] | None:
        frames = seen.frames if seen.task else _own(seen, self._baseline)
        carrier = self._carrier(seen)
        at = next((i for i, frame in enumerate(frames) if is_user(frame)), None)
        callee: tuple[PyFrame, ...] = frames if at is None else frames[:at]
        state = self.state(seen, callee)
        if at is None:
            if leaf_waits(frames):
                return None
            if seen.task or state not in _BURNS or not frames or leaf_selects(seen):
                return None
            # the framework's own work, told by what of it comes first
            place = next(
                (f for f in reversed(frames) if origin_of(f.file)[0] == "library"), frames[-1]
            )
            callee = ()
        else:
            place = frames[at]
        # outside the user's own code only what burns the processor is the endpoint's
        path = path_of(frames)
        wait = seen.wait
        target = wait.target if not seen.task and state in _TARGETED else ""
        function = function_of(place)
        key = (
            carrier,
            state,
            function,
            place.file,
            path,
            tuple(short_of(f) for f in reversed(callee[-CALLEE_KEPT:])),
            target,
            wait.port if state in {"db", "net"} else 0,
        )
        used = tuple(
            dict.fromkeys(package_of(f) for f in callee if origin_of(f.file)[0] == "library")
        )
        return key, place.line, used

    def is_request(self, seen: Seen) -> bool:
        """Tell whether it is what requests do, as far as the idle service tells."""
        return self._key(seen) is not None

    def loops(self, seen: Seen) -> bool:
        """Tell whether a thread is an event loop's; one caught half-way is known from before."""
        return runs_loop(seen.frames) or (seen.pid, seen.thread) in self._baseline.loops

    def _carrier(self, seen: Seen) -> str:
        if seen.task:
            return "task"
        if self.loops(seen):
            return "loop"
        executor = any(origin_of(f.file)[1] in EXECUTORS for f in seen.frames)
        return "worker" if executor else "thread"

    def state(self, seen: Seen, callee: Sequence[PyFrame]) -> str:
        """Return the state of one thread or task."""
        if seen.collecting:
            return "gc"
        if not seen.task and seen.wait.kind == "run" and takes_over(seen.frames):
            return "gil"  # it computes nothing, and goes on as soon as it may
        if seen.without_gil:
            return "native"
        if seen.task:
            return "unstarted" if seen.awaits == IN_QUEUE else task_state(seen.awaits, callee)
        return thread_state(seen.wait, callee, self._database_port)

    def loop_busy(self, looks: Looks) -> float | None:
        """Return the share of time in which the busiest event loop could take up nothing."""
        busy: Counter[tuple[int, int]] = Counter()
        total: Counter[tuple[int, int]] = Counter()
        for seen, count in looks.seen.items():
            if seen.task or not self.loops(seen):
                continue
            key = (seen.pid, seen.thread)
            total[key] += count
            if not leaf_selects(seen) and seen.wait.kind != "select":
                busy[key] += count
        return max((busy[key] / total[key] for key in total), default=None)

    def stuck(self, looks: Looks, idle: Looks, least_s: float) -> tuple[Stuck, ...]:
        """Return what did not move for `least_s` at the end: requests' threads and tasks, and
        those that stood at a lock before any request came, and still do.
        """
        found: list[Stuck] = []
        for age, seen in looks.stuck(least_s):
            then = idle.still.get((seen.pid, seen.thread))
            before = then is not None and then[1] == seen
            frames = seen.frames if before or seen.task else _own(seen, self._baseline)
            at = next((i for i, frame in enumerate(frames) if is_user(frame)), None)
            if at is None:
                continue
            state = self.state(seen, frames[:at])
            if before and state != "lock":
                continue
            found.append(
                Stuck(
                    carrier="task" if seen.task else "thread",
                    place=place_of(frames[at]),
                    seconds=round(age, 1),
                    state=state,
                    target=seen.wait.target,
                    path=path_of(frames),
                    before=before,
                )
            )
        return tuple(found)


def _activity(key: _Key, mean: float, lines: dict[int, float]) -> Activity:
    carrier, state, function, file, path, callee, target, port = key
    return Activity(
        carrier=carrier,
        state=state,
        function=function,
        file=file,
        line=max(lines, key=lambda n: lines[n]),
        lines={n: round(m, 3) for n, m in sorted(lines.items())},
        path=path,
        callee=callee,
        target=target,
        port=port,
        mean=round(mean, 4),
    )
