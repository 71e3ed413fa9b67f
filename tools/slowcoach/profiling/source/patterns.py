"""Which sites of a function's source are costly patterns. The patterns are data:
knowledge/pages/source_patterns.md, with the methodology's table of algorithms. Pure.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from slowcoach.core.knowledge import page
from slowcoach.profiling.source.syntax import Function, Site

PAGE, TABLE = "source_patterns", "algorithms"
_GROWS = ("append", "push", "add")


@dataclass(frozen=True, slots=True)
class Look:
    """What a pattern's site looks like in some languages; empty fields fit anything."""

    languages: frozenset[str]
    kind: str
    names: re.Pattern[str] | None
    of: str
    form: str
    loops: int
    grows: bool

    def fits(self, language: str, site: Site, grown: frozenset[str]) -> bool:
        """Tell whether a site looks like this."""
        return (
            language in self.languages
            and site.kind == self.kind
            and site.loops >= self.loops
            and (not self.of or site.of == self.of)
            and (not self.form or site.form.startswith(self.form))
            and (self.names is None or self.names.search(site.text) is not None)
            and (not self.grows or _receiver(site) in grown)
        )


@dataclass(frozen=True, slots=True)
class Pattern:
    """One costly pattern: what it is, its order now and after, and the fix by language."""

    id: str
    what: str
    now: str
    after: str
    fix: dict[str, str]
    confidence: float
    cause: str | None
    lines: bool
    looks: tuple[Look, ...]

    def fix_in(self, language: str) -> str:
        """Return the fix in a language's idiom."""
        return self.fix.get(language) or self.fix["any"]


@cache
def patterns() -> tuple[Pattern, ...]:
    """Return the patterns, the more telling first."""
    return tuple(map(_pattern, page(PAGE).data["patterns"]))


@cache
def problems() -> dict[str, dict[str, str]]:
    """Return the methodology's rows by problem."""
    return {row["problem"]: row for row in page(TABLE).data["patterns"]}


def _pattern(row: dict[str, Any]) -> Pattern:
    known = problems().get(row.get("problem", ""), {})
    return Pattern(
        id=row["id"],
        what=row["what"],
        now=row.get("now") or known["bad"],
        after=row.get("after") or known["good"],
        fix=row["fix"],
        confidence=row["confidence"],
        cause=row.get("cause"),
        lines=row.get("lines", False),
        looks=tuple(map(_look, row["looks"])),
    )


def _look(row: dict[str, Any]) -> Look:
    names = row.get("names")
    languages = set(row["in"])
    if "javascript" in languages:
        languages.add("typescript")
    return Look(
        languages=frozenset(languages),
        kind=row["kind"],
        names=re.compile(names) if names else None,
        of=row.get("of", ""),
        form=row.get("form", ""),
        loops=row.get("loops", 0),
        grows=row.get("grows", False),
    )


def seen(language: str, function: Function) -> Iterator[tuple[Pattern, Site]]:
    """Return each pattern that a site of the function is, one for each site."""
    grown = frozenset(
        site.text.rpartition(".")[0]
        for site in function.sites
        if site.kind == "call" and site.loops and site.text.rpartition(".")[2] in _GROWS
    )
    for site in function.sites:
        for pattern in patterns():
            if any(look.fits(language, site, grown) for look in pattern.looks):
                yield pattern, site
                break


def _receiver(site: Site) -> str:
    return site.text if site.kind == "search" else site.text.rpartition(".")[0]
