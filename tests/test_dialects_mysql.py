"""Plans of MySQL and MariaDB: JSON, trees and tables, and what follows from them."""

import time
from contextlib import suppress
from pathlib import Path

import pytest

from slowcoach.core.errors import SlowcoachError
from slowcoach.queries.checking import judge
from slowcoach.queries.figures import figures
from slowcoach.queries.model import Plan
from slowcoach.queries.reading import read_plan

_DATA = Path(__file__).parent / "data" / "plans"
_FORMS = sorted((_DATA / "mariadb_json").glob("*.json"))
_NOT_IN_TABLES = {"window"}  # the table does not tell of window functions


def _file(name: str) -> Plan:
    plan, dialect = read_plan((_DATA / name).read_text(encoding="utf-8"))
    assert dialect == name.partition("/")[0]
    return plan


def _shape(plan: Plan) -> list[tuple[object, ...]]:
    return [
        (node.node_type, node.relation or node.text("alias"), node.text("index_name"))
        for node in plan.root.walk()
    ]


def _rules(plan: Plan) -> list[str]:
    return [finding.rule for finding in judge(figures(plan)).findings]


@pytest.mark.parametrize("file", _FORMS, ids=lambda file: file.stem)
def test_mariadbs_json_and_table_of_a_statement_give_the_same_steps(file: Path) -> None:
    if file.stem.partition("-")[2] in _NOT_IN_TABLES:
        pytest.skip("the table does not tell of window functions")
    table = _file(f"mariadb_table/{file.stem}.txt")
    assert _shape(_file(f"mariadb_json/{file.name}")) == _shape(table)


@pytest.mark.parametrize("file", _FORMS, ids=lambda file: file.stem)
def test_mariadbs_rows_are_the_same_in_json_and_table(file: Path) -> None:
    form = {
        node.relation: node
        for node in _file(f"mariadb_json/{file.name}").root.walk()
        if node.relation
    }
    for node in _file(f"mariadb_table/{file.stem}.txt").root.walk():
        if node.relation and node.number("rows_examined") is not None:
            examined = form[node.relation].number("rows_examined") or 0.0
            assert node.number("rows_examined") == pytest.approx(examined, rel=0.05)


@pytest.mark.parametrize("ending", ["vertical.txt", "tsv"])
@pytest.mark.parametrize("name", ["plain-join", "analyze-union", "analyze-filesort"])
def test_each_way_the_client_prints_a_table_gives_the_same_plan(name: str, ending: str) -> None:
    framed = _file(f"mariadb_table/{name}.txt")
    other = _file(f"mariadb_table/{name}.{ending}")
    assert _shape(framed) == _shape(other)


@pytest.mark.parametrize(
    "file", [file for file in _FORMS if "analyze" in file.name], ids=lambda file: file.stem
)
def test_mariadbs_own_times_add_up_to_no_more_than_the_whole(file: Path) -> None:
    found = figures(_file(f"mariadb_json/{file.name}"))
    own = sum(step.self_ms or 0.0 for step in found.steps)
    assert own <= (found.total_ms or 0.0) * 1.01 + 0.05


def test_a_filter_of_a_tree_is_that_of_its_scan() -> None:
    plan = _file("mysql_tree/analyze-join.txt")
    scan = next(node for node in plan.root.walk() if node.relation == "o")
    assert scan.node_type == "Seq Scan"
    assert scan.text("filter") == "((o.status = 'open') and (o.customer_id is not null))"
    assert scan.number("rows_removed_by_filter") == 20000 - 2222
    assert figures(plan).total_ms == 24.1


def test_tree_and_both_versions_of_json_give_the_same_join() -> None:
    first, second = _file("mysql_json/v1-join.json"), _file("mysql_json/v2-join.json")
    tree = _file("mysql_tree/analyze-join.txt")
    joins = [
        next(node for node in plan.root.walk() if node.node_type == "Nested Loop")
        for plan in (first, second, tree)
    ]
    kinds = [[(child.node_type, child.text("alias")) for child in join.plans] for join in joins]
    assert kinds[0] == kinds[1] == kinds[2] == [("Seq Scan", "o"), ("Index Scan", "c")]
    assert joins[0].plans[0].text("filter") == joins[1].plans[0].text("filter")
    assert joins[1].plans[0].relation == "orders"


def test_a_step_that_never_ran_has_no_loops() -> None:
    lookup = _file("mysql_tree/analyze-framed.txt").root.plans[1]
    assert lookup.number("actual_loops") == 0
    assert lookup.text("index_filter") == "(t.tag = 'x')"


