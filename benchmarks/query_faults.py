"""Seeded faults of queries on a private PostgreSQL 18: is the first finding right, does it help?

    python benchmarks/query_faults.py [NAME or KIND ...]

Cases: tests/data/query_faults. Printed: what was found first of each, precision and recall of the
first finding, accusations of healthy statements, and by how much the first advice (an index,
statistics or a setting, or the case's rewritten statement) shortened the run. About 3 minutes.
"""

import statistics
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import psycopg

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from seeded_queries import HEALTHY, SETTINGS, Case, cases, judgement, make_tables, prepared
from slowcoach.core.finding import Finding, Severity
from slowcoach.queries.checking import Judgement
from slowcoach.queries.embedded import embedded_postgres

_RUNS = 3
_GAIN = 0.8  # of the time before: less is noise
_TRIED = frozenset({"index", "statistics", "setting"})


def _ms(connection: Any, sql: str) -> float:
    """Return the median time of the statement in ms."""
    times: list[float] = []
    for _ in range(_RUNS):
        started = time.perf_counter()
        connection.execute(sql.encode()).fetchall()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


def _tried(connection: Any, case: Case, found: Judgement) -> tuple[str, float] | None:
    """Return what was tried and the time after by the time before; None if nothing could be."""
    before = _ms(connection, case.sql)
    if case.rewritten:
        return "rewrite", _ms(connection, case.rewritten) / before
    item = next((i for i in found.recommendations if i.kind in _TRIED), None)
    if item is None or "<" in item.statement or "DROP " in item.statement:
        return None
    known = _indexes(connection)
    for part in item.statement.replace(" CONCURRENTLY", "").split("; "):
        connection.execute(part.replace("SET LOCAL", "SET").encode())
    after = _ms(connection, case.sql)
    for name in _indexes(connection) - known:
        connection.execute(f"DROP INDEX {name}".encode())
    return item.kind, after / before


def _indexes(connection: Any) -> set[str]:
    rows = connection.execute(
        "SELECT indexrelid::regclass::text FROM pg_index JOIN pg_class c ON c.oid = indexrelid "
        "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname IN ('own', 'shop')"
    ).fetchall()
    return {row[0] for row in rows}


def _said(finding: Finding | None) -> str:
    return finding.rule.removeprefix("db.") if finding else "-"


def main(names: list[str]) -> None:
    """Run the cases and print what came of them."""
    count: Counter[str] = Counter()
    wrong: list[str] = []
    gains: list[float] = []
    with embedded_postgres(settings=SETTINGS) as url:
        make_tables(url)
        for case in cases():
            if names and not any(name in (case.name, case.kind) for name in names):
                continue
            with prepared(url, case) as connection:
                found = judgement(connection, case)
                tried = None
                if case.kind != HEALTHY and case.analyze:
                    try:
                        tried = _tried(connection, case, found)
                    except psycopg.Error as error:
                        wrong.append(f"{case.name}: the advice failed: {error}")
            _count(case, found, tried, count, wrong, gains)
    _print(count, wrong, gains)


def _count(
    case: Case,
    found: Judgement,
    tried: tuple[str, float] | None,
    count: Counter[str],
    wrong: list[str],
    gains: list[float],
) -> None:
    first = found.findings[0] if found.findings else None
    if case.kind == HEALTHY:
        accused = [f for f in found.findings if f.severity is not Severity.INFO]
        count["healthy"] += 1
        count["accused"] += bool(accused)
        count["remarked"] += bool(found.findings) and not accused
        verdict = "accused" if accused else "right"
    else:
        right = first is not None and first.rule in case.expect
        listed = any(f.rule in case.expect for f in found.findings)
        count["faults"] += 1
        count["found"] += first is not None
        count["right"] += right
        count["listed"] += listed
        verdict = "right" if right else "listed" if listed else "WRONG"
    if verdict != "right":
        rules = ", ".join(_said(f) for f in found.findings) or "nothing"
        wrong.append(f"{case.kind}: {case.name}: {rules}")
    said = f"{tried[0]} {1 / tried[1]:.1f}x" if tried else ""
    if tried:
        gains.append(tried[1])
    sys.stdout.write(f"{verdict:8} {case.kind:20} {case.name:45} {_said(first):28} {said}\n")
    sys.stdout.flush()


def _print(count: Counter[str], wrong: list[str], gains: list[float]) -> None:
    accusations = count["found"] + count["accused"]
    lines = ["", *wrong, ""]
    if count["faults"]:
        lines += [
            f"faults: {count['faults']}, first finding right: {count['right']} "
            f"(recall {count['right'] / count['faults']:.1%}), among the findings: "
            f"{count['listed']}",
            f"precision of the first finding: {count['right'] / max(accusations, 1):.1%}",
        ]
    lines += [
        f"healthy: {count['healthy']}, accused: {count['accused']}, only a remark: "
        f"{count['remarked']}",
    ]
    if gains:
        helped = sum(gain <= _GAIN for gain in gains)
        lines.append(
            f"first advice tried: {len(gains)}, faster by a fifth or more: {helped}, "
            f"median {1 / statistics.median(gains):.1f} times"
        )
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
