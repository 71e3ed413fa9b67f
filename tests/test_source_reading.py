"""What is read from source: sites of functions in each language, and bounds for hostile files."""

import os
from contextlib import suppress
from pathlib import Path

import pytest
import yaml

import needs
from slowcoach.api.analyze_profile import TOOL
from slowcoach.core.job import Job
from slowcoach.core.knowledge import rule
from slowcoach.profiling import readers
from slowcoach.profiling.answer import ProfileAnswer
from slowcoach.profiling.source.files import LANGUAGES, read
from slowcoach.profiling.source.look import look
from slowcoach.profiling.source.patterns import seen
from slowcoach.profiling.source.syntax import Function, Language, Site

LANGUAGE = {language.name: language for language in LANGUAGES}
LIMIT = 6_000
SNIPPETS: list[dict[str, str]] = yaml.safe_load(
    (Path(__file__).parent / "data" / "patterns" / "snippets.yaml").read_text(encoding="utf-8")
)
SHOWN = [
    pytest.param(each, id=f"{each['language']}-{each['pattern']}-{at}")
    for at, each in enumerate(SNIPPETS)
    if each["pattern"] != "none"
]
CLEAN = [
    pytest.param(each, id=f"{each['language']}-{at}")
    for at, each in enumerate(SNIPPETS)
    if each["pattern"] == "none"
]


def functions(language: str, text: str) -> dict[str, Function]:
    if language != "python":
        needs.module("tree_sitter")
    return {function.name: function for function in LANGUAGE[language].functions(text)}


def told(language: str, text: str, name: str = "f") -> set[str]:
    """Return the patterns that a function of this text shows."""
    return {pattern.id for pattern, _ in seen(language, functions(language, text)[name])}


def looked(tmp_path: Path, source: str, stacks: str) -> list[str]:
    """Return the titles for a program and its collapsed stacks."""
    (tmp_path / "app.py").write_text(source, encoding="utf-8")
    return [finding.title for finding in look(readers.read(stacks.encode(), "it"), tmp_path)[0]]


PYTHON = {
    "list_search": "def f(xs: list[str], y):\n    return y in xs\n",
    "nested_loop": "def f(xs):\n    for a in xs:\n        for b in xs:\n            a == b\n",
    "text_grows": "def f(xs):\n    text = ''\n    for x in xs:\n        text += x\n",
    "sort_in_loop": "def f(xs):\n    for x in xs:\n        sorted(xs)\n",
    "min_in_loop": "def f(xs):\n    while xs:\n        xs.remove(min(xs))\n",
    "front_of_list": "def f():\n    xs = [1]\n    while xs:\n        xs.pop(0)\n",
    "recursion": "def f(n):\n    return n if n < 2 else f(n - 1) + f(n - 2)\n",
    "query_in_loop": "def f(db, ids):\n    return [db.execute('select', i) for i in ids]\n",
    "regex_compile": "import re\ndef f(x):\n    return re.compile('a').match(x)\n",
    "rows_one_by_one": "def f(table):\n    for row in table.iterrows():\n        print(row)\n",
    "file_in_loop": "def f(names):\n    for name in names:\n        open(name)\n",
    "duplicates": (
        "def f(xs):\n    seen = []\n    for x in xs:\n        if x not in seen:\n"
        "            seen.append(x)\n"
    ),
}
INNOCENT = [
    "def f(xs: set[str], y):\n    return y in xs\n",
    "def f(x):\n    return x in ('a', 'b')\n",
    "def f(xs, ys):\n    for a in xs:\n        for b in ys:\n            a + b\n",
    "def f(xs):\n    total = 0\n    for x in xs:\n        total += x\n    return total\n",
    "def f(xs):\n    return sorted(xs)\n",
    "def f(xs):\n    best = 0\n    for x in xs:\n        best = max(best, x)\n    return best\n",
    "def f():\n    xs = [1]\n    while xs:\n        xs.pop()\n",
    "@functools.cache\ndef f(n):\n    return n if n < 2 else f(n - 1) + f(n - 2)\n",
    "def f(node):\n    return f(node.left) + f(node.right)\n",
    "def f(db, ids):\n    return db.execute('select', ids)\n",
    "import re\nP = re.compile('a')\ndef f(x):\n    return P.match(x)\n",
    "def f(log, xs):\n    log.debug('%s', xs)\n",
]


