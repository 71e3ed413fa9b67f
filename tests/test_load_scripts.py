"""Scripts of plans before the programs that run them, against a real server on this machine."""

import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import needs
from load_shop import API_KEY, PASSWORD, USER, Shop, recorded, shop
from slowcoach.load.plan import (
    Endpoint,
    Extract,
    Journey,
    LoadPlan,
    PassCriteria,
    Scenario,
    ThinkTime,
)
from slowcoach.load.scripts import write_scripts, write_testrun
from slowcoach.load.sources import har
from slowcoach.load.traffic import Given
from slowcoach.load.validation import check_scripts, k6_program

ENVIRONMENT = {"LOAD_USERNAME": USER, "LOAD_PASSWORD": PASSWORD, "LOAD_API_KEY": API_KEY}


def k6() -> str:
    return k6_program() or needs.program("k6")


def plan_of(url: str, load: Mapping[str, Any], **changes: Any) -> LoadPlan:
    scenario = Scenario.model_validate({"name": "Smoke", "duration": "2s", **load})
    criteria = PassCriteria(p95_response_ms=20_000, error_rate_pct=0.1)
    return LoadPlan(
        test_name="t",
        target=f"{url}/",
        date="",
        scenarios=(scenario,),
        pass_criteria=criteria,
        timeout_s=5,
        **changes,
    )


def visit(place: Shop, folder: Path) -> LoadPlan:
    """Return a plan of a visit to the shop, three sessions a second for two seconds."""
    document, planted = recorded(place)
    file = folder / "visit.har"
    file.write_text(json.dumps(document))
    traffic = har.read(Given(file, None, None, writes=True))
    plan = plan_of(
        place.url,
        {"rate": 15.0},
        journeys=traffic.journeys,
        think=ThinkTime(median_s=0.2, sigma=0.3),
    )
    for text in (*write_scripts(plan).values(), write_testrun(plan), *traffic.notes):
        assert not [secret for secret in planted if secret in text]
    place.asked.clear()
    place.answers.clear()
    place.orders.clear()
    place.read.clear()
    return plan


def run_k6(plan: LoadPlan, folder: Path, environment: Mapping[str, str]) -> tuple[int, str]:
    (folder / "load-test.js").write_text(write_scripts(plan)["load-test.js"], encoding="utf-8")
    argv = [k6(), "run", "-q", "--no-usage-report", "load-test.js"]
    return _ran(argv, folder, environment)


def run_locust(plan: LoadPlan, folder: Path, environment: Mapping[str, str]) -> tuple[int, str]:
    needs.module("locust")
    (folder / "locustfile.py").write_text(write_scripts(plan)["locustfile.py"], encoding="utf-8")
    argv = [sys.executable, "-m", "locust", "-f", "locustfile.py", "--headless"]
    return _ran(argv, folder, environment)


