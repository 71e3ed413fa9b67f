"""Reading plans: every style of paste, every version's details, and what is no plan."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from slowcoach.core.errors import InputError, SlowcoachError, UnreadableError, UnsupportedError
from slowcoach.queries.model import Plan
from slowcoach.queries.reading import LARGEST, decoded, known, read_file, read_plan
from slowcoach.queries.tree import to_json

_DATA = Path(__file__).parent / "data" / "plans"
_TEXTS = sorted((_DATA / "postgresql_text").glob("*.txt"))
_PASTED = sorted((_DATA / "pasted").glob("*.txt"))
_FIGURES = ("plan_rows", "total_cost", "actual_rows", "actual_loops", "actual_total_time")


def _read(file: Path) -> Plan:
    return read_plan(file.read_text(encoding="utf-8"))[0]


def _shape(plan: Plan, *, figures: bool = True) -> list[tuple[object, ...]]:
    keys = _FIGURES if figures else ()
    return [
        (
            node.kind,
            node.relation,
            node.text("alias"),
            node.text("index_name"),
            node.text("subplan_name"),
            node.text("join_type"),
            node.conditions("filter", "index_cond", "hash_cond", "sort_key", "join_filter"),
            *(node.number(key) for key in keys),
            len(node.plans),
        )
        for node in plan.root.walk()
    ]


def test_every_dialect_has_samples() -> None:
    for dialect in known():
        files = list((_DATA / dialect.name).iterdir())
        assert files
        assert all(dialect.matches(file.read_text(encoding="utf-8")) for file in files)


@pytest.mark.parametrize("file", _TEXTS, ids=lambda file: file.stem)
def test_text_and_json_of_a_statement_give_the_same_steps(file: Path) -> None:
    same = _DATA / "postgresql_json" / f"{file.stem}.json"
    assert _shape(_read(file), figures=False) == _shape(_read(same), figures=False)


@pytest.mark.parametrize("file", _TEXTS, ids=lambda file: file.stem)
def test_text_has_the_details_that_json_has(file: Path) -> None:
    """What JSON says beyond zero must stand in the text's reading, the same key, of like type."""
    text, form = _read(file), _read(_DATA / "postgresql_json" / f"{file.stem}.json")
    only_json = {"inner_unique", "parent_relationship", "partial_mode", "workers"}
    for node, other in zip(text.root.walk(), form.root.walk(), strict=True):
        needed = {key for key, value in other.fields.items() if value} - only_json
        times = {key for key in needed if key.endswith("_time")}  # another run, other waits
        assert needed - times <= node.fields.keys()
    assert text.fields.keys() - {"planning"} >= {k for k, v in form.fields.items() if v} - {
        "planning"
    }


_OTHERS = [f for form in ("xml", "yaml") for f in (_DATA / f"postgresql_{form}").iterdir()]


@pytest.mark.parametrize("file", sorted(_OTHERS), ids=lambda file: file.name)
def test_yaml_and_xml_give_the_steps_and_details_of_json(file: Path) -> None:
    read, name = read_plan(file.read_text(encoding="utf-8"))
    form = _read(_DATA / "postgresql_json" / f"{file.stem}.json")

    assert name == file.parent.name
    assert _shape(read, figures=False) == _shape(form, figures=False)
    for node, other in zip(read.root.walk(), form.root.walk(), strict=True):
        assert _kinds(node.fields) == _kinds(other.fields)
    assert _kinds(read.fields) == _kinds(form.fields)


