"""From the critical paths of many traces to what they say together. Pure."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import NormalDist, median

from slowcoach.core.knowledge import rule
from slowcoach.core.stats import percentile
from slowcoach.diagnosis.tracing.model import Chain, ServiceSeen, Share, Stretch, Traced
from slowcoach.diagnosis.tracing.paths import Kind, Part, Path
from slowcoach.queries.logs.event import Span

_CONFIDENCE = 0.95
_P95 = 0.95
_FEW = 6  # with fewer values the whole range is the interval of their median
_OVERLAP = 0.1  # of the shorter of two calls, from which they ran together


@dataclass(slots=True)
class _Rows:
    """Figures of one kind of part, a value for each trace that has it."""

    first: Part
    ms: dict[int, float] = field(default_factory=dict[int, float])
    calls: Counter[int] = field(default_factory=Counter[int])
    together: int = 0


def traced(paths: Sequence[Path], endpoint: str, notes: Iterable[str] = ()) -> Traced:
    """Return what the paths say together; at least one path."""
    whole = [path.ms for path in paths]
    stretches = sorted(_stretches(paths), key=lambda s: -s.share.median)
    return Traced(
        endpoint=endpoint,
        entry=Counter(path.entry.service for path in paths).most_common(1)[0][0],
        traces=len(paths),
        p50_ms=median(whole),
        p95_ms=percentile(whole, _P95),
        stretches=tuple(s for s in stretches if s.share.high > 0),
        sequences=tuple(_sequences(paths)),
        services=tuple(_services(paths)),
        notes=tuple(notes),
    )


def share_of(values: Sequence[float]) -> Share:
    """Return the median with its interval from order statistics, which needs no distribution."""
    ordered = sorted(values)
    n = len(ordered)
    if n < _FEW:
        return Share(median(ordered), ordered[0], ordered[-1])
    half = NormalDist().inv_cdf((1 + _CONFIDENCE) / 2) * math.sqrt(n) / 2
    low, high = max(0, math.floor(n / 2 - half)), min(n - 1, math.ceil(n / 2 + half))
    return Share(median(ordered), ordered[low], ordered[high])


def _shares(ms: Mapping[int, float], paths: Sequence[Path]) -> Share:
    return share_of([min(1.0, ms.get(i, 0.0) / path.ms) for i, path in enumerate(paths)])


def _stretches(paths: Sequence[Path]) -> Iterable[Stretch]:
    rows: dict[tuple[str, Kind, str, str], _Rows] = {}
    for index, path in enumerate(paths):
        for part in path.parts:
            key = (part.span.service, part.kind, part.label, _peer(part.span))
            row = rows.setdefault(key, _Rows(part))
            row.ms[index] = row.ms.get(index, 0.0) + part.ms
            row.calls[index] += 1
    loops = _loops(paths)
    for key, row in rows.items():
        service, kind, label, peer = key
        loop, in_a_row = loops.get(key, (None, 0.0))
        span = row.first.span
        total = sum(row.calls.values())
        yield Stretch(
            service=service,
            kind=kind,
            label=label,
            share=_shares(row.ms, paths),
            calls=median([row.calls.get(i, 0) for i in range(len(paths))]),
            each_ms=sum(row.ms.values()) / total,
            together=_overlap(paths, key),
            where=span.caller,
            statement=span.sql,
            table=span.table,
            system=span.system,
            peer=peer,
            port=span.port if span.client else 0,
            loop=loop,
            in_a_row=in_a_row,
        )


def _loops(paths: Sequence[Path]) -> dict[tuple[str, Kind, str, str], tuple[Share, float]]:
    """Return, of like statements in one server's span, the share of the loop and their number."""
    pause = rule("db.n_plus_one").limit("row_ms")
    ms: dict[tuple[str, Kind, str, str], dict[int, float]] = {}
    most: dict[tuple[str, Kind, str, str], dict[int, int]] = {}
    for index, path in enumerate(paths):
        for (_, label), spans in path.statements.items():
            key: tuple[str, Kind, str, str] = (
                spans[0].service, "statement", label, _peer(spans[0]),
            )  # fmt: skip
            row, counts = ms.setdefault(key, {}), most.setdefault(key, {})
            row[index] = row.get(index, 0.0) + _loop_ms(spans, pause)
            counts[index] = max(counts.get(index, 0), len(spans))
    return {
        key: (_shares(row, paths), median([most[key].get(i, 0) for i in range(len(paths))]))
        for key, row in ms.items()
    }


def _loop_ms(spans: Sequence[Span], pause_ms: float) -> float:
    """Return the time of statements and of what lies between two of them, pauses left out."""
    ordered = sorted(spans, key=lambda span: span.start)
    total, end = 0.0, ordered[0].start
    for span in ordered:
        gap = (span.start - end) * 1000
        total += max(0.0, span.end - max(span.start, end)) * 1000
        total += gap if 0 < gap <= pause_ms else 0.0
        end = max(end, span.end)
    return total


