"""Load test the API: design, run within bounds, judge by the budget; or read what is there."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from slowcoach.core.errors import MissingDependencyError
from slowcoach.core.result import Result
from slowcoach.core.units import duration
from slowcoach.routing import figures
from slowcoach_server.playbook.endpoint import address, budget, reachable
from slowcoach_server.playbook.playbook import Playbook
from slowcoach_server.playbook.walk import Walk

PLAN_FILE = "load-test-plan.yaml"
_SECONDS = 30
_USERS = 10
_SOURCES = ("openapi", "har", "access_log", "traffic")
_SCRIPTS = (".js", ".mjs", ".py")
_PLANNED = "scenarios:"
_HEAD = 65_536
_HINT = 'Say it: slowcoach ask "load test http://127.0.0.1:8000/search at 50 rps for 30 seconds"'
_QUESTION = "Which address is to be loaded (http://127.0.0.1:8000/search)?"


def run(walk: Walk) -> None:
    """Carry the command out."""
    path = str(walk.arguments.get("results") or walk.arguments.get("path") or "")
    if path:
        _what_it_is(path)(walk, path)
        return
    if walk.given(*_SOURCES):
        _described(walk)
        return
    url = address(walk, _QUESTION, _HINT)
    reachable(walk, url)
    _designed(walk, url)
    _sent(walk, url)


def _described(walk: Walk) -> None:
    """Make a plan of a description or a record of traffic, for people to look at before it runs."""
    design = _designed(walk, walk.arguments.get("url"))
    plan = design.files.get(PLAN_FILE, "FILE")
    first = next(iter(design.plan.scenarios)).name
    walk.next.append(
        f"After a look at the plan: `slowcoach run-load-test --plan {plan} --scenario {first} "
        f"--duration-s 60`; the whole plan takes {duration(design.total_s)}"
    )


def _designed(walk: Walk, url: str | None) -> Any:
    goal = str(walk.ask("goal", "What must it hold (500 rps, p95 < 300 ms)?") or "")
    if goal and not walk.arguments.get("rate") and (rate := figures.rate(goal)):
        walk.arguments["rate"] = rate
    engine = {"engine": "locust"} if walk.arguments.get("engine") == "locust" else {}
    given = walk.given(*_SOURCES)
    design = walk.call("design_load_test", "a plan for it", url=url, goal=goal, **engine, **given)
    walk.conclude(design)
    return design


def _sent(walk: Walk, url: str) -> None:
    load = _load(walk)
    engine = walk.arguments.get("engine")
    given = {"url": url, **load, **walk.given("pid")}
    try:
        found = walk.call("run_load_test", "send it and watch", **given, engine=engine)
    except MissingDependencyError:
        walk.person.assume("engine", f"builtin, as {engine} is not installed here")
        found = walk.call("run_load_test", "send it and watch", **given)
    _judged(walk, found)
    walk.next.append(f'`slowcoach ask "why is {url} slow?"` names what limits it')


def _judged(walk: Walk, found: Result) -> None:
    walk.conclude(found)
    budget(walk, found)
    walk.next.extend(found.next)


def _load(walk: Walk) -> dict[str, Any]:
    """Return how much for how long: what was said, else a first look."""
    seconds = walk.default("duration_s", _SECONDS)
    users = walk.arguments.get("users") or walk.arguments.get("vus")
    if walk.arguments.get("rate"):
        return {"rate": walk.arguments["rate"], "duration_s": seconds}
    return {"vus": users or walk.default("vus", _USERS), "duration_s": seconds}


def _results(walk: Walk, path: str) -> None:
    _judged(walk, walk.call("analyze_load_results", "read the results", path=path))


def _planned(walk: Walk, path: str) -> None:
    """Run a plan or a script that is there already."""
    more = walk.given("duration_s", "pid", "scenario")
    if path.endswith(_SCRIPTS):
        more |= {"engine": "locust" if path.endswith(".py") else "k6", **walk.given("url")}
    _judged(walk, walk.call("run_load_test", f"run {Path(path).name}", plan=path, **more))


def _source(name: str) -> Callable[[Walk, str], None]:
    def design(walk: Walk, path: str) -> None:
        walk.arguments[name] = path
        _described(walk)

    return design


_OPENAPI: Final = ('"openapi"', '"swagger"', "openapi:", "swagger:")


def _what_it_is(path: str) -> Callable[[Walk, str], None]:
    """Return what to do with a file: results are read, plans run, descriptions made a plan of."""
    if path.endswith(_SCRIPTS):
        return _planned
    if path.endswith(".har"):
        return _source("har")
    head = _head(path)
    if any(word in head for word in _OPENAPI):
        return _source("openapi")
    if path.endswith((".yaml", ".yml")) and _PLANNED in head:
        return _planned
    return _results


def _head(path: str) -> str:
    try:
        with Path(path).open(encoding="utf-8", errors="replace") as file:
            return file.read(_HEAD)
    except OSError:
        return ""  # the tool that is called says what is wrong with it


PLAYBOOK = Playbook("load_test", run)
