"""What is fuzzed: bytes go in as a user's file, and the whole answer comes out, or a clear error.

Anything else is a failure: another exception, an answer that contradicts itself, one that
cannot be stored or shown, or one that takes too long or too much memory.
"""

import json
import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import numpy as np

from slowcoach.api.analyze_profile import analyzed
from slowcoach.core.errors import SlowcoachError
from slowcoach.profiling import pictures, readers
from slowcoach.profiling.answer import ProfileAnswer
from slowcoach.profiling.export import flame_tree, to_speedscope
from slowcoach.profiling.exports import exports
from slowcoach.profiling.model import Profile
from slowcoach.profiling.values import one_view
from slowcoach_server.present import ANSWER_LIMIT, structured, text

REFUSED = "refused"
CPU_S = 10.0
MEMORY = 400_000_000  # bytes that one small file may take
_LONGEST_MESSAGE = 6_000
_CLOSE = 1e-6


class HangError(BaseException):
    """The input took too much processor time; no reader catches this."""


class BrokenError(Exception):
    """The answer is wrong in itself."""


def outcome(data: bytes, *, seconds: float = CPU_S) -> str:
    """Return the format that was read, or "refused" for a clear error; raises for a failure."""
    before = peak()
    with bounded(seconds):
        form = _answered(data)
    grown = peak() - before
    if grown > MEMORY:
        raise BrokenError(f"{grown:,} bytes of memory for a file of {len(data):,}")
    return form


def _answered(data: bytes) -> str:
    try:
        form, profiles = readers.opened(data, "fuzzed")
        function = profiles[0].frames[0].name if profiles[0].frames and len(data) % 2 else None
        answer = analyzed(profiles, form, function=function)
    except SlowcoachError as error:
        need(bool(error.message and error.hint), f"an error without words: {error!r}")
        need(len(str(error)) < _LONGEST_MESSAGE, f"an error of {len(str(error)):,} characters")
        str(error).encode()
        return REFUSED
    for profile in profiles[:20]:
        _check_profile(profile)
    _check_answer(answer)
    _check_exports(profiles)
    return form


def _check_profile(profile: Profile) -> None:
    tree, whole = profile.tree, profile.total
    size = len(tree.parent)
    nodes = np.arange(size)
    need(len(tree.end) == len(tree.frame) == len(tree.weight) == size > 0, "columns of one length")
    need(tree.parent[0] == -1 and tree.end[0] == size and tree.frame[0] == -1, "a root")
    need(bool((tree.parent[1:] < nodes[1:]).all() and (tree.parent[1:] >= 0).all()), "parents")
    need(bool((tree.end > nodes).all() and (tree.end <= size).all()), "ranges of subtrees")
    inside = tree.end[1:] <= tree.end[tree.parent[1:]]
    need(bool(inside.all()), "subtrees within their parents'")
    frames = tree.frame[1:]
    need(bool(((frames >= 0) & (frames < len(profile.frames))).all()), "frames of the table")
    need(len(profile.lines) in (0, len(profile.frames)), "a line for each frame, or none")
    need(np.isfinite(whole) and whole >= 0, f"a total, got {whole}")
    for weights in (profile.self_weights, profile.total_weights):
        need(bool(np.isfinite(weights).all() and (weights >= 0).all()), "weights of 0 or more")
    if profile.flat is None:
        most = profile.total_weights.max(initial=0)
        need(most <= whole * (1 + _CLOSE), f"no function above the whole: {most} of {whole}")
        short = profile.self_weights > profile.total_weights + whole * _CLOSE
        need(not short.any(), "self weights within totals")
    need(profile.samples is None or profile.samples >= 0, f"samples, got {profile.samples}")


def _check_answer(answer: ProfileAnswer) -> None:
    stored = answer.model_dump(mode="json")
    said = json.dumps(stored, allow_nan=False, ensure_ascii=False)
    said.encode()
    again = type(answer).model_validate(json.loads(said)).model_dump(mode="json")
    need(again == stored, "an answer that can be stored")
    shown = json.dumps(structured(answer), allow_nan=False, ensure_ascii=False)
    if answer.function is None:  # who asks for one function gets all of it
        need(len(shown) <= ANSWER_LIMIT + 500, f"a short answer, got {len(shown):,} characters")
    need(len(text(answer)) <= ANSWER_LIMIT, "a short text")
    need("\x1b" not in text(answer) + shown, "no control characters")


def _check_exports(profiles: list[Profile]) -> None:
    kept = readers.read(to_speedscope(profiles, "fuzzed"), "export")
    for before, after in zip(profiles, kept, strict=True):
        stacks = float(before.tree.weight[1:].sum())
        same = abs(after.total - stacks) <= _CLOSE * max(stacks, 1e-300)
        need(same, f"the weight to survive the export: {stacks} is {after.total}")
    json.dumps(flame_tree(profiles[0]), allow_nan=False).encode()
    pictures.draw("flame", one_view(profiles), "fuzzed").encode()
    for export in exports().values():
        made = export.write(profiles, "fuzzed")
        # a name such as `# main` is a comment in collapsed stacks, which cannot escape it
        if export.format != "collapsed" and any(profile.total >= 1 for profile in profiles):
            need(readers.opened(made, "export")[0] == export.format, f"{export.format} again")


def need(holds: bool, what: str) -> None:
    """Raise BrokenError for what does not hold."""
    if not holds:
        raise BrokenError(f"expected {what}")


def peak() -> int:
    """Return the most memory that this process has had, in bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


@contextmanager
def bounded(seconds: float) -> Iterator[None]:
    """Raise HangError when the block takes more processor time (a busy machine does not matter)."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise HangError(f"more than {seconds:g} s of processor time")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
