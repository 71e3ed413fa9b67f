"""What a plan says about the table that it reads whole."""

import json
from collections.abc import Mapping

from slowcoach.diagnosis.evidence.plans import index_on, looked_up, note_of
from slowcoach.diagnosis.models import PlanNote, Statement, TableScans
from slowcoach.queries.dialects import postgresql_json
from slowcoach.queries.live import TableFacts
from slowcoach.queries.statistics import Index

SCAN = {"Node Type": "Seq Scan", "Relation Name": "orders", "Alias": "o", "Total Cost": 900.0}
INDEX = "CREATE INDEX orders_day ON public.orders USING btree (day)"


def note(
    plan: Mapping[str, object], rows: float = 3, blocks: float = 0, index: str = ""
) -> PlanNote:
    facts = TableFacts("orders", "public", 50_000, 9_000_000, (), None)
    if index:
        facts = TableFacts("orders", "public", 50_000, 9_000_000, (Index("i", index, 1),), None)
    read = postgresql_json.DIALECT.read(json.dumps([{"Plan": plan}]))
    return note_of("SELECT 1", read, {"orders": facts}, rows, blocks)


def test_a_selective_filter_on_a_whole_read_names_its_columns() -> None:
    found = note(
        {**SCAN, "Filter": "((state = 'open'::text) AND (customer = $1))", "Plan Rows": 10}
    )
    assert (found.kind, found.table, found.columns) == ("filter", "orders", ("state", "customer"))
    assert (found.table_rows, found.kept_rows, found.cost_share) == (50_000, 3, 1.0)


def test_a_sort_for_a_limit_names_the_sort_key_and_keeps_few() -> None:
    sort = {
        "Node Type": "Sort",
        "Sort Key": ["o.day DESC"],
        "Total Cost": 950.0,
        "Plan Rows": 50_000,
    }
    plan = {
        "Node Type": "Limit",
        "Total Cost": 960.0,
        "Plan Rows": 5000,
        "Plans": [{**sort, "Plans": [{**SCAN, "Plan Rows": 50_000}]}],
    }
    found = note(plan, rows=20)
    assert (found.kind, found.columns[0], found.kept_rows) == ("sort", "day", 20)
    assert not found.has_index
    assert note(plan, index=INDEX).has_index


def test_an_index_read_without_a_condition_is_a_whole_read() -> None:
    plan = {**SCAN, "Node Type": "Index Scan", "Index Name": "pk", "Filter": "(upper(mail) = $1)"}
    assert note({**plan, "Plan Rows": 2}).kind == "filter"
    assert note({**plan, "Plan Rows": 2, "Index Cond": "(id = $2)"}).kind == "none"
    assert note({**plan, "Plan Rows": 2, "Index Cond": "(id > $2)"}, blocks=5000).kind == "filter"


def test_a_sum_over_everything_is_the_whole_tables_work() -> None:
    plan = {
        "Node Type": "Aggregate",
        "Total Cost": 1000.0,
        "Plan Rows": 1,
        "Plans": [{**SCAN, "Plan Rows": 50_000}],
    }
    found = note(plan, rows=1)
    assert (found.kind, found.kept_rows) == ("whole", 50_000)


def test_a_subquery_for_each_row_is_no_missing_index_unless_it_reads_a_table_whole() -> None:
    inner = {"Node Type": "Aggregate", "Parent Relationship": "SubPlan", "Total Cost": 9.0}
    quick = {"Node Type": "Index Scan", "Relation Name": "lines", "Index Cond": "(o = $0)"}
    whole = {**SCAN, "Filter": "(customer = o.customer)", "Plan Rows": 4, "Total Cost": 8.0}
    outer = {
        "Node Type": "Index Scan",
        "Relation Name": "orders",
        "Total Cost": 9e5,
        "Plan Rows": 8,
        "Filter": "(n > (SubPlan 1))",
        "Index Cond": "(day = $1)",
    }
    assert note({**outer, "Plans": [{**inner, "Plans": [quick]}]}, blocks=9e5).kind == "none"
    found = note({**outer, "Plans": [{**inner, "Plans": [whole]}]}, blocks=9e5)
    assert (found.kind, found.cost_share) == ("filter", 1.0)


def limited(*above: dict[str, object], keys: str = "o.day DESC") -> dict[str, object]:
    """Return a plan of the first rows of a sorted read, with further nodes above the sort."""
    plan: dict[str, object] = {**SCAN, "Plan Rows": 50_000}
    sort: dict[str, object] = {"Node Type": "Sort", "Sort Key": [keys]}
    limit: dict[str, object] = {"Node Type": "Limit"}
    for node in (sort, *above, limit):
        plan = {"Total Cost": 4000.0, "Plan Rows": 20, **node, "Plans": [plan]}
    return plan


def test_what_an_index_in_order_saves_is_the_sort_too() -> None:
    assert note(limited(), rows=20).cost_share == 1.0


def test_the_index_of_a_sort_or_join_alone_is_its_first_column() -> None:
    found = note(limited(), rows=20)
    assert index_on(found) == "CREATE INDEX CONCURRENTLY ON orders (day)"
    assert index_on(found.model_copy(update={"has_index": True})) == ""
    assert index_on(found.model_copy(update={"columns": ("day", "state")})) == ""


def test_an_order_that_no_index_has_lacks_none() -> None:
    assert note(limited(keys="(random())"), rows=20).kind == "whole"


def test_a_window_over_everything_needs_it_all() -> None:
    window: dict[str, object] = {"Node Type": "WindowAgg"}
    assert note(limited(window), rows=20).kind == "whole"


def test_a_sort_after_a_join_is_the_read_of_the_table_that_has_its_key() -> None:
    customers = {**SCAN, "Relation Name": "customers", "Alias": "c", "Plan Rows": 50_000}
    join = {
        "Node Type": "Hash Join",
        "Hash Cond": "(o.customer = c.id)",
        "Total Cost": 2000.0,
        "Plan Rows": 50_000,
        "Plans": [{**SCAN, "Plan Rows": 50_000}, customers],
    }
    sort = {"Node Type": "Sort", "Sort Key": ["o.day DESC"], "Total Cost": 4000.0, "Plans": [join]}
    found = note({"Node Type": "Limit", "Total Cost": 4000.0, "Plans": [sort]}, rows=20)
    assert (found.kind, found.table, found.columns) == ("sort", "orders", ("day",))


def test_a_table_that_is_looked_into_row_by_row_has_its_index() -> None:
    statement = Statement(query="SELECT 1", calls=10, total_ms=900, rows=300, blocks=600_000)
    by_rows = TableScans(
        table="visits", rows=240_000, scans=0, rows_read=0, index_scans=90_000, rows_fetched=500_000
    )
    at_once = by_rows.model_copy(update={"table": "orders", "index_scans": 10})

    assert looked_up([by_rows, at_once], statement) == {"visits"}
