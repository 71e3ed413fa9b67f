"""An event loop that stands at files: at the disk, or in a call that copies what is in memory."""

import pytest

from slowcoach.diagnosis.decide import decide
from slowcoach.diagnosis.models import Observed
from test_decide import does, phase, service


def standing(leaf: str, cpu_s: float, runtime: str = "node") -> Observed:
    """Return a service whose loop stands at files for nine tenths of ten seconds."""
    files = does("disk", 0.9, "keep", "loop").model_copy(update={"leaves": {leaf: 0.9}})
    loaded = phase(6, 600.0, (files,)).model_copy(
        update={"loop_busy": 0.97, "cpu_user_s": cpu_s, "cpu_system_s": 0.0, "seconds": 10.0}
    )
    alone = phase(1, 100.0, (files,)).model_copy(update={"loop_busy": 0.9})
    return service(alone, loaded).model_copy(update={"runtime": runtime})


@pytest.mark.parametrize(
    ("leaf", "cpu_s", "runtime", "cause"),
    [
        ("fsync", 2.0, "node", "io.disk"),
        ("writeBuffer", 1.0, "node", "io.disk"),  # a file that is opened to sync each write
        ("read", 9.0, "node", "loop.blocked"),
        ("read", 9.0, "python", "io.disk"),  # the kernel said that it waits
    ],
)
def test_a_loop_that_waits_for_the_disk_is_told_from_one_that_copies(
    leaf: str, cpu_s: float, runtime: str, cause: str
) -> None:
    assert decide(standing(leaf, cpu_s, runtime)).cause == cause
