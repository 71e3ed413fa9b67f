"""Check for memory leaks: the tool for it where it is, else what can be seen without it."""

from typing import Any

from slowcoach.core.errors import SlowcoachError, UnreachableError
from slowcoach.core.units import number, size
from slowcoach_server.playbook.endpoint import address, followed, investigated
from slowcoach_server.playbook.playbook import Playbook
from slowcoach_server.playbook.walk import Walk

_SNAPSHOTS = "what grows between two heap snapshots, and what retains it, is not told"
_QUESTION = "Which address or process is suspected (http://127.0.0.1:8000/search, or a pid)?"
_LOADED = "Name the address that is suspected: its memory is then watched under load"
_LONGER = 60.0
_LONGEST_PORTS = 3


def run(walk: Walk) -> None:
    """Carry the command out."""
    if walk.has("check_memory"):
        given = walk.given("pid", "url", "requests", "snapshots")
        walk.conclude(walk.call("check_memory", "does memory grow, and what holds it", **given))
        return
    walk.lacks("check_memory", _SNAPSHOTS)
    _suspect(walk)
    known = walk.arguments
    if known.get("url"):
        _endpoint(walk)
    elif known.get("pid"):
        _process(walk, known["pid"])
    else:
        _guide(walk)
        walk.next.append(_LOADED)


def _suspect(walk: Walk) -> None:
    """Ask a person what to watch, when nothing tells."""
    if walk.given("url", "pid", "snapshots") or not walk.person.terminal:
        return
    told = walk.person.line(f"{_QUESTION} ")
    if told:
        walk.arguments["pid" if told.isdecimal() else "url"] = told


def _endpoint(walk: Walk) -> None:
    """Send requests and watch memory; say what it did, whatever the verdict."""
    why = "send requests and watch memory, collections and containers meanwhile"
    found = investigated(walk, address(walk), why=why)
    grown = _growth(walk, found)
    walk.notes.append(grown or "Memory: the process was not seen, so its growth is not known")
    followed(walk, found, None)
    if grown and found.verdict.cause != "memory.leak":
        seconds = number(_LONGER)
        walk.next.append(f"A slow leak shows in a longer look: --set duration_s={seconds}")


def _growth(walk: Walk, found: Any) -> str:
    """Return how resident memory went over the load, from the evidence that the run kept."""
    from slowcoach.diagnosis.causes.memory_leak import slope_of
    from slowcoach.diagnosis.models import Observed

    try:
        kept = walk.runs.store.artefact(found.run_id, "evidence.json")[0]
    except SlowcoachError:
        return ""
    points = Observed.model_validate_json(kept).memory
    if not points:
        return ""
    slope = slope_of(points)
    return (
        f"Resident memory over {points[-1].completed:,} requests: {size(points[0].rss)} to "
        f"{size(points[-1].rss)}; after the warm-up {size(slope.per_request)} a request"
    )


def _process(walk: Walk, pid: Any) -> None:
    """Watch a process without sending it anything: where it allocates, and whether it grows."""
    from slowcoach.diagnosis.evidence.counters import rss_of
    from slowcoach.diagnosis.evidence.namespaces import listening_ports

    number_of = int(pid) if str(pid).isdecimal() else 0
    before = rss_of((number_of,))
    try:
        why = "where it allocates: what is kept is allocated there too"
        walk.conclude(
            walk.call(
                "record_profile", why, pid=pid, kind="alloc", **walk.given("duration_s", "language")
            )
        )
    except UnreachableError:
        raise
    except SlowcoachError:
        _guide(walk)
    if before and (after := rss_of((number_of,))):
        walk.notes.append(
            f"Resident memory of process {pid}: {size(before)} before, {size(after)} after (the "
            "recording's own part included)"
        )
    ports = listening_ports((number_of,))[:_LONGEST_PORTS]
    if ports:
        said = f"does http://127.0.0.1:{ports[0]}/PATH leak memory?"
        walk.next.append(f'slowcoach ask "{said}": sends requests and watches memory under load')
    else:
        walk.next.append(_LOADED)


def _guide(walk: Walk) -> None:
    why = "how to see it meanwhile"
    walk.conclude(walk.call("read_guide", why, topic="memory_profiling"))


PLAYBOOK = Playbook("check_leaks", run)
