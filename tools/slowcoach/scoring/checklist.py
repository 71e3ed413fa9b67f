"""The checklist's items judged by what was found and what was answered. Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from slowcoach.core.knowledge import page, rule
from slowcoach.scoring.model import Evidence, Hit

PAGE = "review_checklist"
_NO = frozenset({"no", "none", "never", "false", "not yet"})
_DOES_NOT_APPLY = frozenset({"n/a", "na", "not applicable", "does not apply"})
_SHOWN = 2

Answer = bool | str


class Status(StrEnum):
    """How far an item is known."""

    SHOWN = "shown"
    PARTLY = "partly"
    ANSWERED = "answered"
    ASKED = "asked"
    DOES_NOT_APPLY = "does_not_apply"


@dataclass(frozen=True, slots=True)
class Item:
    """One of the twenty lines, as the page has it."""

    id: str
    points: int
    category: str
    text: str
    evidence: str
    ask: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """One line with its points, what speaks for them, and what would tell the rest."""

    item: Item
    status: Status
    awarded: int
    hits: tuple[Hit, ...]
    how: str

    @property
    def open_points(self) -> int:
        """Return the points that an answer could still bring."""
        return self.item.points - self.awarded if self.status in {"asked", "partly"} else 0

    @property
    def missing(self) -> int:
        """Return the points that are not awarded."""
        return 0 if self.status == Status.DOES_NOT_APPLY else self.item.points - self.awarded


@dataclass(frozen=True, slots=True)
class Score:
    """Points of some lines: awarded, could be with answers, and of how many."""

    awarded: int
    possible: int
    points: int

    @property
    def percent(self) -> int:
        """Return the awarded part of the points that apply, 0 to 100."""
        return round(100 * self.awarded / self.points) if self.points else 0

    @property
    def percent_possible(self) -> int:
        """Return what the percent would be if every open question were answered with yes."""
        return round(100 * self.possible / self.points) if self.points else 0


def items() -> tuple[Item, ...]:
    """Return the twenty lines of the checklist."""
    return tuple(Item(**line) for line in page(PAGE).data["items"])


def categories() -> dict[str, str]:
    """Return the names of the categories by their ids, in order."""
    found: dict[str, str] = page(PAGE).data["categories"]
    return found


def judge(
    found: Mapping[str, Sequence[Hit]],
    evidence: Mapping[str, Evidence],
    answers: Mapping[str, Answer],
) -> list[Judgement]:
    """Return each line's judgement: an answer decides, else what was found; never a guess."""
    return [
        _judge(item, found.get(item.id, ()), evidence.get(item.id), answers.get(item.id))
        for item in items()
    ]


def _judge(
    item: Item, hits: Sequence[Hit], evidence: Evidence | None, answer: Answer | None
) -> Judgement:
    if answer is not None:
        return _answered(item, tuple(hits), answer)
    if not hits:
        return Judgement(item, Status.ASKED, 0, (), item.ask)
    shown = {hit.part for hit in hits}
    parts = set(evidence.parts) if evidence else set[str]()
    missing = [] if "" in shown else sorted(parts - shown)
    if not missing:
        return Judgement(item, Status.SHOWN, item.points, _best(hits), "seen in the repository")
    part_share = rule("score.partial_evidence").limit("part_share")
    awarded = math.floor(item.points * part_share)
    how = f"not seen: {', '.join(missing)}. {item.ask}"
    return Judgement(item, Status.PARTLY, awarded, _best(hits), how)


def _answered(item: Item, hits: tuple[Hit, ...], answer: Answer) -> Judgement:
    text = answer.strip() if isinstance(answer, str) else "yes" if answer else "no"
    word = text.lower().rstrip(".!")
    if word in _DOES_NOT_APPLY:
        return Judgement(item, Status.DOES_NOT_APPLY, 0, _best(hits), "answered: does not apply")
    yes = bool(word) and word not in _NO
    awarded = item.points if yes else 0
    return Judgement(item, Status.ANSWERED, awarded, _best(hits), f"answered: {text or 'no'}")


def _best(hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """Return a few hits, those that show a whole item or different parts first."""
    first: dict[str, Hit] = {}
    for hit in hits:
        first.setdefault(hit.part, hit)
    return tuple(sorted(first.values(), key=lambda hit: hit.part))[:_SHOWN]


def score(judgements: Sequence[Judgement]) -> Score:
    """Add up the lines that apply."""
    counted = [j for j in judgements if j.status != Status.DOES_NOT_APPLY]
    awarded = sum(j.awarded for j in counted)
    return Score(
        awarded=awarded,
        possible=awarded + sum(j.open_points for j in counted),
        points=sum(j.item.points for j in counted),
    )


def by_value(judgements: Sequence[Judgement]) -> list[Judgement]:
    """Return what is missing, most points first; at a tie measuring comes before the rest.

    The page's order of categories is that of doing: what is not measured cannot be kept.
    """
    order = list(categories())
    missing = [j for j in judgements if j.missing]
    return sorted(missing, key=lambda j: (-j.missing, order.index(j.item.category)))
