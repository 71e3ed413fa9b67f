"""What stands in a Node.js program that answers no request any more: awaits without an end. Pure.

Notes of what was begun since the last answer say for how long it stands. An await within another
explains that; one that waits for no operation waits for other code of the program.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from slowcoach.diagnosis.evidence.node_notes import Note, notes_of
from slowcoach.diagnosis.evidence.node_pending import waits_inside
from slowcoach.diagnosis.evidence.node_told import Told, told
from slowcoach.diagnosis.models import Stuck

_LONG: Final = 1e6  # seconds: long beside any stand, so that nothing is taken as cut off
_MOST: Final = 50


def stuck_in(said: Sequence[Mapping[str, Any]], least_s: float) -> tuple[Stuck, ...]:
    """Return the awaits that stand for `least_s` or more in the program itself, longest first.

    Where no operation stands beside them, what they wait for can come from nowhere but one
    another: a lock, whatever it is called.
    """
    still = [wait for one in said for wait in one.get("still", ())]
    seen = told(notes_of([{"seconds": _LONG, "waits": still}]))
    alone = not any(n.each_s >= least_s for n in (*seen.operations, *seen.others))
    found = [each for note in _standing(seen, least_s) for each in _each(note, alone)]
    return tuple(sorted(found, key=lambda each: -each.seconds)[:_MOST])


def _standing(seen: Told, least_s: float) -> Iterable[Note]:
    """Yield what stands; the seconds of an await are those that no inner one explains."""
    return (note for note in seen.inside if note.path and note.each_s >= least_s)


def _each(note: Note, alone: bool) -> list[Stuck]:
    state = waits_inside(note)
    function, file = note.path[-1]
    line = max(note.lines, key=lambda n: note.lines[n]) if note.lines else 0
    one = Stuck(
        carrier="task",
        place=f"{function} ({file.rsplit('/', 1)[-1]}:{line})",
        seconds=round(note.each_s, 1),
        state="lock" if alone and state == "other" else state,
        path=tuple(dict.fromkeys(name for name, _ in note.path)),
    )
    return [one] * min(_MOST, max(1, round(note.count)))
