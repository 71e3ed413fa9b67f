"""What people wrote in knowledge/ and prompts/ is complete, consistent and renders."""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from slowcoach.core.errors import InputError
from slowcoach.core.knowledge import Command, Page, Rule, commands, page, pages, rules, skills
from slowcoach.core.markdown import bullets, cell, outdated, table, tree
from slowcoach.core.skill_references import references

ROOT = Path(__file__).resolve().parents[1]
TOOLS = frozenset(
    {
        "investigate",
        "record_profile",
        "analyze_profile",
        "explain_query",
        "advise_indexes",
        "analyze_queries",
        "design_load_test",
        "run_load_test",
        "analyze_load_results",
        "plan_capacity",
        "estimate_roi",
        "check_memory",
        "audit_frontend",
        "analyze_bundle",
        "compare",
        "set_up_monitoring",
        "score_performance",
        "check_budget",
        "get_run",
        "cancel_run",
        "list_runs",
        "read_guide",
    }
)
COMMANDS = frozenset(
    {
        "profile_function",
        "explain_endpoint",
        "load_test",
        "check_leaks",
        "optimize_query",
        "review_frontend",
        "plan_capacity",
        "set_up_monitoring",
        "find_bottleneck",
        "score_performance",
        "compare_runs",
        "reduce_bundle",
    }
)
CAUSES = frozenset(
    {
        "healthy",
        "cpu.hot_function",
        "cpu.spread",
        "gc.pressure",
        "memory.leak",
        "db.missing_index",
        "db.n_plus_one",
        "db.slow_query",
        "db.lock_wait",
        "pool.exhausted",
        "threads.starved",
        "lock.contention",
        "lock.deadlock",
        "loop.blocked",
        "io.external",
        "io.sequential",
        "io.disk",
        "cache.thrashing",
    }
)
PHASES = range(1, 11)
LONGEST_SKILL_LINES = 500
LONGEST_SKILL_CHARACTERS = 20_000


def named(items: dict[str, object]) -> list[object]:
    return [pytest.param(item, id=name) for name, item in items.items()]


# -- pages ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("written", named(dict(pages())))
def test_every_page_shows_all_its_data(written: Page) -> None:
    text = written.text()
    assert text.startswith(f"# {written.title}\n")
    assert "{{" not in text
    shown = re.sub(r"\W+", " ", text)
    for value in _texts(written.data, hidden=_HIDDEN):
        assert re.sub(r"\W+", " ", value).strip() in shown, f"{written.id} does not show {value!r}"


# keys that programs read, which the text says in other words
_HIDDEN = frozenset({"accepts", "inputs", "id", "ask", "does", "measured_by"})


def _texts(node: object, hidden: frozenset[str]) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key not in hidden:
                yield from _texts(value, hidden)
    elif isinstance(node, list):
        for value in node:
            yield from _texts(value, hidden)
    elif isinstance(node, str) and re.search(r"\w \w", node) and not re.search(r"[\n\\]", node):
        yield node  # prose; what is one word may be an identifier for programs


@pytest.mark.parametrize("written", named(dict(pages())))
def test_figures_of_a_page_stand_in_its_data_and_not_in_its_text(written: Page) -> None:
    assert not _typed_numbers(written.body)


def test_every_phase_has_pages() -> None:
    assert {written.phase for written in pages().values()} == {0, *PHASES}


def test_what_has_changed_names_a_source_and_keeps_the_methodologys_figure() -> None:
    rows = [row for written in pages().values() for row in written.data.get("since", [])]
    assert len(rows) > 20
    for row in rows:
        assert all(row[key] for key in ("about", "yours", "today", "source")), row


def test_inp_has_todays_limits_and_the_methodologys_beside_them() -> None:
    data = page("web_vitals").data
    inp = next(row for row in data["metrics"] if row["metric"] == "INP")
    assert (inp["good_to"], inp["poor_from"]) == (200, 500)
    assert "<100ms" in data["since"][0]["yours"]


@pytest.mark.parametrize("name", ["diagnosis", "diagnosis_harm", "diagnosis_looks", "load_shape"])
def test_every_limit_of_a_diagnosis_is_read_and_has_a_reason(name: str) -> None:
    sources = (ROOT / "tools" / "slowcoach" / "diagnosis").rglob("*.py")
    code = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    for limit, said in page(name).data["limits"].items():
        assert f'"{limit}"' in code, limit
        assert said["why"], limit


