"""What a cause is: a word of the list and how it is judged."""

from collections.abc import Callable
from dataclasses import dataclass

from slowcoach.diagnosis.models import Judgement
from slowcoach.diagnosis.view import View


@dataclass(frozen=True)
class Cause:
    """One word of the causes, and the pure function that judges the evidence by it.

    `symptoms` are causes that this one brings about: where it is likely they count less.
    """

    word: str
    judge: Callable[[View], Judgement]
    symptoms: tuple[str, ...] = ()
