"""Other ways to write a statement, offered when the planner finds them cheaper.

A tree is rewritten only where that is provably the same by the catalog (types, NOT NULL, keys),
or it is said that it is not. The user's server plans both texts and runs neither; on a copy of
the data both are run, and the rows must be the same and the time less.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from slowcoach.core.errors import CancelledError, SlowcoachError
from slowcoach.core.finding import Evidence, Finding, ranked
from slowcoach.core.job import Job
from slowcoach.core.knowledge import rule
from slowcoach.core.registry import discover
from slowcoach.core.units import duration, number
from slowcoach.queries import rewrites
from slowcoach.queries.answer import Verified
from slowcoach.queries.checking import Judgement
from slowcoach.queries.connection import rows
from slowcoach.queries.live import explain
from slowcoach.queries.model import Plan
from slowcoach.queries.rewrites._model import Change, Column, Relation, Rewrite, Schema
from slowcoach.queries.statement import only_select
from slowcoach.queries.subject import Recommendation
from slowcoach.queries.timed import Trial, timed_rewrite

BY_SERVER = "the planner's cost of both texts on the server"
_DIALECT = "postgres"
_LONGEST = 20_000
_MOST_TIMED = 3
_MARK = re.compile(r"%\((\w+)\)s")
_UTC = frozenset({"UTC", "Etc/UTC", "Universal", "Zulu", "GMT", "Etc/GMT"})
_TABLES = """
SELECT n.nspname AS schema, c.relname AS name,
       pg_catalog.pg_table_is_visible(c.oid) AS visible,
       c.relhassubclass AND c.relkind = 'r' AS parent,
       (SELECT pg_catalog.json_agg(pg_catalog.json_build_array(
                 a.attname, pg_catalog.format_type(a.atttypid, NULL),
                 a.attnotnull AND NOT EXISTS (
                   SELECT FROM pg_catalog.pg_constraint k
                   WHERE k.conrelid = c.oid AND k.contype = 'n' AND NOT k.convalidated
                     AND a.attnum = ANY (k.conkey))) ORDER BY a.attnum)
        FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
       (SELECT pg_catalog.json_agg((
                 SELECT pg_catalog.json_agg(a.attname)
                 FROM pg_catalog.generate_series(0, i.indnkeyatts - 1) k
                 JOIN pg_catalog.pg_attribute a
                   ON a.attrelid = c.oid AND a.attnum = i.indkey[k]))
        FROM pg_catalog.pg_index i
        WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indimmediate
          AND i.indpred IS NULL AND i.indexprs IS NULL) AS keys,
       (SELECT sum(s.avg_width)::float8 FROM pg_catalog.pg_stats s
        WHERE s.schemaname = n.nspname AND s.tablename = c.relname) AS width
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND c.relname = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class Written:
    """A statement written anew by one rewrite; without `sql` it is a remark."""

    rewrite: Rewrite
    change: Change
    sql: str


@dataclass(slots=True)
class Offered:
    """A rewrite that costs less: what to do, what was found, what was tried (strongest first)."""

    recommendation: Recommendation
    finding: Finding
    trials: list[Verified]
    compared: bool


@dataclass
class Offers:
    """The rewrites that are offered, remarks besides, and warnings."""

    found: list[Offered] = field(default_factory=list[Offered])
    remarks: list[Finding] = field(default_factory=list[Finding])
    warnings: list[str] = field(default_factory=list[str])

    @property
    def trials(self) -> dict[str, list[Verified]]:
        """Return what was tried, by statement."""
        return {item.recommendation.statement: item.trials for item in self.found}

    def joined(self, judgement: Judgement) -> Judgement:
        """Return a judgement with what is offered, ahead of what nobody tried."""
        findings = (*judgement.findings, *(item.finding for item in self.found), *self.remarks)
        offered = (item.recommendation for item in self.found)
        return replace(
            judgement,
            findings=ranked(findings),
            recommendations=(*offered, *judgement.recommendations),
        )


def written_anew(sql: str, schema: Schema) -> list[Written]:
    """Return every rewrite of a SELECT that the schema allows; nothing for what sqlglot
    cannot read."""
    from sqlglot import parse_one
    from sqlglot.errors import SqlglotError

    found: list[Written] = []
    try:
        tree = parse_one(sql, dialect=_DIALECT)
        for rewrite in discover(rewrites, "REWRITE", Rewrite):
            change = rewrite.run(tree.copy(), schema)
            if change is not None:
                found.append(Written(rewrite, change, _text(change.tree, sql)))
    except (SqlglotError, RecursionError):
        return []
    return found


def _text(tree: Any, original: str) -> str:
    if tree is None:
        return ""
    text = str(tree.sql(dialect=_DIALECT, comments=False))
    return text if "%(" in original else _MARK.sub(r":\1", text)


def schema_of(connection: Any, sql: str) -> Schema:
    """Return what the catalog knows of the tables that a statement names."""
    from sqlglot import exp, parse_one

    tree = parse_one(sql, dialect=_DIALECT)
    names = sorted({name for t in tree.find_all(exp.Table) for name in (t.name, t.name.lower())})
    relations: dict[str, Relation] = {}
    for row in rows(connection, _TABLES, (names,)):
        relation = _relation(row)
        relations[f"{relation.schema}.{relation.name}"] = relation
        if row["visible"]:
            relations[relation.name] = relation
    zone = rows(connection, "SELECT pg_catalog.current_setting('TimeZone') AS zone")
    return Schema(relations, utc=zone[0]["zone"] in _UTC)


def _relation(row: Mapping[str, Any]) -> Relation:
    columns = {name: Column(kind, not_null) for name, kind, not_null in row["columns"] or ()}
    never_null = {name for name, column in columns.items() if column.not_null}
    # the key of a table that others inherit from does not hold for their rows
    keys = () if row["parent"] else tuple(frozenset(key) for key in row["keys"] or () if key)
    return Relation(
        schema=row["schema"],
        name=row["name"],
        columns=columns,
        keys=tuple(key for key in keys if key <= never_null),
        width=float(row["width"] or 0.0),
    )


def offers(connection: Any, sql: str, *, copy_url: str | None, job: Job) -> Offers:
    """Return the rewrites of a SELECT that cost less, with what was tried of each.

    With `copy_url` those are left out that give other rows or take longer there. Nothing is run
    on the server of `connection`; what cannot be planned there is left out.
    """
    found = Offers()
    text = only_select(sql).text
    if len(text) > _LONGEST:
        return found
    with suppress(SlowcoachError):
        before = explain(connection, text)
        for item in _trusted(connection, text, before):
            _offer(found, connection, item, before)
    if copy_url:
        _timed(found, text, copy_url, job)
    return found


def _trusted(connection: Any, text: str, before: Plan) -> Iterator[Written]:
    """Yield the rewrites, if the statement alone comes through the parser as it was."""
    from sqlglot import parse_one
    from sqlglot.errors import SqlglotError

    try:
        again = str(parse_one(text, dialect=_DIALECT).sql(dialect=_DIALECT, comments=False))
        found = written_anew(text, schema_of(connection, text))
    except (SqlglotError, RecursionError):
        return
    if found and _shape(explain(connection, again)) == _shape(before):
        yield from found


def _shape(plan: Plan) -> list[str]:
    return [json.dumps(dict(node.fields), default=str, sort_keys=True) for node in plan.root.walk()]


def _offer(found: Offers, connection: Any, item: Written, before: Plan) -> None:
    limits = rule(item.rewrite.rule)
    why = item.change.why
    if not item.sql:
        evidence = Evidence(metric=why, value=0, unit="", told=why)
        found.remarks.append(limits.finding([evidence]))
        return
    cost, after = before.root.number("total_cost"), _cost(connection, item.sql)
    if cost is None or after is None or after > cost * limits.limit("cost_share"):
        return
    if item.sql not in found.trials:
        found.found.append(
            Offered(
                Recommendation("rewrite", item.sql, why, 0),
                _finding(item, cost, after),
                [Verified(before_cost=cost, after_cost=after, method=BY_SERVER)],
                item.rewrite.compared,
            )
        )


def _cost(connection: Any, sql: str) -> float | None:
    with suppress(SlowcoachError):
        return explain(connection, sql).root.number("total_cost")
    return None


def _finding(item: Written, before: float, after: float) -> Finding:
    limits = rule(item.rewrite.rule)
    evidence = Evidence(
        metric="the planner's cost when it is written anew",
        value=after / before,
        unit="share",
        limit=limits.limit("cost_share"),
        note=f"{number(before)} before, {number(after)} after",
    )
    confidence = limits.confidence if item.change.same else limits.confidence / 2
    return limits.finding([evidence], confidence=confidence)


def _timed(found: Offers, sql: str, copy_url: str, job: Job) -> None:
    """Run the statements on the copy, and take out what does not hold there."""
    wanted = [item for item in found.found if item.compared][:_MOST_TIMED]
    for count, item in enumerate(wanted, 1):
        job.progress(2, 3, f"Running rewrite {count} of {len(wanted)} on the copy")
        try:
            trial = timed_rewrite(copy_url, sql, item.recommendation.statement, job.cancellation)
        except CancelledError:
            raise
        except SlowcoachError as error:
            found.warnings.append(f"rewrites were not timed on the copy: {error.message}")
            return
        refused = _refused(trial)
        if refused:
            found.warnings.append(f"a rewrite of less cost is left out: on the copy {refused}")
            found.found.remove(item)
        else:
            item.trials.insert(0, _verified(trial))


def _refused(trial: Trial) -> str:
    if trial.same_rows is False:
        return "it gave other rows"
    if trial.after_ms >= trial.before_ms:
        return (
            f"it took {duration(trial.after_ms / 1000)}, and the statement as it is "
            f"{duration(trial.before_ms / 1000)}"
        )
    return ""


def _verified(trial: Trial) -> Verified:
    rows_said = "the same rows by count and hash" if trial.same_rows else "rows not compared: LIMIT"
    return Verified(
        before_ms=round(trial.before_ms, 3),
        after_ms=round(trial.after_ms, 3),
        before_cost=trial.before_cost,
        after_cost=trial.after_cost,
        method=f"both run on the copy, median of {trial.runs}, {rows_said}",
    )
