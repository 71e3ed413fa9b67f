"""Advice in the words of the database whose plan it is; what would be wrong there is left out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from slowcoach.core.finding import Finding
from slowcoach.queries.conditions import quoted
from slowcoach.queries.model import POSTGRESQL
from slowcoach.queries.subject import Need, Recommendation

_INDEX = re.compile(r"CREATE INDEX CONCURRENTLY ON (?P<table>.+?) \((?P<keys>.+)\)$")
_PLAIN_KEYS = re.compile(r'(?:"[^"]+"|[a-z_][\w$]*)(?: DESC| ASC)?')
_ANALYZE = re.compile(r"ANALYZE (\S+)$")
_WORD = re.compile(r"\w+")
_LONGEST = 60
# sentences about these hold for PostgreSQL alone
_ITS_OWN = re.compile(
    r"work_mem|shared_buffers|VACUUM|autovacuum|max_parallel|max_worker|jit|join_collapse_limit"
    r"|CREATE STATISTICS|ANALYZE|SERIALIZE|CONCURRENTLY|Heap Fetches|Heap Blocks|Index Cond"
    r"|Rows Removed|Bitmap Heap|Sort Method|quicksort|INCLUDE|WHERE \.\.\.|PostgreSQL|LATERAL"
    r"|HashAggregate|MATERIALIZED|BitmapOr|pattern_ops|pg_trgm|jsonb_path_ops|REINDEX|BRIN"
    r"|random_page_cost|parallel_setup_cost|auto_explain|pg_repack|SubPlan|Subplans|temp buffers"
)


@dataclass(frozen=True, slots=True)
class Words:
    """How one engine says things. `measured` is how to get a plan with real figures."""

    measured: str
    plain: str = ""
    quotes: str = '""'
    index: str = "CREATE INDEX {name} ON {table} ({keys})"
    statistics: str = ""


_WORDS: Mapping[str, Words] = {
    "sqlserver": Words(
        measured="SET STATISTICS XML ON (the actual plan)",
        quotes="[]",
        statistics="UPDATE STATISTICS {table}",
    ),
    "oracle": Words(
        measured="DBMS_XPLAN.DISPLAY_CURSOR(format => 'ALLSTATS LAST') after the statement ran "
        "with the hint gather_plan_statistics",
        statistics="BEGIN DBMS_STATS.GATHER_TABLE_STATS(USER, '{bare}'); END;",
    ),
    "cockroachdb": Words(
        measured="EXPLAIN ANALYZE",
        index="CREATE INDEX ON {table} ({keys})",
        statistics="ANALYZE {table}",
    ),
    "clickhouse": Words(measured="", plain="EXPLAIN indexes = 1", index=""),
    "mysql": Words(measured="EXPLAIN ANALYZE", quotes="``", statistics="ANALYZE TABLE {table}"),
    "mariadb": Words(
        measured="ANALYZE FORMAT=JSON", quotes="``", statistics="ANALYZE TABLE {table}"
    ),
    "sqlite": Words(measured="", statistics="ANALYZE {table}"),
    "duckdb": Words(measured="EXPLAIN ANALYZE", index="", statistics="ANALYZE {table}"),
}
_UNKNOWN = Words(measured="")


def _of(engine: str) -> Words:
    return _WORDS.get(engine, _UNKNOWN)


def asked(engine: str, need: Need, ours: str) -> str:
    """Return why a check could not be judged; `ours` is PostgreSQL's sentence."""
    if engine == POSTGRESQL:
        return ours
    measured = _of(engine).measured
    if need == "analyze" and measured:
        return f"the query was not run: {measured} would tell"
    if need == "timing" and measured:
        return f"the steps' times are not in the plan: {measured} would tell"
    return f"the plan does not say that ({_MISSING[need]})"


_MISSING: Mapping[Need, str] = {
    "analyze": "rows and times of a run",
    "timing": "the time of each step",
    "buffers": "blocks that each step touched",
    "costs": "the planner's costs",
    "tables": "indexes and statistics of its tables",
}


def next_run(engine: str) -> str | None:
    """Return how to get a plan with real figures from another engine; None where there is none."""
    words = _of(engine)
    if words.measured:
        return f"Get the plan with {words.measured}, and give that to explain_query"
    return f"Give the plan as {words.plain} prints it" if words.plain else None


def recommended(engine: str, item: Recommendation) -> Recommendation | None:
    """Return the advice in the engine's own SQL; None where it does not hold there."""
    if engine == POSTGRESQL:
        return item
    statement = ""
    if item.kind == "index":
        statement = _index(_of(engine), item.statement)
    elif item.kind == "statistics":
        statement = _statistics(_of(engine), item.statement)
    elif item.kind == "rewrite":
        statement = item.statement.replace("::", " as ")
    return replace(item, statement=statement) if statement else None


def _index(words: Words, statement: str) -> str:
    if " CONCURRENTLY " not in statement and "EXTENSION" not in statement:
        return statement  # the server's own words
    match = _INDEX.match(statement)
    if match is None or not words.index:
        return ""
    keys = match["keys"].split(", ")
    if not all(_PLAIN_KEYS.fullmatch(key) for key in keys):
        return ""  # an expression or an operator class
    name = "_".join(["idx", *_WORD.findall(f"{match['table']} {match['keys']}".lower())])
    return words.index.format(
        name=_quoted(words, quoted(name[:_LONGEST])),
        table=_quoted(words, match["table"]),
        keys=", ".join(_quoted(words, key) for key in keys),
    )


def _quoted(words: Words, text: str) -> str:
    begin, end = words.quotes[0], words.quotes[1]
    return re.sub(r'"([^"]+)"', lambda match: f"{begin}{match.group(1)}{end}", text)


def _statistics(words: Words, statement: str) -> str:
    match = _ANALYZE.match(statement)
    if match is None or not words.statistics:
        return ""
    table = match.group(1)
    return words.statistics.format(table=_quoted(words, table), bare=table.replace('"', ""))


def worded(engine: str, finding: Finding, advice: Mapping[str, str]) -> Finding:
    """Return the finding without PostgreSQL's own words; `advice` has its statements' wording.

    What to do is left out where only PostgreSQL could do it.
    """
    if engine == POSTGRESQL:
        return finding
    fix = [advice.get(step.removesuffix(";"), step).strip() for step in finding.fix]
    kept = tuple(step for step in fix if step and not _ITS_OWN.search(step))
    verify = "" if _ITS_OWN.search(finding.verify) else finding.verify
    return finding.model_copy(update={"fix": kept or (_GENERAL,), "verify": verify or _AGAIN})


_GENERAL = "Read fewer rows in this step: a narrower condition, or an index that serves it"
_AGAIN = "Explain the statement again and compare the two plans."
