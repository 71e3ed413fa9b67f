"""The warning signs of pool problems, checked against a live server and what the user says."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence, Finding, NotChecked, Severity
from slowcoach.core.knowledge import rule
from slowcoach.queries.pools import MYSQL, Needs, Server, database_needed, useful

_FULL = "capacity.connections"
_MS = 1000.0


def signs(needs: Needs, server: Server | None) -> tuple[list[Finding], list[NotChecked]]:
    """Return what is wrong with the pools, and what could not be judged."""
    found = [*_planned(needs, server), *_waiting(needs)]
    if server is None:
        return found, []
    found += [*_full(server), *_held(server), *_idle(server), *_busy(needs, server)]
    found += [*_churn(server), *_pooler(server)]
    return found, _not_checked(needs, server)


def full(said: str) -> Finding:
    """Return the finding for a server that let us not in, because it is full."""
    evidence = Evidence(metric=said, value=1, unit="share", told=said)
    return rule(_FULL).finding([evidence], severity=Severity.CRITICAL, confidence=1.0)


def _full(server: Server) -> Iterator[Finding]:
    judged = rule(_FULL)
    most = max(server.used, server.most_used or 0)
    share = most / server.allowed if server.allowed else 1.0
    evidence: list[Evidence] = []
    if share >= judged.limit("share"):
        evidence.append(
            Evidence(
                metric="connections of those allowed",
                value=share,
                unit="share",
                limit=judged.limit("share"),
                note=f"{most} of {server.allowed}",
            )
        )
    if server.refused:
        evidence.append(
            Evidence(metric="connections refused since the start", value=server.refused, unit="")
        )
    if evidence:
        yield judged.finding(evidence)


def _held(server: Server) -> Iterator[Finding]:
    waits = rule("db.idle_in_transaction")
    forgotten = [s for s in server.idle_in_transaction if s * _MS >= waits.limit("idle_ms")]
    if forgotten:
        yield waits.finding(
            [_longest("idle inside a transaction", forgotten, waits.limit("idle_ms"))]
        )
    long = rule("db.long_transaction")
    old = [s for s in server.transactions if s * _MS >= long.limit("long_ms")]
    if old:
        yield long.finding([_longest("age of the oldest transaction", old, long.limit("long_ms"))])


def _longest(metric: str, seconds: list[float], limit_ms: float) -> Evidence:
    count = f"{len(seconds)} connections at the moment of looking"
    return Evidence(metric=metric, value=max(seconds) * _MS, unit="ms", limit=limit_ms, note=count)


def _idle(server: Server) -> Iterator[Finding]:
    judged = rule("pool.many_idle")
    long = [s for s in server.idle_for if s >= judged.limit("idle_s")]
    share = len(long) / server.used if server.used else 0.0
    if len(long) < judged.limit("connections") or share < judged.limit("share"):
        return
    yield judged.finding(
        [
            Evidence(
                metric="connections that did nothing for long",
                value=share,
                unit="share",
                limit=judged.limit("share"),
                note=f"{len(long)} of {server.used}, for {judged.limits['idle_s']} or more",
            )
        ]
    )


def _busy(needs: Needs, server: Server) -> Iterator[Finding]:
    judged = rule("pool.too_many_active")
    cores = needs.cores or server.cores
    if cores is None:
        return
    work = useful(cores, needs.disks)
    if server.active / work > judged.limit("factor"):
        yield judged.finding(
            [
                Evidence(
                    metric="statements at work against what the cores can serve",
                    value=server.active / work,
                    unit="times",
                    limit=judged.limit("factor"),
                    note=f"{server.active:.3g} at a time, {cores:g} cores",
                )
            ]
        )


def _churn(server: Server) -> Iterator[Finding]:
    judged = rule("pool.churn")
    rate, each = server.connected_per_s, server.transactions_per_connection
    if rate is None or each is None or (server.connected or 0) < judged.limit("connections"):
        return
    if rate >= judged.limit("per_s") and each <= judged.limit("transactions"):
        what = "statements" if server.engine == MYSQL else "transactions"
        yield judged.finding(
            [
                Evidence(
                    metric="new connections", value=rate, unit="per s", limit=judged.limit("per_s")
                ),
                Evidence(
                    metric=f"{what} of one connection",
                    value=each,
                    unit="",
                    limit=judged.limit("transactions"),
                ),
            ]
        )


def _pooler(server: Server) -> Iterator[Finding]:
    if server.pooler:
        said = "the process that answers is not the one that took the connection"
        yield rule("pool.behind_pooler").finding(
            [Evidence(metric=said, value=1, unit="", told=said)]
        )


def _planned(needs: Needs, server: Server | None) -> Iterator[Finding]:
    """Judge the pools as they are configured: too many together, too large, too small."""
    if needs.instances is None or needs.pool_size is None:
        return
    total = needs.instances * needs.pool_size
    note = f"{needs.instances} instances with {needs.pool_size:g} each"
    allowed = server.allowed if server else needs.allowed
    if allowed is not None and total > allowed:
        yield _over("pool.over_server_limit", total, allowed, "connections allowed", note)
    cores = needs.cores or (server.cores if server else None)
    large = rule("pool.oversized")
    if cores is not None and not (server and server.engine == MYSQL):
        work = useful(cores, needs.disks)
        if total > work * large.limit("factor"):
            yield _over("pool.oversized", total, work, "connections that the cores can serve", note)
    needed = database_needed(needs, server)
    small = rule("pool.undersized")
    if needed is not None and needed > total * small.limit("share"):
        evidence = Evidence(
            metric="share of the pools in use at the peak",
            value=needed / total if total else 1.0,
            unit="share",
            limit=small.limit("share"),
            note=f"{needed:.3g} of {total:g}, {note}",
        )
        yield small.finding([evidence])


def _over(name: str, total: float, limit: float, what: str, note: str) -> Finding:
    evidence = Evidence(
        metric=f"pools of all instances against the {what}",
        value=total,
        unit="",
        limit=limit,
        note=note,
    )
    return rule(name).finding([evidence])


def _waiting(needs: Needs) -> Iterator[Finding]:
    judged = rule("pool.exhausted")
    if not needs.waiting or needs.instances is None or needs.pool_size is None:
        return
    share = needs.waiting / (needs.waiting + needs.instances * needs.pool_size)
    if share >= judged.limit("share"):
        yield judged.finding(
            [
                Evidence(
                    metric="share of the requests that wait for a connection",
                    value=share,
                    unit="share",
                    limit=judged.limit("share"),
                    note=f"{needs.waiting:g} wait",
                )
            ]
        )


def _not_checked(needs: Needs, server: Server) -> list[NotChecked]:
    found: list[NotChecked] = []
    if server.hidden:
        why = f"the state of {server.hidden} connections is hidden: ask as a member of pg_monitor"
        found += [
            rule(name).not_checked(why) for name in ("pool.many_idle", "db.idle_in_transaction")
        ]
    if needs.cores is None and server.cores is None:
        found.append(rule("pool.too_many_active").not_checked("give current.db_cores"))
    if needs.instances is None or needs.pool_size is None:
        lacking = "give current.instances and current.pool_size"
        found.append(rule("pool.over_server_limit").not_checked(lacking))
    return found
