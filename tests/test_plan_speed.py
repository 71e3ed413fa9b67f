"""What makes reading and judging plans fast, shown by what is done and not by the clock."""

import json
from pathlib import Path
from typing import Any

import pytest

from slowcoach.api.explain_query import TOOL
from slowcoach.core.job import Job
from slowcoach.queries import conditions
from slowcoach.queries.answer import QueryAnswer
from slowcoach.queries.checking import judge
from slowcoach.queries.dialects import _document, _json, _pasted, postgresql_text
from slowcoach.queries.figures import figures
from slowcoach.queries.model import PlanNode
from slowcoach.queries.reading import known, read_plan
from slowcoach.queries.subject import Subject

_DATA = Path(__file__).parent / "data" / "plans"
_TEXTS = sorted((_DATA / "postgresql_text").iterdir())
_FORMS = sorted((_DATA / "postgresql_json").iterdir())


@pytest.mark.parametrize("file", _TEXTS, ids=lambda file: file.stem)
def test_an_undamaged_text_is_read_the_short_way_to_the_same_plan(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = file.read_text("utf-8")
    assert _pasted._undamaged(text) is not None  # pyright: ignore[reportPrivateUsage]
    short = postgresql_text.DIALECT.read(text)
    monkeypatch.setattr(_pasted, "_undamaged", lambda _text: None)
    assert postgresql_text.DIALECT.read(text) == short


@pytest.mark.parametrize("file", _FORMS, ids=lambda file: file.stem)
def test_json_is_named_while_it_is_parsed_to_the_same_plan(file: Path) -> None:
    text = file.read_text("utf-8")
    named = _json.load_named(text)
    assert named is not None
    document, _ = _json.load(text, hint="")
    assert _document.plan_of_named(named[0], ()) == _document.plan_of(document[0], ())


def _wide(count: int) -> str:
    step = {"Node Type": "Seq Scan", "Total Cost": 5.0, "Plan Rows": 9, "Filter": "(a = 1)"}
    plans = [step | {"Relation Name": f"t{number}"} for number in range(count)]
    root = {"Node Type": "Append", "Total Cost": 5.0 * count, "Plan Rows": 9, "Plans": plans}
    return json.dumps([{"Plan": root}])


def test_a_very_large_plan_keeps_its_costliest_steps_and_a_large_one_all() -> None:
    def kept(count: int) -> tuple[QueryAnswer, Any]:
        job = Job()
        result = TOOL.call(TOOL.validate({"plan": _wide(count)}), job)
        assert isinstance(result, QueryAnswer)
        return result, json.loads(job.artefacts["plan.json"])

    _, whole = kept(6000)
    result, part = kept(20_001)
    assert len(whole["plan"]["plans"]) == 6000
    assert len(part["plan"]["plans"]) == 5000
    assert part["plan"]["omitted_steps"] + len(part["plan"]["plans"]) == 20_001
    assert result.n_steps == 20_002


def test_a_plan_is_known_by_its_head(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    real = next(item for item in known() if item.name == "postgresql_json")

    def matches(text: str) -> bool:
        seen.append(len(text))
        return real.matches(text)

    from dataclasses import replace

    from slowcoach.queries import reading

    monkeypatch.setattr(reading, "known", lambda: (replace(real, matches=matches),))
    read_plan(_wide(20_000))
    assert max(seen) <= 200_000


def test_conditions_are_parsed_for_the_few_findings_that_are_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parsed: list[str] = []
    real = conditions._parsed  # pyright: ignore[reportPrivateUsage]

    def count(condition: str) -> Any:
        parsed.append(condition)
        return real(condition)

    monkeypatch.setattr(conditions, "_parsed", count)
    step = {"Node Type": "Seq Scan", "Total Cost": 5.0, "Plan Rows": 9, "Actual Rows": 90_000,
            "Actual Loops": 1, "Actual Total Time": 1.0}  # fmt: skip
    plans = [
        step | {"Filter": f"(a = {number})", "Relation Name": f"t{number}"} for number in range(300)
    ]
    root = {"Node Type": "Append", "Actual Rows": 1, "Actual Loops": 1, "Plans": plans}
    judge(figures(read_plan(json.dumps([{"Plan": root | {"Actual Total Time": 400.0}}]))[0]))
    assert len(set(parsed)) < 30


def test_steps_are_found_by_kind_in_their_order() -> None:
    found = figures(read_plan(_TEXTS[0].read_text("utf-8"))[0])
    subject = Subject(found)
    kinds = {step.node.kind for step in found.steps}
    assert list(subject.of(*kinds)) == list(found.steps)
    assert not subject.of("No such step")


def test_a_node_knows_its_names() -> None:
    node = PlanNode({"node_type": "HashAggregate"})
    assert (node.node_type, node.kind) == ("HashAggregate", "Aggregate")
    assert PlanNode({"node_type": 3}).kind == ""