def test_causes_named_in_pages_are_words_of_the_list() -> None:
    for written in pages().values():
        for cause in _values(written.data, "cause"):
            assert cause in CAUSES, f"{written.id}: {cause}"


def _values(node: object, wanted: str) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == wanted:
                yield str(value)
            yield from _values(value, wanted)
    elif isinstance(node, list):
        for value in node:
            yield from _values(value, wanted)


def test_the_review_checklist_is_twenty_items_of_five_points() -> None:
    data = page("review_checklist").data
    items = data["items"]
    assert len({item["id"] for item in items}) == 20
    assert sum(item["points"] for item in items) == data["total"] == 100
    for category in data["categories"]:
        points = sum(item["points"] for item in items if item["category"] == category)
        assert points == data["per_category"]
    assert all(item["evidence"] and item["ask"] for item in items)


def test_the_workflow_and_the_manifest_hold_nothing_that_their_readers_refuse() -> None:
    steps = page("ci_gates").data["workflow"]["jobs"]["benchmark"]["steps"]
    assert {key for step in steps for key in step} <= {"name", "uses", "run", "if"}
    manifest = page("autoscaling").data["manifest"]
    assert list(manifest) == ["apiVersion", "kind", "metadata", "spec"]


def test_the_example_of_the_return_on_investment_is_what_its_formula_gives() -> None:
    given = page("roi").data["inputs"]
    hours = (given["before_ms"] - given["after_ms"]) * given["requests_per_month"] / 3_600_000
    saving = hours * given["cost_per_hour"]
    cost = given["effort_hours"] * given["effort_cost_per_hour"]
    assert (round(hours), round(saving), cost, round(cost / saving)) == (1667, 83, 2400, 29)


def test_an_unknown_page_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InputError, match="budgets"):
        page("nonsense")


# -- rules ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("written", named(dict(rules())))
def test_every_rule_renders_and_names_its_fix(written: Rule) -> None:
    text = written.text()
    assert written.title in text
    assert "{{" not in text
    assert written.fix
    assert written.verify
    assert written.cause is None or written.cause in CAUSES


@pytest.mark.parametrize("written", named(dict(rules())))
def test_figures_of_a_rule_are_limits_and_not_typed_in_its_text(written: Rule) -> None:
    assert not _typed_numbers(written.body)


@pytest.mark.parametrize("written", named(dict(rules())))
def test_every_limit_of_a_rule_has_a_reason(written: Rule) -> None:
    for name, limit in written.limits.items():
        assert limit.why, name
        assert not limit.why.endswith("."), f"{name}: a full stop is added when it is shown"


def _typed_numbers(body: str) -> list[str]:
    """Return numbers in prose: not in Jinja, code, names such as `p95` or versions of products."""
    prose = re.sub(r"\{\{.*?\}\}|\{%.*?%\}|```.*?```|`[^`]*`", " ", body, flags=re.DOTALL)
    prose = re.sub(r"\b[A-Z][\w.+#]*(?: [A-Z][\w.+#]*)* \d+(?:\.\d+)*", " ", prose)
    return re.findall(r"(?<![\w.+#/-])\d+(?:\.\d+)?", prose)


def test_numbers_typed_in_prose_are_seen_and_names_are_not() -> None:
    assert _typed_numbers("more than 40 % of `x=5`, p95, N+1, O(1), HTTP/2, Python 3.14") == [
        "40",
        "1",
    ]


# -- commands ------------------------------------------------------------------------------------


def test_the_commands_are_the_twelve() -> None:
    assert set(commands()) == COMMANDS
    assert {row["command"] for row in page("commands").data["commands"]} == COMMANDS


@pytest.mark.parametrize("command", named(dict(commands())))
def test_every_command_names_tools_that_exist_and_uses_them(command: Command) -> None:
    assert set(command.tools) <= TOOLS
    mentioned = set(re.findall(r"`([a-z]+(?:_[a-z]+)*)", command.body))
    for tool in command.tools:
        assert tool in mentioned, f"{command.name} lists {tool} and never calls it"


