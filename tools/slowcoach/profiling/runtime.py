"""A runtime that can be recorded: one file in `runtimes/` each, found by process or command."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from slowcoach.core.errors import InputError, UnsupportedError
from slowcoach.core.job import Job
from slowcoach.core.registry import discover
from slowcoach.profiling.session import Request, Session

How = Literal["pid", "command", "target"]
FALLBACK = "native"  # records any program that nothing else claims


@dataclass(frozen=True, kw_only=True)
class Runtime:
    """How programs of one runtime are told and recorded.

    `kinds` says what can be recorded of a pid, a command and a target; `rates` how often it is
    looked when nobody asks for a rate (samples a second; missing: the recorder is not asked for
    one); `instead` what to do for a kind that cannot be recorded.
    """

    name: str
    title: str
    kinds: Mapping[How, tuple[str, ...]]
    owns: Callable[[int], bool]
    starts: Callable[[Sequence[str]], bool]
    record: Callable[[Request, Job], Session]
    names: Callable[[str], bool] = lambda _target: False
    rates: Mapping[How, int] = field(default_factory=dict[How, int])
    instead: Mapping[str, str] = field(default_factory=dict[str, str])

    def must_record(self, kind: str, how: How) -> None:
        """Raise UnsupportedError, saying what to do, for what cannot be recorded."""
        possible = self.kinds.get(how, ())
        if kind in possible:
            return
        if not possible:
            others = " or ".join(str(each) for each in self.kinds)
            raise UnsupportedError(
                f"{how}: of {self.title} only a {others} can be recorded",
                hint="Start the program, put it under its load, and give its pid",
            )
        raise UnsupportedError(
            f"kind {kind}: of a {how} of {self.title} only {', '.join(possible)} can be recorded",
            hint=self.instead.get(kind, f"Ask for one of {', '.join(possible)}"),
        )


@cache
def runtimes() -> Mapping[str, Runtime]:
    """Return every runtime by its name."""
    from slowcoach.profiling import runtimes as package

    return {runtime.name: runtime for runtime in discover(package, "RUNTIME", Runtime)}


def runtime_of(request: Request, asked: str | None) -> Runtime:
    """Return the asked runtime, or the one that claims the request's process or command."""
    known = runtimes()
    if asked is not None:
        return known[asked]
    for runtime in known.values():
        if request.pid is not None and runtime.owns(request.pid):
            return runtime
        if request.command and runtime.starts(request.command):
            return runtime
        if request.target is not None and runtime.names(request.target):
            return runtime
    return known[FALLBACK]


def how(request: Request) -> How:
    """Return what a request names; raises InputError unless it is exactly one thing."""
    given: dict[How, bool] = {
        "pid": request.pid is not None,
        "command": bool(request.command),
        "target": request.target is not None,
    }
    named: list[How] = [name for name, there in given.items() if there]
    if len(named) != 1:
        raise InputError(
            f"expected one of pid, command and target, got {len(named)} of them",
            hint="Give the pid of a running program, a command to start, or module:function",
        )
    return named[0]
