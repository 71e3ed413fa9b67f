"""From traces to causes: what spans alone can tell, and which service to look into. Pure.

Four causes can be told: a call (io.external), calls in sequence (io.sequential), a statement
(db.slow_query), like statements (db.n_plus_one). What a service itself does cannot be.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import page, rule
from slowcoach.core.units import duration, number, share
from slowcoach.diagnosis.models import Judgement
from slowcoach.diagnosis.tracing.model import Chain, ServiceSeen, Share, Stretch, Traced
from slowcoach.diagnosis.view import ramp, tables_of

OWN = "own work"
_QUERY_SHOWN = 220
_NAMED = 4


@dataclass(frozen=True, slots=True)
class Suspect:
    """One explanation: a judgement (its cause is OWN where spans cannot tell more), and the service
    whose process would show more.
    """

    judgement: Judgement
    service: str

    @property
    def score(self) -> float:
        """Return the share of the latency that it explains, certainty included."""
        return self.judgement.score


def limit(name: str) -> float:
    """Return a limit of the page on several services."""
    value: float = page("distributed_investigation").data["limits"][name]["value"]
    return value


def suspects(seen: Traced) -> list[Suspect]:
    """Return every explanation, the likeliest first."""
    found = [*_calls(seen), *_chains(seen), *_statements(seen)]
    found += [_own(service, seen) for service in seen.services]
    return sorted(found, key=lambda suspect: -suspect.score)


def lateness(seen: Traced, p50_ms: float, p95_ms: float) -> float:
    """Return how far the traces' latency leaves a budget: 0 within it, 1 beyond."""
    limits = rule("healthy")
    near, far = limits.limit("near"), limits.limit("far")
    return max(
        ramp(seen.p50_ms, near * p50_ms, far * p50_ms),
        ramp(seen.p95_ms, near * p95_ms, far * p95_ms),
    )


def _figure(what: str, found: Share, seen: Traced, where: str | None = None) -> Evidence:
    low, high = share(found.low), share(found.high)
    return Evidence(
        metric=what,
        value=found.median,
        unit="share",
        where=where,
        note=f"median of {seen.traces} traces, 95 % interval {low} to {high}",
    )


def _latency(seen: Traced) -> tuple[Evidence, ...]:
    return (
        Evidence(metric="latency in the traces (median)", value=seen.p50_ms, unit="ms"),
        Evidence(metric="latency in the traces (95th percentile)", value=seen.p95_ms, unit="ms"),
    )


def _kept(*places: str) -> tuple[str, ...]:
    return tuple(place for place in places if place)


def _statements(seen: Traced) -> Iterator[Suspect]:
    """Judge statements: many like ones of one request, or one that takes the time."""
    for stretch in seen.stretches:
        if stretch.kind == "statement":
            yield _repeated(stretch, seen)
            yield _slow(stretch, seen)


def _repeats(stretch: Stretch) -> float:
    limits = rule("db.n_plus_one")
    return ramp(stretch.in_a_row, limits.limit("least_calls") - 1, limits.limit("calls"))


def _repeated(stretch: Stretch, seen: Traced) -> Suspect:
    loop = stretch.loop or stretch.share
    way = "at the same time" if stretch.together else "one after another"
    judgement = Judgement(
        cause="db.n_plus_one",
        score=loop.median * _repeats(stretch) * limit("like_statements"),
        why=(
            f"{stretch.service} issues {number(stretch.in_a_row)} like statements per request, "
            f"{way}: {share(loop.median)} of the latency"
        ),
        where=_statement_places(stretch),
        figures=(
            Evidence(metric="like statements per request", value=stretch.in_a_row, unit="count"),
            _figure("share of the latency in their loop", loop, seen),
            *_latency(seen),
        ),
        against="" if stretch.in_a_row > 1 else "one request issues it once",
    )
    return Suspect(judgement, stretch.service)


def _slow(stretch: Stretch, seen: Traced) -> Suspect:
    limits = rule("db.slow_query")
    slow = ramp(stretch.each_ms, limits.limit("least_ms"), limits.limit("slow_ms"))
    judgement = Judgement(
        cause="db.slow_query",
        score=stretch.share.median * slow * (1 - _repeats(stretch)) * limit("one_statement"),
        why=(
            f"{stretch.service} waits for one statement of {duration(stretch.each_ms / 1000)}: "
            f"{share(stretch.share.median)} of the latency; spans do not tell a missing index or "
            "a lock from a slow plan"
        ),
        where=_statement_places(stretch),
        figures=(
            _figure("share of the latency in the statement", stretch.share, seen),
            Evidence(metric="mean time of the statement", value=stretch.each_ms, unit="ms"),
            *_latency(seen),
        ),
    )
    return Suspect(judgement, stretch.service)


