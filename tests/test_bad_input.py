"""Bad input is answered by every tool: where, what was expected, what came, what to do next.

No traceback, no hang, nothing left running.
"""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from slowcoach.catalogue import tools
from slowcoach.core import process
from slowcoach.core.errors import SlowcoachError
from slowcoach.core.runs import Runs
from test_http import free_port

TWO_GB = 2 * 1024**3
Given = dict[str, Any]


def dead_pid() -> int:
    """Return the pid of a process that has ended."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait(30)
    return ended.pid


def closed_url() -> str:
    """Return an address where no server is."""
    return f"http://127.0.0.1:{free_port()}/slow"


def file(folder: Path, kind: str) -> str:
    """Return the path of a bad file."""
    path = folder / kind
    content = {
        "empty": b"",
        "binary": bytes(range(256)) * 40,
        "truncated": b'{"$schema": "https://www.speedscope.app/file-format-schema.json", "sh',
        "utf-16 without sense": "Höhe\n".encode("utf-16"),
    }
    if kind == "missing":
        return str(path)
    if kind == "folder":
        path.mkdir()
    elif kind == "2 GB":
        with path.open("wb") as big:
            big.truncate(TWO_GB)
    else:
        path.write_bytes(content[kind])
    return str(path)


FILES = ["missing", "empty", "binary", "truncated", "utf-16 without sense", "folder", "2 GB"]
READS: dict[str, Callable[[str], Given]] = {
    "analyze_profile": lambda path: {"path": path},
    "explain_query": lambda path: {"path": path},
    "compare": lambda path: {"before": path, "after": path},
}
SAYS_WHAT_TO_DO = 10


def refused(name: str, given: Given, runs: Runs) -> SlowcoachError:
    """Call a tool that must refuse; return its error."""
    with pytest.raises(SlowcoachError) as error:
        runs.call(tools()[name], given)
    assert process.children() == ()
    assert len(error.value.message) < 1500
    return error.value


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("name", READS)
def test_a_file_that_cannot_be_read(name: str, kind: str, tmp_path: Path, runs: Runs) -> None:
    path = file(tmp_path, kind)
    error = refused(name, READS[name](path), runs)

    assert Path(path).name in error.message
    assert len(error.hint) >= SAYS_WHAT_TO_DO
    assert error.exit_code == 2


@pytest.mark.parametrize("repo", ["missing", "empty"])
def test_a_repository_that_is_none(repo: str, tmp_path: Path, runs: Runs) -> None:
    error = refused("score_performance", {"repo": file(tmp_path, repo)}, runs)

    assert repo in error.message
    assert error.exit_code == 2


CANNOT: dict[str, tuple[str, Callable[[], Given]]] = {
    "profile of a dead process": ("record_profile", lambda: {"pid": dead_pid(), "duration_s": 1}),
    "profile of nothing": ("record_profile", dict),
    "profile of a program that is none": (
        "record_profile",
        lambda: {"command": "no-such-program-at-all", "duration_s": 1},
    ),
    "profile of a module that is none": (
        "record_profile",
        lambda: {"target": "no_such_module:f", "duration_s": 1},
    ),
    "profile of a kind that is not recorded": (
        "record_profile",
        lambda: {"target": "shop:price", "kind": "lock"},
    ),
    "profile without a file": ("analyze_profile", dict),
    "endpoint of a dead process": (
        "investigate",
        lambda: {"url": closed_url(), "pid": dead_pid()},
    ),
    "endpoint without a server": ("investigate", lambda: {"url": closed_url(), "duration_s": 3}),
    "endpoint that is no web address": ("investigate", lambda: {"url": "ftp://127.0.0.1/x"}),
    "endpoint that is no address": ("investigate", lambda: {"url": "not a url"}),
    "endpoint of another machine": ("investigate", lambda: {"url": "http://example.com/"}),
    "query of a database that refuses": (
        "explain_query",
        lambda: {"sql": "SELECT 1", "database_url": "postgresql://127.0.0.1:1/x"},
    ),
    "query without a database": ("explain_query", lambda: {"sql": "SELECT 1"}),
    "query without anything": ("explain_query", dict),
    "load on nonsense": ("design_load_test", lambda: {"url": "nonsense"}),
    "load on nothing": ("design_load_test", dict),
    "capacity of nothing": ("plan_capacity", dict),
    "capacity of a mistyped figure": ("plan_capacity", lambda: {"current": {"peak_rsp": 3}}),
    "budget of a mistyped figure": (
        "check_budget",
        lambda: {"kind": "api", "measurements": {"p59_ms": 3}},
    ),
    "budget of another kind": ("check_budget", lambda: {"kind": "ship", "measurements": {}}),
    "comparison of unknown runs": (
        "compare",
        lambda: {"before": "investigate-nothere", "after": "investigate-nothere"},
    ),
    "guide to nonsense": ("read_guide", lambda: {"topic": "zzzzqqqq"}),
    "unknown run": ("get_run", lambda: {"run_id": "nothere"}),
    "unknown run to cancel": ("cancel_run", lambda: {"run_id": "nothere"}),
}


@pytest.mark.parametrize("case", CANNOT)
def test_what_cannot_be_done_is_told(case: str, runs: Runs) -> None:
    name, given = CANNOT[case]
    error = refused(name, given(), runs)

    assert len(error.hint) >= SAYS_WHAT_TO_DO
    assert "Traceback" not in str(error)


@pytest.mark.parametrize("name", sorted(tools()))
@pytest.mark.parametrize("value", [{"a": 1}, [None], 1e400], ids=str)
def test_a_wrong_type_is_told(name: str, value: Any, runs: Runs) -> None:
    tool = tools()[name]
    first = next(iter(tool.arguments.model_fields))
    kind = tool.arguments.model_json_schema()["properties"][first]
    if "object" in str(kind) or "array" in str(kind):
        pytest.skip(f"{first} takes nested values")
    error = refused(name, {first: value}, runs)

    assert error.exit_code == 2


def test_every_argument_name_is_checked(runs: Runs) -> None:
    for name in tools():
        assert "has no argument" in refused(name, {"no_such_argument": 1}, runs).message
