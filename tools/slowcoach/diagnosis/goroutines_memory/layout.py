"""Where the fields of Go's structures lie in memory, by version of Go (linux/amd64).

From runtime/runtime2.go and internal/abi/symtab.go of each version, as its debugging information
has them. A layout is taken only if the goroutines of the process agree with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Layout:
    """Offsets in a `g` in bytes, from Go 1.`since` on.

    `inlined` is the word of the module data that tells where the data of functions lie; `wrapper`
    the number of functions that the compiler makes to call another.
    """

    since: int
    syscall: int
    status: int
    number: int
    reason: int
    moves: int
    parent: int
    created: int
    started: int
    inlined: int
    wrapper: int


NOWHERE: Final = -1  # Go 1.20 does not know who started a goroutine

# the same in all versions: stack.lo, stack.hi, and sched: sp, pc, g
STACK: Final = 0
SCHEDULED: Final = 56
SIZE: Final = 320

LAYOUTS: Final = (
    Layout(27, 104, 144, 152, 176, 191, 280, 288, 304, 43, 23),
    Layout(26, 104, 144, 152, 176, 191, 280, 288, 304, 40, 23),
    Layout(25, 104, 144, 152, 176, 191, 272, 280, 296, 40, 23),
    Layout(23, 112, 152, 160, 184, 199, 280, 288, 304, 40, 22),
    Layout(22, 112, 144, 152, 176, 191, 272, 280, 296, 40, 22),
    Layout(21, 112, 144, 152, 176, 188, 272, 280, 296, 40, 21),
    Layout(20, 112, 144, 152, 176, 189, NOWHERE, 296, 312, 40, 21),
)
_MINOR: Final = re.compile(r"^(?:go)?1\.(\d+)")


def layouts_for(version: str) -> Iterator[Layout]:
    """Yield the layouts that may fit a version of Go ("go1.26.8"), the likeliest first."""
    found = _MINOR.match(version)
    minor = int(found[1]) if found else LAYOUTS[0].since
    first = next((each for each in LAYOUTS if each.since <= minor), None)
    if first is not None:
        yield first
    yield from (each for each in LAYOUTS if each is not first)