def _kinds(value: object) -> object:
    """Return the keys of a value, and what each holds: a number, a text, a list of those."""
    if isinstance(value, Mapping):
        return {key: _kinds(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_kinds(item) for item in value[:1]]
    return "number" if isinstance(value, int | float) else type(value).__name__


@pytest.mark.parametrize("form", ["xml", "yaml"])
@pytest.mark.parametrize("style", ["psql", "windows", "cut"])
def test_yaml_and_xml_are_read_as_they_are_pasted(form: str, style: str) -> None:
    file = _DATA / f"postgresql_{form}" / f"pg18-plain-join.{form}"
    text = file.read_text(encoding="utf-8")
    damaged = {
        "psql": "QUERY PLAN\n" + "-" * 60 + "\n"
        + "".join(f" {line:<60}+\n" for line in text.splitlines()) + "(1 row)\n",
        "windows": text.replace("\n", "\r\n"),
        "cut": text[: len(text) * 2 // 3],
    }[style]  # fmt: skip

    plan, _ = read_plan(damaged)

    shape, whole = _shape(plan), _shape(_read(file))
    assert shape[0][:2] == whole[0][:2]
    assert style == "cut" or shape == whole


def test_an_xml_that_declares_entities_is_refused() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]><explain xmlns="x"><Query><Plan/></Query></explain>'
    with pytest.raises(UnreadableError, match="document type"):
        read_plan(bomb)


@pytest.mark.parametrize("form", ["xml", "yaml"])
def test_five_thousand_levels_of_yaml_and_xml_are_read(form: str) -> None:
    depth = 5000
    if form == "xml":
        step = "<Plan><Node-Type>Limit</Node-Type><Plans>"
        text = '<explain xmlns="http://x"><Query>' + step * depth
        text += "<Plan><Node-Type>Result</Node-Type></Plan>" + "</Plans></Plan>" * depth
        text += "</Query></explain>"
    else:
        text = '- Plan: \n    Node Type: "Limit"\n'
        for level in range(depth):
            pad = " " * (4 + 4 * level)
            text += f'{pad}Plans: \n{pad}  - Node Type: "Limit"\n'
    plan, _ = read_plan(text)
    assert sum(1 for _ in plan.root.walk()) == depth + 1


@pytest.mark.parametrize("file", _PASTED, ids=lambda file: file.stem)
def test_every_style_of_psql_gives_the_same_plan(file: Path) -> None:
    assert _shape(_read(file)) == _shape(_read(_DATA / "pasted" / "bare.txt"))


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_log_of_auto_explain_is_read(form: str) -> None:
    plan = _read(_DATA / "pasted" / f"auto-explain-{form}.log")
    assert [node.kind for node in plan.root.walk()][:3] == ["Aggregate", "Gather", "Aggregate"]
    assert plan.root.number("shared_hit_blocks") == 3365


def _numbered(text: str) -> str:
    return "\n".join(f"{i + 1:>4}  {line}" for i, line in enumerate(text.splitlines()))


def _wrapped(width: int) -> Callable[[str], str]:
    def wrap(text: str) -> str:
        return "\n".join(
            line[at : at + width] for line in text.splitlines() for at in range(0, len(line), width)
        )

    return wrap


def _word_wrapped(text: str) -> str:
    """Break long lines at a space, as a mail program does."""
    return "\n".join(re.sub(r"(.{70,}?) (?=\S)", r"\1\n", line) for line in text.splitlines())


_DAMAGE: dict[str, Callable[[str], str]] = {
    "quoted as pgAdmin does": lambda t: "\n".join(f'"{line}"' for line in t.splitlines()),
    "single quotes": lambda t: "\n".join(f"'{line}'" for line in t.splitlines()),
    "quotes doubled": lambda t: "\n".join(
        '"' + line.replace('"', '""') + '"' for line in t.splitlines()
    ),
    "first quote lost": lambda t: "\n".join(f'"{line}"' for line in t.splitlines())[1:],
    "frame on both sides": lambda t: "\n".join(f"| {line:<200} |" for line in t.splitlines()),
    "frame on the right": lambda t: "\n".join(f"{line}|" for line in t.splitlines()),
    "plus signs": lambda t: " +\n".join(t.splitlines()),
    "arrows": lambda t: "↵\n".join(t.splitlines()),
    "numbered": _numbered,
    "numbered with tabs": lambda t: "\n".join(
        f"{i + 1}\t{line}" for i, line in enumerate(t.splitlines())
    ),
    "tabs before": lambda t: "\n".join(f"\t{line}" for line in t.splitlines()),
    "mail": lambda t: "\n".join(f"> {line}" for line in t.splitlines()),
    "windows": lambda t: t.replace("\n", "\r\n"),
    "hard spaces": lambda t: t.replace(" ", "\xa0"),
    "blank lines between": lambda t: t.replace("\n", "\n\n"),
    "cut at 80 columns": _wrapped(80),
    "cut at 121 columns": _wrapped(121),
    "broken at spaces": _word_wrapped,
    "prompt and footer": lambda t: (
        f"shop=# explain (analyze) select 1;\n QUERY PLAN\n----------\n{t}"
        "(21 rows)\n\nTime: 3,2 ms\nshop=# select 2;\n"
    ),
    "statement before": lambda t: f"-- slow one\nEXPLAIN ANALYZE\nSELECT a FROM b;\n\n{t}",
}
_DAMAGED = ("pg15-cte", "pg15-parallel-hash", "pg18-init-plan", "pg18-index-filter", "pg15-window")


@pytest.mark.parametrize("name", _DAMAGED)
@pytest.mark.parametrize("damage", _DAMAGE)
def test_a_damaged_paste_gives_the_same_plan(name: str, damage: str) -> None:
    text = (_DATA / "postgresql_text" / f"{name}.txt").read_text(encoding="utf-8")
    whole = read_plan(text)[0]
    mended = read_plan(_DAMAGE[damage](text))[0]
    assert _shape(mended) == _shape(whole)
    assert mended.number("execution_time") == whole.number("execution_time")


def test_doubled_quotes_in_json_are_mended() -> None:
    file = _DATA / "postgresql_json" / "pg15-cte.json"
    text = '"' + file.read_text(encoding="utf-8").replace('"', '""') + '"'
    assert _shape(read_plan(text)[0]) == _shape(_read(file))


def test_a_text_that_ends_inside_a_line_is_read_with_a_warning() -> None:
    text = (_DATA / "postgresql_text" / "pg15-parallel-hash.txt").read_text(encoding="utf-8")
    cut = text[: text.index("loops=3)", text.index("Parallel Seq Scan on orders")) + 4]
    plan = read_plan(cut)[0]
    assert len(list(plan.root.walk())) == 7
    assert plan.warnings == ("the text ends inside a line",)


def test_json_that_ends_early_is_read_with_a_warning() -> None:
    text = (_DATA / "postgresql_json" / "pg15-parallel-hash.json").read_text(encoding="utf-8")
    plan = read_plan(text[: len(text) // 2])[0]
    assert 1 < len(list(plan.root.walk())) < 7
    assert "ends before the plan does" in plan.warnings[0]


def test_of_two_plans_the_first_is_read_with_a_warning() -> None:
    text = (_DATA / "postgresql_text" / "pg15-cte.txt").read_text(encoding="utf-8")
    plan = read_plan(f"{text}\n{text}")[0]
    assert _shape(plan) == _shape(read_plan(text)[0])
    assert plan.warnings == ("the text holds more than one plan; the first one is read",)


def test_steps_without_costs_are_read() -> None:
    plan = read_plan(
        "                 QUERY PLAN\n"
        "--------------------------------------------\n"
        " Hash Join\n   Hash Cond: (a.id = b.id)\n"
        "   ->  Seq Scan on a\n   ->  Hash\n         ->  Seq Scan on b\n(5 rows)\n"
    )[0]
    assert [node.kind for node in plan.root.walk()] == ["Hash Join", "Seq Scan", "Hash", "Seq Scan"]


def test_details_of_recent_versions_are_read() -> None:
    plan = _read(_DATA / "postgresql_text" / "pg18-window.txt")
    assert plan.root.fields["storage"] == "Memory"
    assert plan.root.fields["maximum_storage"] == 17
    assert plan.root.fields["window"] == "w1 AS (PARTITION BY customer_id ORDER BY id)"
    scan = plan.root.plans[0].plans[0]
    assert scan.fields["index_searches"] == 1
    assert plan.fields["planning"]["shared_hit_blocks"] == 4
    assert plan.fields["settings"]["jit"] == "off"


def test_workers_have_their_own_figures() -> None:
    plan = read_plan(
        "Gather  (cost=1.00..2.00 rows=9 width=4) (actual time=0.1..9.0 rows=9 loops=1)\n"
        "  Workers Planned: 2\n  Workers Launched: 2\n"
        "  ->  Sort  (cost=1.00..2.00 rows=9 width=4) (actual time=0.1..8.0 rows=3 loops=3)\n"
        "        Sort Key: a\n        Sort Method: quicksort  Memory: 25kB\n"
        "        Worker 0:  actual time=0.5..7.5 rows=4 loops=1\n"
        "          Sort Method: external merge  Disk: 512kB\n"
        "        Worker 1:  Sort Method: quicksort  Memory: 27kB\n"
        "        ->  Parallel Seq Scan on t  (cost=1.00..2.00 rows=9 width=4)"
        " (actual time=0.1..8.0 rows=3 loops=3)\n"
    )[0]
    sort = plan.root.plans[0]
    assert sort.fields["sort_method"] == "quicksort"
    assert [w["worker_number"] for w in sort.fields["workers"]] == [0, 1]
    assert sort.fields["workers"][0]["sort_space_type"] == "Disk"
    assert sort.fields["workers"][0]["actual_total_time"] == 7.5
    assert sort.plans[0].fields["parallel_aware"] is True


def test_triggers_and_compilation_are_read() -> None:
    triggers = _read(_DATA / "postgresql_text" / "pg15-triggers.txt").fields["triggers"]
    assert triggers == [{"constraint_name": "line_order_id_fkey", "time": 31.983, "calls": 5000}]
    jit = read_plan(
        "Result  (cost=0.00..1.00 rows=1 width=4) (actual time=1.000..2.000 rows=1 loops=1)\n"
        "JIT:\n  Functions: 10\n  Options: Inlining false, Optimization true\n"
        "  Timing: Generation 0.492 ms (Deform 0.134 ms), Inlining 0.000 ms, Total 4.442 ms\n"
        "Execution Time: 9.5 ms\n"
    )[0].fields["jit"]
    assert jit["options"] == {"inlining": False, "optimization": True}
    assert jit["timing"]["total"] == 4.442
    assert jit["timing"]["generation"] == {"deform": 0.134, "total": 0.492}


_FRAGMENT = '{"Node Type": "Append", "Total Cost": 1.5, "Plans": ['


@pytest.mark.parametrize("levels", [400, 6000])
def test_json_of_any_depth_is_read(levels: int) -> None:
    text = '[{"Plan": ' + _FRAGMENT * levels + "]}" * levels + "}]"
    plan = read_plan(text)[0]
    assert len(list(plan.root.walk())) == levels
    assert to_json(plan).count(b'"node_type"') == levels


def test_text_of_any_depth_is_read() -> None:
    step = "Append  (cost=0.00..1.00 rows=1 width=4)"
    lines = [step, *(f"{' ' * (2 + 6 * i)}->  {step}" for i in range(1500))]
    assert len(list(read_plan("\n".join(lines))[0].root.walk())) == 1501


def test_a_plan_survives_the_way_through_plan_json() -> None:
    plan = _read(_DATA / "postgresql_json" / "pg18-cte.json")
    written = json.loads(to_json(plan))
    assert written["plan"]["node_type"] == plan.root.node_type
    assert written["execution_time"] == plan.number("execution_time")
    assert json.dumps(written).count('"node_type"') == len(list(plan.root.walk()))


def test_no_figure_is_not_a_number() -> None:
    plan = read_plan(
        '[{"Plan": {"Node Type": "Result", "Total Cost": NaN, "Plan Rows": Infinity}}]'
    )[0]
    assert plan.root.fields["total_cost"] is None
    assert plan.root.fields["plan_rows"] is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('{"queryPlanner": {"winningPlan": {"stage": "COLLSCAN"}}}', "MongoDB"),
    ],
)
def test_plans_of_other_databases_are_named_and_not_read(text: str, name: str) -> None:
    with pytest.raises(UnsupportedError) as error:
        read_plan(text)
    assert name in error.value.message
    assert "postgresql_text" in error.value.hint


@pytest.mark.parametrize("text", ["", "  \n ", "hello", "[]", "{}", '{"Plan": 3}', "QUERY PLAN"])
def test_what_is_no_plan_is_refused_with_what_was_expected(text: str) -> None:
    with pytest.raises(UnreadableError, match="expected"):
        read_plan(text)


def test_a_statement_instead_of_a_plan_is_told_apart() -> None:
    with pytest.raises(UnreadableError) as error:
        read_plan("SELECT * FROM orders WHERE id = 1")
    assert "got a statement" in error.value.message
    assert "database_url" in error.value.hint


@pytest.mark.parametrize(
    "text",
    [
        '[{"Plan": {"Node Type": "Seq Scan", "Total Cost": oops}}]',
        '[{"Plan": {"Plans": []}}]',
        '[{"Plan": {"Node Type": "Sort", "Plans": {"a": 1}]}}]',
    ],
)
def test_broken_json_is_refused_not_crashed_on(text: str) -> None:
    with pytest.raises(SlowcoachError):
        read_plan(text)


def test_an_unknown_dialect_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InputError) as error:
        read_plan("Result  (cost=0.00..0.01 rows=1 width=4)", "db2")
    assert "postgresql_text" in error.value.hint


def test_a_dialect_may_be_named_loosely() -> None:
    assert read_plan("Result  (cost=0.00..0.01 rows=1 width=4)", "postgres")[1] == "postgresql_text"


def test_files_are_looked_at_before_they_are_read(tmp_path: Path) -> None:
    huge = tmp_path / "huge.txt"
    with huge.open("wb") as file:
        file.truncate(2_000_000_000)  # sparse: takes no room
    with pytest.raises(InputError, match="got 2 GB"):
        read_file(str(huge))
    assert LARGEST < 2_000_000_000
    with pytest.raises(UnreadableError, match="No such file"):
        read_file(str(tmp_path / "missing.txt"))
    with pytest.raises(UnreadableError, match="a folder"):
        read_file(str(tmp_path))


def test_text_of_other_encodings_is_read_and_binary_refused() -> None:
    line = "Result  (cost=0.00..0.01 rows=1 width=4)"
    assert decoded(line.encode("utf-16"), "f") == line
    assert decoded(b"\xef\xbb\xbf" + line.encode(), "f") == line
    for data in (b"\x7fELF\x02\0\0", b"\xff\xfe\x00"):
        with pytest.raises(UnreadableError, match="binary"):
            decoded(data, "f")
