"""slowcoach doctor: what is here, what is missing, and whether the server answers."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from slowcoach.core.knowledge import page
from slowcoach_server.doctor import checks, server

SLOWCOACH = Path(sys.executable).with_name("slowcoach")


def test_every_part_of_the_page_is_looked_for() -> None:
    found = {each.name: each for each in checks.everything()}
    data = page("environment").data

    for part in (*data["parts"], *data["permissions"]):
        assert found[part["name"]].said
    assert found["slowcoach"].standing == "ok"
    assert found["py-spy"].standing == "ok"


def test_what_is_missing_says_what_it_would_add_and_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = {each.name: each for each in checks.everything()}

    assert found["k6"].standing == "missing"
    assert found["k6"].said.startswith("would add: load")
    assert found["k6"].get


def test_a_store_that_cannot_be_used_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("SLOWCOACH_STORE", f"sqlite:///{tmp_path}/file/runs.db")
    found = {each.name: each for each in checks.everything()}

    assert found["runs"].standing == "failed"
    assert found["runs"].said


@pytest.mark.slow
def test_the_server_is_started_and_answers() -> None:
    found = server.answers()

    assert found.standing == "ok", found.said
    assert "tools" in found.said


@pytest.mark.slow
def test_the_command_prints_everything_as_json() -> None:
    done = subprocess.run(
        [SLOWCOACH, "doctor", "--json"], capture_output=True, text=True, timeout=120, check=True
    )

    found = json.loads(done.stdout)
    assert {"slowcoach", "packages", "programs", "permissions"} == {f["group"] for f in found}
