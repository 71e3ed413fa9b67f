"""What the awaits of a Node.js program wait for, and in which function. Pure.

The time by which an `await` is longer than the operations within it is what it waits for in the
program itself: a promise that other code of it resolves (a pool's, a queue's, a lock's). Who made
that promise, own code or a library's function, is told by the notes of promises.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from slowcoach.diagnosis.evidence.node_notes import (
    ACQUIRES,
    AWAIT,
    CONNECTS,
    HTTP,
    LENT,
    NAMES,
    POOLS,
    PROMISE,
    SOCKET,
    TIMER,
    WITHIN,
    Note,
    Path,
    port_of,
)
from slowcoach.diagnosis.evidence.node_words import DRIVERS, word_of
from slowcoach.diagnosis.limits import looking

Below = Mapping[tuple[str, str], set[tuple[str, str]]]


@dataclass(slots=True)
class Told:
    """The notes sorted: operations of own code, those that only libraries began, and what awaits
    waited for beyond any operation (with the own function that made the promise, where known).
    """

    operations: list[Note]
    others: list[Note]
    inside: list[Note]
    together: list[Note]


def _once(notes: Sequence[Note]) -> list[Note]:
    """Leave out what an HTTP request's own wait has in it: names, connecting, its socket."""
    ports = {port_of(n) for n in notes if n.leaf.startswith(HTTP)}

    def stays(note: Note) -> bool:
        if note.leaf.startswith(SOCKET):
            return port_of(note) not in ports
        return not (ports and note.leaf.startswith((CONNECTS, NAMES)))

    return list(filter(stays, notes))


def told(notes: Sequence[Note]) -> Told:
    """Sort the notes of a phase."""
    operations, others, awaits, promises = list[Note](), list[Note](), list[Note](), list[Note]()
    within: list[Note] = []
    for note in _once(notes):
        if note.leaf == AWAIT:
            awaits.append(note)
        elif note.leaf in {PROMISE, LENT}:
            promises.append(note)
        elif note.leaf == WITHIN or (note.leaf == ACQUIRES and not note.path):
            within.append(note)
        elif note.path:
            operations.append(note)
        elif note.leaf != TIMER:
            others.append(note)
    below = _below((*operations, *awaits, *promises))
    _cap_timers(operations, awaits, below)
    inside, together = _inside(operations, awaits, below)
    left = _unexplained(promises, operations, below)
    named = [_deeper(_named(note, left), promises, operations, below) for note in inside]
    acquiring = [replace(n, leaf=AWAIT, word="pool") for n in operations if n.leaf == ACQUIRES]
    operations = [n for n in operations if n.leaf != ACQUIRES]
    return Told(operations, others, _among_libraries(named, within) + acquiring, together)


def _below(notes: Iterable[Note]) -> Below:
    """Return by function the own functions that were seen below it in any stack."""
    found: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    for note in notes:
        for i, function in enumerate(note.path):
            found[function].update(set(note.path[i + 1 :]) - {function})
    return found


def _within(inner: Path, outer: Path, below: Below) -> bool:
    """Tell whether what one stack began is awaited by another: the longer one, or one that goes
    on after an await, whose callers are not on the stack any more.
    """
    return inner[: len(outer)] == outer or inner[0] in below.get(outer[-1], ())


def _inside(
    operations: Sequence[Note],
    awaits: Sequence[Note],
    below: Below,
) -> tuple[list[Note], list[Note]]:
    """Return what awaits wait for beyond operations; and those whose operations run together."""
    inside: list[Note] = []
    together: list[Note] = []
    for note in sorted(awaits, key=lambda n: -len(n.path)):
        known = [o for o in operations if _within(o.path, note.path, below)]
        inner = sum(o.mean for o in known)
        if inner > note.mean:
            together.append(_with_mean(note, note.mean))
        rest = [i for i in inside if i.path != note.path and _within(i.path, note.path, below)]
        left = note.mean - inner - sum(i.mean for i in rest)
        error = looking("errors_of_an_await") * note.error * note.mean
        if left > (error if inner >= left else 0.0):
            inside.append(_with_mean(note, left))
    return inside, [t for t in together if _several(t, operations, below)]


