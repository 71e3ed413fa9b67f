"""Plans of SQL Server, Oracle, CockroachDB and ClickHouse: the tree, its figures, the advice."""

from pathlib import Path

import pytest

from slowcoach.core.errors import UnreadableError, UnsupportedError
from slowcoach.queries.answer import answer
from slowcoach.queries.checking import Judgement, judge
from slowcoach.queries.figures import Figures, figures
from slowcoach.queries.model import POSTGRESQL, Plan
from slowcoach.queries.reading import read_plan

_DATA = Path(__file__).parent / "data" / "plans"
_DIALECTS = (
    "sqlserver_xml",
    "oracle_text",
    "cockroachdb_text",
    "clickhouse_text",
    "clickhouse_json",
)
_FILES = [file for name in _DIALECTS for file in sorted((_DATA / name).iterdir())]
_ITS_OWN = ("CONCURRENTLY", "work_mem", "VACUUM", "EXPLAIN (", "shared_buffers")


def _plan(dialect: str, name: str) -> Plan:
    file = next((_DATA / dialect).glob(f"{name}.*"))
    plan, found = read_plan(file.read_text("utf-8"))
    assert found == dialect
    return plan


def _steps(plan: Plan) -> list[tuple[int, str]]:
    return [(step.depth, step.node.label) for step in figures(plan).steps]


def _judged(plan: Plan) -> tuple[Figures, Judgement]:
    found = figures(plan)
    return found, judge(found)


def _rules(judgement: Judgement) -> set[str]:
    return {finding.rule.removeprefix("db.") for finding in judgement.findings}