def _statement_places(stretch: Stretch) -> tuple[str, ...]:
    tables = [stretch.table] if stretch.table else list(tables_of(stretch.statement))
    return _kept(
        stretch.name[:_QUERY_SHOWN],
        f"table {', '.join(tables)}" if tables else "",
        f"service {stretch.service}",
        stretch.where,
    )


def _one_call(chain: Chain) -> float:
    """Return how far one call has the time of a span's calls."""
    limits = rule("io.external")
    concentrated = ramp(chain.top, limits.limit("least_share"), limits.limit("share"))
    repeated = ramp(chain.top_calls, limits.limit("calls"), limits.limit("many_calls"))
    return concentrated * (1 - repeated)


def _chains(seen: Traced) -> Iterator[Suspect]:
    """Judge calls of one span to other services that ran one after another."""
    for chain in seen.sequences:
        several = 0.0 if chain.together else 1 - _one_call(chain)
        alike = len(chain.names) == 1
        what = "like calls" if alike else "calls to other services"
        judgement = Judgement(
            cause="io.sequential",
            score=chain.share.median * several * limit("calls_in_sequence"),
            why=(
                f"{chain.service} makes {number(chain.calls)} {what} per request, one after "
                f"another, of about {duration(chain.each_ms / 1000)} each: "
                f"{share(chain.share.median)} of the latency"
            ),
            where=_kept(
                chain.where,
                f"{chain.parent} of service {chain.service}",
                "; ".join(chain.names[:_NAMED]),
            ),
            figures=(
                Evidence(metric="calls per request", value=chain.calls, unit="count"),
                _figure("share of the latency in them", chain.share, seen),
                *_latency(seen),
            ),
            against="they run at the same time" if chain.together else "",
        )
        yield Suspect(judgement, chain.service)


def _calls(seen: Traced) -> Iterator[Suspect]:
    """Judge calls of peers that have no spans of their own."""
    for stretch in seen.stretches:
        if stretch.kind != "call":
            continue
        repeated = ramp(
            stretch.calls,
            rule("io.external").limit("calls"),
            rule("io.external").limit("many_calls"),
        )
        peer = f"{stretch.peer}:{stretch.port}" if stretch.port else stretch.peer
        judgement = Judgement(
            cause="io.external",
            score=stretch.share.median * (1 - repeated) * limit("one_call"),
            why=(
                f"{stretch.service} waits for one call of {peer or stretch.name}, which has no "
                f"spans: {share(stretch.share.median)} of the latency"
            ),
            where=_kept(
                f"peer {peer}" if peer else "",
                f"{stretch.name} of service {stretch.service}",
                stretch.where,
            ),
            figures=(
                _figure("share of the latency in the call", stretch.share, seen),
                Evidence(metric="mean time of the call", value=stretch.each_ms, unit="ms"),
                *_latency(seen),
            ),
        )
        yield Suspect(judgement, stretch.service)


def _own(service: ServiceSeen, seen: Traced) -> Suspect:
    """Judge a service's own work, with what its callers waited until it took the request up.

    For the endpoint that is a slow call to another service; what the service does, spans do not
    tell. What a loop of statements or calls in sequence explain is not counted here too.
    """
    mine = [s for s in seen.stretches if s.service == service.name and s.kind == "work"]
    top = max(mine, key=lambda s: s.share.median, default=None)
    waiting = service.ahead.median
    queued = (
        f", {share(waiting)} of it before it takes the request up (network or queue)"
        if waiting >= limit("waiting_share")
        else ""
    )
    judgement = Judgement(
        cause=OWN if service.name == seen.entry else "io.external",
        score=_left(service, seen) * limit("one_call"),
        why=f"{share(service.work.median)} of the latency is service {service.name}'s own{queued}",
        where=_kept(
            f"service {service.name}" + (f", span {top.name}" if top else ""),
            top.where if top else "",
            f"port {service.ports[0]}" if service.ports else "",
        ),
        figures=(
            _figure(f"share of the latency in {service.name}", service.work, seen),
            _figure("share before it takes the request up", service.ahead, seen),
            *_latency(seen),
        ),
    )
    return Suspect(judgement, service.name)


def _left(service: ServiceSeen, seen: Traced) -> float:
    """Return the share of a service's own that no other explanation has."""
    total = service.work.median
    for stretch in seen.stretches:
        if stretch.kind == "statement" and stretch.service == service.name and stretch.loop:
            total -= (stretch.loop.median - stretch.share.median) * _repeats(stretch)
    callers = [c for c in seen.sequences if service.name in c.callees and not c.together]
    several = max((1 - _one_call(c) for c in callers), default=0.0)
    return max(0.0, total) * (1 - several)
