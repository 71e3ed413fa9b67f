"""The tool `score_performance`: the review checklist, scored by evidence in a repository."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field

from slowcoach.core.errors import InputError
from slowcoach.core.result import Result, Table
from slowcoach.core.tool import Tool

if TYPE_CHECKING:
    from slowcoach.scoring.checklist import Judgement, Score

_STEPS = 6
_QUESTION = 110
_FILES = 1_000
_MARKS = {"shown": "yes", "partly": "partly", "asked": "?", "answered": "", "does_not_apply": "n/a"}


class CategoryScore(BaseModel):
    """Points of one category: awarded, could be with answers, and of how many."""

    model_config = ConfigDict(frozen=True)

    name: str
    awarded: int
    possible: int
    points: int


class ScoredItem(BaseModel):
    """One line of the checklist; `evidence` are places in the repository."""

    model_config = ConfigDict(frozen=True)

    id: str
    points: int
    awarded: int
    status: str = Field(description="shown, partly, answered, asked or does_not_apply")
    evidence: tuple[str, ...]
    how: str


class PerformanceScore(Result):
    """The answer of `score_performance`."""

    score: int = Field(ge=0, le=100, description="Shown or answered so far.")
    possible: int = Field(ge=0, le=100, description="If every open question were answered yes.")
    categories: dict[str, CategoryScore]
    items: tuple[ScoredItem, ...]
    next_steps: tuple[str, ...]

    def tables(self) -> tuple[Table, ...]:
        """Return the categories, and the twenty lines."""
        return (
            Table(
                title="Categories",
                columns=("category", "points", "possible", "of"),
                rows=tuple(
                    (c.name, str(c.awarded), str(c.possible), str(c.points))
                    for c in self.categories.values()
                ),
                right=("points", "possible", "of"),
            ),
            Table(
                title="Checklist",
                columns=("line", "points", "seen", "evidence, or what to answer"),
                rows=tuple(_row(item) for item in self.items),
                right=("points",),
                note="Answer by id with `answers`: true, false, n/a, or where it is written.",
            ),
        )


def _row(item: ScoredItem) -> tuple[str, ...]:
    said = [*item.evidence, item.how] if item.status != "shown" else list(item.evidence)
    points = f"{item.awarded}/{item.points}"
    return item.id, points, _MARKS.get(item.status, ""), "; ".join(said)


def score_performance(
    repo: Annotated[str, Field(description="Path of a checkout; it is only read.")],
    answers: Annotated[
        dict[str, bool | str] | None,
        Field(description="By item id: true, false, n/a, or where it is written."),
    ] = None,
) -> PerformanceScore:
    """Score a system from 0 to 100 on 20 points of performance practice.

    Use it to see what is missing: budgets, alerts, load tests, CI gates, pools, autoscaling,
    runbooks. Evidence is looked for in the repository's files; what they cannot show is asked in
    `how` and counts nothing until answered, so ask the user and call again with `answers`.
    Next: follow `next_steps`, which name the tools that help.
    """
    from slowcoach.scoring import checklist
    from slowcoach.scoring.evidence import all_evidence
    from slowcoach.scoring.repository import repository
    from slowcoach.scoring.search import search

    given = answers or {}
    _refuse_unknown(given, [item.id for item in checklist.items()])
    source = repository(repo)
    evidence = all_evidence()
    found = search(source, evidence.values())
    judgements = checklist.judge(found, evidence, given)
    return _result(judgements, tuple(_warnings(judgements, source.read, source.skipped)))


def _refuse_unknown(answers: dict[str, bool | str], known: list[str]) -> None:
    for name in answers:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            mean = f"Did you mean {near[0]}? " if near else ""
            raise InputError(
                f"answers: no item {name[:80]!r}", hint=f"{mean}Items: {', '.join(known)}"
            )


def _warnings(judgements: list[Judgement], read: int, skipped: int) -> list[str]:
    said: list[str] = []
    if not read:
        said.append("Nothing that could be evidence was found to read; is this the right folder?")
    if skipped:
        said.append(f"{skipped:,} files or folders were not read: too large, too many or forbidden")
    denied = [j.item.id for j in judgements if j.status == "answered" and not j.awarded and j.hits]
    if denied:
        said.append(f"Answered no, but there is evidence: {', '.join(denied)}")
    return said


def _result(judgements: list[Judgement], warnings: tuple[str, ...]) -> PerformanceScore:
    from slowcoach.scoring import checklist

    whole = checklist.score(judgements)
    parts = {
        key: (name, checklist.score([j for j in judgements if j.item.category == key]))
        for key, name in checklist.categories().items()
    }
    asked = sum(1 for j in judgements if j.open_points)
    return PerformanceScore(
        summary=_summary(whole, asked, dict(parts.values())),
        score=whole.percent,
        possible=whole.percent_possible,
        categories={
            key: CategoryScore(
                name=name, awarded=part.awarded, possible=part.possible, points=part.points
            )
            for key, (name, part) in parts.items()
        },
        items=tuple(_item(j) for j in judgements),
        next_steps=tuple(_step(j) for j in checklist.by_value(judgements)[:_STEPS]),
        warnings=warnings,
        next=("ask the user the questions in `how`, then score_performance with answers",)
        if asked
        else ("set_up_monitoring writes what is missing of measurement",),
    )


def _summary(whole: Score, asked: int, parts: dict[str, Score]) -> str:
    weakest = min(parts, key=lambda name: (parts[name].percent, parts[name].percent_possible))
    left_out = f" (of {whole.points} points that apply)" if whole.points % 100 else ""
    rest = (
        f" {asked} lines cannot be seen in files and wait for an answer; with all of them yes it "
        f"would be {whole.percent_possible}."
        if asked
        else ""
    )
    part = parts[weakest]
    return (
        f"{whole.percent} of 100 are shown or answered{left_out}.{rest} "
        f"Weakest: {weakest} with {part.awarded} of {part.points}."
    )


def _item(judgement: Judgement) -> ScoredItem:
    return ScoredItem(
        id=judgement.item.id,
        points=judgement.item.points,
        awarded=judgement.awarded,
        status=judgement.status.value,
        evidence=tuple(
            hit.where if hit.text in hit.where else f"{hit.where} {hit.text}"
            for hit in judgement.hits
        ),
        how=judgement.how[:_QUESTION],
    )


def _step(judgement: Judgement) -> str:
    from slowcoach.scoring.evidence import all_evidence

    tool = all_evidence()[judgement.item.id].tool
    item = judgement.item
    return f"+{judgement.missing} {item.id}: {item.evidence} ({tool})"


TOOL = Tool(
    score_performance,
    title="Score performance practice",
    positional=("repo",),
    examples=(
        "slowcoach score-performance .",
        """slowcoach score-performance . --answers '{"monthly_review": "docs/reviews"}'""",
    ),
)
