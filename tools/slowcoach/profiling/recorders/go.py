"""Record running Go programs through their own net/http/pprof endpoints, which are found by pid.

CPU, allocations and locks are what the runtime itself samples; the wall clock is the stacks of
all goroutines, looked at again and again (a few milliseconds each, no setting needed).
"""

import select
import shutil
import socket
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urlsplit

import httpx

from slowcoach.core.errors import (
    ToolFailedError,
    UnreachableError,
    UnsupportedError,
)
from slowcoach.core.job import Cancellation
from slowcoach.profiling.calltree import merged
from slowcoach.profiling.model import Floats, Profile
from slowcoach.profiling.readers import pprof
from slowcoach.profiling.recorders import proc
from slowcoach.profiling.recorders.node_process import own_listeners
from slowcoach.profiling.recorders.node_recording import Meter, pause
from slowcoach.profiling.recorders.recording import Recording

_ELF: Final = b"\x7fELF"
_BUILD_INFO: Final = b"\xff Go buildinf:"  # Go's debug/buildinfo
PATH: Final = "/debug/pprof"
_HOSTS = ("127.0.0.1", "[::1]")
_TIMEOUT_S = 5.0
_SLACK_S = 30.0  # beyond the recording's own time, for a busy program
_POLL_S = 0.1
_LOOKS_A_SECOND = 10
_BEFORE_S = 0.5
_LARGEST = 200_000_000
_RATE = 100  # of the runtime's CPU profiler
_SAID = 200
_STOPPED = frozenset({"runtime.asyncPreempt", "runtime.asyncPreempt2", "runtime.goyield"})
_HANDLER = "net/http/pprof."
_OURS = "runtime.goroutineProfile"  # the goroutine that answers us


@dataclass(frozen=True, eq=False)
class GoRecording(Recording):
    """The views of one recording, the asked one first."""

    warnings: tuple[str, ...] = ()


def endpoint(pid: int) -> str:
    """Return the URL of a process's pprof handlers; raises UnreachableError without any."""
    if not proc.exists(pid):
        raise UnreachableError(f"pid {pid}: no such process", hint="Find it with `pgrep -a NAME`")
    ports = sorted({listener.port for listener in own_listeners(pid)})
    for port in ports:
        for host in _HOSTS:
            url = f"http://{host}:{port}{PATH}"
            if _answers(url):
                return url
    where = f"at ports {', '.join(map(str, ports))}" if ports else "and it listens at no port"
    raise UnreachableError(
        f"{proc.name(pid)}: expected {PATH}/ of net/http/pprof, found none {where}",
        hint='Add `import _ "net/http/pprof"` to the program and serve http.DefaultServeMux; '
        "until then `perf record -g -p PID` and `perf script` give a profile to analyze",
    )


def is_go(pid: int) -> bool:
    """Tell whether a process runs a program that Go built."""
    return built_by_go(Path(f"/proc/{pid}/exe"))


def starts_go(command: Sequence[str]) -> bool:
    """Tell whether a command starts a program that Go built."""
    found = shutil.which(command[0]) if command else None
    return found is not None and built_by_go(Path(found))


def built_by_go(file: Path) -> bool:
    """Tell whether a program holds Go's build information; stripped ones do too."""
    try:
        with file.open("rb") as opened, mmap(opened.fileno(), 0, access=ACCESS_READ) as data:
            return data[: len(_ELF)] == _ELF and data.find(_BUILD_INFO) >= 0
    except (OSError, ValueError):  # an empty file cannot be mapped
        return False


def _answers(url: str) -> bool:
    try:
        with httpx.Client(trust_env=False, timeout=_TIMEOUT_S) as client:
            answer = client.get(f"{url}/", headers={"Accept": "text/html"})
    except httpx.HTTPError:
        return False
    return answer.is_success and "goroutine" in answer.text and "pprof" in answer.text


def attach(
    pid: int,
    duration_s: float,
    *,
    kind: str = "cpu",
    cancellation: Cancellation | None = None,
    on_tick: Callable[[float], None] | None = None,
) -> GoRecording:
    """Record a running Go program: kind cpu, wall, alloc or lock.

    Raises UnreachableError without endpoints, ToolFailedError when another CPU profile is being
    taken, UnsupportedError for lock without the runtime's setting, CancelledError.
    """
    url = endpoint(pid)
    before = Meter(pid)
    pause(_BEFORE_S, cancellation)
    cpu_before = before.cores()
    meter = Meter(pid)
    wait = _Wait(meter, cancellation, on_tick)
    if kind == "wall":
        profiles: Sequence[Profile] = [_goroutines(url, duration_s, wait)]
    else:
        profiles = _sampled(url, kind, max(round(duration_s), 1), wait)
    if not any(profile.total > 0 for profile in profiles):
        raise _nothing(pid, kind)
    return GoRecording(
        profiles=tuple(profiles),
        samples=profiles[0].samples or 0,
        lost=0,
        seconds=meter.seconds,
        rate=_LOOKS_A_SECOND if kind == "wall" else _RATE,
        blocking=kind == "wall",  # the runtime stops all goroutines for a look at them
        threads=proc.threads(pid),
        behind=False,
        target_cpu_before=cpu_before,
        target_cpu_while=meter.cores(),
        profiler_cpu=meter.recorder(),
        cpu_pressure=proc.cpu_pressure(),
        together=kind == "wall",
    )


