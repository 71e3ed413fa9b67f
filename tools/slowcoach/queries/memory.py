"""How much work_mem a step would have needed."""

import math

from slowcoach.queries.figures import Step
from slowcoach.queries.subject import Recommendation

_KB_PER_MB = 1024
_BYTES_PER_MB = 1024 * 1024


def work_mem(step: Step, needed_kb: float, most_bytes: float) -> tuple[Recommendation, ...]:
    """Return the setting that keeps the step in memory; none beyond `most_bytes` a step.

    Rounded up to a power of two of MB, for the figure is a rough one.
    """
    megabytes = max(1, math.ceil(needed_kb / _KB_PER_MB))
    rounded = 1 << (megabytes - 1).bit_length()
    if rounded * _BYTES_PER_MB > most_bytes:
        return ()
    return (
        Recommendation(
            kind="setting",
            statement=f"SET LOCAL work_mem = '{rounded}MB'",
            why=f"{step.node.label} would stay in memory; set it for this query only, "
            "for every sort and hash of every session may take as much",
            step=step.index,
        ),
    )
