"""Which of the candidates to take: the most saved for each byte, one step at a time.

After Schlosser, Kossmann, Boissier: Efficient scalable multi-attribute index selection using
recursive strategies (Extend, ICDE 2019): in each step an index is added, or one that was taken
is made wider, whichever saves most cost for each byte that it adds.
"""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from slowcoach.queries.advisor.candidates import Candidate
from slowcoach.queries.advisor.costing import NOTHING, Choice, Costs

_ROUNDS: Final = 3
_EXCHANGE_PLANS: Final = 300
_LEAST_SAVING: Final = 0.001  # of the whole cost; less is noise of the estimate
NO_LIMIT: Final = 10**18


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may be made: bytes, number of indexes, and what one must save of the whole."""

    size_bytes: int = NO_LIMIT
    indexes: int = 10
    least_saving: float = _LEAST_SAVING


def promising(costs: Costs, own: Iterable[tuple[int, list[Candidate]]]) -> list[Candidate]:
    """Return the candidates that the planner takes when a statement has all of its own at hand.

    What it took is hidden then, and it is asked again: second and third choices may serve other
    statements, or cost less space. Narrower forms of what it took are kept for the same reason.
    """
    found: dict[Candidate, None] = {}
    for query, mine in own:
        left = frozenset(mine)
        base = costs.of(query, NOTHING)
        for _ in range(_ROUNDS):
            used = costs.used(query, left)
            if not used or costs.of(query, left) >= base:
                break
            found |= dict.fromkeys(sorted(used, key=_order))
            left -= used
    narrower = [n for c in found for n in _narrower(c) if n in costs.made]
    return list(found | dict.fromkeys(narrower))


def _narrower(candidate: Candidate) -> list[Candidate]:
    found = []
    if candidate.included:
        found.append(_with(candidate, candidate.keys, ()))
    if not candidate.method:
        found += [_with(candidate, candidate.keys[:n], ()) for n in range(1, len(candidate.keys))]
    return found


def _with(candidate: Candidate, keys: tuple[str, ...], included: tuple[str, ...]) -> Candidate:
    return Candidate(
        candidate.schema, candidate.table, keys, included, candidate.method, candidate.condition
    )


def chosen(costs: Costs, found: list[Candidate], limits: Limits) -> Choice:
    """Return the best choice within the limits: by saving for each byte, or by saving alone."""
    by_size = _greedy(costs, found, limits, per_byte=True)
    by_saving = _greedy(costs, found, limits, per_byte=False)
    best = min((by_size, by_saving), key=costs.total)
    return _exchanged(costs, _without_idle(costs, best, limits), found, limits)


def _greedy(costs: Costs, found: list[Candidate], limits: Limits, *, per_byte: bool) -> Choice:
    """Add the best candidate until none helps or fits; savings found earlier are upper bounds.

    A candidate's saving seldom grows when others are there, so only the one at the head of the
    queue is asked about again.
    """
    choice, size = NOTHING, 0
    whole = costs.total(NOTHING)
    queue = [(-float("inf"), number) for number in range(len(found))]
    heapq.heapify(queue)
    fresh: dict[int, Choice] = {}
    while queue and len(choice) < limits.indexes:
        _, number = heapq.heappop(queue)
        candidate = found[number]
        after = frozenset({c for c in choice if not candidate.covers(c)} | {candidate})
        grown = costs.size(after) - size
        if candidate in choice or size + grown > limits.size_bytes:
            continue
        if fresh.get(number) == choice:
            choice, size = after, size + grown
            continue
        saving = costs.saved(candidate, choice, after)
        fresh[number] = choice
        if saving >= limits.least_saving * whole:
            worth = saving / max(grown, 1) if per_byte else saving
            heapq.heappush(queue, (-worth, number))
    return choice


def _without_idle(costs: Costs, choice: Choice, limits: Limits) -> Choice:
    """Take out what saves next to nothing beside the others."""
    whole = costs.total(NOTHING)
    for candidate in sorted(choice, key=_order):
        rest = choice - {candidate}
        if costs.total(rest) - costs.total(choice) < limits.least_saving * whole:
            choice = rest
    return choice


def _exchanged(costs: Costs, choice: Choice, found: list[Candidate], limits: Limits) -> Choice:
    """Exchange one for another, or add one that fits now, while that is cheaper.

    The most promising are looked at first, and no more than a bounded number of plans is asked.
    """
    until = costs.asked + _EXCHANGE_PLANS
    alone = {c: costs.saved(c, NOTHING, frozenset({c})) for c in found}
    ranked = sorted(found, key=lambda candidate: -alone[candidate])
    improved = True
    while improved:
        improved = False
        for candidate in ranked:
            if costs.asked >= until:
                return choice
            better = _better(costs, choice, candidate, limits)
            if better is not None:
                choice, improved = better, True
    return choice


def _better(costs: Costs, choice: Choice, candidate: Candidate, limits: Limits) -> Choice | None:
    """Return the choice with a candidate beside or instead of one on its table, if cheaper."""
    if candidate in choice:
        return None
    table = (candidate.schema, candidate.table)
    same = sorted((c for c in choice if (c.schema, c.table) == table), key=_order)
    least = _LEAST_SAVING * costs.total(choice)
    best: Choice | None = None
    for out in [None, *same]:
        other = frozenset((choice - {out} if out else choice) | {candidate})
        if len(other) > limits.indexes or costs.size(other) > limits.size_bytes:
            continue
        saving = costs.saved(candidate, choice, other)
        if saving > (limits.least_saving * costs.total(NOTHING) if out is None else least):
            best, least = other, saving
    return best


def _order(candidate: Candidate) -> tuple[str, ...]:
    return (candidate.table, *candidate.keys, *candidate.included)
