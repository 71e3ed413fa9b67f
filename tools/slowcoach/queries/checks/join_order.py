"""Many rows are joined first, and a later join drops nearly all of them."""

from collections.abc import Iterator, Mapping

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.queries.figures import Step
from slowcoach.queries.subject import Check, Problem, Recommendation, Subject, place

_RULE = "db.join_order"
_JOINS = frozenset({"Nested Loop", "Hash Join", "Merge Join"})
_PASSING = frozenset({"Hash", "Sort", "Incremental Sort", "Materialize", "Memoize"})
_COLLAPSE = ("join_collapse_limit", "from_collapse_limit")
_DEFAULT_COLLAPSE = 8.0  # PostgreSQL's default of both
_FORCED_CONFIDENCE = 0.85  # the settings say it, nothing is guessed


def _run(subject: Subject) -> Iterator[Problem]:
    limits = rule(_RULE)
    joins = [step for step in subject.steps if step.node.kind in _JOINS and step.executed]
    why = _forced(subject, joins)
    for step in joins:
        if step.node.text("join_type") not in {"", "Inner", "Semi"}:
            continue
        for inner in _joins_below(subject, step):
            made, kept = inner.rows or 0.0, step.rows
            share = _own_share(subject, inner)
            if (
                kept is None
                or made < limits.limit("joined_rows")
                or kept > made * limits.limit("kept_share")
                or share < limits.limit("min_share")
            ):
                continue
            reason = why or _misjudged(subject, step, inner)
            if reason:
                yield _problem(subject, step, inner, made, share, reason)


def _joins_below(subject: Subject, step: Step) -> Iterator[Step]:
    for below in subject.figures.below(step.index)[:2]:
        at = below
        while at.node.kind in _PASSING and (children := subject.figures.below(at.index)):
            at = children[0]
        if at.node.kind in _JOINS:
            yield at


def _own_share(subject: Subject, join: Step) -> float:
    """Return the share of a join itself, its hash or sort and its inner side's look-ups."""
    inner = subject.figures.below(join.index)[1:2]
    return join.weight + sum(subject.total_share(side) for side in inner)


def _forced(subject: Subject, joins: list[Step]) -> str:
    """Return why the planner did not try every order, if it did not."""
    settings = subject.figures.plan.fields.get("settings")
    given = settings if isinstance(settings, Mapping) else {}
    limit = min(float(str(given.get(key) or _DEFAULT_COLLAPSE)) for key in _COLLAPSE)
    tables = len(joins) + 1
    if tables <= limit:
        return ""
    return f"{tables} tables are joined, and only {limit:.0f} at a time are put in order"


def _misjudged(subject: Subject, step: Step, inner: Step) -> str:
    """Return how far the rows were misjudged below these joins, if they were."""
    worst = 1.0
    for below in (step, *subject.figures.subtree(inner)):
        factor = below.factor or 1.0
        if below.stops_early and factor < 1:
            continue
        worst = max(worst, factor, 1 / factor)
    if worst < rule(_RULE).limit("misjudged"):
        return ""
    return f"rows below were misjudged {worst:,.0f} times"


def _problem(
    subject: Subject, step: Step, inner: Step, made: float, share: float, reason: str
) -> Problem:
    limits = rule(_RULE)
    evidence = [
        Evidence(
            metric="rows joined before a later join drops them",
            value=made,
            unit="rows",
            limit=limits.limit("joined_rows"),
            where=place(inner),
            note=f"{step.rows or 0:,.0f} left after {place(step)}; {reason}",
        ),
        Evidence(metric=subject.share_named, value=share, unit="share"),
    ]
    advice = (_collapse(step),) if "at a time" in reason else (_rewrite(step, inner),)
    conditions = step.node.conditions("hash_cond", "merge_cond", "join_filter")
    places = [place(inner), place(step), *([conditions] if conditions else [])]
    sure = _FORCED_CONFIDENCE if "at a time" in reason else limits.confidence
    return Problem(limits.finding(evidence, where=places, confidence=sure), advice)


def _collapse(step: Step) -> Recommendation:
    return Recommendation(
        kind="setting",
        statement="SET LOCAL join_collapse_limit = 12; SET LOCAL from_collapse_limit = 12",
        why="lets the planner try the orders that it left out; planning takes longer",
        step=step.index,
    )


def _rewrite(step: Step, inner: Step) -> Recommendation:
    return Recommendation(
        kind="rewrite",
        statement=f"Mend the estimates first (ANALYZE, CREATE STATISTICS); else join what "
        f"{place(step)} joins before {place(inner)} (a MATERIALIZED CTE fixes the order)",
        why="fewer rows then go through the other joins",
        step=step.index,
    )


CHECK = Check(rule=_RULE, run=_run, needs=frozenset({"analyze", "timing"}))
