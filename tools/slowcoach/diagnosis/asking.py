"""One investigation from what was asked to a verdict: traces first, then the process. The edge."""

import json
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING

from slowcoach.core.errors import NotPermittedError, SlowcoachError, UnreachableError
from slowcoach.core.job import Job
from slowcoach.core.knowledge import rule
from slowcoach.diagnosis.behind import seen_from_inside
from slowcoach.diagnosis.decide import Verdict, decide
from slowcoach.diagnosis.gather import Gatherer, Measured
from slowcoach.diagnosis.joining import doubts, from_traces, inside, joined
from slowcoach.diagnosis.keep import keep
from slowcoach.diagnosis.models import Budget
from slowcoach.diagnosis.target import Asked, port_of_url
from slowcoach.load.guard import admitted_host

if TYPE_CHECKING:
    from slowcoach.diagnosis.tracing.study import Study
    from slowcoach.production.hearing import Production


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict and what it rests on: a measurement, traces, or both."""

    decided: Verdict
    measured: Measured | None = None
    study: "Study | None" = None
    looked_into: str = ""
    warnings: list[str] = field(default_factory=list[str])
    production: "Production | None" = None


def examine(
    asked: Asked, traces: str | None, job: Job, production: "Production | None" = None
) -> Outcome:
    """Return the outcome. Raises the core's errors; where requests may not be sent, or nobody
    answers, traces alone still allow a verdict. Without a file those of `production` are taken.
    """
    found = _studied(asked, traces, job) if traces else None
    if production is not None and found is None:
        from slowcoach.diagnosis.in_production import studied

        production, found = studied(production, asked, job)
    return replace(_examined(asked, found, job), production=production)


def _examined(asked: Asked, found: "Study | None", job: Job) -> Outcome:
    try:
        addresses = admitted_host(asked.request.url, job.permissions).addresses
        job.permissions.require_execute("investigate")
        measured = Gatherer(_aimed(replace(asked, addresses=addresses), found), job).run()
    except (NotPermittedError, UnreachableError) as error:
        if found is None:
            raise
        return _from_spans(found, asked, error)
    keep(job, measured)
    decided = decide(seen_from_inside(measured.observed))
    decided = inside(decided, measured.observed)
    if found is None:
        return Outcome(decided, measured, looked_into=_name(measured))
    return _both(decided, measured, found, asked)


def _studied(asked: Asked, traces: str, job: Job) -> "Study":
    from slowcoach.diagnosis.tracing.study import study

    job.progress(0, None, "reading the traces")
    url = asked.request.url
    found = study(traces, asked.request.method, url, port_of_url(url), job.cancellation)
    job.save("traces.json", json.dumps(asdict(found.seen)).encode(), "application/json")
    return found


def _aimed(asked: Asked, found: "Study | None") -> Asked:
    """Return what to look into: the process that the traces lead to, unless one was given."""
    if found is None or asked.pid is not None or not found.leads_on:
        return asked
    return replace(asked, pid=found.located.pid, own_port=found.located.port)


def _late(found: "Study", budget: Budget | None) -> float:
    from slowcoach.diagnosis.tracing.judging import lateness

    wanted, limits = budget or Budget(), rule("healthy")
    p50 = wanted.p50_ms or limits.limit("p50_ms")
    return lateness(found.seen, p50, wanted.p95_ms or limits.limit("p95_ms"))


def _from_spans(found: "Study", asked: Asked, error: SlowcoachError) -> Outcome:
    decided = from_traces(found, _late(found, asked.budget))
    said = [f"Nothing was measured, the verdict is from the traces alone: {error.message}."]
    said += doubts(None, decided, found, looked=False)
    return Outcome(decided, study=found, looked_into="no process", warnings=said)


def _both(decided: Verdict, measured: Measured, found: "Study", asked: Asked) -> Outcome:
    told = from_traces(found, _late(found, asked.budget))
    pid = measured.observed.pid
    looked = bool(pid) and (not found.leads_on or pid == found.located.pid)
    return Outcome(
        joined(decided, told, found, looked=looked),
        measured,
        found,
        _name(measured),
        doubts(decided, told, found, looked=looked),
    )


def _name(measured: Measured) -> str:
    seen = measured.observed
    return f"pid {seen.pid}: {seen.command}" if seen.pid else "no process"
