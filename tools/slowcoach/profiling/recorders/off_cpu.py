"""Where threads wait, from the moments at which the kernel takes them off the processor.

Each thread's times off the processor are exact; their stacks are looked at up to so many times a
second, and stand for the others of the same thread.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeVar

from slowcoach.diagnosis.evidence.waits import Wait
from slowcoach.profiling.recorders.perf_script import Place, Sample, Script, Switch
from slowcoach.profiling.recorders.wait_looks import Look, Looks, between, told

_T = TypeVar("_T")
Stack = tuple[int, ...]
EVENT: Final = "context-switches"
WAITS: Final = "[waits]"
ASLEEP: Final = "[asleep throughout]"
LOCK: Final = "futex"
RUNNABLE: Final = "runnable"
_KERNEL: Final = "["
_NEAR: Final = 6  # frames above the wait that tell what it is
_ENOUGH = 0.5  # of the looks at a place agree on what it waits for
# the kernel's functions by what a thread waits for in them; the first that fits
_KINDS: Final = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        (LOCK, r"futex_"),
        ("nanosleep", r"nanosleep|hrtimer_sleep|do_sigtimedwait|pause$"),
        ("epoll_wait", r"ep_poll|epoll_wait"),
        ("select", r"do_select|core_sys_select"),
        ("poll", r"do_poll|do_sys_poll"),
        ("accept", r"_accept"),
        ("connect", r"inet_stream_connect|inet_wait_for_connect|unix_stream_connect"),
        ("send", r"sendmsg|sk_stream_wait_memory|sock_alloc_send"),
        ("recv", r"recvmsg|sk_wait_data|unix_stream_read|skb_wait_for_more|sock_read"),
        ("pipe_write", r"pipe_write"),
        ("pipe_read", r"pipe_read|wait_for_partner|fifo_open"),
        ("eventfd_read", r"eventfd_|signalfd_|timerfd_|inotify_read"),
        ("io_uring_enter", r"io_cqring_wait|io_uring_enter|read_events"),
        ("wait4", r"do_wait|kernel_wait|kernel_clone"),
        ("flock", r"locks_lock_|posix_lock|flock_lock|fcntl_setlk"),
        ("fsync", r"fsync|sync_file_range|jbd2_|do_sync"),
        ("page_fault", r"page_fault|handle_mm_fault|do_user_addr_fault"),
        ("disk", r"io_schedule|folio_wait|wait_on_page|blk_|submit_bio|ext4_|xfs_|btrfs_|vfs_read"),
        ("kernel_lock", r"rwsem_|__mutex_lock|down_read|down_write"),
        ("stopped", r"do_signal_stop|ptrace_stop|do_freezer"),
        (RUNNABLE, r"irqentry_exit|preempt_schedule|exit_to_user_mode|cond_resched|yield"),
    )
)
# of the waits at a futex, those that wait for news and not for a lock
_NO_LOCK: Final = re.compile(
    r"[Cc]ond(ition)?_?([Vv]ar|_|wait)|cond_|join|[Pp]ark(ed|er|ing)?\b|thread::park|"
    r"\bsem_|[Ss]emaphore|Receiver|recv|channel|mpsc|\b[Bb]arrier|\bOnce\b|\bpromise\b"
)


class Interval(NamedTuple):
    """A time off the processor; `stack` is None when it was not looked at."""

    start: float
    end: float
    forced: bool
    stack: Stack | None
    period: int

    @property
    def seconds(self) -> float:
        return max(self.end - self.start, 0.0)


@dataclass(slots=True)
class OffCpu:
    """Seconds off the processor by stack (leaf: the kind of wait), what it waits for, holders.

    `targets` and `holders` are by stack; a holder's stack is where it stood meanwhile.
    """

    weights: dict[Stack, float] = field(default_factory=lambda: defaultdict[Stack, float](float))
    looked: int = 0
    targets: dict[Stack, Counter[str]] = field(
        default_factory=lambda: defaultdict[Stack, Counter[str]](Counter)
    )
    holders: dict[Stack, Counter[Stack]] = field(
        default_factory=lambda: defaultdict[Stack, Counter[Stack]](Counter)
    )

    def target(self, stack: Stack) -> str:
        """Return what most looks at a place say that it waits for."""
        return _most(self.targets.get(stack)) or ""

    def holder(self, stack: Stack) -> Stack:
        """Return where the holder of a lock stood in most looks at a place."""
        return _most(self.holders.get(stack)) or ()


def _most(counts: Counter[_T] | None) -> _T | None:
    if not counts:
        return None
    value, count = counts.most_common(1)[0]
    return value if count >= _ENOUGH * counts.total() else None


def options(rate: int) -> list[str]:
    """Return perf's options for stacks at which threads leave the processor."""
    return ["-e", f"{EVENT}/freq={rate}/"]


def off_cpu(script: Script, looks: Looks, begun: float, ended: float) -> OffCpu:
    """Return where threads waited from `begun` to `ended` (monotonic clock, as perf's times)."""
    found, places = OffCpu(), _Places(script.places)
    samples: dict[int, list[Sample]] = defaultdict(list)
    for sample in script.samples.get(EVENT, ()):
        samples[sample.tid].append(sample)
    by_thread = {
        tid: _intervals(switches, samples.get(tid, []), begun, ended)
        for tid, switches in script.switches.items()
    }
    seen = looks.by_thread()
    stacks = {tid: _shown(intervals, places) for tid, intervals in by_thread.items()}
    for tid, intervals in by_thread.items():
        _weigh(intervals, stacks[tid], found)
        _explain(intervals, stacks[tid], seen.get(tid, []), (by_thread, stacks), found)
    for tid, name in looks.alive.items():
        if tid not in by_thread and seen.get(tid):
            _asleep(name, seen[tid], ended - begun, places, found)
    return found


