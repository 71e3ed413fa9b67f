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
from slowcoach.diagnosis.evidence.node_notes import ADDON, NAMES, TIMER, Note
from slowcoach.diagnosis.limits import looking
from slowcoach.diagnosis.models import Activity

THREADS = "libuv's thread pool"
_THREADED = {"(file)": "disk", "(zlib)": "native", "(crypto)": "native"}
_STATES = {TIMER: "sleep", "(child process)": "child", **_THREADED}


def _threaded(notes: Sequence[Note], facts: Facts) -> list[Note]:
    """Return what libuv's threads work on, but for what an addon does one after another: more
    threads would not do more of it.
    """
    addons = () if _in_turn(facts) else (ADDON,)
    return [n for n in notes if n.leaf in _THREADED or n.leaf.startswith((NAMES, *addons))]


def _in_turn(facts: Facts) -> bool:
    """Tell whether hardly ever two threads are in file operations, though more are asked for."""
    return 0 < facts.at_files <= looking("one_at_files")


def queues(notes: Sequence[Note], facts: Facts) -> bool:
    """Tell whether there is more to do for libuv's threads than there are for it."""
    one = looking("at_least_one")
    if facts.threads < one:
        return bool(_threaded(notes, facts))
    return sum(n.mean for n in _threaded(notes, facts)) > facts.threads + one


def plain(notes: Sequence[Note], facts: Facts) -> list[Activity]:
    """Return the other waits; of work for libuv's threads no more than it has threads."""
    threaded = _threaded(notes, facts)
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
    if note.leaf.startswith(ADDON):
        return _of_addon(note, facts)
    state = _STATES.get(note.leaf, "net")
    if state != "disk":
        return state
    begun = min(sum(n.mean for n in threaded), facts.threads)
    elsewhere = facts.held - facts.taken >= begun * looking("mostly_held")
    least = begun * looking("hardly_at_work")
    idle = facts.at_work is not None and facts.at_work < least
    return "other" if elsewhere or (idle and facts.busy < looking("loop_busy")) else state


def _of_addon(note: Note, facts: Facts) -> str:
    """Return what an addon's work is, by what threads are seen at while there is any: file
    operations, of which one lets the others wait where they come in turn, or computing. To write
    and sync a little takes the kernel's time as well as the disk's.
    """
    if facts.at_work is None:
        return "other"
    part = looking("addon_at_work") * min(note.mean, 1.0)
    computing = facts.at_work - facts.at_files
    kernels = facts.in_kernel >= looking("kernels_part")
    if facts.files_open >= looking("addon_files") * part and kernels:
        return "disk" if facts.at_work >= part else "other"
    if facts.files_open >= part and facts.at_files >= computing:
        return "disk"
    return "native" if computing >= part and not kernels else "other"
