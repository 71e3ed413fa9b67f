"""The protocol's own conformance suite, software that we did not write, judges the real server.

Once as it is: whatever needs no fixtures must pass. Once with the suite's fixtures on top of the
same app (conformance_fixtures.py): all that a revision of the protocol requires must pass.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import conformance_fixtures
import needs
from http_server import http_server

pytestmark = pytest.mark.slow
HANDSHAKE, STATELESS = "2025-11-25", "2026-07-28"
FREE = {
    HANDSHAKE: {
        "server-initialize",
        "ping",
        "completion-complete",
        "tools-list",
        "server-sse-multiple-streams",
        "resources-list",
        "prompts-list",
        "dns-rebinding-protection",
        "server-session-lifecycle",
    },
    STATELESS: {
        "server-stateless",
        "completion-complete",
        "tools-list",
        "server-sse-multiple-streams",
        "resources-list",
        "sep-2164-resource-not-found",
        "prompts-list",
        "dns-rebinding-protection",
        "caching",
        "input-required-result-unsupported-methods",
        "http-header-validation",
    },
}
SKILLS = ("sep-2640-skills-enumeration", "sep-2640-skills-manifest", "sep-2640-skills-directory")
# what these checks of server-stateless call, only the fixtures have
NEED_FIXTURES = frozenset(
    {
        "sep-2575-server-rejects-undeclared-capability",
        "sep-2575-missing-capability-http-400",
        "sep-2575-server-sends-prompts-list-changed-on-subscription",
        "sep-2575-server-sends-tools-list-changed-on-subscription",
    }
)
# the suite waits half a second for some answers: on a busy machine that is too short
_TRIES = 3
Checks = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def suite() -> Path:
    """Return the suite's program."""
    needs.node(22)
    return Path(needs.program("conformance"))


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of the server as it is."""
    home = str(tmp_path_factory.mktemp("ours"))
    with http_server(environment={"XDG_DATA_HOME": home}) as url:
        yield url


@pytest.fixture(scope="module")
def with_fixtures(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of the server with what the suite looks for."""
    home = str(tmp_path_factory.mktemp("fixtures"))
    script = str(Path(conformance_fixtures.__file__))
    with http_server(program=(script,), environment={"XDG_DATA_HOME": home}) as url:
        yield url


def judged(suite: Path, url: str, out: Path, *words: str) -> Checks:
    """Let the suite judge a server; return the checks of each scenario."""
    done = subprocess.run(
        [str(suite), "server", "--url", url, "-o", str(out), *words],
        capture_output=True,
        text=True,
        timeout=240,
    )
    found = {
        re.sub(r"^server-|-\d{4}-\d\d-\d\dT[\dZ-]+$", "", path.parent.name): json.loads(
            path.read_text()
        )
        for path in out.glob("*/checks.json")
    }
    assert found, done.stdout[-1000:] + done.stderr[-1000:]
    return found


def failures(checks: list[dict[str, Any]], known: frozenset[str] = frozenset()) -> dict[str, str]:
    """Return what is wrong, by check, beside what is known."""
    return {
        check["id"]: str(check.get("errorMessage"))
        for check in checks
        if check["status"] in {"FAILURE", "WARNING"} and check["id"] not in known
    }


def wrong(
    suite: Path, url: str, out: Path, revision: str, scenarios: set[str], known: frozenset[str]
) -> dict[str, dict[str, str]]:
    """Return what is wrong with these scenarios; what fails is tried again, alone."""
    checks = judged(suite, url, out / "all", "--requirements", revision)
    assert scenarios <= set(checks), scenarios - set(checks)
    bad = {name: found for name in scenarios if (found := failures(checks[name], known))}
    for again in range(_TRIES - 1):
        alone: Checks = {}
        for name in bad:
            words = ("--scenario", name, "--spec-version", revision)
            alone |= judged(suite, url, out / f"{name}-{again}", *words)
        bad = {name: found for name, each in alone.items() if (found := failures(each, known))}
    return bad


def required(suite: Path, revision: str) -> set[str]:
    """Return the scenarios that the suite says a server must pass."""
    for folder in suite.resolve().parents:
        if (page := folder / "requirements" / f"{revision}.yaml").is_file():
            return set(yaml.safe_load(page.read_text())["server"])
    raise AssertionError(f"no requirements of {revision} beside {suite}")


@pytest.mark.parametrize("revision", [HANDSHAKE, STATELESS])
def test_the_server_as_it_is_passes_all_that_needs_no_fixtures(
    suite: Path, ours: str, revision: str, tmp_path: Path
) -> None:
    assert wrong(suite, ours, tmp_path, revision, FREE[revision], NEED_FIXTURES) == {}


@pytest.mark.parametrize("scenario", SKILLS)
def test_the_skills_pass(suite: Path, ours: str, scenario: str, tmp_path: Path) -> None:
    words = ("--scenario", scenario, "--force", "--spec-version", STATELESS)
    checks = judged(suite, ours, tmp_path, *words)[scenario]

    assert failures(checks) == {}
    assert any(check["status"] == "SUCCESS" for check in checks)


@pytest.mark.parametrize("revision", [HANDSHAKE, STATELESS])
def test_with_the_suites_fixtures_all_that_a_revision_requires_passes(
    suite: Path, with_fixtures: str, revision: str, tmp_path: Path
) -> None:
    scenarios = required(suite, revision)

    assert len(scenarios) >= 30
    scenarios |= FREE[revision]
    assert wrong(suite, with_fixtures, tmp_path, revision, scenarios, frozenset()) == {}