@dataclass(slots=True)
class _Wait:
    """Waits for answers, tells how far it is, and stops when the work is called off."""

    meter: Meter
    cancellation: Cancellation | None
    on_tick: Callable[[float], None] | None

    def get(self, url: str, seconds: float) -> bytes:
        """Return what a handler answers, which may take these seconds.

        Leaving it open ends the connection; the handler notices, and stops its profile.
        """
        late = time.monotonic() + seconds + _SLACK_S
        address = urlsplit(url)
        request = f"GET {address.path}?{address.query} HTTP/1.0\r\nHost: localhost\r\n\r\n"
        data = bytearray()
        try:
            with closing(socket.create_connection(_address(address), _TIMEOUT_S)) as link:
                link.sendall(request.encode())
                while time.monotonic() < late and len(data) < _LARGEST:
                    if not select.select([link], [], [], 0)[0]:
                        self._pause()
                        continue
                    part = link.recv(1 << 16)
                    if not part:
                        return _body(bytes(data), url)
                    data += part
        except OSError as error:
            raise UnreachableError(
                f"{url}: {error}", hint="Is the program still running?"
            ) from None
        raise ToolFailedError(
            f"{url}: expected an answer of at most {_LARGEST // 1_000_000} MB within "
            f"{seconds + _SLACK_S:g} s, got more, or none",
            hint="Record for less time, or look at why the program hangs",
        )

    def _pause(self) -> None:
        if self.on_tick is not None:
            self.on_tick(self.meter.seconds)
        pause(_POLL_S, self.cancellation)


def _address(url: SplitResult) -> tuple[str, int]:
    return url.hostname or "", url.port or 80


def _body(data: bytes, url: str) -> bytes:
    """Return the body of an answer; HTTP 1.0 has no chunks."""
    head, _, body = data.partition(b"\r\n\r\n")
    words = head.split(maxsplit=2)
    if len(words) > 1 and words[1] == b"200":
        return body
    said = " ".join(body[:_SAID].decode("utf-8", "replace").split())
    raise ToolFailedError(
        f"{url}: {said or head[:_SAID]!r}",
        hint="Wait until the other profile is done, then record again",
    )


def _sampled(url: str, kind: str, seconds: int, wait: _Wait) -> Sequence[Profile]:
    """Return what the runtime recorded in these seconds (the difference of two snapshots)."""
    if kind == "cpu":
        return _read(wait.get(f"{url}/profile?seconds={seconds}", seconds), "profile")
    if kind == "alloc":
        profiles = _read(wait.get(f"{url}/allocs?seconds={seconds}", seconds), "allocs")
        return [profile for profile in profiles if profile.value == "alloc_space"]
    with ThreadPoolExecutor(2) as pool:
        parts = [
            pool.submit(wait.get, f"{url}/{name}?seconds={seconds}", seconds)
            for name in ("block", "mutex")
        ]
        block, mutex = (part.result() for part in parts)
    return [
        _without_handler(replace(profile, name=name, value=name))
        for name, data in (("block", block), ("mutex", mutex))
        for profile in _read(data, name)[:1]
    ]


def _read(data: bytes, name: str) -> list[Profile]:
    return pprof.READER.read(data, name)


def _goroutines(url: str, duration_s: float, wait: _Wait) -> Profile:
    """Look at all goroutines again and again; weights become seconds of one goroutine."""
    taken: list[Profile] = []
    begun = time.monotonic()
    while (elapsed := time.monotonic() - begun) < duration_s or not taken:
        taken += _read(wait.get(f"{url}/goroutine", _TIMEOUT_S), "goroutine")
        if wait.on_tick is not None:
            wait.on_tick(elapsed)
        pause(1 / _LOOKS_A_SECOND, wait.cancellation)
    whole = merged(taken, "wall clock")
    step = (time.monotonic() - begun) / len(taken)
    tree = replace(whole.tree, weight=_without_looking(whole) * step)
    return replace(whole, tree=tree, unit="seconds", value="wall")


def _without_handler(profile: Profile) -> Profile:
    """Return a profile without the goroutines that wait for our recording's time to be up."""
    ours = {i for i, frame in enumerate(profile.frames) if frame.name.startswith(_HANDLER)}
    tree, weight = profile.tree, profile.tree.weight.copy()
    for node in (i for i, frame in enumerate(tree.frame.tolist()) if frame in ours):
        weight[node : tree.end[node]] = 0.0
    return replace(profile, tree=replace(tree, weight=weight))


def _without_looking(profile: Profile) -> Floats:
    """Return the weights by node without the goroutine that answers us, and those that were
    stopped for the look at the function they were stopped in.
    """
    names = [frame.name for frame in profile.frames]
    weight, frames = profile.tree.weight.copy(), profile.tree.frame.tolist()
    for node in range(len(frames) - 1, 0, -1):  # children stand behind their parents
        name = names[frames[node]]
        if name in _STOPPED:
            weight[profile.tree.parent[node]] += weight[node]
        if name in _STOPPED or name.startswith(_OURS):
            weight[node] = 0.0
    return weight


def _nothing(pid: int, kind: str) -> ToolFailedError | UnsupportedError:
    who = proc.name(pid)
    if kind == "lock":
        return UnsupportedError(
            f"{who}: it records no locks: its block and mutex profiles are empty",
            hint="Record kind=wall, which shows where goroutines wait without any setting, or call "
            "runtime.SetMutexProfileFraction(100) and runtime.SetBlockProfileRate in the program",
        )
    return ToolFailedError(
        f"{who}: nothing was recorded: it did not use the processor or allocate",
        hint="Put it under load while you record, or record kind=wall to see what it waits for",
    )