@pytest.mark.parametrize("file", _FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_a_plan_is_known_read_and_judged_in_its_engines_words(file: Path) -> None:
    plan, dialect = read_plan(file.read_text("utf-8"))
    found, judgement = _judged(plan)
    said = answer(found, judgement, dialect=dialect)
    text = " ".join(
        [said.summary, *said.next, *(item.statement for item in judgement.recommendations)]
        + [*(step for finding in judgement.findings for step in (*finding.fix, finding.verify))]
        + [item.why for item in judgement.not_checked]
    )
    assert dialect == file.parent.name
    assert plan.engine == dialect.partition("_")[0] != POSTGRESQL
    assert all(step.node.node_type for step in found.steps)
    assert not [word for word in _ITS_OWN if word in text]
    assert not plan.warnings


@pytest.mark.parametrize(
    ("dialect", "name"),
    [
        ("sqlserver_xml", "actual-join"),
        ("sqlserver_xml", "parallel-batch"),
        ("oracle_text", "allstats-last"),
        ("cockroachdb_text", "analyze-join"),
    ],
)
def test_own_times_add_up_to_the_time_of_the_root(dialect: str, name: str) -> None:
    found = figures(_plan(dialect, name))
    assert found.root.total_ms
    added = sum(step.self_ms or 0.0 for step in found.steps)
    assert added == pytest.approx(found.root.total_ms, rel=0.01)


def test_sql_servers_actual_plan_is_a_tree_with_rows_and_times() -> None:
    plan = _plan("sqlserver_xml", "actual-join")
    assert _steps(plan) == [
        (0, "Sort"),
        (1, "Nested Loop"),
        (2, "Seq Scan using PK_orders on orders o"),
        (2, "Index Scan using PK_customers on customers c"),
    ]
    sort, _, scan, seek = figures(plan).steps
    assert (scan.rows, scan.rows_expected, scan.self_ms) == (40_000, 120, 640)
    assert scan.node.fields["rows_removed_by_filter"] == 960_000
    assert scan.node.fields["table_rows"] == 1_000_000
    assert (seek.loops, seek.rows) == (40_000, 40_000)
    assert seek.self_ms == pytest.approx(110)
    assert seek.node.fields["index_cond"] == "c.id = o.customer_id"
    assert sort.node.fields["sort_key"] == ["o.total DESC"]
    assert plan.fields["execution_time"] == 912


def test_sql_servers_hints_conversions_and_spills_are_told() -> None:
    _, judgement = _judged(_plan("sqlserver_xml", "actual-join"))
    expected = {"cast_prevents_index", "sort_on_disk", "index_asked_by_server", "server_warns"}
    assert expected <= _rules(judgement)
    assert (
        "CREATE INDEX [idx_orders_reference] ON [dbo].[orders] ([reference]) "
        "INCLUDE ([customer_id], [total])"
    ) in {item.statement for item in judgement.recommendations}


def test_threads_of_a_parallel_step_are_one_run_and_batch_times_are_its_own() -> None:
    gather, total, scan = figures(_plan("sqlserver_xml", "parallel-batch")).steps
    assert (scan.loops, scan.rows, scan.self_ms) == (1, 410_000, 150)
    assert (total.total_ms, total.self_ms) == (200, 50)
    assert gather.self_ms == 4


def test_of_several_statements_the_costliest_with_a_plan_is_read() -> None:
    text = next((_DATA / "sqlserver_xml").glob("estimated-hash.*")).read_text("utf-8")
    other = text[text.index('<StmtSimple StatementText="SELECT') : text.index("</Statements>")]
    twice = text.replace("</Statements>", other.replace('Cost="21"', 'Cost="99"') + "</Statements>")
    plan, _ = read_plan(twice)
    assert plan.root.number("total_cost") == 99
    assert "2 statements have plans" in plan.warnings[0]


def test_oracles_rows_and_times_are_per_start_and_predicates_at_their_steps() -> None:
    plan = _plan("oracle_text", "allstats-last")
    steps = figures(plan).steps
    orders, lookup = steps[4], steps[6]
    assert [step.node.fields["id"] for step in steps] == list(range(8))
    assert (orders.rows, orders.rows_expected, orders.self_ms) == (48_210, 1200, 1400)
    assert orders.node.fields["index_cond"] == '"O"."STATUS"=:S'
    assert orders.node.fields["filter"].startswith('"O"."PLACED">=TO_DATE(')
    assert orders.node.fields["rows_removed_by_filter"] == 300_000 - 48_210
    assert (lookup.loops, lookup.rows) == (48_210, 48_210)
    assert steps[1].node.fields["sort_space_used"] == 8192
    assert plan.fields["notes"][-1] == "this is an adaptive plan"


def test_oracles_scaled_numbers_partitions_and_temporary_space_are_read() -> None:
    steps = [step.node for step in figures(_plan("oracle_text", "display-full-scan")).steps]
    assert steps[5].fields["plan_rows"] == 12_000
    assert (steps[5].fields["pstart"], steps[5].fields["pstop"]) == ("1", "24")
    assert steps[5].fields["filter"] == 'TO_NUMBER("O"."REFERENCE")=4711'
    assert steps[1].fields["tempspc"] == 1376 << 10
    assert steps[2].fields["join_type"] == "Left"
    assert steps[2].fields["hash_cond"] == '"R"."ORDER_ID"(+)="O"."ID"'


def test_rows_that_an_adaptive_plan_did_not_take_are_left_out() -> None:
    steps = figures(_plan("oracle_text", "adaptive-parallel")).steps
    assert [step.node.fields["id"] for step in steps] == [0, 1, 2, 3, 6, 7, 9]
    assert steps[-1].parent == 3
    assert sum(step.cost_share or 0.0 for step in steps) == pytest.approx(1.0)


def test_cockroachdbs_filter_counts_at_the_full_scan_below_it() -> None:
    found, judgement = _judged(_plan("cockroachdb_text", "analyze-join"))
    scan = found.steps[3]
    assert [step.depth for step in found.steps] == [0, 1, 2, 3, 2]
    assert scan.node.label == "Seq Scan using orders_pkey on orders"
    assert (scan.node.fields["rows_read"], scan.rows, scan.self_ms) == (1_000_000, 1200, 380)
    assert found.total_ms == 412
    assert "seq_scan_large_table" in _rules(judgement)
    assert "CREATE INDEX ON orders (status)" in {r.statement for r in judgement.recommendations}


def test_cockroachdbs_own_recommendations_are_advice() -> None:
    plan = _plan("cockroachdb_text", "explain-recommendation")
    _, judgement = _judged(plan)
    assert _steps(plan)[1] == (1, "Lookup Join using items_order_id_idx on items")
    assert judgement.recommendations[0].statement.startswith("CREATE INDEX ON shop.public.orders")


def test_a_subquery_of_cockroachdb_stands_beside_the_main_plan() -> None:
    plan = _plan("cockroachdb_text", "root-subquery")
    assert [depth for depth, _ in _steps(plan)] == [0, 1, 2, 1, 2, 3]


@pytest.mark.parametrize("name", ["key", "scan", "join", "union"])
def test_clickhouses_text_is_the_same_in_every_frame(name: str) -> None:
    plain, pretty = (_plan("clickhouse_text", f"chdb-{name}{style}") for style in ("", "-pretty"))
    assert _steps(plain) == _steps(pretty)
    assert [n.fields for n in plain.root.walk()] == [n.fields for n in pretty.root.walk()]


@pytest.mark.parametrize("name", ["key", "scan", "join", "union"])
def test_clickhouses_text_and_json_name_the_same_reads(name: str) -> None:
    keys = ("node_type", "relation_name", "granules", "granules_read", "index_cond")
    text, form = (
        [
            tuple(node.fields.get(key) for key in keys)
            for node in _plan(dialect, f"chdb-{name}").root.walk()
            if str(node.fields["operation"]).startswith("ReadFrom")
        ]
        for dialect in ("clickhouse_text", "clickhouse_json")
    )
    assert text == form


def test_granules_tell_whether_clickhouses_key_serves() -> None:
    key = list(_plan("clickhouse_text", "chdb-key").root.walk())[-1]
    scan = list(_plan("clickhouse_text", "chdb-scan").root.walk())[-1]
    assert (key.kind, key.fields["granules"], key.fields["granules_read"]) == ("Index Scan", 59, 1)
    assert (scan.kind, scan.fields["granules_read"]) == ("Seq Scan", 59)


def test_indexes_of_the_indented_form_are_read() -> None:
    read = list(_plan("clickhouse_text", "indented").root.walk())[-1]
    assert [index["type"] for index in read.fields["indexes"]] == [
        "MinMax",
        "Partition",
        "PrimaryKey",
        "Skip",
    ]
    assert (read.fields["granules"], read.fields["granules_read"]) == (1204, 4)


def test_clickhouses_pipeline_is_refused_with_what_to_ask_for() -> None:
    text = (
        "(Expression)\nExpressionTransform\n  (ReadFromMergeTree)\n  MergeTreeSelect(pool: x) 0 → 1"
    )
    with pytest.raises(UnsupportedError) as error:
        read_plan(text)
    assert "indexes = 1" in error.value.hint


def test_a_showplan_without_steps_is_refused() -> None:
    with pytest.raises(UnreadableError):
        read_plan('<ShowPlanXML xmlns="http://schemas.microsoft.com/x"></ShowPlanXML>')
