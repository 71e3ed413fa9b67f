"""The command line: for people, and for scripts."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from slowcoach.catalogue import tools

SLOWCOACH = [sys.executable, "-m", "slowcoach_server"]


def run(*words: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a script would."""
    return subprocess.run(
        [*SLOWCOACH, *words],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, **environment},
    )


def test_call_prints_one_json_document_and_nothing_else() -> None:
    done = run("call", "list_runs", '{"limit": 3}')

    assert done.returncode == 0
    assert json.loads(done.stdout)["status"] == "done"
    assert len(done.stdout.splitlines()) == 1


def test_call_reads_its_arguments_from_standard_input() -> None:
    done = run("call", "list_runs", "-", stdin='{"tool": "compare"}')

    assert "compare" in json.loads(done.stdout)["summary"]


@pytest.mark.parametrize(
    ("words", "code", "exit_code", "said"),
    [
        (["list_runs", "{"], "bad_input", 2, "JSON object"),
        (["list_runs", "[]"], "bad_input", 2, "got list"),
        (["list_runs", '{"limit": "many"}'], "bad_input", 2, "limit"),
        (["list_runs", '{"lmit": 1}'], "bad_input", 2, "Did you mean `limit`?"),
        (["lst_runs"], "bad_input", 2, "Did you mean list_runs?"),
        (["get_run", '{"run_id": "nothere"}'], "unknown_run", 2, "nothere"),
    ],
)
def test_bad_input_is_answered_in_one_shape(
    words: list[str], code: str, exit_code: int, said: str
) -> None:
    done = run("call", *words)
    error = json.loads(done.stdout)["error"]

    assert (done.returncode, error["code"]) == (exit_code, code)
    assert said in error["message"] + error["hint"]
    assert set(error) == {"code", "message", "hint"}
    assert "Traceback" not in done.stderr


def test_a_store_that_cannot_be_opened_is_told() -> None:
    done = run("call", "list_runs", SLOWCOACH_STORE="sqlite:////proc/nowhere/runs.db")

    assert done.returncode == 2
    assert "run store" in json.loads(done.stdout)["error"]["message"]


def test_help_names_every_tool_and_command() -> None:
    done = run("--help", COLUMNS="200")

    assert done.returncode == 0
    for tool in tools().values():
        assert tool.name.replace("_", "-") in done.stdout
    for command in ("call", "serve", "report", "demo"):
        assert command in done.stdout


@pytest.mark.parametrize("name", sorted(tools()))
def test_each_tool_has_help_with_its_arguments(name: str) -> None:
    done = run(name.replace("_", "-"), "--help", COLUMNS="200")

    assert done.returncode == 0
    for argument in tools()[name].arguments.model_fields:
        if argument != "wait_s":
            assert argument.replace("_", "-") in done.stdout.lower().replace("_", "-")


def test_a_mistyped_option_is_told_without_a_traceback() -> None:
    done = run("list-runs", "--lmit", "3")

    assert done.returncode == 2
    assert "--lmit" in done.stderr
    assert "Traceback" not in done.stderr


def test_colours_only_on_a_terminal() -> None:
    assert "\x1b" not in run("list-runs").stdout
    master, slave = pty.openpty()
    environment = {k: v for k, v in os.environ.items() if k not in {"NO_COLOR", "TERM"}}
    done = subprocess.run(
        [*SLOWCOACH, "list-runs"],
        stdout=slave,
        stdin=slave,
        stderr=slave,
        timeout=60,
        env={**environment, "TERM": "xterm-256color"},
    )
    os.close(slave)
    shown = os.read(master, 65536)
    os.close(master)

    assert done.returncode == 0
    assert b"\x1b[" in shown


def test_with_no_argument_on_a_terminal_it_shows_help() -> None:
    master, slave = pty.openpty()
    done = subprocess.run(SLOWCOACH, stdin=slave, capture_output=True, text=True, timeout=60)
    os.close(slave)
    os.close(master)

    assert done.returncode == 0
    assert "Usage: slowcoach" in done.stdout


def test_person_and_script_get_the_same_result() -> None:
    person = json.loads(run("list-runs", "--json").stdout)
    script = json.loads(run("call", "list_runs").stdout)

    assert person == script


def test_http_for_other_hosts_wants_a_name_and_tokens() -> None:
    done = run("serve", "--transport", "http", "--host", "0.0.0.0")

    assert done.returncode == 2
    assert "--public-url" in done.stderr


def test_a_closed_pipe_is_no_crash(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [*SLOWCOACH, "--help"], stdout=writer, stderr=subprocess.PIPE, text=True, timeout=60
    )
    os.close(writer)

    assert "Traceback" not in done.stderr
