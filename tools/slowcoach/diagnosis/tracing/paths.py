"""One trace: the critical path below the endpoint's span, and what each span itself took. Pure.

Backwards from the end: at each moment the child that ended last before it is what its parent
waited for; what no child covers is the span's own time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from slowcoach.diagnosis.tracing.endpoint import Wanted, is_asked
from slowcoach.queries.logs.event import Span
from slowcoach.queries.logs.fingerprint import fingerprint
from slowcoach.queries.logs.traces import Tree

Kind = Literal["work", "statement", "call", "between"]
_DEEPEST = 500


@dataclass(frozen=True, slots=True)
class Part:
    """What one span itself took of the critical path.

    `work`: a service's own; `statement`: a database's; `call`: of a peer without spans; `between`:
    the network and the queue between a client's span and that of the server it calls. `owner` is
    the span of the server that it belongs to, `window_ms` what the span and all below it took,
    `callee` the service that a call led to, as far as its spans tell.
    """

    span: Span
    kind: Kind
    label: str
    owner: Span
    ms: float
    window_ms: float
    callee: str = ""


@dataclass(frozen=True, slots=True)
class Path:
    """The critical path of one trace. `siblings`: the calls of each span, in the order of time."""

    entry: Span
    ms: float
    parts: tuple[Part, ...]
    siblings: dict[str, tuple[Part, ...]]
    statements: dict[tuple[str, str], tuple[Span, ...]]


def path_of(spans: Sequence[Span], asked: Wanted, *, by_port: bool) -> Path | None:
    """Return the critical path of a trace's request; None when the endpoint is not in it whole."""
    tree = Tree(apart(spans))
    entry = _entry(tree, asked, by_port=by_port)
    if entry is None or entry.end <= entry.start:
        return None
    walk = _Walk(tree, entry)
    walk.run()
    return Path(
        entry,
        (entry.end - entry.start) * 1000,
        tuple(walk.parts),
        walk.siblings(),
        {key: tuple(found) for key, found in walk.statements.items()},
    )


def label_of(span: Span) -> str:
    """Return a statement without its values, or the span's name."""
    return fingerprint(span.sql, mysql=span.mysql).key if span.sql else span.name


def apart(spans: Sequence[Span]) -> list[Span]:
    """Return the spans with ids of their own: in Zipkin a call's client and server share one."""
    clients = {span.id for span in spans if span.client}
    shared = {span.id: span.service for span in spans if span.server and span.id in clients}
    if not shared:
        return list(spans)
    return [_apart(span, shared) for span in spans]


def _apart(span: Span, shared: dict[str, str]) -> Span:
    if span.server and span.id in shared:
        return span._replace(id=f"{span.id}/server", parent=span.id)
    if shared.get(span.parent) == span.service:
        return span._replace(parent=f"{span.parent}/server")
    return span


def _entry(tree: Tree, asked: Wanted, *, by_port: bool) -> Span | None:
    """Return the outermost span of the endpoint (of a retry: the longest)."""
    matching = {
        span.id: span
        for span in tree.spans
        if is_asked(span, asked) and (not by_port or span.port == asked.port)
    }
    outer = [span for span in matching.values() if not _within(tree, span, set(matching))]
    return max(outer, key=lambda span: span.end - span.start, default=None)


def _within(tree: Tree, span: Span, ids: set[str]) -> bool:
    seen = {span.id}
    parent = tree.by_id.get(span.parent)
    while parent is not None and parent.id not in seen:
        if parent.id in ids:
            return True
        seen.add(parent.id)
        parent = tree.by_id.get(parent.parent)
    return False


@dataclass(frozen=True, slots=True)
class _Task:
    """A span to be walked: the window of it on the path, and how far its clock is off, in s."""

    span: Span
    owner: Span
    begin: float
    end: float
    off: float
    depth: int


class _Walk:
    def __init__(self, tree: Tree, entry: Span) -> None:
        self._tree = tree
        self._work = [_Task(entry, entry, entry.start, entry.end, 0.0, 0)]
        self.parts: list[Part] = []
        self.statements: dict[tuple[str, str], list[Span]] = {}

    def run(self) -> None:
        """Walk down the critical path; statements beside it are counted too."""
        while self._work:
            self._one(self._work.pop())
        for part in self.parts:
            if part.kind == "statement":
                self.statements.setdefault((part.owner.id, part.label), []).append(part.span)

    def _one(self, task: _Task) -> None:
        span = task.span
        children = self._tree.children.get(span.id, []) if task.depth < _DEEPEST else []
        moved = [(child, task.off + _skew(span, child)) for child in children]
        cursor, own = task.end, 0.0
        for child, off in sorted(moved, key=lambda one: -(one[0].end + one[1])):
            until, since = min(child.end + off, cursor), max(child.start + off, task.begin)
            if until <= since:
                continue
            own += cursor - until
            owner = child if child.server else task.owner
            self._work.append(_Task(child, owner, since, until, off, task.depth + 1))
            cursor = since
        own += max(0.0, cursor - task.begin)
        kind = _kind(span, children)
        window = (task.end - task.begin) * 1000
        callee = next((child.service for child in children if child.server), "")
        self.parts.append(Part(span, kind, label_of(span), task.owner, own * 1000, window, callee))

    def siblings(self) -> dict[str, tuple[Part, ...]]:
        """Return the calls to other services that one span made, by that span's id."""
        found: dict[str, list[Part]] = {}
        for part in self.parts:
            if part.kind in {"call", "between"}:
                found.setdefault(part.span.parent, []).append(part)
        return {
            parent: tuple(sorted(parts, key=lambda part: part.span.start))
            for parent, parts in found.items()
        }


def _kind(span: Span, children: Sequence[Span]) -> Kind:
    if span.sql or (span.client and span.system):
        return "statement"
    if not span.client:
        return "work"
    return "between" if any(child.server for child in children) else "call"


def _skew(parent: Span, child: Span) -> float:
    """Return by how much a server's clock must be moved for its span to lie within its caller's.

    Only across a call, and only when it does not lie within: then half of what is left before it.
    """
    if not (parent.client and child.server):
        return 0.0
    if child.start >= parent.start and child.end <= parent.end:
        return 0.0
    spare = (parent.end - parent.start) - (child.end - child.start)
    return parent.start + max(0.0, spare) / 2 - child.start
