"""What a cause is: a word of the list, how it is judged, and what of the latency it claims."""

from collections.abc import Callable
from dataclasses import dataclass

from slowcoach.diagnosis.claim import Claim
from slowcoach.diagnosis.models import Judgement
from slowcoach.diagnosis.view import View


@dataclass(frozen=True)
class Cause:
    """One word of the causes, and the pure function that judges the evidence by it.

    `symptoms` are causes that this one brings about: where it is likely they count less.
    `claims` tells which activities it explains; without it, it explains none of the latency.
    """

    word: str
    judge: Callable[[View], Judgement]
    symptoms: tuple[str, ...] = ()
    claims: Callable[[View], Claim] | None = None


__all__ = ["Cause", "Claim"]
