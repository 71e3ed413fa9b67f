"""DuckDB's plans: boxes and JSON of 1.x and 2.x give the same steps."""

import time
from pathlib import Path

import pytest

from slowcoach.core.errors import UnreadableError
from slowcoach.queries.checking import judge
from slowcoach.queries.figures import figures
from slowcoach.queries.model import Plan
from slowcoach.queries.reading import read_plan

_DATA = Path(__file__).parent / "data" / "plans"
_TEXTS = sorted((_DATA / "duckdb_text").glob("*.txt"))
_FORMS = sorted((_DATA / "duckdb_json").glob("*.json"))


def _read(text: str, expected: str) -> Plan:
    plan, dialect = read_plan(text)
    assert dialect == expected
    assert plan.engine == "duckdb"
    return plan


def _shape(plan: Plan) -> list[tuple[object, ...]]:
    return [
        (node.node_type, node.relation, node.text("hash_cond"), len(node.plans))
        for node in plan.root.walk()
    ]


@pytest.mark.parametrize("file", _TEXTS, ids=lambda file: file.stem)
def test_boxes_and_json_of_a_statement_give_the_same_steps(file: Path) -> None:
    form = _DATA / "duckdb_json" / f"{file.stem}.json"
    boxes = _read(file.read_text(encoding="utf-8"), "duckdb_text")
    assert _shape(boxes) == _shape(_read(form.read_text(encoding="utf-8"), "duckdb_json"))


@pytest.mark.parametrize("file", _FORMS, ids=lambda file: file.stem)
def test_rows_of_json_stand_in_the_boxes_too(file: Path) -> None:
    boxes = _DATA / "duckdb_text" / f"{file.stem}.txt"
    form, text = (
        list(read_plan(path.read_text(encoding="utf-8"))[0].root.walk()) for path in (file, boxes)
    )
    key = "actual_rows" if "analyze" in file.stem else "plan_rows"
    for node, same in zip(form, text, strict=True):
        if key in same.fields:  # 1.5 leaves some boxes without their rows
            assert same.number(key) == node.number(key)


def test_filters_of_a_scan_are_one_condition() -> None:
    for version in ("v1", "v2"):
        for ending, folder in (("txt", "duckdb_text"), ("json", "duckdb_json")):
            text = (_DATA / folder / f"{version}-plain-join.{ending}").read_text(encoding="utf-8")
            scan = next(node for node in read_plan(text)[0].root.walk() if node.relation == "o")
            assert scan.text("filter").replace(" ", "") == "s='s1'ANDt>10.0"


def test_time_of_a_step_has_that_of_the_steps_below_in_it() -> None:
    text = (_DATA / "duckdb_json" / "v2-analyze-join.json").read_text(encoding="utf-8")
    found = figures(_read(text, "duckdb_json"))
    total = sum(step.self_ms or 0.0 for step in found.steps)
    assert total == pytest.approx(found.root.total_ms, rel=0.01)
    assert found.plan.number("execution_time") == pytest.approx(found.total_ms)


@pytest.mark.parametrize("file", [*_TEXTS, *_FORMS], ids=lambda file: file.name)
def test_scans_are_normal_and_no_index_is_advised(file: Path) -> None:
    judgement = judge(figures(read_plan(file.read_text(encoding="utf-8"))[0]))
    assert not any(item.kind == "index" for item in judgement.recommendations)
    assert not any(item.rule == "db.seq_scan_large_table" for item in judgement.findings)
    why = {item.rule: item.why for item in judgement.not_checked}
    assert "normal" in why["db.seq_scan_large_table"]


@pytest.mark.parametrize("name", ["v1-plain-join.txt", "v2-plain-join.txt"])
def test_line_ends_and_pythons_tuple_do_not_matter(name: str) -> None:
    text = (_DATA / "duckdb_text" / name).read_text(encoding="utf-8")
    shape = _shape(_read(text, "duckdb_text"))
    assert _shape(_read(text.replace("\n", "\r\n"), "duckdb_text")) == shape
    assert _shape(_read(repr([("physical_plan", text)]), "duckdb_text")) == shape


def test_a_cut_text_is_read_as_far_as_it_goes() -> None:
    text = (_DATA / "duckdb_text" / "v1-plain-join.txt").read_text(encoding="utf-8")
    lines = text.splitlines()
    plan = _read("\n".join(lines[: len(lines) // 2]), "duckdb_text")
    assert plan.root.node_type == "Top N"
    form = (_DATA / "duckdb_json" / "v2-analyze-join.json").read_text(encoding="utf-8")
    assert _read(form[: len(form) // 2], "duckdb_json").warnings


def test_a_plan_that_is_thousands_of_boxes_deep_is_read_in_bounded_time() -> None:
    first = f"┌{'─' * 27}┐\n│{'FILTER':^27}│\n└{'─' * 13}┬{'─' * 13}┘\n"
    top = f"┌{'─' * 13}┴{'─' * 13}┐\n"
    step = f"{top}│{'FILTER':^27}│\n└{'─' * 13}┬{'─' * 13}┘\n"
    last = f"{top}│{'SEQ_SCAN':^27}│\n│{'─' * 20:^27}│\n└{'─' * 27}┘\n"
    started = time.monotonic()
    plan = _read(first + step * 5000 + last, "duckdb_text")
    assert len(list(plan.root.walk())) == 5002
    assert time.monotonic() - started < 30


def test_json_that_is_thousands_of_levels_deep_is_read() -> None:
    step = '{"name": "FILTER", "extra_info": {}, "children": ['
    text = f"[{step * 3000}{']}' * 3000}]"
    assert len(list(_read(text, "duckdb_json").root.walk())) == 3000


@pytest.mark.parametrize(
    "text", ['{"result": "error", "operator_timing": 1}', "┌───┐\n│ a │\n└───┘", "╭─ \n"]
)
def test_what_is_no_plan_is_refused(text: str) -> None:
    with pytest.raises(UnreadableError):
        read_plan(text)
