"""Traces: the path that a request's time took, statements in them, calls that could overlap."""

from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from slowcoach.core.knowledge import rule
from slowcoach.queries.logs.event import Event, Kind, Span
from slowcoach.queries.logs.fingerprint import fingerprint

_MOST_SPANS = 100_000  # that wait for the rest of their trace
_DEEPEST = 1_000
_MOST_NAMES = 2_000
_OVERLAP = 0.02  # of the shorter call: clocks of two machines differ a little


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the critical path: what a span itself took of it, in ms."""

    service: str
    name: str
    ms: float
    calls: int
    where: str = ""


@dataclass(slots=True)
class Sequential:
    """Calls of one span that ran one after the other, over all traces that have it. ms.

    `calls` names each kind once; `count` is how many there were.
    """

    parent: str
    calls: tuple[str, ...]
    traces: int = 0
    count: int = 0
    saving_ms: float = 0.0
    trace_ms: float = 0.0
    where: str = ""
    databases_only: bool = False


@dataclass(slots=True)
class Endpoint:
    """All traces of one root: ms, and the slowest one with its path."""

    service: str
    name: str
    count: int = 0
    total_ms: float = 0.0
    statement_ms: float = 0.0
    statements: int = 0
    slowest_ms: float = 0.0
    slowest: str = ""
    path: tuple[Stretch, ...] = ()


@dataclass(slots=True)
class Traces:
    """Gathers spans by trace and judges each trace when it is whole.

    `on_event` takes the statements of a trace in the order of time.
    """

    on_event: Callable[[Event], None]
    count: int = 0
    spans: int = 0
    cyclic: int = 0
    endpoints: dict[tuple[str, str], Endpoint] = field(
        default_factory=dict[tuple[str, str], Endpoint]
    )
    sequential: dict[tuple[str, tuple[str, ...]], Sequential] = field(
        default_factory=dict[tuple[str, tuple[str, ...]], Sequential]
    )
    _open: OrderedDict[str, list[Span]] = field(default_factory=OrderedDict[str, list[Span]])
    _waiting: int = 0

    def take(self, span: Span) -> None:
        """Take one span; the traces that have waited longest are judged when there are many."""
        self.spans += 1
        self._waiting += 1
        self._open.setdefault(span.trace, []).append(span)
        self._open.move_to_end(span.trace)
        while self._waiting > _MOST_SPANS:
            self._judge(self._open.popitem(last=False)[1])

    def finish(self) -> None:
        """Judge what is left."""
        while self._open:
            self._judge(self._open.popitem(last=False)[1])

    def _judge(self, spans: list[Span]) -> None:
        self._waiting -= len(spans)
        self.count += 1
        tree = Tree(spans)
        self.cyclic += tree.cyclic
        for span in sorted(tree.spans, key=lambda span: span.start):
            if span.sql:
                self.on_event(_event(span, tree))
        self.on_event(Event("", session=spans[0].trace, kind="end"))
        root = tree.root
        if root is None:
            return
        self._endpoint(tree, root)
        for children in tree.children.values():
            self._together(tree, children, _ms(root))

    def _endpoint(self, tree: "Tree", root: Span) -> None:
        key = (root.service, root.name)
        if key not in self.endpoints and len(self.endpoints) >= _MOST_NAMES:
            return
        endpoint = self.endpoints.setdefault(key, Endpoint(*key))
        endpoint.count += 1
        endpoint.total_ms += _ms(root)
        statements = [span for span in tree.spans if span.sql]
        endpoint.statements += len(statements)
        endpoint.statement_ms += sum(map(_ms, statements))
        if _ms(root) > endpoint.slowest_ms:
            endpoint.slowest_ms, endpoint.slowest = _ms(root), root.trace
            endpoint.path = critical_path(tree)

    def _together(self, tree: "Tree", children: Sequence[Span], whole_ms: float) -> None:
        """Note calls of one span that ran one after the other and are not alike."""
        chain = _one_after_the_other(children)
        limits = rule("io.sequential")
        if len(chain) < limits.limit("calls"):
            return
        labels = [_label(span) for span in chain]
        names = tuple(dict.fromkeys(labels))
        if any(span.sql for span in chain) and len(names) < len(labels) / 2:
            return  # like statements again and again: N+1, not independent ones
        saving = sum(map(_ms, chain)) - max(map(_ms, chain))
        if saving < limits.limit("saving_ms") or saving < limits.limit("saving_share") * whole_ms:
            return
        parent = tree.by_id.get(chain[0].parent)
        key = (_label(parent) if parent else "", names)
        if key not in self.sequential and len(self.sequential) >= _MOST_NAMES:
            return
        known = self.sequential.setdefault(key, Sequential(*key))
        known.traces += 1
        known.count += len(chain)
        known.saving_ms += saving
        known.trace_ms += whole_ms
        known.where = known.where or (parent.caller if parent else "") or chain[0].caller
        known.databases_only = all(span.sql for span in chain)


class Tree:
    """The spans of one trace with their children; what points in a circle is cut loose."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self.spans = spans
        self.by_id: Mapping[str, Span] = {span.id: span for span in spans}
        self.children: dict[str, list[Span]] = {}
        self.cyclic = 0
        safe = self._safe()
        roots: list[Span] = []
        for span in spans:
            if span.parent in self.by_id and span.id in safe:
                self.children.setdefault(span.parent, []).append(span)
            else:
                roots.append(span)
        for found in self.children.values():
            found.sort(key=lambda span: span.start)
        self.cyclic = int(len(safe) < len(self.by_id))
        self.root = max(roots, key=_ms, default=None)

    def _safe(self) -> set[str]:
        """Return the ids of the spans that a root leads to."""
        safe: set[str] = set()
        for span in self.by_id.values():
            way: list[str] = []
            seen: set[str] = set()
            at: Span | None = span
            while at is not None and at.id not in safe and at.id not in seen:
                seen.add(at.id)
                way.append(at.id)
                at = self.by_id.get(at.parent)
            if at is None or at.id in safe:
                safe.update(way)
        return safe