def _several(note: Note, operations: Sequence[Note], below: Below) -> bool:
    """Tell whether clearly more operations are under way than awaits that wait for them."""
    inner = [o for o in operations if _within(o.path, note.path, below)]
    seen = sum(o.seen for o in inner)
    least = sum(o.mean for o in inner) * (1 - 1 / math.sqrt(seen) if seen else 1.0)
    several = looking("several_together")
    return note.mean > 0 and least >= several * note.mean * (1 + note.error)


def _with_mean(note: Note, mean: float) -> Note:
    part = mean / note.mean if note.mean else 0.0
    return replace(
        note,
        mean=mean,
        seconds=note.seconds * part,
        lines=defaultdict(float, {line: m * part for line, m in note.lines.items()}),
        squares=note.squares * part**2,
        parts=note.parts * part,
    )


def _cap_timers(
    operations: list[Note],
    awaits: Sequence[Note],
    below: Below,
) -> None:
    """A timer that nobody awaits is a limit of time, not a wait: no more than awaits leave."""
    timers = [note for note in operations if note.leaf == TIMER]
    for timer in timers:
        holding = [a for a in awaits if _within(timer.path, a.path, below)]
        if not holding:
            continue
        most = max(a.mean for a in holding)
        most -= sum(
            o.mean
            for o in operations
            if o.leaf != TIMER and any(_within(o.path, a.path, below) for a in holding)
        )
        if timer.mean > max(most, 0.0):
            operations.remove(timer)
            if most > 0:
                operations.append(_with_mean(timer, most))


def _unexplained(promises: Sequence[Note], operations: Sequence[Note], below: Below) -> list[Note]:
    """Return the promises with what of their time no operation within them explains: one that a
    callback made, which goes on while others wait, is no rival of what these wait for.
    """
    found: list[Note] = []
    for p in promises:
        known = sum(o.mean for o in operations if _within(o.path, p.path, below))
        if known < p.mean:
            found.append(_with_mean(p, p.mean - known))
    return found


def _named(note: Note, promises: Sequence[Note]) -> Note:
    """Return what an await waits for at the own function that made its promise, if one did."""
    part = looking("promise_part")
    found = [
        p
        for p in promises
        if p.leaf == PROMISE
        and len(p.path) == len(note.path) + 1
        and p.path[:-1] == note.path
        and p.mean >= part * note.mean
    ]
    if not found:
        return _lent(note, promises)
    maker = max(found, key=lambda p: p.mean)
    named = replace(note, path=maker.path, lines=_spread(note.mean, maker.lines))
    return _lent(named, promises)  # what that awaits may be of a library


def _lent(note: Note, promises: Sequence[Note]) -> Note:
    """Return what an await waits for with the library function that made its promise, if any; at
    the own function that hands that promise on.
    """
    part = looking("promise_part")
    for p in promises:
        handed = p.path[:-1] == note.path and not _rivals(p, promises)
        if p.leaf == LENT and (handed or p.path == note.path) and p.mean >= part * note.mean:
            lent = _with_mean(note, note.mean)
            lent.callee, lent.packages = p.callee, p.packages
            if handed:
                lent.path, lent.lines = p.path, _spread(note.mean, p.lines)
            return lent
    return note


