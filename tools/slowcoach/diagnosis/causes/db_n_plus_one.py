"""One request issues like statements by the dozen, one for each row of another."""

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.core.units import number
from slowcoach.diagnosis.cause import Cause
from slowcoach.diagnosis.causes._places import (
    about,
    issuers,
    latency,
    per_request,
    places,
    statement,
)
from slowcoach.diagnosis.causes._pools import queue_behind
from slowcoach.diagnosis.causes._statements import (
    asking_share,
    database_share,
    indexable,
    of_statements,
    part,
    repeated,
)
from slowcoach.diagnosis.claim import Claim
from slowcoach.diagnosis.models import Judgement, Statement
from slowcoach.diagnosis.view import View, ramp

WORD = "db.n_plus_one"


def _judge(view: View) -> Judgement:
    if view.database is None or not view.database.statements_seen:
        return _by_exchanges(view)
    limits = rule(WORD)
    many = repeated(view)
    if not many:
        return Judgement(cause=WORD, score=0, why="no statement is issued many times per request")
    slow = indexable(view)
    names = {s.query for s in many if s.query not in slow}
    behind = queue_behind(view, mending=True)
    spent = min(1.0, database_share(view) + asking_share(view) + behind)
    share = spent * part(view, lambda s: s.query in names)
    each = sum(per_request(s, view) for s in many)
    repeats = ramp(each, limits.limit("least_calls"), limits.limit("calls"))
    score = share * repeats * max(view.late, limits.limit("within_budget"))
    first = many[0]
    parent = _parent(first, view)
    why = f"{number(each)} like statements per request"
    if parent:
        why += f", as many as the {number(parent.rows / parent.calls)} rows of another"
    figures = [
        *(
            Evidence(
                metric="calls per request",
                value=per_request(s, view),
                unit="count",
                limit=limits.limit("calls"),
                where=statement(s.query),
            )
            for s in many[:3]
        ),
        Evidence(metric="share of the latency in these statements", value=share, unit="share"),
        *latency(view),
    ]
    where = [*places(issuers(view), 2), *about(first, view)[:2]]
    for other in many[1:3]:
        where += about(other, view)[:2]
    return Judgement(
        cause=WORD,
        score=score,
        why=why,
        where=tuple(dict.fromkeys(where)),
        figures=tuple(figures),
        against="" if score else "they take a small part of the time",
    )


def _parent(child: Statement, view: View) -> Statement | None:
    """Return the statement whose rows are as many as the child's calls."""
    near = rule(WORD).limit("near")
    calls = child.calls / view.requests
    for s in view.database.statements if view.database else ():
        if s is child or not s.calls or s.calls / view.requests > near + 1:
            continue
        rows = s.rows / s.calls
        if rows > 1 and abs(rows - calls) <= near * calls:
            return s
    return None


def _by_exchanges(view: View) -> Judgement:
    """Judge by round trips, when the database does not count its statements."""
    limits = rule(WORD)
    ports = {a.port for a in view.loaded.activities if a.state == "db" and a.port}
    if view.database:
        ports.add(view.database.port)
    count = sum(view.loaded.exchanges.get(port, 0) for port in ports) / view.requests
    repeats = ramp(count, 2 * limits.limit("least_calls"), 2 * limits.limit("calls"))
    functions = issuers(view)
    score = database_share(view) * repeats * max(view.late, limits.limit("within_budget"))
    return Judgement(
        cause=WORD,
        score=score,
        why=f"{number(count)} round trips to the database per request",
        where=tuple(places(functions)),
        figures=(
            Evidence(metric="round trips to the database per request", value=count, unit="count"),
            *latency(view),
        ),
        against="" if score else "few round trips to the database",
    )


def _claims(view: View) -> Claim:
    if view.database is None or not view.database.statements_seen:
        return of_statements(view, lambda _: True)
    slow = indexable(view)
    names = {s.query for s in repeated(view) if s.query not in slow}
    return of_statements(view, lambda s: s.query in names)


CAUSE = Cause(
    WORD,
    _judge,
    claims=_claims,
    symptoms=("cpu.hot_function", "cpu.spread", "pool.exhausted", "threads.starved"),
)
