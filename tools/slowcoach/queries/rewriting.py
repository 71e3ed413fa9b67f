"""Other ways to write a statement, offered when the planner finds them cheaper.

A tree is rewritten only where that is provably the same by the catalog (types, NOT NULL, keys),
or it is said that it is not. The user's server plans both texts and runs neither; on a copy of
the data both are run, and the rows must be the same and the time less.
"""

import json
import re
from collections.abc import Iterator, Sequence
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
from slowcoach.queries.live import explain
from slowcoach.queries.model import Plan
from slowcoach.queries.rewrite_index import index_of
from slowcoach.queries.rewrite_schema import schema_of
from slowcoach.queries.rewrites._model import Change, Rewrite, Schema
from slowcoach.queries.statement import only_select
from slowcoach.queries.subject import Recommendation
from slowcoach.queries.timed import Trial, timed_rewrite

BY_SERVER = "the planner's cost of both texts on the server"
_DIALECT = "postgres"
_LONGEST = 20_000
_MOST_TIMED = 3
_SHOWN = 1200  # characters of a statement in an answer; a longer one is kept as a file
_SARGABLE = "db.rewrite_column_alone"
_MARK = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True, slots=True)
class Written:
    """A statement written anew by one rewrite; without `sql` it is a remark."""

    rewrite: Rewrite
    change: Change
    sql: str
    several: bool = False


@dataclass(slots=True)
class Offered:
    """A rewrite that costs less: what to do, what was found, what was tried (strongest first)."""

    recommendation: Recommendation
    finding: Finding
    trials: list[Verified]
    compared: bool
    sql: str

    @property
    def after(self) -> float:
        """Return the planner's cost of the rewritten statement."""
        return self.trials[-1].after_cost or 0.0


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
    """Return every rewrite of a SELECT that the schema allows, and at last all that are the same
    in one text; nothing for what sqlglot cannot read.
    """
    from sqlglot import parse_one
    from sqlglot.errors import SqlglotError

    found: list[Written] = []
    try:
        tree = parse_one(sql, dialect=_DIALECT)
        for rewrite in discover(rewrites, "REWRITE", Rewrite):
            change = rewrite.run(tree.copy(), schema)
            if change is not None:
                found.append(Written(rewrite, change, _text(change.tree, sql)))
        found += _all_together(tree, sql, schema, [item.rewrite for item in found if _same(item)])
    except (SqlglotError, RecursionError):
        return []
    return found


def _same(item: Written) -> bool:
    return item.change.same and item.change.tree is not None


def _all_together(
    tree: Any, sql: str, schema: Schema, same: Sequence[Rewrite]
) -> Iterator[Written]:
    """Yield the statement with one rewrite done after the other, if more than one still applies."""
    done: list[str] = []
    for rewrite in same:
        change = rewrite.run(tree, schema)
        if change is not None and change.tree is not None and change.same:
            tree = change.tree
            done.append(change.why)
    if len(done) > 1:
        why = "; and ".join(dict.fromkeys(done))
        yield Written(same[0], Change(tree, why), _text(tree, sql), several=True)


def _text(tree: Any, original: str) -> str:
    if tree is None:
        return ""
    text = str(tree.sql(dialect=_DIALECT, comments=False))
    return text if "%(" in original else _MARK.sub(r":\1", text)


def offers(
    connection: Any, sql: str, *, database_url: str, copy_url: str | None, job: Job
) -> Offers:
    """Return the rewrites of a SELECT that cost less, with what was tried of each.

    One that costs less only with an index is offered together with it. With `copy_url` those are
    left out that give other rows or take longer there. Nothing is run on the server of
    `connection`; what cannot be planned there is left out.
    """
    found = Offers()
    text = only_select(sql).text
    if len(text) > _LONGEST:
        return found
    with suppress(SlowcoachError):
        before = explain(connection, text)
        dear = [
            item
            for item in _trusted(connection, text, before)
            if not _offer(found, connection, item, before)
        ]
        plain = [item for item in dear if item.rewrite.rule == _SARGABLE]
        if plain and not found.found:
            _with_index(found, connection, plain[0], before, database_url, job)
    found.found.sort(key=lambda offered: offered.after)
    for number_, offered in enumerate(found.found, 1):
        _shortened(offered, number_, job)
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


def _offer(found: Offers, connection: Any, item: Written, before: Plan) -> bool:
    """Add a rewrite if it costs less, or a remark; tell whether it was to be added."""
    limits = rule(item.rewrite.rule)
    why = item.change.why
    if not item.sql:
        evidence = Evidence(metric=why, value=0, unit="", told=why)
        found.remarks.append(limits.finding([evidence]))
        return True
    cost, after = before.root.number("total_cost"), _cost(connection, item.sql)
    if cost is None or after is None:
        return False
    best = min((offered.after for offered in found.found), default=cost)
    if after > (best if item.several else cost) * limits.limit("cost_share"):
        return False
    if item.sql not in found.trials:
        trial = Verified(before_cost=cost, after_cost=after, method=BY_SERVER)
        found.found.append(_offered(item, trial, why, item.rewrite.compared))
    return True


def _offered(item: Written, trial: Verified, why: str, compared: bool) -> Offered:
    recommendation = Recommendation("rewrite", item.sql, why, 0)
    return Offered(recommendation, _finding(item, trial), [trial], compared, item.sql)


def _with_index(
    found: Offers, connection: Any, item: Written, before: Plan, database_url: str, job: Job
) -> None:
    """Add a rewrite whose column has no index yet, with the index that makes it pay."""
    job.progress(2, 3, "Trying the rewritten statement with an index")
    indexed = index_of(connection, item.sql, database_url, job)
    cost = before.root.number("total_cost")
    most = rule(item.rewrite.rule).limit("cost_share")
    if indexed is None or cost is None or indexed.cost > cost * most:
        return
    method = f"{indexed.method}; before: as it is now"
    trial = Verified(before_cost=cost, after_cost=indexed.cost, method=method)
    why = f"Together with {indexed.statement}: {item.change.why}"
    found.found.append(_offered(item, trial, why, compared=False))


def _shortened(offered: Offered, number_: int, job: Job) -> None:
    """Keep a long statement as a file and show its beginning."""
    if len(offered.sql) <= _SHOWN:
        return
    uri = job.save(f"rewrite-{number_}.sql", offered.sql.encode(), "application/sql")
    shown = f"{offered.sql[:_SHOWN]}… (whole: {uri})"
    offered.recommendation = replace(offered.recommendation, statement=shown)


def _cost(connection: Any, sql: str) -> float | None:
    with suppress(SlowcoachError):
        return explain(connection, sql).root.number("total_cost")
    return None


def _finding(item: Written, trial: Verified) -> Finding:
    limits = rule(item.rewrite.rule)
    before, after = trial.before_cost or 1.0, trial.after_cost or 0.0
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
            trial = timed_rewrite(copy_url, sql, item.sql, job.cancellation)
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
