"""Whose work goroutines do: a request's, that of another which waits for it, a worker's. Pure.

A request that waits for goroutines which it started is counted by one of them at each look, in
turn, so that every request counts once however many work for it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import NamedTuple

from slowcoach.diagnosis.evidence.go_frames import frame_of
from slowcoach.profiling.recorders.go_goroutines import Goroutine

CHANNEL = frozenset({"chan receive", "chan send", "select"})
CALLS = re.compile(
    r"^net/http\.\(\*(?:Client|Transport|persistConn|http2Transport|http2ClientConn)\)\."
    r"|^net\.\(\*(?:Dialer|Resolver)\)\.|^net\.Dial|^google\.golang\.org/grpc\."
)
_JOINS = frozenset({"semacquire", "sync.WaitGroup.Wait", "sync.Cond.Wait"})
_SERVES = re.compile(r"\.(?:serve\w*|ServeHTTP|handleStream|runHandler|workerFunc)$")
_HANDLES = ".ServeHTTP"


class Role(NamedTuple):
    """`serves`: it works for a request; `hands_over`: it waits for one that is counted itself;
    `beside`: so many like it work for that request.
    """

    serves: bool
    hands_over: bool = False
    beside: int = 1


def serves(goroutine: Goroutine) -> bool:
    """Tell whether a server's code called the program's: it is a request's goroutine."""
    outer = takewhile(lambda f: not frame_of(f).own, reversed(goroutine.frames))
    return is_server(f.name for f in outer)


def is_server(names: Iterable[str]) -> bool:
    """Tell whether functions of libraries that call the program's code are a server's."""
    return any(_SERVES.search(name) for name in names)


def _calls(goroutine: Goroutine) -> bool:
    """Tell whether it asks another service: that waits at channels of the library's own."""
    inner = takewhile(lambda f: not frame_of(f).own, goroutine.frames)
    return any(CALLS.match(f.name) for f in inner)


def roles_of(dump: Sequence[Goroutine], turn: int) -> dict[int, Role]:
    """Return the roles of the goroutines that count, by number; the others are left out."""
    return _Family(dump, turn).roles()


@dataclass(slots=True)
class _Family:
    dump: Sequence[Goroutine]
    turn: int
    serving: dict[int, bool] = field(default_factory=dict[int, bool])
    found: dict[int, Role] = field(default_factory=dict[int, Role])

    def roles(self) -> dict[int, Role]:
        self.serving = {each.number: serves(each) for each in self.dump}
        kids = self._kids()
        theirs = {kid.number for group in kids.values() for kid in group}
        for each in self.dump:
            if each.number not in theirs:
                self._take(each, kids, serving=self.serving[each.number])
        return self.found

    def _kids(self) -> Mapping[int, list[Goroutine]]:
        """Return by number the goroutines that requests' goroutines started, directly or not."""
        by_number = {each.number: each for each in self.dump}
        kids: dict[int, list[Goroutine]] = defaultdict(list)
        for each in self.dump:
            parent = each.parent or self._likely_parent(each)
            if parent in by_number and self._for_request(each, parent, by_number):
                kids[parent].append(each)
        return kids

    def _for_request(self, kid: Goroutine, parent: int, known: Mapping[int, Goroutine]) -> bool:
        handled = self.serving[kid.number] and not kid.creator.endswith(_HANDLES)
        if handled or not any(frame_of(f).own for f in kid.frames):
            return False
        seen: set[int] = set()
        while parent in known and parent not in seen:
            if self.serving[parent]:
                return True
            seen.add(parent)
            parent = known[parent].parent
        return False

    def _likely_parent(self, kid: Goroutine) -> int:
        """Return a request's goroutine that is in the function which started another.

        Before 1.21 Go told the function only; such children are dealt out in turn.
        """
        if not kid.creator or self.serving[kid.number]:
            return 0
        name = kid.creator.split(".func", 1)[0]
        fit = [
            each.number
            for each in self.dump
            if self.serving[each.number] and any(f.name.startswith(name) for f in each.frames)
        ]
        return fit[kid.number % len(fit)] if fit else 0

    def _take(
        self,
        each: Goroutine,
        kids: Mapping[int, list[Goroutine]],
        *,
        serving: bool,
        beside: int = 1,
    ) -> None:
        mine = kids.get(each.number, [])
        chosen = self._chosen(each, mine)
        self.found[each.number] = Role(serving, chosen is not None, beside)
        if chosen is not None:
            like = sum(kid.state == chosen.state and kid.creator == chosen.creator for kid in mine)
            self._take(chosen, kids, serving=serving, beside=beside * max(1, like))
            return
        for kid in mine:  # what runs beside the request uses the processor, but is no request
            if kid.running and kid.number not in self.found:
                self.found[kid.number] = Role(serving)

    def _chosen(self, parent: Goroutine, kids: Sequence[Goroutine]) -> Goroutine | None:
        """Return the child that a parent waits for, one of them in turn; None if for none."""
        if parent.state not in CHANNEL | _JOINS or not kids:
            return None
        busy = [kid for kid in kids if kid.state not in CHANNEL or _calls(kid)]
        # children that all stand at channels themselves may be left over from earlier requests
        able = busy or (list(kids) if parent.state in _JOINS else [])
        return able[self.turn % len(able)] if able else None