def test_a_dependent_subquery_runs_for_each_row() -> None:
    for name in ("mysql_tree/analyze-dependent.txt", "mysql_json/v1-subqueries.json"):
        found = [
            node
            for node in _file(name).root.walk()
            if node.text("parent_relationship") == "SubPlan"
        ]
        assert len(found) == 1
    assert "db.dependent_subquery" in _rules(_file("mariadb_table/plain-dependent.txt"))


def test_numbers_with_exponents_are_read() -> None:
    plan, _dialect = read_plan("-> Table scan on t  (cost=1.5e+6 rows=1e+7)")
    assert plan.root.number("plan_rows") == 10_000_000


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("mariadb_json/analyze-join-buffer.json", "db.join_buffer"),
        ("mariadb_table/plain-join-buffer.txt", "db.join_buffer"),
        ("mariadb_json/plain-range-checked.json", "db.range_checked"),
        ("mariadb_json/plain-filesort.json", "db.filesort"),
        ("mariadb_json/plain-group.json", "db.temporary_table"),
        ("mariadb_json/analyze-full-scan.json", "db.seq_scan_large_table"),
        ("mysql_json/v1-join.json", "db.low_filtered_share"),
        ("mysql_json/v1-union.json", "db.full_index_scan"),
    ],
)
def test_the_plan_shows_what_is_wrong(name: str, rule: str) -> None:
    assert rule in _rules(_file(name))


@pytest.mark.parametrize(
    "name", ["mariadb_json/plain-primary-key.json", "mariadb_json/plain-range.json"]
)
def test_a_good_plan_has_no_finding(name: str) -> None:
    assert _rules(_file(name)) == []


def test_advice_is_in_the_databases_own_words() -> None:
    for folder in ("mysql_json", "mysql_tree", "mysql_table", "mariadb_json", "mariadb_table"):
        for file in sorted((_DATA / folder).iterdir()):
            judgement = judge(figures(read_plan(file.read_text(encoding="utf-8"))[0]))
            said = " ".join(
                [item.statement for item in judgement.recommendations]
                + [text for finding in judgement.findings for text in finding.fix]
            )
            for foreign in ("CONCURRENTLY", "VACUUM", "work_mem", "BUFFERS", "pg_"):
                assert foreign not in said


def test_a_hash_join_is_no_join_that_compares_all_pairs() -> None:
    plan = _file("mysql_json/v1-join-buffer.json")
    assert any(node.node_type == "Hash Join" for node in plan.root.walk())
    assert "db.join_buffer" not in _rules(plan)


def test_windows_line_ends_and_the_clients_frame_do_not_matter() -> None:
    text = (_DATA / "mysql_tree" / "analyze-join.txt").read_text(encoding="utf-8")
    shape = _shape(read_plan(text)[0])
    framed = "*** 1. row ***\nEXPLAIN: " + text
    for other in (text.replace("\n", "\r\n"), text.replace("\n", "\\n"), framed):
        assert _shape(read_plan(other)[0]) == shape


def test_a_cut_json_is_read_and_said_so() -> None:
    text = (_DATA / "mariadb_json" / "analyze-join.json").read_text(encoding="utf-8")
    plan, _dialect = read_plan(text[: len(text) * 2 // 3])
    assert plan.warnings


def test_a_tree_of_thousands_of_levels_is_read_in_bounded_time() -> None:
    text = "\n".join(f"{'    ' * n}-> Limit: 1 row(s)  (cost=1 rows=1)" for n in range(2000))
    started = time.monotonic()
    assert len(list(read_plan(text)[0].root.walk())) == 2000
    assert time.monotonic() - started < 30


@pytest.mark.parametrize(
    "text",
    [
        '{"query_block": ' + '{"query_block": ' * 3000,
        '{"query_block": {"select_id": 1, ' + '"nested_loop": [{"table": {"materialized": {' * 2000,
        '{"query_block": 3}',
        "id\tselect_type\ttable\ttype\tpossible_keys\tkey\tkey_len\tref\trows\tExtra\n",
        '{"query_plan": {"estimated_rows": 3, "operation": "',
    ],
    ids=["blocks", "materialized", "number", "header", "cut"],
)
def test_what_no_server_prints_is_refused_or_read_but_never_crashes(text: str) -> None:
    with suppress(SlowcoachError):
        assert read_plan(text)[0].root.node_type