def critical_path(tree: Tree) -> tuple[Stretch, ...]:
    """Return what the root's time was spent in, span by span, most first.

    Backwards from the end: at each moment the child that ended last before it is what the
    parent waited for; what no child covers is the span's own.
    """
    if tree.root is None:
        return ()
    own = defaultdict[tuple[str, str], float](float)
    calls: Counter[tuple[str, str]] = Counter()
    places: dict[tuple[str, str], str] = {}
    work = [(tree.root, tree.root.start, tree.root.end, 0)]
    while work:
        span, begin, end, depth = work.pop()
        key = (span.service, _label(span))
        calls[key] += 1
        places.setdefault(key, span.caller)
        cursor = end
        waited = tree.children.get(span.id, ()) if depth < _DEEPEST else ()
        for child in sorted(waited, key=lambda child: -child.end):
            until, since = min(child.end, cursor), max(child.start, begin)
            if until <= since:
                continue
            own[key] += (cursor - until) * 1000
            work.append((child, since, until, depth + 1))
            cursor = since
        own[key] += max(0.0, cursor - begin) * 1000
    return tuple(
        Stretch(*key, ms=ms, calls=calls[key], where=places[key])
        for key, ms in sorted(own.items(), key=lambda item: -item[1])
        if ms > 0
    )


def _one_after_the_other(children: Sequence[Span]) -> list[Span]:
    """Return the calls (to databases and services) when none of them overlaps another."""
    calls = [span for span in children if (span.sql or span.client) and _ms(span) > 0]
    for before, after in pairwise(calls):
        if before.end - after.start > _OVERLAP * min(
            before.end - before.start, after.end - after.start
        ):
            return []
    return calls


def _ms(span: Span) -> float:
    return max(0.0, span.end - span.start) * 1000


def _label(span: Span) -> str:
    return fingerprint(span.sql, mysql=span.mysql).key if span.sql else span.name


def _event(span: Span, tree: Tree) -> Event:
    caller = span.caller
    parent = tree.by_id.get(span.parent)
    if not caller and parent is not None:
        caller = parent.caller or f"{parent.service}: {parent.name}".removeprefix(": ")
    kind: Kind = "error" if span.failed else "statement"
    return Event(
        span.sql, _ms(span), span.start, span.trace, caller=caller, kind=kind, mysql=span.mysql
    )
