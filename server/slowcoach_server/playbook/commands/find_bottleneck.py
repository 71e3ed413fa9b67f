"""Find the bottleneck: walk the decision tree on whatever evidence there is."""

from typing import Any

from slowcoach.core.errors import InputError
from slowcoach_server.playbook import briefs
from slowcoach_server.playbook.endpoint import address, database, followed, investigated
from slowcoach_server.playbook.playbook import Playbook
from slowcoach_server.playbook.walk import Walk

_READERS = ("analyze_profile", "analyze_load_results", "explain_query", "analyze_queries")
_QUESTION = "Which of its addresses is slow (http://127.0.0.1:8000/search)?"
_HINT = "Name something to measure: an address, a process (pid 4711), a database's URL, or a file"
_WAITS = frozenset({"profile.mostly_waits", "profile.waiting"})


def run(walk: Walk) -> None:
    """Carry the command out: a file is read, an address measured, a process or database watched."""
    known = walk.arguments
    if known.get("path"):
        read(walk, str(known["path"]))
    elif known.get("url") or not (known.get("pid") or known.get("database_url")):
        url, database_url = address(walk, _QUESTION, _HINT), database(walk)
        why = "processor, waiting, memory or one another: measure before choosing a branch"
        found = investigated(walk, url, why=why, database_url=database_url)
        briefs.fill(walk, found)
        followed(walk, found, database_url)
    elif known.get("pid"):
        process(walk, known["pid"])
    else:
        why = "which statements take the time"
        walk.conclude(walk.call("analyze_queries", why, database_url=known["database_url"]))


def read(walk: Walk, path: str) -> None:
    """Read a file with the first tool that knows what it is."""
    for name in _READERS:
        found = walk.attempt(name, f"is {path} a file for it", path=path)
        if found is not None:
            walk.steps = [step for step in walk.steps if step.status == "done"]  # what it is not
            walk.conclude(found)
            walk.next.extend(found.next)
            return
    raise InputError(
        f"{path}: no profile, load result, plan or query log: {walk.steps[-1].summary}",
        hint="Give one of these, or the address of the slow endpoint",
    )


def process(walk: Walk, pid: Any) -> None:
    """Look at a process: on the processor first, then at what it waits for."""
    seconds = walk.given("duration_s")
    cpu = walk.call("record_profile", "does it work", pid=pid, kind="cpu", **seconds)
    walk.conclude(cpu)
    if any(finding.rule in _WAITS for finding in cpu.findings):
        why = "it mostly waits: for what"
        walk.conclude(walk.attempt("record_profile", why, pid=pid, kind="wall", **seconds))
    walk.next.append("Name an address of it: `slowcoach ask` then names the cause by measuring")


PLAYBOOK = Playbook("find_bottleneck", run)
