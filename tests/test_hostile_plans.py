"""Plans that are huge, deep, cut, binary, of another engine, or meant to hurt: an answer or a
clear refusal, soon, for every dialect."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from slowcoach.api.explain_query import TOOL
from slowcoach.core.errors import (
    InputError,
    SlowcoachError,
    UnreadableError,
    UnsupportedError,
)
from slowcoach.core.job import Job
from slowcoach.queries.answer import QueryAnswer
from slowcoach.queries.checking import judge
from slowcoach.queries.figures import figures
from slowcoach.queries.reading import known, read_plan

_DATA = Path(__file__).parent / "data" / "plans"
_DIALECTS = [dialect.name for dialect in known()]
_ANSWER = 6000


def _samples(dialect: str) -> list[str]:
    return [file.read_text("utf-8") for file in sorted((_DATA / dialect).iterdir())]


def _longest(dialect: str) -> str:
    return max(_samples(dialect), key=len)


def _call(**arguments: Any) -> QueryAnswer:
    result = TOOL.call(TOOL.validate(arguments), Job())
    assert isinstance(result, QueryAnswer)
    return result


def _ends_well(**arguments: Any) -> QueryAnswer | SlowcoachError:
    """Return the answer or the refusal; anything else that is raised fails the test."""
    try:
        found = _call(**arguments)
    except SlowcoachError as error:
        return _clear(error)
    assert len(found.model_dump_json()) <= _ANSWER
    return found


def _clear(refusal: SlowcoachError) -> SlowcoachError:
    assert refusal.message
    assert refusal.hint
    return refusal


@pytest.mark.parametrize("dialect", _DIALECTS)
@pytest.mark.parametrize("tenth", range(1, 10))
def test_a_plan_cut_at_any_tenth_ends_in_an_answer_or_a_refusal(dialect: str, tenth: int) -> None:
    text = _longest(dialect)
    _ends_well(plan=text[: len(text) * tenth // 10])


@pytest.mark.parametrize("dialect", _DIALECTS)
@pytest.mark.parametrize("other", _DIALECTS)
def test_a_plan_given_as_another_dialect_is_refused(dialect: str, other: str) -> None:
    text = _longest(dialect)
    if dialect == other:
        assert read_plan(text, other)[1] == dialect
        return
    if _family(dialect) == _family(other):
        return  # two forms of one engine may be told apart by the text alone
    with pytest.raises((UnreadableError, UnsupportedError)) as error:
        read_plan(text, other)
    assert error.value.hint


def _family(dialect: str) -> str:
    name = dialect.partition("_")[0]
    return "mysql" if name == "mariadb" else name


@pytest.mark.parametrize("dialect", [*_DIALECTS, None])
@pytest.mark.parametrize("text", ["", "\n \t\n", "SELECT * FROM orders WHERE id = 1", "{}", "<x/>"])
def test_what_is_no_plan_is_refused_for_every_dialect(dialect: str | None, text: str) -> None:
    with pytest.raises((UnreadableError, InputError)):
        read_plan(text, dialect)


@pytest.mark.parametrize(
    "data",
    [
        bytes(range(256)) * 40,
        b"\x7fELF\x02\x01\x01\0" * 99,
        b"\xff\xfe\x00",
        b"PK\x03\x04" + b"\0" * 500,
    ],
)
def test_a_binary_file_is_refused(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "plan.bin"
    file.write_bytes(data)
    with pytest.raises(UnreadableError):
        _call(path=str(file))


def _deep_postgresql_text(levels: int) -> str:
    step = "Append  (cost=0.00..1.00 rows=1 width=4) (actual time=0.1..9.0 rows=1 loops=1)"
    return "\n".join([step, *(f"{' ' * (2 + 6 * i)}->  {step}" for i in range(levels))])


def _deep_postgresql_json(levels: int) -> str:
    step = '{"Node Type": "Sort", "Total Cost": 1.5, "Actual Loops": 1, "Plans": ['
    return '[{"Plan": ' + step * levels + "]}" * levels + "}]"


def _deep_postgresql_yaml(levels: int) -> str:
    lines = ['- Plan: \n    Node Type: "Limit"']
    for level in range(levels):
        pad = " " * (4 + 4 * level)
        lines.append(f'{pad}Plans: \n{pad}  - Node Type: "Limit"')
    return "\n".join(lines)


def _deep_postgresql_xml(levels: int) -> str:
    step = "<Plan><Node-Type>Limit</Node-Type><Plans>"
    leaf = "<Plan><Node-Type>Result</Node-Type></Plan>"
    below = step * levels + leaf + "</Plans></Plan>" * levels
    return f'<explain xmlns="http://x"><Query>{below}</Query></explain>'


def _deep_sqlserver_xml(levels: int) -> str:
    step = '<RelOp PhysicalOp="Top" LogicalOp="Top" EstimatedTotalSubtreeCost="1"><Top>'
    plan = step * levels + "</Top></RelOp>" * levels
    return f"<ShowPlanXML><StmtSimple><QueryPlan>{plan}</QueryPlan></StmtSimple></ShowPlanXML>"


def _deep_oracle_text(levels: int) -> str:
    rows = [f"|{i:5} | {' ' * i}VIEW | V{i} |" for i in range(levels)]
    return "Plan hash value: 1\n| Id  | Operation | Name |\n" + "\n".join(rows)


def _deep_cockroachdb_text(levels: int) -> str:
    steps = [f"{'    ' * i}└── • render" for i in range(levels)]
    return "distribution: local\nvectorized: true\n\n• root\n" + "\n".join(steps)


def _deep_clickhouse_text(levels: int) -> str:
    steps = [f"{'  ' * i}Expression (Projection)" for i in range(levels)]
    return "\n".join([*steps, f"{'  ' * levels}ReadFromMergeTree (a.b)"])


def _deep_clickhouse_json(levels: int) -> str:
    step = '{"Node Type": "Expression", "Node Id": "Expression_1", "Plans": ['
    return '[{"Plan": ' + step * levels + "]}" * levels + "}]"


_DEEP: dict[str, Callable[[int], str]] = {
    "postgresql_text": _deep_postgresql_text,
    "postgresql_json": _deep_postgresql_json,
    "postgresql_yaml": _deep_postgresql_yaml,
    "postgresql_xml": _deep_postgresql_xml,
    "sqlserver_xml": _deep_sqlserver_xml,
    "oracle_text": _deep_oracle_text,
    "cockroachdb_text": _deep_cockroachdb_text,
    "clickhouse_text": _deep_clickhouse_text,
    "clickhouse_json": _deep_clickhouse_json,
}


@pytest.mark.parametrize("dialect", _DEEP)
def test_five_thousand_levels_are_answered(dialect: str) -> None:
    found = _ends_well(plan=_DEEP[dialect](5000))
    assert isinstance(found, QueryAnswer)
    assert found.dialect == dialect
    assert found.n_steps >= 5000


@pytest.mark.parametrize("dialect", ["postgresql_json", "clickhouse_json", "sqlserver_xml"])
def test_deep_plans_that_end_early_are_read_as_far_as_they_go(dialect: str) -> None:
    whole = _DEEP[dialect](3000)
    plan, _ = read_plan(whole[: len(whole) // 3])
    assert plan.warnings
    assert sum(1 for _ in plan.root.walk()) > 1000


@pytest.mark.slow
def test_a_file_of_forty_megabytes_is_answered_shortly(tmp_path: Path) -> None:
    root = json.loads(_longest("postgresql_json"))[0]["Plan"]
    count = 40_000_000 // len(json.dumps(root, indent=2))
    file = tmp_path / "plan.json"
    parts = ",\n".join([json.dumps(root, indent=2)] * count)
    file.write_text(
        f'[{{"Plan": {{"Node Type": "Append", "Plans": [{parts}]}}}}]', encoding="utf-8"
    )
    found = _call(path=str(file))
    assert found.n_steps > count
    assert len(found.model_dump_json()) <= _ANSWER


_LENGTH = 300_000


@pytest.mark.parametrize(
    "piece",
    [
        " ", "\n", "|", "-", "(", "\"", "'", "+\n", "->  ", "│", "• ", "Plan: ", "<", "&", "[", "{",
        "Sort Key: a\n", "  (cost=", "(actual ", "SubPlan ", " \n", "| |\n", "\t", "---\n", "\r",
        "QUERY PLAN\n", "EXPLAIN ", "1.\n", ">\n", "::", "((", "a, ", "\\", "{\"Plan\": ", "[[",
        "|--SCAN ", "┌──", "-> ", "(never executed)", "rows=1 width=4)\n", "x" * 80 + "\n",
    ],
    ids=repr,
)  # fmt: skip
@pytest.mark.parametrize(
    "head", ["", "Seq Scan on t  (cost=0.00..1.00 rows=1 width=4)\n  Filter: "]
)
def test_a_pattern_repeated_without_end_ends_soon(piece: str, head: str) -> None:
    """What makes a pattern go back and forth would take minutes here."""
    _ends_well(plan=head + piece * (_LENGTH // len(piece)))


_HOSTILE = "\x1b[31mred\x1b]0;title\x07<script>alert(1)</script>‮"


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([{"Plan": {"Node Type": "Seq Scan", "Relation Name": _HOSTILE, "Alias": "a",
                              "Total Cost": 1.0, "Plan Rows": 1}}]),
        '<explain xmlns="http://x"><Query><Plan><Node-Type>Seq Scan</Node-Type><Relation-Name>'
        "&lt;script&gt;</Relation-Name></Plan></Query></explain>",
        f"Seq Scan on {_HOSTILE}  (cost=0.00..1.00 rows=1 width=4)",
        f"distribution: full\nvectorized: true\n\n• scan\n  table: {_HOSTILE}@x\n  spans: [/1]",
        f"| Id | Operation | Name |\n| 0 | TABLE ACCESS FULL | {_HOSTILE} |",
        f"Expression\n  ReadFromMergeTree ({_HOSTILE})",
    ],
)  # fmt: skip
def test_names_cannot_steer_a_terminal_or_a_page(text: str) -> None:
    """Escapes stay data: JSON writes them as \\u001b, and the faces show no raw control signs."""
    found = _ends_well(plan=text)
    if isinstance(found, QueryAnswer):
        assert "\x1b" not in found.model_dump_json()
        assert QueryAnswer.model_validate_json(found.model_dump_json()) == found


def test_numbers_beyond_reason_reach_no_answer_as_infinite() -> None:
    text = json.dumps([{"Plan": {"Node Type": "Seq Scan", "Relation Name": "t", "Total Cost": 1e308,
                                 "Plan Rows": 10**400, "Actual Rows": 1e308,
                                 "Actual Loops": 10**300,
                                 "Actual Total Time": 1e308}}])  # fmt: skip
    found = _ends_well(plan=text)
    if isinstance(found, QueryAnswer):
        assert "Infinity" not in found.model_dump_json()
        assert "NaN" not in found.model_dump_json()


@pytest.mark.parametrize(
    "value", [None, [], {}, "x", True, -1, 1.5, ["Sort"], {"a": {"b": []}}], ids=repr
)
@pytest.mark.parametrize(
    "key",
    ["Node Type", "Plans", "Total Cost", "Actual Rows", "Actual Loops", "Filter", "Relation Name",
     "Sort Key", "Workers", "Parent Relationship", "Subplan Name", "Hash Batches",
     "Full-sort Groups"],
)  # fmt: skip
def test_a_field_of_another_type_than_expected_does_no_harm(key: str, value: object) -> None:
    node: dict[str, Any] = {
        "Node Type": "Sort", "Total Cost": 9.0, "Plan Rows": 5, "Actual Rows": 5, "Actual Loops": 1,
        "Actual Total Time": 3.0, "Plans": [{"Node Type": "Seq Scan", "Relation Name": "t"}],
    }  # fmt: skip
    _ends_well(plan=json.dumps([{"Plan": node | {key: value}}]))


@pytest.mark.parametrize("levels", [100, 400, 3000])
@pytest.mark.parametrize("key", ["Filter", "Sort Key", "Anything"])
def test_a_field_that_nests_deep_does_no_harm(key: str, levels: int) -> None:
    value = "[" * levels + "]" * levels
    node = f'{{"Node Type": "Sort", "Total Cost": 1.0, "{key}": {value}}}'
    _ends_well(plan=f'[{{"Plan": {node}}}]')
    assert _call(plan=f'[{{"Plan": {node}}}]', detail="full").model_dump_json()


def test_many_init_plans_with_one_name_are_told_apart_in_time() -> None:
    init = {"Node Type": "Result", "Parent Relationship": "InitPlan",
            "Subplan Name": "InitPlan 1 (returns $0)", "Actual Total Time": 1.0, "Actual Loops": 1,
            "Actual Rows": 1}  # fmt: skip
    user = {"Node Type": "Seq Scan", "Filter": "(a = $0)", "Actual Total Time": 2.0,
            "Actual Loops": 1, "Actual Rows": 1, "Relation Name": "t"}  # fmt: skip
    plans = [init] * 2000 + [user] * 2000
    root = {"Node Type": "Append", "Actual Total Time": 9e3, "Actual Loops": 1, "Actual Rows": 1}
    text = json.dumps([{"Plan": root | {"Plans": plans}}])
    found = figures(read_plan(text)[0])
    assert len(judge(found).not_checked) >= 0
    assert sum(step.self_ms or 0.0 for step in found.steps) == pytest.approx(9e3)


@pytest.mark.parametrize("dialect", ["sqlserver_xml", "postgresql_xml"])
def test_xml_that_declares_entities_is_refused(dialect: str) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    with pytest.raises(UnreadableError, match="document type"):
        read_plan(_longest(dialect) + bomb)


def test_reading_leaves_the_recursion_limit_alone() -> None:
    limit = sys.getrecursionlimit()
    read_plan(_deep_postgresql_json(5000))
    assert sys.getrecursionlimit() == limit
