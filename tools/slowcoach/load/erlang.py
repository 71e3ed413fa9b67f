"""Erlang's loss formula: what share of a load finds all slots taken. Pure."""

from __future__ import annotations

_MOST_SLOTS = 1_000_000


def erlang_slots(offered: float, refused: float) -> float:
    """Return how many slots refuse this share of an offered load (in requests under way).

    Erlang's loss formula by its recursion, B(n) = a B(n-1) / (n + a B(n-1)); between two whole
    numbers of slots in a straight line.
    """
    share, slots = 1.0, 0
    while share > refused and slots < _MOST_SLOTS:
        before, slots = share, slots + 1
        share = offered * before / (slots + offered * before)
        if share <= refused:
            return slots - 1 + (before - refused) / (before - share)
    return float(slots)