def _ran(argv: list[str], folder: Path, environment: Mapping[str, str]) -> tuple[int, str]:
    done = subprocess.run(
        argv,
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        check=False,
        timeout=90,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


def judge_visit(place: Shop, code: int, said: str) -> None:
    assert code == 0, said[-3000:]
    assert place.statuses <= {200, 201}, place.answers
    assert len(place.orders) >= 3
    assert len(place.read) == len(set(place.read)) == len(place.orders)
    assert set(place.answers) == {
        ("GET /login", 200),
        ("POST /login", 200),
        ("GET /me", 200),
        ("POST /orders", 201),
        ("GET /orders/{id}", 200),
    }
    assert len(set(place.answers.values())) == 1  # each session went all its way


@pytest.mark.slow
def test_k6_hands_on_what_answers_gave(tmp_path: Path) -> None:
    with shop() as place:
        plan = visit(place, tmp_path)
        code, said = run_k6(plan, tmp_path, ENVIRONMENT)
        judge_visit(place, code, said)
        assert len(place.asked) == pytest.approx(30, abs=5)


@pytest.mark.slow
def test_locust_hands_on_what_answers_gave(tmp_path: Path) -> None:
    with shop() as place:
        plan = visit(place, tmp_path)
        code, said = run_locust(plan, tmp_path, ENVIRONMENT)
        judge_visit(place, code, said)


def mix(place: Shop, **load: Any) -> LoadPlan:
    """Return a mix of three to one, whose items are in the data."""
    endpoints = (
        Endpoint(
            url=f"{place.url}/items/${{item}}?at=${{shelf}}", weight=3, name="GET /items/{id}"
        ),
        Endpoint(method="PUT", url=f"{place.url}/cart", body='{"item":${item}}', weight=1),
    )
    data = {"item": tuple(str(n) for n in range(10)), "shelf": ("a b", "c/d")}
    return plan_of(place.url, load, endpoints=endpoints, data=data)


def judge_mix(place: Shop, sent: int, *, margin: int) -> None:
    assert len(place.asked) == pytest.approx(sent, abs=margin)
    items = [path for method, path, _, _ in place.asked if method == "GET"]
    share = len(items) / len(place.asked)
    assert share == pytest.approx(0.75, abs=4 * (0.75 * 0.25 / len(place.asked)) ** 0.5)
    shelves = Counter(path.partition("?at=")[2] for path in items)
    assert set(shelves) == {"a%20b", "c/d"}
    assert all(int(path.split("?")[0].rsplit("/", 1)[1]) % 2 == ("c/d" in path) for path in items)
    puts = [body for method, _, _, body in place.asked if method == "PUT"]
    assert {json.loads(body)["item"] for body in puts} <= set(range(10))


@pytest.mark.slow
def test_k6_sends_a_mix_by_weight_at_its_rate(tmp_path: Path) -> None:
    with shop() as place:
        code, said = run_k6(mix(place, rate=60.0), tmp_path, {})
        assert code == 0, said[-3000:]
        judge_mix(place, 120, margin=6)


@pytest.mark.slow
def test_locust_sends_a_mix_by_weight_at_its_rate(tmp_path: Path) -> None:
    with shop() as place:
        code, said = run_locust(mix(place, rate=60.0), tmp_path, {})
        judge_mix(place, 120, margin=50)
        assert code == (0 if len(place.asked) >= 114 else 1), said[-3000:]


@pytest.mark.slow
def test_users_of_a_closed_test_pause_between_requests(tmp_path: Path) -> None:
    with shop() as place:
        plan = mix(place, vus=3, think_time="0.5s", duration="2s")
        code, said = run_k6(plan, tmp_path, {})
        assert "FAIL http_req" not in said.replace("FAIL http_reqs", ""), said[-2000:]
        assert 6 <= len(place.asked) <= 15, code


@pytest.mark.slow
def test_scripts_that_lack_their_secrets_send_nothing(tmp_path: Path) -> None:
    with shop() as place:
        plan = plan_of(
            place.url,
            {"rate": 5.0},
            endpoints=(Endpoint(url=f"{place.url}/x", headers={"A": "${env:LOAD_NO_SUCH}"}),),
        )
        for run in (run_k6, run_locust):
            code, said = run(plan, tmp_path, {})
            assert code != 0
            assert "LOAD_NO_SUCH" in said
        assert not place.asked


def hostile(draw: random.Random) -> str:
    signs = "'\"`\\\n\r\t$ {}<>/*#%&;\u2028\u2029\x7fé😀\x00</script>"
    return "".join(draw.choices(signs, k=draw.randrange(1, 40)))


@pytest.mark.slow
def test_no_text_breaks_out_of_a_script(tmp_path: Path) -> None:
    draw = random.Random(5)
    values = tuple({hostile(draw).replace("${", "$ {") for _ in range(150)})
    with shop() as place:
        endpoint = Endpoint(
            method="POST",
            url=f"{place.url}/p?a='\"`${{v}}",
            name=hostile(draw),
            headers={"Content-Type": "text/plain; charset=utf-8", "X-Odd": "'\"`\\*/<!--${v}"},
            body="${v}",
            extract=(Extract(name="never", source="regex", path=hostile(draw)),),
        )
        plan = plan_of(
            place.url,
            {"rate": 80.0, "duration": "2s", "name": "Peak'\"`\n*/</script>"},
            endpoints=(endpoint,),
            data={"v": values, "__proto__": ("1",), "constructor": ("2",)},
        )
        for check in check_scripts({**write_scripts(plan), "testrun.yaml": write_testrun(plan)}):
            assert check.ok, check
        for run in (run_k6, run_locust):
            place.asked.clear()
            _, said = run(plan, tmp_path, {})
            bodies = {body.decode() for _, _, _, body in place.asked}
            assert len(bodies) >= 60, said[-3000:]
            assert bodies <= set(values)


@pytest.mark.slow
def test_a_runner_of_k6_operator_sends_its_share_and_tells_a_histogram(tmp_path: Path) -> None:
    import yaml

    with shop() as place:
        documents = list(yaml.safe_load_all(write_testrun(mix(place, rate=60.0))))
        (tmp_path / "load-test.js").write_text(documents[0]["data"]["load-test.js"])
        argv = [k6(), "run", "-q", "--no-usage-report", "--execution-segment=0:1/2"]
        code, said = _ran([*argv, "load-test.js"], tmp_path, {})
        assert code == 0, said[-2000:]
        assert "slowcoach-result 1/" in said
        assert len(place.asked) == pytest.approx(60, abs=6)


@pytest.mark.slow
def test_a_plan_of_everything_at_once_passes_every_loader(tmp_path: Path) -> None:
    """Arrivals and users, journeys, values, secrets, pauses, a recovery step."""
    url = "http://127.0.0.1:9"
    steps = (
        Endpoint(
            url=f"{url}/a/${{item}}", extract=(Extract(name="t", source="json", path="a[0].b"),)
        ),
        Endpoint(
            method="POST",
            url=f"{url}/b?x=${{t}}",
            headers={"Content-Type": "application/json", "A": "${env:LOAD_A}"},
            body='{"t":"${t}"}',
            together=True,
        ),
        Endpoint(url=f"{url}/c", extract=(Extract(name="u", source="header", path="ETag"),)),
    )
    plan = plan_of(
        url,
        {},
        journeys=(Journey(name="j", weight=2, steps=steps), Journey(name="k", steps=steps[:1])),
        think=ThinkTime(median_s=2, sigma=0.5),
        data={"item": ("1", "2")},
    )
    scenarios = (
        Scenario(name="Smoke", vus=1, duration="10s", think_time="1-2s"),
        Scenario(name="Baseline", rate=5.0, duration="1m", ramp_up="10s"),
        Scenario(
            name="Stress",
            rate_start=5.0,
            rate_end=20.0,
            step_factor=2.0,
            step_duration="30s",
            recovery="30s",
        ),
        Scenario(name="Spike", rate=50.0, duration="1m", ramp_up="10s"),
        Scenario(name="Breakpoint", rate=100.0, duration="1m"),
    )
    plan = plan.model_copy(update={"scenarios": scenarios})
    for check in check_scripts({**write_scripts(plan), "testrun.yaml": write_testrun(plan)}):
        assert check.ok, check
    (tmp_path / "load-test.js").write_text(write_scripts(plan)["load-test.js"])
    argv = [k6(), "inspect", "--execution-requirements", "load-test.js"]
    done = subprocess.run(argv, cwd=tmp_path, capture_output=True, check=True)
    stress = json.loads(done.stdout)["scenarios"]["stress"]
    # sessions of 7 / 3 requests: 5, 10 and 20 requests a second, and back to 5
    assert [s["target"] for s in stress["stages"]][1::2] == [7714, 15429, 30857, 7714]
    assert stress["timeUnit"] == "1h0m0s"


SCENARIOS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"rate": 10.0}, {"executor": "constant-arrival-rate", "rate": 10, "timeUnit": "1s"}),
    ({"rate": 0.25}, {"executor": "constant-arrival-rate", "rate": 15, "timeUnit": "1m0s"}),
    ({"rate": 0.001}, {"executor": "constant-arrival-rate", "rate": 4, "timeUnit": "1h0m0s"}),
    ({"vus": 7}, {"executor": "constant-vus", "vus": 7}),
    ({"vus": 7, "ramp_up": "5s"}, {"executor": "ramping-vus", "startVUs": 0}),
    ({"rate": 10.0, "ramp_up": "5s"}, {"executor": "ramping-arrival-rate"}),
    ({"name": "Breakpoint", "rate": 100.0, "duration": "60s"}, {"stages": [("1m0s", 100)]}),
    (
        {
            "name": "Stress",
            "duration": None,
            "rate_start": 10.0,
            "rate_end": 30.0,
            "rate_step": 10.0,
            "step_duration": "20s",
            "ramp_up": "5s",
        },
        {"stages": [("5s", 10), ("20s", 10), ("5s", 20), ("20s", 20), ("5s", 30), ("20s", 30)]},
    ),
]


def test_k6_reads_every_kind_of_scenario_as_it_is_meant(tmp_path: Path) -> None:
    named = [{"name": f"S {n}", **load} for n, (load, _) in enumerate(SCENARIOS)]
    scenarios = tuple(Scenario.model_validate({"duration": "3s", **load}) for load in named)
    plan = plan_of("http://127.0.0.1:9", {}).model_copy(update={"scenarios": scenarios})
    (tmp_path / "load-test.js").write_text(write_scripts(plan)["load-test.js"])
    done = subprocess.run(
        [k6(), "inspect", "--execution-requirements", "load-test.js"],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    read = json.loads(done.stdout)["scenarios"]
    for scenario, (_, expected) in zip(scenarios, SCENARIOS, strict=True):
        found = read[scenario.key]
        found["stages"] = [(s["duration"], s["target"]) for s in found.get("stages") or ()]
        assert {key: found.get(key) for key in expected} == expected
