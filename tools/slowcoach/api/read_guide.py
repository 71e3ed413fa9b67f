"""The tool `read_guide`: the methodology, for whoever asks by name."""

import difflib
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from slowcoach.core.errors import InputError
from slowcoach.core.guide import INDEX, Guide, also, cut, find, guides, ranked, sections
from slowcoach.core.result import Result
from slowcoach.core.tool import Tool
from slowcoach.core.units import share

_MOST_CHARACTERS = 4500
_MOST_OF_INDEX = 5000
_NEAREST = 5
_ALSO = 3


class GuidePage(Result):
    """The answer of `read_guide`."""

    title: str
    text: str
    source: str = Field(description="The resource that holds the whole text.")
    sections: tuple[str, ...] = ()
    also: tuple[str, ...] = Field(default=(), description="Other topics that fit.")

    def body(self) -> str:
        """Return the page."""
        return self.text


def read_guide(
    topic: Annotated[
        str,
        Field(
            max_length=200,
            description="Name, rule id or question, such as indexes, db.n_plus_one, phase 5. "
            "Empty: all topics.",
        ),
    ] = "",
    section: Annotated[str, Field(max_length=200, description="One heading of a long page.")] = "",
) -> GuidePage:
    """Read the performance methodology's page on a topic: limits, checklists, trees, fixes.

    Use it to explain a finding (by its rule id), to choose a fix or a tool, or before planning a
    phase of work. With an empty topic it lists all. Long pages are cut; ask for a `section`.
    """
    known = guides()
    if not topic.strip():
        return _index(known)
    guide = find(topic, known)
    if guide is None:
        near = ", ".join(guide.id for _, guide in ranked(topic, known)[:_NEAREST])
        raise InputError(
            f"topic: no page, rule or phase for {topic.strip()[:80]!r}",
            hint=f"Nearest: {near}. An empty topic lists all.",
        )
    return _page(guide, section, also(topic, known, guide, _ALSO))


def _page(guide: Guide, section: str, others: tuple[str, ...]) -> GuidePage:
    whole = guide.text()
    parts = sections(whole)
    wanted = parts[_heading(section, guide, list(parts))] if section.strip() else whole
    shown = cut(wanted, _MOST_CHARACTERS)
    warnings: tuple[str, ...] = ()
    if shown != wanted:
        of = share(len(shown) / len(wanted))
        warnings = (f"Shown: {of} of the text. The whole is {guide.uri}; or ask for a section.",)
    return GuidePage(
        summary=f"{guide.title}. {guide.description}".strip(),
        title=guide.title,
        text=shown,
        source=guide.uri,
        sections=tuple(parts),
        also=others,
        warnings=warnings,
    )


def _heading(section: str, guide: Guide, headings: Sequence[str]) -> str:
    lowered = {heading.lower(): heading for heading in headings}
    asked = section.strip().lower().lstrip("# ")
    near = difflib.get_close_matches(asked, lowered, n=1)
    begins = [heading for heading in lowered if asked in heading]
    if found := [asked] * (asked in lowered) + begins + near:
        return lowered[found[0]]
    raise InputError(
        f"section: {guide.id} has no section {section.strip()[:80]!r}",
        hint=f"Its sections: {', '.join(headings) or 'none'}",
    )


def _index(known: Sequence[Guide]) -> GuidePage:
    phases = [f"- {guide.id}: {guide.title}" for guide in known if guide.uri.startswith("skill:")]
    written = [
        f"- {guide.id}: {guide.title}" for guide in known if guide.uri.startswith(f"{INDEX}/")
    ]
    rules = [guide.id for guide in known if guide.phase is None]
    text = "\n".join(
        [
            "## Phases",
            "",
            *phases,
            "",
            "## Pages",
            "",
            *written,
            "",
            "## Rules",
            "",
            ", ".join(rules),
        ]
    )
    shown = text if len(text) <= _MOST_OF_INDEX else f"{text[:_MOST_OF_INDEX]} …"
    return GuidePage(
        summary=f"The methodology: {len(phases)} phases, {len(written)} pages, {len(rules)} rules.",
        title="All topics",
        text=shown,
        source=INDEX,
        sections=("Phases", "Pages", "Rules"),
        next=("read_guide with one of these names as topic",),
    )


TOOL = Tool(
    read_guide,
    title="Read the methodology",
    keeps_run=False,
    positional=("topic",),
    examples=(
        "slowcoach read-guide indexes",
        "slowcoach read-guide 'phase 5'",
        "slowcoach read-guide",
    ),
)
