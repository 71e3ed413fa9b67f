"""Costly patterns in real recordings: each is told, and nothing else is accused.

The recordings and the programs that made them are in tests/data/patterns.
"""

import gzip
from functools import cache
from pathlib import Path

import pytest

import needs
from slowcoach.core.finding import Finding, NotChecked
from slowcoach.core.knowledge import page
from slowcoach.profiling import checks, readers
from slowcoach.profiling.frames import families
from slowcoach.profiling.judged import judged
from slowcoach.profiling.model import Profile
from slowcoach.profiling.source.look import look
from slowcoach.profiling.source.patterns import patterns, problems
from slowcoach.profiling.values import one_view

DATA = Path(__file__).parent / "data" / "patterns"
FAMILY_RULES = {"profile.family", "profile.costly_pattern"}

# what each program really does, by families of leaves; several where it does several things
FAMILIES = {
    "python/compress": {"compression", "json"},
    "python/concat": set(),
    "python/dates": {"datetime"},
    "python/deep_copy": {"copying"},
    "python/dns": {"dns"},
    "python/exceptions": set(),
    "python/fibonacci": set(),
    "python/imports": {"imports"},
    "python/innocent": set(),
    "python/json_text": {"json"},
    "python/logs": {"logging"},
    "python/membership": set(),
    "python/n_plus_one": {"orm"},
    "python/one_query": set(),
    "python/password": set(),
    "python/pickles": {"pickling"},
    "python/pop_front": set(),
    "python/regex_compile": {"regex_compile"},
    "python/regex_match": set(),
    "python/sort_in_loop": set(),
    "python/template_compile": {"template_compile"},
    "python/template_render": {"templates"},
    "python/tls_context": {"tls_setup"},
    "node/compress": {"compression"},
    "node/dates": set(),
    "node/deep_copy": set(),
    "node/exceptions": {"exceptions"},
    "node/innocent": set(),
    "node/json_text": set(),
    "node/logs": {"logging"},
    "node/membership": set(),
    "node/password": {"hashing"},
    "node/regex_compile": set(),
    "node/regex_match": {"regex_match"},
    "node/sort_in_loop": set(),
    "node/spread": set(),
    "go/boxing": {"boxing"},
    "go/compress": {"compression"},
    "go/concat": {"string_concat"},
    "go/dates": {"datetime"},
    "go/exceptions": {"exceptions"},
    "go/gobs": {"pickling"},
    "go/growth": {"growth"},
    "go/innocent": set(),
    "go/json_text": {"json"},
    "go/logs": {"boxing"},  # the logger discards; putting its arguments together remains
    "go/map_growth": {"growth"},
    "go/membership": {"membership"},
    "go/password": {"hashing"},
    "go/reflection": {"reflection", "boxing", "formatting"},
    "go/regex_compile": {"regex_compile"},
    "go/regex_match": {"regex_match"},
    "go/sort_in_loop": {"sorting"},
    "go/template_compile": {"template_compile", "templates"},
    "go/tls": {"tls_setup"},
    "java/boxing": set(),  # missed: compiled in, Integer.valueOf is on no sampled stack
    "java/concat": {"string_concat"},
    "java/dates": {"datetime"},
    "java/exceptions": set(),  # 65 samples: too few to judge
    "java/format": {"formatting"},
    "java/growth": {"growth"},
    "java/innocent": set(),
    "java/logs": {"logging"},
    "java/map_growth": {"growth"},
    "java/membership": {"membership"},
    "java/password": {"hashing"},
    "java/reflection": {"reflection"},
    "java/regex_compile": {"regex_compile", "regex_match"},
    "java/regex_match": {"regex_match"},
    "java/serialize": {"pickling"},
    "java/sort_in_loop": {"sorting"},
    "cpp/copies": {"copying"},
    "cpp/exceptions": {"exceptions"},
    "cpp/growth": {"growth", "allocation"},
    "cpp/innocent": set(),
    "cpp/map_growth": {"growth", "allocation"},
    "cpp/regex_compile": {"regex_compile"},
    "cpp/sort_in_loop": {"sorting"},
    "cpp/streams": {"formatting"},
    "rust/copies": {"allocation"},
    "rust/format": {"formatting"},
    "rust/innocent": set(),
    "rust/map_growth": {"growth"},
    "rust/membership": set(),
    "rust/sort_in_loop": {"sorting", "allocation"},  # its keys are clones
}

