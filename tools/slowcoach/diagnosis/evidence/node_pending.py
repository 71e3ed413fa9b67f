"""What a Node.js program's requests wait for, in the words that causes know. Pure.

Waits grow while the event loop is busy, for an answer that came lies until the loop takes it:
what they take longer than in the calm phase counts the less, the busier the loop is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace

from slowcoach.diagnosis.activity import SHARED as SHARED_CONNECTION
from slowcoach.diagnosis.activity import UNSTARTED
from slowcoach.diagnosis.evidence.node_drivers import for_connections
from slowcoach.diagnosis.evidence.node_facts import (
    Facts,
    activity,
    is_peer,
    scaled,
)
from slowcoach.diagnosis.evidence.node_libuv import plain, queues
from slowcoach.diagnosis.evidence.node_notes import (
    HTTP,
    NAMES,
    SOCKET,
    TIMER,
    Note,
    port_of,
)
from slowcoach.diagnosis.evidence.node_told import Told
from slowcoach.diagnosis.evidence.node_words import (
    DRIVERS,
    HTTP_CLIENTS,
    KEEPS_TIME,
    SHARED,
    word_of,
)
from slowcoach.diagnosis.evidence.sockets import SERVICES
from slowcoach.diagnosis.limits import looking
from slowcoach.diagnosis.models import Activity
from slowcoach.diagnosis.view import ramp

_DATABASES = frozenset(
    {"PostgreSQL", "MySQL", "SQL Server", "Oracle", "MongoDB", "Cassandra", "Elasticsearch"}
)


def waiting(seen: Told, idle: Told, calm: Told | None, facts: Facts) -> tuple[Activity, ...]:
    """Return what requests wait for, most first."""
    late = _held_up(facts) if calm is not None else 0.0
    operations = _calmed(_without(seen.operations, idle.operations), calm, late)
    begun = [n for n in seen.others if not (n.leaf == TIMER and KEEPS_TIME & set(n.packages))]
    others = _calmed(_without(begun, idle.others), calm, late)
    inside = [scaled(n, 1 - late) for n in _without(seen.inside, idle.inside)]
    if facts.requests:
        beside = 0.0 if seen.together else sum(n.mean for n in operations)
        inside = _at_most(inside, facts.requests - beside)
    asked = [replace(n) for n in (*operations, *others)]
    at_once = _at_once(asked, inside)
    operations += _claimed(inside, others)
    others = _joined(operations, others)
    lone = calm or (seen if facts.requests <= looking("one_request") else None)
    made = _peers(operations + others, facts, _together(lone), at_once)
    made += plain(operations + others, facts)
    shared = any(SHARED & set(n.packages) for n in (*operations, *others))
    used = _all_used(operations + others, facts)
    drivers = [n for n in inside if _inside_state(n, shared, facts) == "db"]
    rest, queued = for_connections(drivers, asked, facts)
    inside = [n for n in inside if n not in drivers] + rest
    made += queued
    made += [
        _of_client(n) if used and _by_client(n) else activity(n, _inside_state(n, shared, facts))
        for n in inside
    ]
    made += [activity(n, "join") for n in seen.together]
    least = looking("least_wait")
    return tuple(sorted((a for a in made if a.mean >= least), key=lambda a: -a.mean))


def _held_up(facts: Facts) -> float:
    """Return how far the loop lets what came wait (0..1)."""
    return ramp(facts.busy, looking("loop_busy"), looking("loop_fully_busy"))


def _without(notes: Iterable[Note], idle: Iterable[Note]) -> list[Note]:
    """Return the notes less what the idle service does as well."""
    standing = {(n.path, n.leaf): n.mean for n in idle}
    found = []
    for note in notes:
        left = note.mean - standing.get((note.path, note.leaf), 0.0)
        if left > 0:
            found.append(scaled(note, left / note.mean))
    return found


def _at_most(notes: Sequence[Note], most: float) -> list[Note]:
    """Return the notes with no more under way than there are requests: of awaits that are long and
    few, how many there are is known but roughly.
    """
    total = sum(n.mean for n in notes)
    return [scaled(n, min(1.0, max(most, 0.0) / total)) for n in notes] if total else []


def _calmed(notes: Iterable[Note], calm: Told | None, late: float) -> list[Note]:
    """Return the notes without what a busy event loop adds to the wait for their answers."""
    known: dict[str, tuple[float, float]] = {}
    for each in (*calm.operations, *calm.others) if calm else ():
        seconds, count = known.get(each.leaf, (0.0, 0.0))
        known[each.leaf] = seconds + each.seconds, count + each.count
    found = []
    for note in notes:
        seconds, count = known.get(note.leaf, (0.0, 0.0))
        usual = min(1.0, seconds / count / note.each_s) if count and note.each_s else 0.0
        found.append(scaled(note, 1 - late * (1 - usual)))
    return found


def _claimed(inside: list[Note], others: list[Note]) -> list[Note]:
    """Give operations that only libraries began to the awaits that wait for something unknown.

    Takes them from both lists; awaits on what the program's own code names a pool come last.
    """
    found: list[Note] = []
    least = looking("least_wait")
    order = sorted(inside, key=lambda n: (word_of(n) != "", -n.mean))
    for other in others:
        open_ = [n for n in order if n.mean > least and not word_of(n)] or [
            n for n in order if n.mean > least
        ]
        total = sum(n.mean for n in open_)
        if total <= 0 or other.mean <= 0:
            continue
        taken = min(total, other.mean)
        for note in open_:
            part = taken / total
            claim = scaled(note, part)
            operations = claim.mean / other.mean  # how unlike their times are is theirs to say
            claim.leaf, claim.count = other.leaf, other.count * operations
            claim.seconds = other.seconds * operations
            claim.squares = other.squares * operations
            claim.packages = tuple(dict.fromkeys((*note.packages, *other.packages)))
            claim.callee = note.callee or other.callee
            found.append(claim)
            left = scaled(note, 1 - part)
            note.mean, note.lines = left.mean, left.lines
        rest = scaled(other, 1 - taken / other.mean)
        other.mean, other.lines = rest.mean, rest.lines
    return found


def _joined(operations: list[Note], others: list[Note]) -> list[Note]:
    """Add what only a library began to the like operations of own code; return the rest."""
    rest: list[Note] = []
    for other in others:
        like = [n for n in operations if n.leaf == other.leaf and n.mean > 0]
        total = sum(n.mean for n in like)
        if not like:
            rest.append(other)
        for note in like:
            more = scaled(note, 1 + other.mean / total)
            note.mean, note.lines = more.mean, more.lines
    return rest


def _inside_state(note: Note, shared: bool, facts: Facts) -> str:
    """Return what an await waits for in the program itself."""
    word = word_of(note)
    if facts.workers > looking("at_least_one"):
        return "executor"
    if word:
        return word
    if shared:
        return "net"
    return "db" if DRIVERS & set(note.packages) else "other"


def waits_inside(note: Note) -> str:
    """Return what an await waits for in the program itself, by names alone."""
    return _inside_state(note, shared=False, facts=Facts())


def _all_used(notes: Iterable[Note], facts: Facts) -> bool:
    """Tell whether every connection to the peers of HTTP calls has one under way all the time."""
    totals: dict[int, float] = {}
    for note in notes:
        if note.leaf.startswith(HTTP):
            totals[port_of(note)] = totals.get(port_of(note), 0.0) + note.mean
    open_ = sum(facts.connections.get(port, 0.0) for port in totals)
    used = sum(totals.values()) >= looking("connections_used") * open_
    return used and open_ >= looking("at_least_one")


def _by_client(note: Note) -> bool:
    """Tell whether an HTTP client made what is waited for beyond any call that it has begun."""
    return bool(HTTP_CLIENTS & set(note.packages)) and not word_of(note)


def _of_client(note: Note) -> Activity:
    note.callee = (*note.callee[:2], "connection pool of the HTTP client")
    return activity(note, "pool")


def _together(lone: Told | None) -> Mapping[tuple[str, str], float]:
    """Return by function how many calls run together for a request, as a lone one showed."""
    sums: dict[tuple[str, str], tuple[float, float]] = {}
    for note in lone.operations if lone else ():
        if note.leaf.startswith((HTTP, SOCKET)) and note.parts:
            seconds, parts = sums.get(note.path[-1], (0.0, 0.0))
            sums[note.path[-1]] = seconds + note.seconds, parts + note.parts
    return {place: max(1.0, seconds / parts) for place, (seconds, parts) in sums.items()}


def _peers(
    notes: Sequence[Note],
    facts: Facts,
    together: Mapping[tuple[str, str], float],
    at_once: Set[str],
) -> list[Activity]:
    """Return the waits for other services; what waits for a connection of an agent's as such. Of
    calls that run `together` for a request each has its part of the time, to count it once.
    """
    totals: dict[int, float] = {}
    for note in notes:
        if note.leaf.startswith(HTTP):
            totals[port_of(note)] = totals.get(port_of(note), 0.0) + note.mean
    made: list[Activity] = []
    full, one = queues(notes, facts), looking("at_least_one")
    beyond, by = looking("calls_beyond"), looking("calls_beyond_by")
    for note in filter(is_peer, notes):
        if full and note.leaf.startswith(NAMES):
            continue  # it is told with what else waits for threads
        port = port_of(note)
        state = "db" if _is_database(note, port, facts) else "net"
        total, open_ = totals.get(port, 0.0), facts.connections.get(port, 0.0)
        few = note.leaf.startswith(HTTP) and total > beyond * open_ + by
        if not (few and open_ >= one):
            beside = together.get(note.path[-1], 1.0) if note.path and state == "net" else 1.0
            several = open_ >= looking("several_connections") and note.leaf not in at_once
            found = _of_peer(scaled(note, 1 / beside), state, port, several=several)
            made.append(found.model_copy(update={"beside": round(beside, 2)}))
            continue
        made.append(activity(scaled(note, open_ / total), state, port))
        queued = scaled(note, 1 - open_ / total)
        queued.callee = (*note.callee[:2], "connection pool of the HTTP agent (maxSockets)")
        made.append(activity(queued, "pool"))
    return made


def _of_peer(note: Note, state: str, port: int, *, several: bool) -> Activity:
    """Return a wait for a peer. Many requests may share one connection; of `several` to one peer
    that are asked by turns each has one call at a time.
    """
    found = activity(note, state, port)
    by_turns = several and not SHARED & set(note.packages)
    shared = state == "net" and note.leaf.startswith(SOCKET) and not by_turns
    return found.model_copy(update={"target": SHARED_CONNECTION}) if shared else found


def _at_once(operations: Sequence[Note], inside: Sequence[Note]) -> Set[str]:
    """Return the kinds of operations that mostly are begun in the very call that is awaited: what
    waits there has asked already, and waits for its answer rather than for its turn to ask.
    """
    sums: dict[str, tuple[float, float]] = {}
    for note in operations:
        asks = any(note.path[: len(n.path)] == n.path for n in inside if n.path)
        now, all_ = sums.get(note.leaf, (0.0, 0.0))
        sums[note.leaf] = now + asks * note.count, all_ + note.count
    return {leaf for leaf, (now, all_) in sums.items() if now > all_ / 2}


def _is_database(note: Note, port: int, facts: Facts) -> bool:
    if port and port == facts.database_port:
        return True
    return SERVICES.get(port, "") in _DATABASES or bool(DRIVERS & set(note.packages))


def unseen(known: Sequence[Activity], requests: float, facts: Facts) -> list[Activity]:
    """Return the requests that the program holds while nothing of the above explains where.

    They wait for something in the program itself that no `await` shows, such as a list of
    callbacks. Those that wait for the loop, or for a thread, are no such.
    """
    if any(a.state in {"executor", UNSTARTED} for a in known):
        return []
    seen = sum(a.mean for a in known if a.state != "join")
    left = (requests - seen) * (1 - _held_up(facts))
    if left < looking("least_unseen"):
        return []
    state = "executor" if facts.workers > looking("at_least_one") else "other"
    return [Activity(carrier="task", state=state, mean=round(left, 4))]
