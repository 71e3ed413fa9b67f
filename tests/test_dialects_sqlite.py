"""SQLite's EXPLAIN QUERY PLAN: every way its rows are printed gives one tree."""

import sqlite3
import time
from pathlib import Path

import pytest

from slowcoach.core.errors import UnreadableError
from slowcoach.queries.checking import judge
from slowcoach.queries.dialects.sqlite import plan_of
from slowcoach.queries.figures import figures
from slowcoach.queries.model import Plan
from slowcoach.queries.reading import read_plan

_DATA = Path(__file__).parent / "data" / "plans" / "sqlite"
_ROWS = sorted(_DATA.glob("*.py.txt"))
_MODES = sorted(_DATA.glob("subqueries.*"))
_DEEP = 3000


def _read(text: str) -> Plan:
    plan, dialect = read_plan(text)
    assert dialect == "sqlite"
    return plan


def _labels(plan: Plan) -> list[str]:
    return [node.label for node in plan.root.walk()]


def _file(name: str) -> Plan:
    return _read((_DATA / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("file", _ROWS, ids=lambda file: file.name)
def test_rows_and_the_shells_tree_give_the_same_plan(file: Path) -> None:
    tree = file.with_name(file.name.replace(".py.", ".tree."))
    assert _read(file.read_text(encoding="utf-8")) == _read(tree.read_text(encoding="utf-8"))


@pytest.mark.parametrize("file", _MODES, ids=lambda file: file.name)
def test_every_mode_of_the_shell_gives_the_same_plan(file: Path) -> None:
    assert _read(file.read_text(encoding="utf-8")) == _file("subqueries.py.txt")


@pytest.mark.parametrize("file", _ROWS, ids=lambda file: file.name)
@pytest.mark.parametrize("ending", ["\r\n", "\n\n"])
def test_line_ends_do_not_matter(file: Path, ending: str) -> None:
    tree = file.with_name(file.name.replace(".py.", ".tree.")).read_text(encoding="utf-8")
    assert _read(tree.replace("\n", ending)) == _read(tree)


def test_sources_of_a_join_are_nested_loops_in_their_order() -> None:
    assert _labels(_file("join.py.txt")) == [
        "Nested Loop",
        "Seq Scan on o",
        "Index Scan using integer primary key on c",
    ]


def test_an_automatic_index_is_named_and_its_columns_are_advised() -> None:
    plan = _file("automatic-index.py.txt")
    automatic = next(node for node in plan.root.walk() if node.fields.get("automatic_index"))
    assert automatic.text("index_cond")
    judgement = judge(figures(plan))
    assert judgement.findings[0].rule == "db.automatic_index"
    assert judgement.recommendations[0].statement.startswith("CREATE INDEX idx_")
    assert "CONCURRENTLY" not in judgement.recommendations[0].statement


def test_alternatives_of_or_are_index_scans_below_one_step() -> None:
    plan = _file("or.py.txt")
    assert plan.root.node_type == "BitmapOr"
    assert [child.text("index_name") for child in plan.root.plans] == [
        "by_status",
        "integer primary key",
    ]


def test_subqueries_are_marked_by_how_often_they_run() -> None:
    found = {
        node.text("subplan_name"): node.text("parent_relationship")
        for node in _file("subqueries.py.txt").root.walk()
        if node.text("subplan_name")
    }
    assert found == {"CORRELATED SCALAR SUBQUERY 1": "SubPlan", "LIST SUBQUERY 2": "InitPlan"}


def test_rows_of_the_time_before_3_24_are_read() -> None:
    plan = _file("before-3.24.txt")
    assert _labels(plan) == [
        "Sort",
        "Nested Loop",
        "Seq Scan on customers c",
        "Index Scan using by_status on orders o",
        "Result",
        "Seq Scan on tags",
    ]
    union = _file("before-3.24-union.txt")
    assert union.root.node_type == "Append"
    assert union.root.plans[1].number("plan_rows") == 1_000_000


def test_bare_lines_of_a_graphical_client_are_read() -> None:
    plan = _read("SEARCH orders USING COVERING INDEX i (a=? AND b>?)\nUSE TEMP B-TREE FOR DISTINCT")
    assert _labels(plan) == ["Unique", "Index Only Scan using i on orders"]
    assert plan.root.plans[0].text("index_cond") == "a=? AND b>?"


@pytest.mark.parametrize(
    ("detail", "kind", "index"),
    [
        ("SCAN t USING INDEX i", "Index Scan", "i"),
        ("SEARCH TABLE t USING INTEGER PRIMARY KEY (rowid=?)", "Index Scan", "integer primary key"),
        ("SEARCH t USING AUTOMATIC PARTIAL COVERING INDEX (a=?)", "Index Scan", "automatic index"),
        ("SCAN (subquery-2)", "Subquery Scan", ""),
        ("SCAN f VIRTUAL TABLE INDEX 0:M1", "Virtual Table Scan", "0:M1"),
        ("SCAN 3 CONSTANT ROWS", "Values Scan", ""),
        ('SCAN "odd name"', "Seq Scan", ""),
    ],
)
def test_each_way_of_reading_a_table_has_its_name(detail: str, kind: str, index: str) -> None:
    node = plan_of([(2, 0, detail)]).root
    assert (node.node_type, node.text("index_name")) == (kind, index)


def test_a_live_database_prints_what_is_read() -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t (a, b)")
    connection.execute("CREATE INDEX i ON t (a, b)")
    rows = connection.execute(
        "EXPLAIN QUERY PLAN SELECT b FROM t WHERE a = 1 ORDER BY b"
    ).fetchall()
    connection.close()
    assert _labels(_read(repr(rows))) == ["Index Only Scan using i on t"]


def test_thousands_of_levels_are_read_in_bounded_time() -> None:
    rows = [(n, n - 1, "SCALAR SUBQUERY 1" if n % 2 else "CO-ROUTINE x") for n in range(1, _DEEP)]
    text = repr([*((n, p, 0, d) for n, p, d in rows), (_DEEP, _DEEP - 1, 0, "SCAN t")])
    started = time.monotonic()
    assert len(list(_read(text).root.walk())) >= _DEEP / 2
    assert time.monotonic() - started < 20


def test_many_lines_are_read_in_bounded_time() -> None:
    text = "QUERY PLAN\n" + "|--SCAN t\n" * 10_000
    started = time.monotonic()
    assert len(list(_read(text).root.walk())) == 19_999
    assert time.monotonic() - started < 60


@pytest.mark.parametrize("text", ["SCAN", "QUERY PLAN", "|--", "SEARCHING for t", "1|2|3|4"])
def test_what_is_no_plan_is_refused(text: str) -> None:
    with pytest.raises(UnreadableError):
        read_plan(text)