# the pattern that the source shows, and the line that it is on
SOURCES: dict[str, tuple[str, int] | None] = {
    "python/compress": ("compress_sync", 95),
    "python/concat": ("text_grows", 45),
    "python/dates": ("date_format", 83),
    "python/deep_copy": ("deep_copy", 39),
    "python/dns": ("name_lookup", 126),
    "python/exceptions": ("exceptions", 57),
    "python/fibonacci": ("recursion", 147),
    "python/imports": ("import_in_function", 116),
    "python/innocent": None,
    "python/json_text": ("json_in_loop", 35),
    "python/logs": ("logging_in_loop", 51),
    "python/membership": ("duplicates", 67),
    "python/n_plus_one": ("query_in_loop", 137),
    "python/one_query": None,
    "python/password": ("slow_hash", 99),
    "python/pickles": None,
    "python/pop_front": ("front_of_list", 158),
    "python/regex_compile": ("regex_compile", 26),
    "python/regex_match": ("regex_match", 31),
    "python/sort_in_loop": ("sort_in_loop", 77),
    "python/template_compile": ("template_compile", 104),
    "python/template_render": None,
    "python/tls_context": ("connection_each_time", 122),
    "node/dates": ("date_format", 61),
    "node/deep_copy": ("deep_copy", 25),
    "node/innocent": None,
    "node/json_text": ("json_in_loop", 21),
    "node/logs": None,
    "node/membership": ("duplicates", 47),
    "node/password": ("slow_hash", 67),
    "node/regex_compile": ("regex_compile", 14),
    "node/regex_match": None,
    "node/sort_in_loop": ("sort_in_loop", 56),
    "node/spread": ("spread", 28),
    "go/boxing": None,
    "go/concat": ("text_grows", 81),
    "go/dates": ("date_format", 124),
    "go/growth": ("grows_unsized", 89),
    "go/innocent": None,
    "go/json_text": None,
    "go/membership": ("list_search", 104),
    "go/password": None,
    "go/regex_compile": ("regex_compile", 50),
    "go/regex_match": None,
    "go/sort_in_loop": ("sort_in_loop", 118),
    "go/tls": None,
    "java/boxing": None,
    "java/concat": ("text_grows", 27),
    "java/dates": ("date_format", 72),
    "java/format": ("formatting_in_loop", 100),
    "java/innocent": None,
    "java/logs": ("logging_in_loop", 103),
    "java/map_growth": None,
    "java/membership": ("duplicates", 60),
    "java/password": ("slow_hash", 97),
    "java/reflection": ("reflection", 79),
    "java/regex_compile": ("regex_compile", 20),
    "java/regex_match": None,
    "java/serialize": None,
    "java/sort_in_loop": ("sort_in_loop", 67),
}


@cache
def recorded(name: str) -> tuple[Profile, ...]:
    """Return the profiles of a recording."""
    (file,) = DATA.glob(f"{name}.*")
    return tuple(one_view(readers.read(gzip.decompress(file.read_bytes()), file.name)))


def accused(name: str) -> set[str]:
    """Return the families that a recording is accused of."""
    titles = [finding.title for finding in found(name) if finding.rule in FAMILY_RULES]
    return {
        family.id
        for family in families()
        if any(title.casefold().startswith(f"{family.what} takes".casefold()) for title in titles)
    }


def found(name: str) -> tuple[Finding, ...]:
    """Return the checks' findings of a recording."""
    return checks.look(judged(recorded(name)))[0]


def seen(name: str, folder: Path = DATA) -> tuple[tuple[Finding, ...], tuple[NotChecked, ...]]:
    """Return what is seen in the source of a recording's program."""
    if not name.startswith("python"):
        needs.module("tree_sitter")
    return look(recorded(name), folder)


@pytest.mark.parametrize("name", FAMILIES)
def test_a_recording_is_accused_of_what_its_program_does_and_of_nothing_else(name: str) -> None:
    assert accused(name) == FAMILIES[name]


