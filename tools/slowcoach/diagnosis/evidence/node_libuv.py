"""What a Node.js program's requests wait for that is no peer: timers, children, libuv's threads.

Of what these threads work on, only as much is under way as there are threads for it: the rest
waits for one of them, and where the service's own waits hold them all, nothing is begun. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence

from slowcoach.diagnosis.activity import UNSTARTED
from slowcoach.diagnosis.evidence.node_facts import (
    Facts,
    activity,
    is_peer,
    scaled,
)
from slowcoach.diagnosis.evidence.node_notes import NAMES, TIMER, Note
from slowcoach.diagnosis.limits import looking
from slowcoach.diagnosis.models import Activity

THREADS = "libuv's thread pool"
_THREADED = {"(file)": "disk", "(zlib)": "native", "(crypto)": "native"}
_STATES = {TIMER: "sleep", "(child process)": "child", **_THREADED}


def _threaded(notes: Sequence[Note]) -> list[Note]:
    """Return what libuv's threads work on."""
    return [n for n in notes if n.leaf in _THREADED or n.leaf.startswith(NAMES)]


def queues(notes: Sequence[Note], facts: Facts) -> bool:
    """Tell whether there is more to do for libuv's threads than there are for it."""
    one = looking("at_least_one")
    if facts.threads < one:
        return bool(_threaded(notes))
    return sum(n.mean for n in _threaded(notes)) > facts.threads + one


def plain(notes: Sequence[Note], facts: Facts) -> list[Activity]:
    """Return the other waits; of work for libuv's threads no more than it has threads."""
    threaded = _threaded(notes)
    full = queues(notes, facts)
    made: list[Activity] = []
    for note in notes:
        if full and note in threaded:
            continue
        if not is_peer(note):
            state = _state_of(note, threaded, facts)
            made.append(activity(note, state, carrier="worker" if state == "native" else "task"))
    return made + (_of_threads(threaded, facts) if full else [])


def _of_threads(threaded: Sequence[Note], facts: Facts) -> list[Activity]:
    """Return what libuv's threads are at, and what waits for one of them. Where the service's own
    waits hold them all, nothing that requests ask for is begun.
    """
    server = f"{THREADS} ({facts.pool_size} threads, UV_THREADPOOL_SIZE"
    server += f"; {facts.taken:.1f} of them stand at {facts.held_at})" if facts.taken >= 1 else ")"
    if facts.threads < looking("at_least_one"):
        others = Activity(carrier="worker", state="other", server=server, mean=facts.taken)
        return [others, *(activity(n, UNSTARTED) for n in threaded)]
    part = facts.threads / sum(n.mean for n in threaded)
    made: list[Activity] = []
    for note in threaded:
        state = _state_of(note, threaded, facts)
        made.append(activity(scaled(note, part), state, carrier="worker", server=server))
        made.append(activity(scaled(note, 1 - part), "executor"))
    return made


def _state_of(note: Note, threaded: Sequence[Note], facts: Facts) -> str:
    """Return what a wait is for. That of a file operation is for no disk where threads stand at
    pipes for requests, or where hardly any thread is at work on anything.
    """
    state = _STATES.get(note.leaf, "net")
    if state != "disk":
        return state
    begun = min(sum(n.mean for n in threaded), facts.threads)
    elsewhere = facts.held - facts.taken >= begun * looking("mostly_held")
    least = begun * looking("hardly_at_work")
    idle = facts.at_work is not None and facts.at_work < least
    return "other" if elsewhere or (idle and facts.busy < looking("loop_busy")) else state
