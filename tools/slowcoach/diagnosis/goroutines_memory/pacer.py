"""What lived on a Go program's heap at the last collection, as its collector's pacer has it.

The pacer (runtime.gcController in runtime/mgcpacer.go) begins with the percentage of GOGC, the
memory limit and the least heap, which is 4 MB by that percentage: by these it is found among the
program's variables, though the program be stripped of symbols. The places of its fields are those
of the debugging information of Go 1.20 to 1.27 (linux/amd64).
"""

from __future__ import annotations

import re
from typing import Final

from slowcoach.diagnosis.goroutines_memory.heap import variables
from slowcoach.diagnosis.interpreter.memory import ProcessMemory

_WORD: Final = 8
_LEAST_HEAP: Final = 4 << 20
_PERCENT: Final = 100
_HIGHEST_PERCENT: Final = 1_000
_LEAST_LIMIT: Final = 1 << 20
_PERCENT_AT, _LIMIT_AT, _LEAST_AT = 0, 1, 2  # words
_MARKED_SINCE: Final = ((21, 152), (20, 128))  # Go 1.x and bytes
_MINOR: Final = re.compile(r"^(?:go)?1\.(\d+)")


def living_at(memory: ProcessMemory, version: str) -> int | None:
    """Return the address of the number of bytes that lived at the last collection; None where it
    is not known, or is found more than once.
    """
    import numpy as np

    minor = _MINOR.match(version)
    known = int(minor[1]) if minor else 0
    offset = next((at for since, at in _MARKED_SINCE if known >= since), None)
    if offset is None:
        return None
    found: list[int] = []
    for base, words in variables(memory):
        last = len(words) - _LEAST_AT
        # the upper half of the first word is padding
        percent = words[_PERCENT_AT:last] & np.uint64(0xFFFFFFFF)
        limit = words[_LIMIT_AT : last + _LIMIT_AT]
        least = words[_LEAST_AT : last + _LEAST_AT]
        fit = (percent >= 1) & (percent <= _HIGHEST_PERCENT) & (limit >= _LEAST_LIMIT)
        fit &= (least > 0) & (least == percent * np.uint64(_LEAST_HEAP) // np.uint64(_PERCENT))
        found += [base + int(i) * _WORD + offset for i in np.flatnonzero(fit)]
    return found[0] if len(set(found)) == 1 else None
