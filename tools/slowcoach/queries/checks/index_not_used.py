"""An index would serve, and the planner reads the whole table all the same."""

from collections.abc import Iterator, Mapping

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.queries.conditions import quoted, table_sql, terms
from slowcoach.queries.existing import begins_with, hidden_cast, plain
from slowcoach.queries.figures import Step
from slowcoach.queries.scans import Scan, selective
from slowcoach.queries.statistics import Index
from slowcoach.queries.subject import Check, Problem, Recommendation, Subject, place, where

_RULE = "db.index_not_used"
_SERVED = frozenset({"equal", "range"})
_METHODS = ("enable_indexscan", "enable_bitmapscan")


def _run(subject: Subject) -> Iterator[Problem]:
    for step, scan in selective(subject, rule(_RULE)):
        index = serving(subject, step, scan)
        if index is not None:
            yield _problem(subject, step, scan, index)


def serving(subject: Subject, step: Step, scan: Scan) -> Index | None:
    """Return an index that begins with a compared column; broken ones count too."""
    facts = subject.facts(step)
    if facts is None:
        return None
    found = terms(scan.condition, step.node.text("alias") or step.node.relation or "")
    if any(hidden_cast(facts, scan.condition, term) for term in found):
        return None  # db.cast_prevents_index names that
    compared = [term.target for term in found if term.how in _SERVED]
    wanted = {plain(target) for target in compared}
    for target in compared:
        index = begins_with(facts, target)
        if index is not None and wanted <= set(map(plain, index.keys)):
            return index
    broken = (i for i in facts.indexes if not i.valid and i.keys)
    return next((i for i in broken if plain(i.keys[0]) in wanted), None)


def _problem(subject: Subject, step: Step, scan: Scan, index: Index) -> Problem:
    limits = rule(_RULE)
    why, advice = _cause(subject, step, index)
    evidence = [
        Evidence(
            metric=f"rows read past {index.name}",
            value=scan.rows_each,
            unit="rows",
            limit=limits.limit("table_rows"),
            where=place(step),
            note=f"it is on ({', '.join(index.keys)}); {why}",
        ),
        Evidence(
            metric="share of them kept",
            value=scan.kept,
            unit="share",
            limit=limits.limit("kept_share"),
        ),
        Evidence(metric=subject.share_named, value=step.weight, unit="share"),
    ]
    finding = limits.finding(
        evidence,
        where=(*where(step, scan.condition), f"index {index.name}"),
        fix=[f"{advice.statement};", *limits.fix],
    )
    return Problem(finding, (advice,))


def _cause(subject: Subject, step: Step, index: Index) -> tuple[str, Recommendation]:
    """Return the first reason that holds: broken, turned off, misjudged, thought too costly."""
    facts = subject.facts(step)
    schema = facts.schema if facts is not None else ""
    if not index.valid:
        name = f"{quoted(schema)}.{quoted(index.name)}"
        statement = f"REINDEX INDEX CONCURRENTLY {name}"
        return "it is invalid: its building failed", _advice("statistics", statement, step)
    off = _turned_off(subject)
    if off:
        return f"{off} is off", _advice("setting", f"RESET {off}", step)
    factor = step.factor or 1.0
    if factor <= 1 / rule(_RULE).limit("misjudged"):
        table = table_sql(step.node.relation or "", step.node.text("schema") or schema)
        why = f"{1 / factor:,.0f} times more rows were expected than came"
        return why, _advice("statistics", f"ANALYZE {table}", step)
    why = "the planner thinks it dearer than it is"
    return why, _advice("setting", "SET LOCAL random_page_cost = 1.1", step)


def _turned_off(subject: Subject) -> str:
    settings = subject.figures.plan.fields.get("settings")
    given = settings if isinstance(settings, Mapping) else {}
    off = [name for name in _METHODS if given.get(name) == "off"]
    return off[0] if off else ""


def _advice(kind: str, statement: str, step: Step) -> Recommendation:
    return Recommendation(
        kind="setting" if kind == "setting" else "statistics",
        statement=statement,
        why=f"lets the index that is there serve {step.node.label}",
        step=step.index,
    )


CHECK = Check(rule=_RULE, run=_run, needs=frozenset({"tables"}))
