"""What a kind of bottleneck is: one file in `bottlenecks/` each, with `BOTTLENECK`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from slowcoach.core.finding import Evidence
from slowcoach.core.registry import discover
from slowcoach.load.answer import Bottleneck
from slowcoach.load.shape import Shape


@dataclass(frozen=True, slots=True)
class Suspect:
    """A bottleneck that a test speaks for, and what was seen."""

    bottleneck: Bottleneck
    evidence: tuple[Evidence, ...]
    where: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of limit. `judge` returns a suspect, None when nothing speaks for it, or in words
    what it would take to tell. `explains` names the kinds whose signs this one brings about: where
    it is suspected with the confidence of `least_confidence` or more, they are not.
    """

    name: str
    rule: str
    judge: Callable[[Shape], Suspect | str | None]
    explains: frozenset[str] = frozenset()


@cache
def kinds() -> Mapping[str, Kind]:
    """Return every kind by its name."""
    from slowcoach.load import bottlenecks as package

    return {kind.name: kind for kind in discover(package, "BOTTLENECK", Kind)}


def figure(value: float | None, digits: int = 4) -> float | None:
    """Return a figure of a bottleneck without digits that mean nothing."""
    return None if value is None else float(f"{value:.{digits}g}")