@pytest.mark.parametrize("pattern", PYTHON)
def test_a_python_function_shows_its_pattern(pattern: str) -> None:
    assert pattern in told("python", PYTHON[pattern])


@pytest.mark.parametrize("text", INNOCENT)
def test_what_is_done_as_it_should_be_is_no_pattern(text: str) -> None:
    assert told("python", text) == set()


@pytest.mark.parametrize("case", SHOWN)
def test_other_languages_show_theirs(case: dict[str, str]) -> None:
    assert case["pattern"] in told(case["language"], case["text"])


@pytest.mark.parametrize("case", CLEAN)
def test_other_languages_are_not_accused(case: dict[str, str]) -> None:
    assert told(case["language"], case["text"]) == set()


def test_a_line_that_is_not_hot_is_no_finding(tmp_path: Path) -> None:
    source = "def f(xs):\n    work(xs)\n    sorted(xs)\n    for x in xs:\n        sorted(xs)\n"
    hot = looked(tmp_path, source, "f (app.py:5) 900\nf (app.py:2) 100\n")
    cold = looked(tmp_path, source, "f (app.py:2) 950\nf (app.py:5) 50\n")

    assert len(hot) == 1
    assert cold == []


def test_few_samples_prove_nothing(tmp_path: Path) -> None:
    source = "def f(xs):\n    for x in xs:\n        sorted(xs)\n"

    assert looked(tmp_path, source, "f (app.py:3) 2\nf (app.py:2) 4\n") == []


def test_a_call_beside_another_is_charged_with_its_own_time_only(tmp_path: Path) -> None:
    source = "import json\ndef f(xs):\n    for x in xs:\n        slow(json.dumps(x))\n"
    stacks = "f (app.py:4);slow (numpy/core.py:3) 950\nf (app.py:4);dumps (json/__init__.py:9) 50\n"

    assert looked(tmp_path, source, stacks) == []


def test_the_wait_for_queries_counts(tmp_path: Path) -> None:
    source = "def f(db, ids):\n    for i in ids:\n        db.execute('x', i)\n"
    wait = (
        "f (app.py:3);execute (psycopg/cursor.py:9);wait (/usr/lib/python3.11/selectors.py:4) 300\n"
    )
    idle = "_worker (/usr/lib/python3.11/concurrent/futures/thread.py:81) 5000\n"

    assert looked(tmp_path, source, wait + idle) == [
        "A query or a request is made in each turn of a loop (N+1)"
    ]


def test_quoted_lines_are_cut_and_hide_passwords(tmp_path: Path) -> None:
    line = "db.execute('postgres://me:hunter2@host/x \x1b[31m<b>' + " + "'x' + " * 60 + "str(i))"
    source = f"def f(db, ids):\n    for i in ids:\n        {line}\n"
    (tmp_path / "app.py").write_text(source, encoding="utf-8")
    ((finding,), _) = look(readers.read(b"f (app.py:3) 900\n", "it"), tmp_path)
    text = str(finding.evidence[0])

    assert "hunter2" not in text
    assert "\x1b" not in text
    assert len(text) < 400


@pytest.mark.parametrize(
    "text",
    [
        "def f(:\n",
        "\0",
        "(" * 100_000,
        "f" + "()" * 50_000,
        "x = " + "-" * 100_000 + "1",
        "if 1:\n" + "".join(" " * i + "if 1:\n" for i in range(1, 99)),
    ],
)
def test_files_that_are_no_python_or_nest_too_deep_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not Python"):
        LANGUAGE["python"].functions(text)