def _peer(span: Span) -> str:
    return (span.peer or span.address) if span.client else ""


def _overlap(paths: Sequence[Path], key: tuple[str, Kind, str, str]) -> bool:
    """Tell whether in most traces the like calls of one request ran at the same time."""
    if key[1] == "work":
        return False
    yes = no = 0
    for path in paths:
        spans = [
            p.span for p in path.parts if (p.span.service, p.kind, p.label, _peer(p.span)) == key
        ]
        if len(spans) > 1:
            yes, no = (yes + 1, no) if at_once(spans) else (yes, no + 1)
    return yes > no


def at_once(spans: Sequence[Span]) -> bool:
    """Tell whether most of these calls overlap the one before."""
    ordered = sorted(spans, key=lambda span: span.start)
    over = sum(
        before.end - after.start
        > _OVERLAP * min(before.end - before.start, after.end - after.start)
        for before, after in pairwise(ordered)
    )
    return over * 2 > len(ordered) - 1


@dataclass(slots=True)
class _Calls:
    ms: dict[int, float] = field(default_factory=dict[int, float])
    calls: Counter[int] = field(default_factory=Counter[int])
    names: Counter[str] = field(default_factory=Counter[str])
    name_ms: dict[str, float] = field(default_factory=dict[str, float])
    together: int = 0
    several: int = 0
    where: str = ""
    callees: set[str] = field(default_factory=set[str])


def _sequences(paths: Sequence[Path]) -> Iterable[Chain]:
    chains: dict[tuple[str, str], _Calls] = {}
    for index, path in enumerate(paths):
        spans = {part.span.id: part.span for part in path.parts}
        for parent, calls in path.siblings.items():
            above = spans.get(parent)
            if above is None:
                continue
            chain = chains.setdefault((above.service, above.name), _Calls())
            chain.where = chain.where or calls[0].span.caller or above.caller
            chain.ms[index] = chain.ms.get(index, 0.0) + sum(p.window_ms for p in calls)
            chain.calls[index] += len(calls)
            if len(calls) > 1:
                chain.several += 1
                chain.together += at_once([p.span for p in calls])
            chain.callees.update(part.callee for part in calls)
            for part in calls:
                name = call_name(part.span)
                chain.names[name] += 1
                chain.name_ms[name] = chain.name_ms.get(name, 0.0) + part.window_ms
    for (service, parent), chain in chains.items():
        total = sum(chain.name_ms.values())
        by_time = sorted(chain.name_ms, key=lambda name: -chain.name_ms[name])
        top, ms = by_time[0], chain.name_ms[by_time[0]]
        yield Chain(
            service=service,
            parent=parent,
            names=tuple(by_time),
            share=_shares(chain.ms, paths),
            calls=median([chain.calls.get(i, 0) for i in range(len(paths))]),
            each_ms=total / max(1, chain.names.total()),
            top=ms / total if total else 0.0,
            top_calls=chain.names[top] / max(1, len(chain.calls)),
            together=chain.together * 2 > chain.several,
            where=chain.where,
            callees=tuple(sorted(chain.callees)),
        )


def call_name(span: Span) -> str:
    """Return a call as the two services know it: its name, path and whom it asks."""
    path = span.http.path if span.http is not None and span.http.path != "/" else ""
    name = span.name if not path or path in span.name else f"{span.name} {path}"
    peer = _peer(span)
    if not peer or peer in name:
        return name
    return f"{name} of {peer}:{span.port}" if span.port else f"{name} of {peer}"


@dataclass(slots=True)
class _Service:
    work: defaultdict[int, float] = field(default_factory=lambda: defaultdict(float))
    ahead: defaultdict[int, float] = field(default_factory=lambda: defaultdict(float))
    calls: Counter[int] = field(default_factory=Counter[int])
    spans: list[Span] = field(default_factory=list[Span])


def _services(paths: Sequence[Path]) -> Iterable[ServiceSeen]:
    rows: dict[str, _Service] = {}
    for index, path in enumerate(paths):
        for part in path.parts:
            row = rows.setdefault(part.span.service, _Service())
            if part.span is part.owner:
                row.calls[index] += 1
                row.spans.append(part.span)
            if part.kind == "work":
                row.work[index] += part.ms
            elif part.kind == "between":
                callee = rows.setdefault(part.callee, _Service())
                callee.work[index] += part.ms
                callee.ahead[index] += part.ms
    for name, row in rows.items():
        seen = row.spans
        yield ServiceSeen(
            name=name,
            work=_shares(row.work, paths),
            ahead=_shares(row.ahead, paths),
            calls=median([row.calls[i] for i in range(len(paths))]),
            processes=tuple(p for p, _ in Counter(s.process for s in seen).most_common(8)),
            ports=tuple(p for p, _ in Counter(s.port for s in seen if s.port).most_common(4)),
            addresses=tuple(dict.fromkeys(s.address for s in seen if s.address))[:4],
            begun=min((s.start for s in seen), default=0.0),
        )
