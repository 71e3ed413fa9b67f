"""The tool `explain_query`: its answers, their size, and what it says to bad input."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import needs
from slowcoach.api.explain_query import TOOL
from slowcoach.core.errors import InputError, SlowcoachError, UnreadableError, UnsupportedError
from slowcoach.core.job import Job
from slowcoach.queries.answer import QueryAnswer

_DATA = Path(__file__).parent / "data" / "plans"
_FILES = sorted(file for folder in ("postgresql_text", "postgresql_json", "pasted")
                for file in (_DATA / folder).iterdir())  # fmt: skip
_LIMIT = 6000


def _call(**arguments: Any) -> QueryAnswer:
    result = TOOL.call(TOOL.validate(arguments), Job())
    assert isinstance(result, QueryAnswer)
    return result


def _large(children: int) -> str:
    step = "(cost=0.00..9000.00 rows=100 width=4) (actual time=0.001..9.000 rows=5 loops=1)"
    lines = [f"Append  {step}"]
    for number in range(children):
        lines.append(f"  ->  Seq Scan on table_with_a_long_name_{number}  {step}")
        lines.append(f"        Filter: ((status = 'open'::text) AND (note = '{'x' * 300}'::text))")
        lines.append("        Rows Removed by Filter: 900000")
    return "\n".join(lines)


def _nodes(node: dict[str, Any]) -> int:
    return 1 + sum(_nodes(child) for child in node.get("plans", []))


@pytest.mark.parametrize("file", _FILES, ids=lambda file: file.name)
def test_a_brief_answer_is_short_and_survives_json(file: Path) -> None:
    text = _call(path=str(file)).model_dump_json()
    assert len(text) <= _LIMIT
    assert QueryAnswer.model_validate_json(text).model_dump_json() == text


@pytest.mark.parametrize("children", [3, 30, 3000])
def test_a_brief_answer_is_short_however_large_the_plan(children: int) -> None:
    result = _call(plan=_large(children))
    assert len(result.model_dump_json()) <= _LIMIT
    assert result.n_steps == children + 1
    assert result.findings
    assert result.recommendations


def test_what_is_left_out_is_counted() -> None:
    result = _call(plan=_large(100))
    root = result.plan["plan"]
    assert root["omitted_steps"] + _nodes(root) == 101
    assert "97 findings" not in result.summary
    assert any("findings" in warning and "full" in warning for warning in result.warnings)
    assert "more of 101 steps" in result.tables()[0].note


def test_a_full_answer_has_every_step_and_field() -> None:
    file = _DATA / "postgresql_json" / "pg18-parallel-hash.json"
    result = _call(path=str(file), detail="full")
    read = json.loads(file.read_text(encoding="utf-8"))[0]
    root = result.plan["plan"]
    assert _nodes(root) == result.n_steps == len(result.steps)
    assert root["node_type"] == read["Plan"]["Node Type"]
    assert root["plans"][0]["workers_launched"] == read["Plan"]["Plans"][0]["Workers Launched"]
    assert result.plan["execution_time"] == read["Execution Time"]
    assert result.plan["settings"] == read["Settings"]


def test_the_answer_says_what_took_the_time_and_what_would_help() -> None:
    result = _call(path=str(_DATA / "postgresql_text" / "pg15-seq-scan.txt"))
    assert "17.6 ms in one run" in result.summary
    assert "Seq Scan on orders" in result.summary
    assert "CREATE INDEX CONCURRENTLY ON orders (customer_id)" in result.summary
    assert result.recommendations[0].verified is None
    assert "BEGIN" in result.recommendations[0].note
    finding = result.findings[0]
    assert finding.cause == "db.missing_index"
    assert any("orders" in place for place in finding.where)
    assert "200,000 rows" in str(finding.evidence[0])
    assert [table.title for table in result.tables()] == ["Steps by own time", "What to do"]


def test_a_good_plan_is_called_good() -> None:
    result = _call(path=str(_DATA / "postgresql_text" / "pg18-primary-key.txt"))
    assert result.findings == ()
    assert "No rule" in result.summary


def test_a_plan_without_times_asks_for_analyze() -> None:
    result = _call(path=str(_DATA / "postgresql_text" / "pg15-plain-join.txt"))
    assert not result.analyzed
    assert "Planned, not run" in result.summary
    assert "ANALYZE" in result.next[0]
    assert result.not_checked


def test_times_that_are_mere_rounding_are_doubted() -> None:
    result = _call(
        plan="Nested Loop  (cost=0.00..9.00 rows=9 width=4) (actual time=0.1..900 rows=3 loops=1)\n"
        "  ->  Seq Scan on a  (cost=0.0..1.0 rows=9 width=4) (actual time=0.1..5 rows=9 loops=1)\n"
        "  ->  Index Scan using i on b  (cost=0.00..1.00 rows=1 width=4)"
        " (actual time=0.000..0.001 rows=1 loops=800000)"
    )
    assert any("unsure by 400 ms" in warning for warning in result.warnings)


def test_the_whole_plan_is_kept_with_the_run() -> None:
    job = Job()
    result = TOOL.call(TOOL.validate({"plan": _large(500)}), job)
    assert isinstance(result, QueryAnswer)
    kept = json.loads(job.artefacts["plan.json"])
    assert _nodes(kept["plan"]) == 501
    assert result.plan_uri is not None
    assert result.plan_uri.endswith("plan.json")


def test_a_plan_of_thousands_of_levels_is_answered() -> None:
    fragment = '{"Node Type": "Append", "Actual Total Time": 2, "Actual Loops": 1, "Plans": ['
    text = '[{"Plan": ' + fragment * 3000 + "]}" * 3000 + "}]"
    assert len(_call(plan=text).model_dump_json()) <= _LIMIT
    full = _call(plan=text, detail="full")
    assert any("deeper than" in warning for warning in full.warnings)
    assert QueryAnswer.model_validate_json(full.model_dump_json()) == full


@pytest.mark.parametrize(
    ("arguments", "kind", "said"),
    [
        ({}, InputError, "expected one of plan, path and sql, got none"),
        ({"plan": "x", "path": "y"}, InputError, "got plan, path"),
        ({"sql": "SELECT 1"}, InputError, "expected database_url"),
        ({"plan": "Result", "analyze": True}, InputError, "only a statement can be run"),
        ({"path": "/no/such/plan.txt"}, UnreadableError, "No such file"),
        ({"path": str(_DATA)}, UnreadableError, "a folder"),
        ({"path": "a\0b"}, UnreadableError, "null"),
        ({"path": sys.executable}, UnreadableError, "binary"),
        ({"plan": "   \n"}, UnreadableError, "got nothing"),
        ({"plan": '{"query_block": {}}'}, UnreadableError, "nothing in"),
        ({"plan": '{"queryPlanner": {}}'}, UnsupportedError, "MongoDB"),
        ({"plan": "Result  (cost=0.00..0.01 rows=1 width=4)", "dialect": "db2"}, InputError, "db2"),
        ({"plan": "x", "detail": "huge"}, InputError, "detail"),
        ({"plam": "x"}, InputError, "Did you mean `plan`"),
    ],
)
def test_bad_input_says_what_was_expected(
    arguments: dict[str, Any], kind: type[SlowcoachError], said: str
) -> None:
    with pytest.raises(kind) as error:
        TOOL.call(TOOL.validate(arguments), Job())
    assert said in str(error.value)
    assert error.value.hint


def test_the_definition_is_short() -> None:
    assert len(TOOL.description) <= 600
    assert len(TOOL.description.splitlines()[0].split(". ")[0]) <= 100


@pytest.mark.slow
def test_the_scriptable_form_reads_standard_input(tmp_path: Path) -> None:
    text = (_DATA / "pasted" / "unicode-double.txt").read_text(encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "slowcoach_server", "call", "explain_query", "-"],
        input=json.dumps({"plan": text}).encode(),
        capture_output=True,
        check=True,
        timeout=120,
        env=_environment(tmp_path),
    )
    answer = json.loads(done.stdout)
    assert answer["status"] == "done"
    assert answer["n_steps"] == 12


@pytest.mark.slow
def test_a_person_may_pipe_a_plan_in(tmp_path: Path) -> None:
    text = (_DATA / "postgresql_text" / "pg15-seq-scan.txt").read_bytes()
    done = subprocess.run(
        [sys.executable, "-m", "slowcoach_server", "explain-query", "-"],
        input=text,
        capture_output=True,
        check=True,
        timeout=120,
        env=_environment(tmp_path),
    )
    assert b"Seq Scan on orders" in done.stdout


def _environment(home: Path) -> dict[str, str]:
    import os

    return {**os.environ, "XDG_DATA_HOME": str(home), "NO_COLOR": "1"}


@pytest.mark.slow
def test_the_collected_plans_are_answered_whole() -> None:
    folder = needs.shared("corpus/plans/from-text")
    for file in sorted(folder.glob("*-plan")):
        expected = json.loads(file.with_name(re.sub("plan$", "expect", file.name)).read_text())
        result = _call(path=str(file), detail="full")
        assert result.plan["plan"]["node_type"] == expected["Plan"]["Node Type"]
        assert _nodes(result.plan["plan"]) == result.n_steps
