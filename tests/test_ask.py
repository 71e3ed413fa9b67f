"""`slowcoach ask` without a key: playbooks on real services, for a pipe and for a person."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from asking import ask_here as ask
from asking import talk
from programs import Running, running
from slowcoach.core import knowledge
from slowcoach_server.playbook.playbook import playbooks

FOLDER = Path(__file__).parent / "data"


@pytest.fixture(scope="module")
def desk() -> Iterator[Running]:
    with running("desk.py") as found:
        yield found


def test_every_command_has_a_playbook() -> None:
    assert set(playbooks()) == set(knowledge.commands())


@pytest.mark.slow
def test_a_slow_endpoint_is_named_and_its_brief_saved_and_gone_on_from(
    desk: Running, tmp_path: Path
) -> None:
    url, brief = f"http://127.0.0.1:{desk.port}/ring", tmp_path / "brief.yaml"
    short = ("--set", "duration_s=3")
    told = ("--set", "since_when=since Monday", "--set", "target_p95=50ms")

    code, first = ask(f"why is {url} slow?", *short, *told, "-o", str(brief))
    again, second = ask("--resume", str(first["run_id"]))

    assert code == 0
    assert first["command"] == "explain_endpoint"
    assert first["verdict"]["cause"] == "lock.contention"
    assert first["findings"][0]["fix"]
    assert any(text.startswith("database_url") for text in first["assumed"])
    assert any(first["run_id"] in text for text in first["next"])
    form = yaml.safe_load(brief.read_text())
    assert form["problem_statement"]["since_when"] == "since Monday"
    assert form["hypothesis"]["primary"].startswith("lock.contention")
    assert again == 0
    assert second["verdict"]["cause"] == "lock.contention"
    assert second["arguments"]["brief"] == first["run_id"]
    assert "compare" in [step["tool"] for step in second["steps"]]
    assert second["brief"]["problem_statement"]["since_when"] == "since Monday"


@pytest.mark.parametrize(
    ("sentence", "code", "said"),
    [
        ("what is the weather like", 2, "none of what Slowcoach does"),
        ("why is checkout slow", 2, "url: the question does not say it"),
        ("why is http://192.0.2.1/x slow", 2, "192.0.2.1 is not this machine"),
        ("compare before and after", 2, "two sides are needed"),
    ],
)
def test_what_cannot_be_done_says_why(sentence: str, code: int, said: str) -> None:
    got, answer = ask(sentence)
    assert got == code
    assert said in answer["summary"]


OTHERS: Mapping[str, tuple[tuple[str, ...], str, str]] = {
    "plan_capacity": (("plan capacity for 10x, we have 500 rps",), "plan_capacity", "done"),
    "reduce_bundle": (("reduce bundle size",), "read_guide", "partly"),
    "check_leaks": (("check for memory leaks",), "read_guide", "partly"),
    "review_frontend": (("review our front-end performance",), "read_guide", "partly"),
    "score_performance": (
        ("score our performance", "--set", "repo=."),
        "score_performance",
        "done",
    ),
    "set_up_monitoring": (
        ("set up perf monitoring", "--set", "repo=."),
        "score_performance",
        "partly",
    ),
}


@pytest.mark.parametrize("command", OTHERS)
def test_the_other_commands_do_what_can_be_done_and_say_what_is_missing(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "README.md").write_text("# A project\n")
    monkeypatch.chdir(tmp_path)
    words, tool, status = OTHERS[command]

    code, answer = ask(*words)

    assert code == 0, answer
    assert answer["command"] == command
    assert answer["steps"][0]["tool"] == tool
    assert answer["steps"][0]["status"] == "done"
    assert answer["status"] == status
    if status == "partly":
        assert "is not part of this version" in answer["missing"][0]


def test_a_plan_and_a_profile_in_files_are_read(tmp_path: Path) -> None:
    plan, stacks = tmp_path / "plan.txt", tmp_path / "stacks.folded"
    plan.write_text("Seq Scan on orders  (cost=0.00..18334.00 rows=1000000 width=97)\n")
    stacks.write_text("main;parse 90\nmain;rest 10\n")

    query = ask(f"explain this execution plan {plan}", "--set", f"path={plan}")
    profile = ask("find the bottleneck", "--set", f"path={stacks}")

    assert query[0] == 0, query[1]
    assert query[1]["steps"][0]["tool"] == "explain_query"
    assert profile[0] == 0, profile[1]
    assert profile[1]["steps"][0]["tool"] == "analyze_profile"


def test_two_files_are_compared() -> None:
    before, after = (str(FOLDER / f"benchmarks/plain/{n}.json") for n in ("before", "after"))
    code, answer = ask(
        "compare before and after", "--set", f"before={before}", "--set", f"after={after}"
    )
    assert code == 0, answer
    assert answer["verdict"]["is"] in {"faster", "slower", "same", "unsure"}
    assert answer["steps"][0]["tool"] == "compare"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "a question is needed"),
        (("why is it slow", "--set", "nonsense"), "NAME=VALUE"),
        (("--resume", "investigate-nothere2"), "no run"),
    ],
)
def test_wrong_options_are_told(words: tuple[str, ...], said: str) -> None:
    code, answer = ask(*words)
    assert code == 2
    assert said in answer["error"]["message"]


@pytest.mark.slow
def test_a_person_is_asked_what_matters_and_before_load_is_sent(desk: Running) -> None:
    url = f"http://127.0.0.1:{desk.port}"
    code, shown = talk(
        ["why is /ring slow?", "--set", "duration_s=2", "--set", "concurrency=4"],
        {
            "Where is /ring served": url,
            "Since when is it slow": "since the deploy",
            "Which 95th percentile": "",
            "The address of its database": "",
            "Go on? [Y/n]": "y",
        },
    )
    assert code == 0, shown
    assert "lock.contention" in shown
    assert "since_when: since the deploy" in shown


def test_a_person_who_says_no_is_obeyed() -> None:
    code, shown = talk(
        ["why is http://127.0.0.1:9/x slow?"],
        {"Since when": "", "Which 95th": "", "its database": "", "Go on?": "n"},
    )
    assert code == 2, shown
    assert "was not permitted" in shown
