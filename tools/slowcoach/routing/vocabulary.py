"""The words of knowledge/pages/routing.md, and how typing errors are put right by them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from slowcoach.core.knowledge import DATA, page
from slowcoach.routing.masking import masked, stem, words

_SHORT, _LONG = 4, 9  # words under 4 letters are taken as they are; of 9 on two slips are forgiven
HOMONYM = "homonym"  # the concept of terms that look like ours and are not
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Terms (stems in a row) by the concepts that they stand for; weights of the commands."""

    terms: Mapping[Key, frozenset[str]]
    weights: Mapping[str, tuple[tuple[tuple[str, ...], float], ...]]
    single: frozenset[str]
    known: frozenset[str]
    longest: int
    data: Mapping[str, Any]

    def limit(self, name: str) -> float:
        """Return one of the page's limits."""
        return float(self.data["limits"][name]["value"])

    def concepts(self, text: str) -> Counter[str]:
        """Return how many different terms of each concept a sentence holds.

        The words of a homonym ("profile picture") speak for nothing else.
        """
        stems = words(masked(text), self.spelled)
        seen: dict[str, set[int]] = defaultdict(set)
        taken: set[int] = set()
        said = list(self._said(stems))
        for start, end, concept in said:
            if concept == HOMONYM:
                taken |= {*range(start, end)}
        for start, end, concept in said:
            if concept == HOMONYM or not taken.intersection(range(start, end)):
                seen[concept].add(start)
        return Counter({concept: len(places) for concept, places in seen.items()})

    def _said(self, stems: list[str]) -> Iterable[tuple[int, int, str]]:
        """Return where the terms of concepts begin and end."""
        for start in range(len(stems)):
            for end in range(start + 1, min(start + self.longest, len(stems)) + 1):
                for concept in self.terms.get(tuple(stems[start:end]), ()):
                    yield start, end, concept

    def spelled(self, word: str) -> str:
        """Return the word of the vocabulary that a mistyped one is nearest to, else itself."""
        if len(word) < _SHORT or word in self.known or stem(word) in self.known:
            return word
        return nearest(word, self.single)


@cache
def vocabulary() -> Vocabulary:
    """Return the vocabulary, read once."""
    data = page("routing").data
    terms: dict[Key, set[str]] = defaultdict(set)
    single: set[str] = set()
    for concept, texts in data["concepts"].items():
        for text in map(str, texts):
            terms[tuple(words(text.lower()))].add(concept)
            single |= {word for word in text.lower().split() if len(word) >= _SHORT}
    known = set(single) | {stem(word) for word in single}
    for word in (DATA / "knowledge/routing/real_words.txt").read_text(encoding="utf-8").split():
        known |= {word, stem(word)}
    return Vocabulary(
        terms={key: frozenset(concepts) for key, concepts in terms.items()},
        weights={name: tuple(_weights(given)) for name, given in data["weights"].items()},
        single=frozenset(single),
        known=frozenset(known),
        longest=max(map(len, terms)),
        data=data,
    )


def _weights(given: Mapping[str, float]) -> Iterable[tuple[tuple[str, ...], float]]:
    return ((tuple(names.split("+")), float(weight)) for names, weight in given.items())


def nearest(word: str, choices: Iterable[str]) -> str:
    """Return the choice within one slip (a letter wrong, missing, too many, or two swapped; two
    slips from nine letters on), the word itself when there is none or two are as likely.
    """
    from rapidfuzz.distance import OSA

    most = 2 if len(word) >= _LONG else 1
    slips = ((choice, OSA.distance(word, choice, score_cutoff=most)) for choice in choices)
    likely = sorted((_unlikely(word, choice, n), choice) for choice, n in slips if n <= most)
    if not likely:
        return word
    best = [choice for rank, choice in likely if rank == likely[0][0]]
    return best[0] if len({stem(choice) for choice in best}) == 1 else word


def _unlikely(word: str, choice: str, slips: float) -> tuple[float, bool, bool]:
    """Return how unlikely a choice is: letters are swapped more often than wrong, the first one
    is seldom wrong.
    """
    return slips, sorted(word) != sorted(choice), word[0] != choice[0]
