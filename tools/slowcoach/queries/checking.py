"""Run every check on a plan."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from slowcoach.core.finding import Finding, NotChecked, ranked
from slowcoach.core.knowledge import rule
from slowcoach.core.registry import discover
from slowcoach.queries import checks
from slowcoach.queries.applicability import inapplicable
from slowcoach.queries.figures import Figures
from slowcoach.queries.reads import ROW_STORES
from slowcoach.queries.statistics import TableFacts
from slowcoach.queries.subject import Check, Need, Recommendation, Subject
from slowcoach.queries.wording import asked, recommended, worded

_ASK: Mapping[Need, str] = {
    "analyze": "the query was not run: EXPLAIN (ANALYZE, BUFFERS) would tell",
    "timing": "the steps' times are not in the plan: ask with TIMING ON",
    "buffers": "the plan has no Buffers: ask with EXPLAIN (ANALYZE, BUFFERS)",
    "costs": "the plan has no costs: ask with COSTS ON",
    "tables": "a plan alone says nothing of indexes and statistics: ask with sql and database_url",
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the checks found, what they could not judge, and what to do."""

    findings: tuple[Finding, ...]
    not_checked: tuple[NotChecked, ...]
    recommendations: tuple[Recommendation, ...]

    def with_indexes(self, advised: tuple[Recommendation, ...]) -> "Judgement":
        """Return it with these indexes in the place of those that the plan alone suggests."""
        others = tuple(item for item in self.recommendations if item.kind != "index")
        return replace(self, recommendations=(*advised, *others))


def judge(figures: Figures, tables: Mapping[str, TableFacts] | None = None) -> Judgement:
    """Return what is wrong with a plan; `tables` are a live server's facts by table name."""
    subject = Subject(figures, tables or {})
    there = _available(figures) | (frozenset({"tables"}) if tables else frozenset())
    engine = figures.plan.engine
    findings: list[Finding] = []
    not_checked: list[NotChecked] = []
    advised: list[tuple[Finding, Recommendation]] = []
    senseless: list[NotChecked] = []
    for check in discover(checks, "CHECK", Check):
        if why_not := inapplicable(check.rule, engine):
            senseless.append(rule(check.rule).not_checked(why_not))
            continue
        lacking = sorted(check.needs - there)
        if lacking:
            why = asked(engine, lacking[0], _ASK[lacking[0]])
            not_checked.append(rule(check.rule).not_checked(why))
            continue
        for problem in check.run(subject):
            wording: dict[str, str] = {}
            for item in problem.recommendations:
                own = recommended(engine, item)
                wording[item.statement] = own.statement if own is not None else ""
                if own is not None:
                    own = own if tables else _doubted(engine, own)
                    advised.append((problem.finding, own))
            findings.append(worded(engine, problem.finding, wording))
    return Judgement(ranked(findings), (*not_checked, *senseless), _in_order(advised))


def _in_order(advised: list[tuple[Finding, Recommendation]]) -> tuple[Recommendation, ...]:
    """Return the advice of the worst and surest findings first, each statement once."""
    advised = sorted(advised, key=lambda pair: (pair[0].severity.rank, -pair[0].confidence))
    found: dict[str, Recommendation] = {}
    for _, item in advised:
        found.setdefault(item.statement, item)
    return tuple(found.values())


def _doubted(engine: str, item: Recommendation) -> Recommendation:
    """These databases print a table's alias in the place of its name."""
    if engine not in ROW_STORES or item.kind not in {"index", "statistics"}:
        return item
    return replace(item, why=f"{item.why} (put the table's name where this is its alias)")


def _available(figures: Figures) -> frozenset[Need]:
    every = [step.node.fields for step in figures.steps]
    wanted: Mapping[Need, frozenset[str]] = {
        "analyze": frozenset({"actual_loops"}),
        "timing": frozenset({"actual_total_time"}),
        "costs": frozenset({"total_cost", "plan_rows"}),
        "buffers": _BLOCKS,
    }
    return frozenset(
        need
        for need, keys in wanted.items()
        if any(not keys.isdisjoint(fields) for fields in every)
    )


_BLOCKS = frozenset(
    f"{scope}_{kind}_blocks"
    for scope in ("shared", "local", "temp")
    for kind in ("hit", "read", "dirtied", "written")
)
