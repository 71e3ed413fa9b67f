"""The methodology can be read by name, by question and by rule, in answers of bounded length."""

from typing import Any

import pytest

from slowcoach.api.read_guide import TOOL, GuidePage, read_guide
from slowcoach.core.errors import InputError
from slowcoach.core.guide import cut, guides, sections
from slowcoach.core.job import Job
from slowcoach.core.knowledge import pages, rules, skills

MOST_CHARACTERS = 6000


@pytest.mark.parametrize(
    ("topic", "source"),
    [
        ("indexes", "slowcoach://knowledge/indexes"),
        ("index", "slowcoach://knowledge/indexes"),
        ("Index strategy", "slowcoach://knowledge/indexes"),
        ("slowcoach://knowledge/indexes", "slowcoach://knowledge/indexes"),
        ("N+1", "slowcoach://knowledge/n_plus_one"),
        ("core web vitls", "slowcoach://knowledge/web_vitals"),
        ("INP", "slowcoach://knowledge/web_vitals"),
        ("flame grph", "slowcoach://knowledge/flame_graphs"),
        ("flame graph", "slowcoach://knowledge/flame_graphs"),
        ("should I cache this?", "slowcoach://knowledge/caching"),
        ("pool size", "slowcoach://knowledge/connection_pools"),
        ("leaks", "slowcoach://knowledge/memory_profiling"),
        ("is it worth it", "slowcoach://knowledge/roi"),
        ("how to read explain analyze", "slowcoach://knowledge/explain"),
        ("HPA", "slowcoach://knowledge/autoscaling"),
        ("anti-patterns", "slowcoach://knowledge/anti_patterns"),
        ("what can you do", "slowcoach://knowledge/commands"),
        ("phase 5", "skill://phase-05-load-testing/SKILL.md"),
        ("5", "skill://phase-05-load-testing/SKILL.md"),
        ("phase-10-culture", "skill://phase-10-culture/SKILL.md"),
        ("budget.exceeded", "slowcoach://rules/budget.exceeded"),
        ("slowcoach://rules/budget.exceeded", "slowcoach://rules/budget.exceeded"),
    ],
)
def test_a_topic_is_found_by_name_keyword_question_or_with_a_slip(topic: str, source: str) -> None:
    assert read_guide(topic).source == source


def test_everything_is_found_by_its_own_id_and_fits_into_an_answer() -> None:
    for guide in guides():
        answer = read_guide(guide.id)
        assert answer.source == guide.uri
        assert len(answer.model_dump_json()) < MOST_CHARACTERS, guide.id
        assert GuidePage.model_validate(answer.model_dump(mode="json")) == answer


def test_pages_rules_and_phases_are_all_there() -> None:
    assert len(guides()) == len(pages()) + len(rules()) + len(skills())


def test_an_empty_topic_lists_everything() -> None:
    answer = read_guide("  ")
    for guide in guides():
        assert guide.id in answer.text or answer.text.endswith("…")
    assert all(name in answer.text for name in (*pages(), *skills()))
    assert len(answer.model_dump_json()) < MOST_CHARACTERS


@pytest.mark.parametrize("topic", ["pizza recipe", "???", "xyzzy", "\ud800", "a" * 200])
def test_an_unknown_topic_is_refused_with_the_nearest(topic: str) -> None:
    with pytest.raises(InputError) as refused:
        read_guide(topic)
    assert "Nearest: " in refused.value.hint


def test_a_long_page_is_cut_and_says_where_the_whole_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("slowcoach.api.read_guide._MOST_CHARACTERS", 700)
    answer = read_guide("cpu_profiling")
    whole = pages()["cpu_profiling"]
    assert len(answer.text) <= 700 + len("\n```")
    assert whole.text().startswith(answer.text.removesuffix("\n```"))
    assert whole.uri in answer.warnings[0]
    assert "%" in answer.warnings[0]
    assert answer.text.count("```") % 2 == 0


@pytest.mark.parametrize("section", ["Composite indexes", "composite", "## composite index"])
def test_a_section_is_found_by_its_heading(section: str) -> None:
    answer = read_guide("indexes", section)
    assert answer.text.startswith("## Composite indexes")
    assert "Types" in answer.sections


def test_an_unknown_section_is_refused_with_the_sections() -> None:
    with pytest.raises(InputError, match="Composite indexes"):
        read_guide("indexes", "zzz")


@pytest.mark.parametrize(
    "arguments", [{"topic": 5}, {"topic": "x" * 201}, {"page": "indexes"}, {"topic": None}]
)
def test_arguments_of_the_wrong_kind_are_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        TOOL.call(TOOL.validate(arguments), Job())


def test_a_text_is_split_at_its_second_level_headings() -> None:
    assert sections("# T\n\nx\n\n## A b\n\n1\n\n### C\n\n2\n\n## D\n") == {
        "A b": "## A b\n\n1\n\n### C\n\n2",
        "D": "## D",
    }


def test_a_cut_ends_at_a_line_and_closes_its_code() -> None:
    assert cut("one\ntwo\nthree", 9) == "one\ntwo"
    assert cut("```\none\ntwo\n```", 10) == "```\none\n```"
    assert cut("short", 9) == "short"