def _among_libraries(inside: Sequence[Note], within: Sequence[Note]) -> list[Note]:
    """Return what awaits wait for, the longest unnamed waits for libraries with what these make
    them wait for by promises of their own: a pool's, a lock's, after an await of a library's. What
    the program's own code awaits may hide a library's; a pool's is known by its package.
    """
    found = list(inside)
    for promise in sorted(within, key=lambda p: -p.mean):
        word = _kind_of(promise)
        if not word or word == "db":
            continue
        unnamed = [n for n in found if n.path and not _kind_of(n)]
        lent = _like([n for n in unnamed if n.packages], promise.mean)
        of_a_pool = bool(POOLS & set(promise.packages))
        for note in lent or (_like(unnamed, promise.mean) if of_a_pool else ()):
            named = _with_mean(note, note.mean)
            named.callee = (*note.callee[:1], *promise.callee)
            named.packages = tuple(dict.fromkeys((*note.packages, *promise.packages)))
            named.word = word
            found[found.index(note)] = named
    return found


def _like(unnamed: Sequence[Note], mean: float) -> list[Note]:
    """Return the notes of the function that waits most, if that is about as much as `mean`."""
    sums: dict[tuple[str, str], float] = defaultdict(float)
    for note in unnamed:
        sums[note.path[-1]] += note.mean
    place = max(sums, key=lambda p: sums[p], default=None)
    if place is None or min(sums[place], mean) < looking("promise_part") * max(sums[place], mean):
        return []
    return [note for note in unnamed if note.path[-1] == place]


def _rivals(one: Note, promises: Sequence[Note]) -> bool:
    """Tell whether the function that called this one's maker called another that waits as well."""
    depth, part = len(one.path) - 1, looking("promise_part")
    return any(
        p.path[:depth] == one.path[:depth]
        and len(p.path) > depth
        and p.path[depth] != one.path[depth]
        and p.mean >= part * one.mean
        for p in promises
    )


def _deeper(note: Note, promises: Sequence[Note], operations: Sequence[Note], below: Below) -> Note:
    """Return what an await waits for in unnamed code at the function, deeper in what it called,
    whose promise explains most of it: own code or a library's that is known to make others wait.

    Each promise counts for what neither operations nor promises within it explain; those that tell
    of the same kind of wait must have most of the time, for of several branches any may be it.
    """
    if note.packages or word_of(note):
        return note
    within = [p for p in promises if p.path != note.path and _within(p.path, note.path, below)]
    lasts = _own_parts(within, operations, below)
    words: dict[str, float] = defaultdict(float)
    for each, seconds in lasts:
        words[_kind_of(each)] += seconds
    total = sum(words.values())
    word = max(words, key=lambda w: words[w], default="")
    most, part = looking("most_of_an_await"), looking("promise_part")
    if not word or words[word] < max(most * total, part * note.mean):
        return note
    place = max((last for last in lasts if _kind_of(last[0]) == word), key=lambda last: last[1])[0]
    named = replace(note, path=place.path, lines=_spread(note.mean, place.lines))
    named.callee, named.packages = place.callee, place.packages
    return named


def _kind_of(note: Note) -> str:
    return word_of(note) or ("db" if DRIVERS & set(note.packages) else "")


def _own_parts(
    promises: Sequence[Note], operations: Sequence[Note], below: Below
) -> list[tuple[Note, float]]:
    """Return one promise per chain of functions (a library's where there is one) with what of its
    time nothing within it explains, the deepest first.
    """
    by_path: dict[Path, Note] = {}
    least = looking("promise_part")
    for p in sorted(promises, key=lambda p: p.leaf == LENT):
        known = by_path.get(p.path)
        if known is None or p.mean >= least * known.mean:
            by_path[p.path] = p
    found: list[tuple[Note, float]] = []
    for path, p in sorted(by_path.items(), key=lambda item: -len(item[0])):
        left = p.mean - sum(o.mean for o in operations if _within(o.path, path, below))
        left -= sum(part for each, part in found if _within(each.path, path, below))
        if left > 0:
            found.append((p, left))
    return found


def _spread(mean: float, lines: Mapping[int, float]) -> dict[int, float]:
    total = sum(lines.values()) or 1.0
    return defaultdict(float, {line: mean * part / total for line, part in lines.items()})
