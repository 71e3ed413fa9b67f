"""What a plan says about the table that it reads whole."""

import json
from collections.abc import Mapping

from slowcoach.diagnosis.evidence.plans import note_of
from slowcoach.diagnosis.models import PlanNote
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
