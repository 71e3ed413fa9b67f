"""From a sentence to one of the twelve commands, and what the sentence names."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slowcoach.core.errors import InputError
from slowcoach.core.knowledge import commands
from slowcoach.routing import figures
from slowcoach.routing.arguments import arguments_of
from slowcoach.routing.route import NONE, route

DATA = Path(__file__).parent / "data" / "routing"
SLOWCOACH = Path(sys.executable).with_name("slowcoach")
WRITTEN = 0.95
UNSEEN = 0.91


def sentences(folder: Path) -> list[tuple[str, str]]:
    """Return the sentences of a folder with the command that each means."""
    return [
        (line, file.stem)
        for file in sorted(folder.glob("*.txt"))
        for line in file.read_text(encoding="utf-8").splitlines()
        if line
    ]


def share_right(said: list[tuple[str, str]]) -> float:
    """Return the share of sentences that are read right."""
    return sum(route(text).command == command for text, command in said) / len(said)


def test_what_the_commands_pages_say_leads_to_them() -> None:
    said = [(text, name) for name, page in commands().items() for text in page.says]

    assert len(said) > 150
    assert share_right(said) >= WRITTEN


def test_sentences_written_for_the_vocabulary_are_read_right() -> None:
    assert share_right(sentences(DATA)) >= WRITTEN


def test_sentences_by_somebody_else_are_read_right() -> None:
    said = sentences(DATA / "unseen")

    assert {command for _, command in said} == {*commands(), NONE}
    assert share_right(said) >= UNSEEN


@pytest.mark.parametrize(
    ("sentence", "command"),
    [
        ("optmize this qurey", "optimize_query"),
        ("laod test our bakcend", "load_test"),
        ("find the memroy leek", "check_leaks"),
        ("WHY IS CHECKOUT SLOW", "explain_endpoint"),
        ("redcue bundel size", "reduce_bundle"),
        ("capactiy planing", "plan_capacity"),
    ],
)
def test_slips_of_the_keyboard_are_forgiven(sentence: str, command: str) -> None:
    assert route(sentence).command == command


@pytest.mark.parametrize(
    ("command", "sentence", "arguments"),
    [
        (
            "explain_endpoint",
            "why is http://127.0.0.1:8000/search?q=a slow?",
            {"url": "http://127.0.0.1:8000/search?q=a"},
        ),
        (
            "explain_endpoint",
            "POST /orders lags with 20 concurrent users, pid 4242",
            {"url": "/orders", "method": "POST", "concurrency": 20, "pid": 4242},
        ),
        (
            "load_test",
            "load test localhost:8080/api with k6, 500 rps for two hours, p95 under 300 ms",
            {
                "url": "http://localhost:8080/api",
                "engine": "k6",
                "rate": 500.0,
                "duration_s": 7200.0,
                "goal": "p95 under 300 ms",
            },
        ),
        (
            "profile_function",
            "profile app/orders.py:parse_orders please",
            {"target": "app/orders.py:parse_orders"},
        ),
        (
            "profile_function",
            "profile the function parse_orders in app/orders.py",
            {"target": "parse_orders", "path": "app/orders.py"},
        ),
        (
            "optimize_query",
            "SELECT id FROM orders WHERE note IS NULL takes ages on postgres",
            {"sql": "SELECT id FROM orders WHERE note IS NULL", "dialect": "postgresql"},
        ),
        (
            "plan_capacity",
            "plan capacity for 10x, we grow 15 % a month, for the next two years",
            {"multiplier": 10.0, "growth": 0.15, "months": 24},
        ),
        (
            "compare_runs",
            "compare old.json and new.json, 5 % counts",
            {"before": "old.json", "after": "new.json", "threshold_pct": 5.0},
        ),
        ("compare_runs", "compare run a1b2 with run c3d4", {"before": "a1b2", "after": "c3d4"}),
        (
            "reduce_bundle",
            "dist/stats.json is over our 200 kB",
            {"path": "dist/stats.json", "budget_kb": 200.0},
        ),
        (
            "check_leaks",
            "does pid 77 leak after 5,000 requests",
            {"pid": 77, "requests": 5000},
        ),
        (
            "review_frontend",
            "audit https://shop.example on phones",
            {"url": "https://shop.example", "device": "mobile"},
        ),
        (
            "set_up_monitoring",
            "prometheus and grafana alerts when p99 is over 2 s",
            {"stack": "prometheus, grafana", "slo": "p99 is over 2 s"},
        ),
    ],
)
def test_what_a_sentence_names_becomes_arguments(
    command: str, sentence: str, arguments: dict[str, object]
) -> None:
    found = arguments_of(command, sentence)

    assert {name: found.get(name) for name in arguments} == arguments


def test_figures_are_read_as_people_write_them() -> None:
    assert figures.multiplier("traffic doubles") == 2
    assert figures.multiplier("ten times more") == 10
    assert figures.rate("1,500 requests per second") == 1500
    assert figures.rate("2k rps") == 2000
    assert figures.users("1.5 million users") == 1_500_000
    assert figures.duration_s("half an hour") == 1800
    assert figures.duration_s("p95 of 2 s for 10 minutes") == 600
    assert figures.budget_kb("main.js is 2 MB") is None
    assert figures.instances("on four machines") == 4
    assert figures.months("within a year and 6 months") == 6
    assert figures.growth("80 % a year") == pytest.approx(0.0502, abs=1e-4)
    assert figures.budget_kb("not over 1.5 MB") == 1500


def test_a_reading_that_is_not_sure_names_the_other_ones() -> None:
    found = route("slow")

    assert found.confidence < 0.9
    assert found.alternatives
    assert found.alternatives[0].confidence <= found.confidence


def test_nothing_said_is_an_error() -> None:
    with pytest.raises(InputError, match="expected words"):
        route("  ")


@given(st.text(min_size=1, max_size=300))
def test_any_text_has_a_route(text: str) -> None:
    if text.strip():
        assert 0 <= route(text).confidence <= 1


def test_a_long_text_takes_no_long_time() -> None:
    begun = time.process_time()
    route("select " + "a_b /x/y 10 x the p95 of " * 4000)

    assert time.process_time() - begun < 2


def test_the_command_prints_one_json_document_and_imports_little() -> None:
    probe = (
        "import sys; from slowcoach_server.cli import main\n"
        "try: main(['route', 'why is checkout slow?'])\n"
        "except SystemExit as end: assert not end.code\n"
        "heavy = {'mcp', 'numpy', 'sqlglot', 'anthropic', 'cyclopts'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, timeout=60, check=True
    )

    assert json.loads(done.stdout)["command"] == "explain_endpoint"


def test_the_command_reads_standard_input_and_refuses_nothing() -> None:
    done = subprocess.run(
        [SLOWCOACH, "route", "-"],
        input="load test it",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert json.loads(done.stdout)["command"] == "load_test"

    refused = subprocess.run(
        [SLOWCOACH, "route", " "], capture_output=True, text=True, timeout=60, check=False
    )
    assert refused.returncode == 2
    assert json.loads(refused.stdout)["error"]["code"] == "bad_input"