def _intervals(
    switches: Sequence[Switch], samples: Sequence[Sample], begun: float, ended: float
) -> list[Interval]:
    """Pair each leaving with the next coming; a look stands just before the leaving it is of."""
    found: list[Interval] = []
    left: tuple[float, bool, Sample | None] | None = None
    index, came = 0, begun
    for switch in switches:
        if switch.on:
            if left is not None:
                found.append(_interval(left, switch.at))
            left, came = None, switch.at
            continue
        look: Sample | None = None
        while index < len(samples) and samples[index].at <= switch.at:
            look = samples[index] if samples[index].at >= came else None
            index += 1
        left = switch.at, switch.forced, look
    if left is not None:
        found.append(_interval(left, ended))
    clipped = (i._replace(start=max(i.start, begun), end=min(i.end, ended)) for i in found)
    return [interval for interval in clipped if interval.end > interval.start]


def _interval(left: tuple[float, bool, Sample | None], end: float) -> Interval:
    at, forced, look = left
    if look is None:
        return Interval(at, end, forced, None, 0)
    return Interval(at, end, forced, look.stack, max(look.period, 1))


class _Places:
    """The script's places, and the kinds of waits as places of their own."""

    def __init__(self, places: list[Place]) -> None:
        self.places = places
        self._kinds: dict[tuple[str, str], int] = {}
        self._known: dict[Stack, Stack] = {}

    def own(self, symbol: str, module: str) -> int:
        index = self._kinds.get((symbol, module))
        if index is None:
            index = self._kinds[symbol, module] = len(self.places)
            self.places.append(Place(0, symbol, module))
        return index

    def shown(self, interval: Interval) -> Stack:
        """Return the stack with the kernel's part told as what is waited for."""
        if interval.forced:
            return (self.own(RUNNABLE, WAITS), *self._user(interval.stack or ()))
        stack = interval.stack or ()
        known = self._known.get(stack)
        if known is None:
            user = self._user(stack)
            kernel = " ".join(self.places[i].symbol for i in stack[: len(stack) - len(user)])
            kind = next((n for n, pattern in _KINDS if pattern.search(kernel)), "other")
            known = self._known[stack] = (self.own(kind, WAITS), *user)
        return known

    def _user(self, stack: Stack) -> Stack:
        depth = 0
        while depth < len(stack) and self.places[stack[depth]].module.startswith(_KERNEL):
            depth += 1
        return stack[depth:]


def _shown(intervals: Sequence[Interval], places: _Places) -> list[Stack | None]:
    return [None if i.stack is None else places.shown(i) for i in intervals]


def _weigh(intervals: Sequence[Interval], stacks: Sequence[Stack | None], found: OffCpu) -> None:
    """Share the thread's time off the processor among the stacks that were looked at."""
    for forced in (False, True):
        whole = sum(i.seconds for i in intervals if i.forced is forced)
        looked = [
            (stack, interval.seconds * interval.period)
            for interval, stack in zip(intervals, stacks, strict=True)
            if stack is not None and interval.forced is forced
        ]
        behind = sum(weight for _, weight in looked)
        if behind <= 0:
            continue
        found.looked += len(looked)
        for stack, weight in looked:
            found.weights[stack] += weight * whole / behind


def _explain(
    intervals: Sequence[Interval],
    stacks: Sequence[Stack | None],
    looks: list[Look],
    others: tuple[Mapping[int, Sequence[Interval]], Mapping[int, Sequence[Stack | None]]],
    found: OffCpu,
) -> None:
    """Tell what a stack waits for by the looks that fall into its times."""
    if not looks:
        return
    for interval, stack in zip(intervals, stacks, strict=True):
        if stack is None or interval.forced:
            continue
        for look in between(looks, interval.start, interval.end):
            text = told(look.wait)
            if text:
                found.targets[stack][text] += 1
            if look.holder:
                held = _stood(look.holder, look.at, others)
                if held:
                    found.holders[stack][held] += 1


def _stood(
    tid: int,
    at: float,
    others: tuple[Mapping[int, Sequence[Interval]], Mapping[int, Sequence[Stack | None]]],
) -> Stack:
    """Return where a thread stood off the processor at a moment, or nothing."""
    intervals, stacks = others
    for interval, stack in zip(intervals.get(tid, ()), stacks.get(tid, ()), strict=True):
        if interval.start <= at <= interval.end:
            return stack or ()
    return ()


def _asleep(name: str, looks: list[Look], seconds: float, places: _Places, found: OffCpu) -> None:
    """Count a thread that slept all the time: it has no stack, only what it waits for."""
    wait = looks[-1].wait
    if any(look.wait.kind == "run" for look in looks):
        return
    stack = (places.own(kind_of(wait), WAITS), places.own(f"thread {name}", ASLEEP))
    found.weights[stack] += seconds
    if told(wait):
        found.targets[stack][told(wait)] += 1


def kind_of(wait: Wait) -> str:
    """Return the kind of a wait that was looked at, in the words of the kernel's functions."""
    known = {"lock": LOCK, "sleep": "nanosleep", "select": "poll", "socket": "recv"}
    known |= {"child": "wait4", "file lock": "flock", "pipe": "pipe_read"}
    return known.get(wait.kind, wait.kind)


def locks_only(found: OffCpu, places: Sequence[Place]) -> dict[Stack, float]:
    """Return the waits for locks: at a futex, but not for news from another thread."""
    return {
        stack: weight
        for stack, weight in found.weights.items()
        if places[stack[0]][1:] == (LOCK, WAITS)
        and len(stack) > 1
        and places[stack[-1]].module != ASLEEP
        and not any(_NO_LOCK.search(places[index].symbol) for index in stack[1:_NEAR])
    }