@pytest.mark.parametrize("name", SOURCES)
def test_the_source_shows_the_pattern_at_its_line_and_no_other(name: str) -> None:
    expected = SOURCES[name]
    told, not_checked = seen(name)

    assert not_checked == ()
    if expected is None:
        assert told == ()
        return
    pattern, line = expected
    (first,) = told
    (what,) = [each for each in patterns() if each.id == pattern]
    assert first.title.casefold() == what.what.casefold()
    assert first.where[0].endswith(f":{line})")
    assert first.evidence[0].value > 0.1
    assert "seen in the source, not proven" in str(first.evidence[0])
    assert what.now in str(first.evidence[0])


def test_every_recording_is_looked_at() -> None:
    files = {f"{file.parent.name}/{file.name.split('.')[0]}" for file in DATA.glob("*/*.gz")}

    assert files == {*FAMILIES, *SOURCES}


def test_the_fix_is_in_the_languages_idiom() -> None:
    fixes = {
        name: finding.fix[0]
        for name in ("python/regex_compile", "cpp/regex_compile")
        for finding in found(name)
        if finding.rule == "profile.costly_pattern"
    }

    assert "module level" in fixes["python/regex_compile"]
    assert "std::regex" in fixes["cpp/regex_compile"]


def test_the_severity_follows_the_share() -> None:
    told = {
        finding.title.split(" takes ")[0]: finding.severity
        for name in ("cpp/growth", "cpp/map_growth", "cpp/exceptions")
        for finding in found(name)
        if finding.rule == "profile.costly_pattern"
    }

    assert set(told.values()) >= {"critical"}
    assert all(value in {"info", "warning", "critical"} for value in told.values())


def test_queries_in_a_loop_are_named_with_their_cause_when_the_source_shows_the_loop() -> None:
    (finding,) = seen("python/n_plus_one")[0]
    (hint,) = [each for each in found("python/n_plus_one") if each.rule == "profile.n_plus_one"]

    assert finding.cause == "db.n_plus_one"
    assert (hint.severity, hint.cause) == ("info", None)  # samples do not count statements
    assert hint.where[0].startswith("n_plus_one (patterns.py:137")


def test_every_row_of_the_methodologys_table_is_looked_for() -> None:
    rows = page("source_patterns").data["patterns"]

    assert {row["problem"] for row in rows if "problem" in row} == set(problems())


def test_source_that_is_not_at_hand_is_said(tmp_path: Path) -> None:
    told, not_checked = seen("python/membership", tmp_path)

    assert told == ()
    assert "not at hand" in not_checked[0].why


def test_source_that_has_changed_is_not_quoted(tmp_path: Path) -> None:
    (tmp_path / "patterns.py").write_text("def other():\n    pass\n" * 60, encoding="utf-8")
    told, not_checked = seen("python/membership", tmp_path)

    assert told == ()
    assert "has changed" in not_checked[0].why


@pytest.mark.parametrize(
    ("name", "rule_id", "where"),
    [
        ("python/membership", "profile.plateau", "membership (patterns.py:67)"),
        (
            "node/sort_in_loop",
            "profile.plateau",
            "sort_in_loop (file:///srv/code/p/patterns.js:56)",
        ),
        ("go/innocent", "profile.plateau", "main.innocent (/srv/code/p/patterns.go:204)"),
        ("python/innocent", "profile.focused", "tally (patterns.py:165)"),
        ("python/fibonacci", "profile.recursion", "fib (patterns.py:148)"),
        ("go/gobs", "profile.gc_pressure", "runtime."),
        ("node/spread", "profile.gc_pressure", "(garbage collector)"),
    ],
)
def test_the_flame_graph_rules_speak_on_real_recordings(
    name: str, rule_id: str, where: str
) -> None:
    (first, *_) = [finding for finding in found(name) if finding.rule == rule_id]

    assert first.where[0].startswith(where)


def test_the_innocent_programs_have_no_pressure_on_memory_and_no_statements() -> None:
    for name in ("python/innocent", "node/innocent", "go/innocent", "java/innocent"):
        rules = {finding.rule for finding in found(name)}
        assert not rules & {"profile.gc_pressure", "profile.n_plus_one", "profile.spread"}


def test_a_look_alike_of_few_samples_is_not_judged() -> None:
    told = [finding for finding in found("java/exceptions") if finding.severity != "info"]

    assert told == []  # 65 samples