@pytest.mark.parametrize("language", ["javascript", "typescript", "go", "java"])
@pytest.mark.parametrize("text", ["", "((((", "\0\0\0", "}" * 1000, "é" * 500, "function f() {"])
def test_the_other_parsers_take_any_text(language: str, text: str) -> None:
    functions(language, text)


@pytest.mark.parametrize("language", ["javascript", "go", "java"])
def test_what_nests_too_deep_is_refused_or_read(language: str) -> None:
    with suppress(ValueError):
        functions(language, "function f() {" + "(" * 20_000)


def test_large_files_folders_pipes_and_other_names_are_not_read(tmp_path: Path) -> None:
    limit = int(rule("profile.source_pattern").limit("bytes"))
    (tmp_path / "large.py").write_text("#" * (limit + 1), encoding="utf-8")
    (tmp_path / "folder.py").mkdir()
    (tmp_path / "secret.txt").write_text("def f(): pass", encoding="utf-8")
    os.mkfifo(tmp_path / "pipe.py")

    for name in ("large.py", "folder.py", "secret.txt", "pipe.py", "missing.py", "a\0b.py"):
        assert read(name, tmp_path) is None
    assert read("http://example.com/app.py", tmp_path) is None
    assert read("x" * 10_000 + ".py", tmp_path) is None


def test_a_recorded_path_is_found_by_its_end_and_never_outside(tmp_path: Path) -> None:
    inside, outside = tmp_path / "work", tmp_path / "app.py"
    (inside / "shop").mkdir(parents=True)
    (inside / "shop" / "app.py").write_text("def f(): pass", encoding="utf-8")
    outside.write_text("def g(): pass", encoding="utf-8")

    found = read("/srv/elsewhere/shop/app.py", inside)
    assert found is not None
    assert [function.name for function in found.functions] == ["<module>", "f"]
    assert read("../app.py", inside) is None


def test_without_a_parser_the_language_is_said_to_be_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = Language("javascript", (".js",), ("a_parser_that_is_not_there",), lambda _: [])
    monkeypatch.setattr("slowcoach.profiling.source.files.LANGUAGES", (without,))
    told_of, not_checked = look(readers.read(b"f (app.js:3) 900\n", "it"), tmp_path)

    assert told_of == ()
    assert "slowcoach[source]" in not_checked[0].why


def test_the_answer_shows_the_source_and_stays_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"f{i}" for i in range(9)]
    source = "".join(f"def {name}(xs):\n    for x in xs:\n        sorted(xs)\n" for name in names)
    (tmp_path / "app.py").write_text(source, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    stacks = "".join(f"{name} (app.py:{3 * i + 3}) 400\n" for i, name in enumerate(names[:3]))
    answer = TOOL.call(TOOL.validate({"content": stacks}), Job())

    assert isinstance(answer, ProfileAnswer)
    assert [f.rule for f in answer.findings].count("profile.source_pattern") == 3
    assert len(answer.model_dump_json()) < LIMIT


def test_nested_functions_and_methods_have_their_own_sites() -> None:
    text = (
        "class A:\n    def outer(self):\n        def inner():\n            sorted([])\n"
        "        return inner\n"
    )
    found = functions("python", text)

    assert [site.text for site in found["A.outer.inner"].sites] == ["sorted"]
    assert found["A.outer"].sites == ()
    assert found["A.outer.inner"].line == 3


def test_comprehensions_and_callbacks_are_loops() -> None:
    python = functions("python", "def f(xs):\n    return [g(x) for x in xs if h(x)]\n")["f"]
    script = functions("javascript", "function f(xs) { return xs.map((x) => g(x)) }")["f"]

    assert _loops(python.sites) == {"g": 1, "h": 1}
    assert _loops(script.sites) == {"xs.map": 0, "g": 1}


def _loops(sites: tuple[Site, ...]) -> dict[str, int]:
    return {site.text: site.loops for site in sites}
