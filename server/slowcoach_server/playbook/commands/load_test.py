"""Load test the API: design, run within bounds, judge by the budget; or read results."""

from typing import Any

from slowcoach_server.playbook.endpoint import address, budget
from slowcoach_server.playbook.playbook import Playbook
from slowcoach_server.playbook.walk import Walk

_SECONDS = 30
_USERS = 10
_RESULTS = (".jtl", ".csv", ".json", ".jsonl", ".log", ".txt", ".xml", ".html")
_SOURCES = ("openapi", "har", "access_log", "traffic")


def run(walk: Walk) -> None:
    """Carry the command out."""
    path = str(walk.arguments.get("results") or walk.arguments.get("path") or "")
    if path.endswith(_RESULTS) and not walk.arguments.get("url"):
        found = walk.call("analyze_load_results", "read the results", path=path)
        walk.conclude(found)
        walk.next.extend(found.next)
        return
    url = None if walk.given(*_SOURCES) else address(walk)
    goal = walk.ask("goal", "What must it hold (500 rps, p95 < 300 ms)?") or ""
    design: Any = walk.call(
        "design_load_test", "a plan for it", url=url, goal=str(goal), **walk.given(*_SOURCES)
    )
    walk.conclude(design)
    if url is None:
        walk.next.append(
            f"`slowcoach run-load-test` runs the plan; it takes {design.total_s:.0f} s"
        )
        return
    load = _load(walk)
    found = walk.call("run_load_test", "send it and watch", url=url, **load, **walk.given("pid"))
    walk.conclude(found)
    budget(walk, found)
    walk.next.extend(found.next)
    walk.next.append(f'`slowcoach ask "why is {url} slow?"` names what limits it')


def _load(walk: Walk) -> dict[str, Any]:
    """Return how much for how long: what was said, else a first look."""
    seconds = walk.default("duration_s", _SECONDS)
    users = walk.arguments.get("users") or walk.arguments.get("vus")
    if walk.arguments.get("rate"):
        return {"rate": walk.arguments["rate"], "duration_s": seconds}
    return {"vus": users or walk.default("vus", _USERS), "duration_s": seconds}


PLAYBOOK = Playbook("load_test", run)