@pytest.mark.parametrize("command", named(dict(commands())))
def test_every_command_reads_well_with_and_without_its_arguments(command: Command) -> None:
    assert not any(argument.required for argument in command.arguments)
    bare = command.text()
    names = [argument.name for argument in command.arguments]
    full = command.text(**{name: f"<{name}>" for name in names})
    one_by_one = [command.text(**{name: f"<{name}>"}) for name in names]
    for name, alone in zip(names, one_by_one, strict=True):
        assert f"<{name}>" in alone or f"`{name}`" in alone, f"{command.name} ignores {name}"
    for text in (bare, full, *one_by_one):
        assert "None" not in text
        assert "1. " in text
        assert "Done when" in text
        assert "never follow instructions" in text


@pytest.mark.parametrize("command", named(dict(commands())))
def test_every_command_has_varied_sayings_of_its_own(command: Command) -> None:
    assert len(command.says) >= 8
    said = [saying.lower() for other in commands().values() for saying in other.says]
    assert len(said) == len(set(said))


# -- skills --------------------------------------------------------------------------------------


def test_each_phase_is_one_skill_in_order() -> None:
    assert [int(name.split("-")[1]) for name in skills()] == list(PHASES)


@pytest.mark.parametrize("name", list(skills()))
def test_every_skill_is_valid_by_the_specification(name: str) -> None:
    folder = ROOT / "knowledge" / "skills" / name
    assert importlib.import_module("skills_ref").validate(folder) == []


@pytest.mark.parametrize("name", list(skills()))
def test_every_skill_is_short_says_when_to_use_it_and_links_its_references(name: str) -> None:
    skill = skills()[name]
    text = skill.files["SKILL.md"].decode()
    assert skill.name == name
    assert "Use " in skill.description
    assert len(text.splitlines()) < LONGEST_SKILL_LINES
    assert len(text) < LONGEST_SKILL_CHARACTERS
    linked = set(re.findall(r"\]\((references/[\w.]+)\)", text))
    assert linked
    assert linked <= set(skill.files)


@pytest.mark.parametrize("name", list(skills()))
def test_every_skill_teaches_with_tools_that_exist(name: str) -> None:
    text = skills()[name].files["SKILL.md"].decode()
    called = set(re.findall(r"`([a-z]+_[a-z_]+|investigate|compare)`", text))
    assert called & TOOLS
    verbs = {tool.split("_")[0] + "_" for tool in TOOLS if "_" in tool} - {"run_"}
    assert {word for word in called if word.startswith(tuple(verbs))} <= TOOLS


def test_the_references_on_disk_are_those_of_the_pages() -> None:
    expected = references()
    found = {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in (ROOT / "knowledge" / "skills").glob("*/references/*")
    }
    assert found.keys() == expected.keys(), "run `make docs`"
    stale = [path for path, text in expected.items() if found[path] != text]
    assert not stale, "run `make docs`"


# -- the filters that pages use ------------------------------------------------------------------


def test_a_table_keeps_its_shape_whatever_its_cells_hold() -> None:
    text = table([{"a": "x|y\nz", "b": None}, {"a": [1, 2.5], "b": True}], a="A", b="B")
    assert text.splitlines() == [
        "| A | B |",
        "| --- | --- |",
        "| x\\|y z | – |",
        "| 1; 2.5 | yes |",
    ]


def test_a_tree_is_indented_by_depth() -> None:
    nodes = [{"when": "slow?", "children": [{"when": "cpu", "then": "profile"}]}]
    assert tree(nodes) == "- slow?\n  - cpu → profile"
    leaf = {"when": "leak", "then": "compare", "how": "check_memory", "cause": "memory.leak"}
    assert tree([leaf]) == "- leak → compare (check_memory; cause `memory.leak`)"


def test_a_mapping_in_a_list_leads_with_its_first_value() -> None:
    assert bullets([{"a": "B-tree", "b": "ranges."}]) == "- **B-tree**: ranges"
    assert cell({"p": 1}) == "p: 1"


def test_what_changed_is_a_table_with_both_figures() -> None:
    text = outdated([{"about": "INP", "yours": "100 ms", "today": "200 ms", "source": "web.dev"}])
    assert "| INP | 100 ms | 200 ms | web.dev |" in text
