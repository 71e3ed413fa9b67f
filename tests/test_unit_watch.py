"""How often the units of a service are looked at."""

import math

import pytest

from slowcoach.diagnosis.evidence.unit_watch import Pace

CALM = Pace(0.1, 0.2)
JVM = Pace(0.1, 0.2, later=0.1, enough=20, longest_s=0.5)


@pytest.mark.parametrize(
    ("pace", "took", "looks", "pause"),
    [
        (CALM, 0.01, 5, 0.09),  # looks begin an interval apart
        (CALM, 0.05, 5, 0.2),  # a fifth of the time
        (CALM, 0.05, 500, 0.2),
        (JVM, 0.05, 19, 0.2),
        (JVM, 0.05, 20, 0.45),  # enough are there: a tenth
        (JVM, 1.2, 3, 0.5),  # it waited for a processor
    ],
)
def test_looks_take_their_share_of_the_time(
    pace: Pace, took: float, looks: int, pause: float
) -> None:
    assert math.isclose(pace.pause(took, looks), pause)
