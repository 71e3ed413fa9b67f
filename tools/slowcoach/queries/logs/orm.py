"""Which library wrote a statement, told by its style, and how it loads relations at once."""

import re
from collections.abc import Sequence

from slowcoach.core.knowledge import page

_STYLES = (
    ("Hibernate", re.compile(r"\b[a-z]+\d_\d\.\w|\b\w+\d_\.\w+ as \w+\d_")),
    ("Prisma", re.compile(r'from "public"\."\w+" where ?\(?"public"')),
    ("ActiveRecord", re.compile(r'^select "(\w+)"\.\* from "\1"|^select `(\w+)`\.\* from `\2`')),
    ("Django", re.compile(r'^select (["`])\w+\1\.\1\w+\1(?: as \S+)?,.* from \1[a-z0-9]+_\w+\1')),
    ("SQLAlchemy", re.compile(r"^select (\w+)\.(\w+) as \1_\2\b|\b\w+_1\.\w+ as \w+_1_\w+")),
)


def orm_of(key: str, known: str = "", caller: str = "") -> str:
    """Return the library's name as the page on N+1 writes it, "" when it cannot be told."""
    if known:
        return known
    if "resolve" in caller.lower() or "graphql" in caller.lower():
        return "GraphQL"
    return next((name for name, pattern in _STYLES if pattern.search(key)), "")


def fixes(general: Sequence[str], orm: str) -> tuple[str, ...]:
    """Return how this library does it (from the page on N+1), then what holds for all."""
    if not orm:
        return tuple(general)
    own = [
        line.strip()
        for fix in page("n_plus_one").data["fixes"]
        for line in fix["code"].splitlines()
        if line.startswith(f"{orm}: ")
    ]
    return (*own, *general)
