"""Which of the twelve commands a sentence means, how surely, and what else it could be."""

import math
from collections import Counter
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field

from slowcoach.core.errors import InputError
from slowcoach.routing.arguments import arguments_of
from slowcoach.routing.vocabulary import Vocabulary, vocabulary

NONE = "none"
_LONGEST = 20_000
_ALTERNATIVES = 3
_REPEATS = 3


class Alternative(BaseModel):
    """Another reading of the sentence."""

    model_config = ConfigDict(frozen=True)

    command: str
    confidence: float


class Route(BaseModel):
    """The command, how sure (0 to 1), other readings, and the arguments that it was said with."""

    model_config = ConfigDict(frozen=True)

    command: str
    confidence: float = Field(ge=0, le=1)
    alternatives: tuple[Alternative, ...] = ()
    arguments: dict[str, str | int | float] = {}


def route(text: str) -> Route:
    """Return the command that a sentence means, `none` when it is none of the twelve.

    Every concept of the vocabulary that the sentence holds (alone, or two and three together)
    adds its weight to the commands; the scores become likelihoods by a softmax.
    Raises InputError for an empty text.
    """
    if not text.strip():
        raise InputError("sentence: expected words, got nothing", hint='slowcoach route "..."')
    known = vocabulary()
    scores = scored(text[:_LONGEST], known)
    ranked = sorted(likelihoods(scores, known.limit("temperature")).items(), key=lambda i: -i[1])
    command, likelihood = ranked[0]
    least = known.limit("least_alternative")
    return Route(
        command=command,
        confidence=round(likelihood, 3),
        alternatives=tuple(
            Alternative(command=name, confidence=round(share, 3))
            for name, share in ranked[1 : 1 + _ALTERNATIVES]
            if share >= least
        ),
        arguments=arguments_of(command, text),
    )


def scored(text: str, known: Vocabulary) -> dict[str, float]:
    """Return each command's score."""
    concepts = known.concepts(text)
    scores = {
        command: sum(weight * _times(names, concepts, known) for names, weight in weights)
        for command, weights in known.weights.items()
    }
    scores[NONE] += known.limit("least_score")
    return scores


def _times(names: tuple[str, ...], concepts: Counter[str], known: Vocabulary) -> float:
    """Return how often concepts stand together; more than one counts less."""
    together = min(min(concepts[name] for name in names), _REPEATS)
    return 1 + known.limit("repeated") * (together - 1) if together else 0.0


def likelihoods(scores: Mapping[str, float], temperature: float) -> dict[str, float]:
    """Return scores as likelihoods that add up to 1 (softmax)."""
    most = max(scores.values())
    parts = {name: math.exp((score - most) / temperature) for name, score in scores.items()}
    whole = sum(parts.values())
    return {name: part / whole for name, part in parts.items()}
