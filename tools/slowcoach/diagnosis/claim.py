"""What a cause claims of the latency: activities, and requests that nobody works on."""

from collections.abc import Callable
from dataclasses import dataclass

from slowcoach.diagnosis.activity import Test
from slowcoach.diagnosis.models import Activity


@dataclass(frozen=True, slots=True)
class Claim:
    """`part`: how much of an activity it explains (0..1). `queues`: that nobody works on the rest
    of the requests is its own doing, rather than the consequence of what the others do.
    """

    part: Callable[[Activity], float]
    queues: bool = False


def all_that(test: Test, *, queues: bool = False) -> Claim:
    """Return the claim to all activities that pass a test."""
    return Claim(lambda a: float(test(a)), queues)
