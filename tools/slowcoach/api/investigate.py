"""The tool `investigate`: why is this endpoint slow?"""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from slowcoach.core.errors import InputError, UnknownRunError
from slowcoach.core.files import read_bytes
from slowcoach.core.job import Job
from slowcoach.core.permission import host_of
from slowcoach.core.tool import Tool
from slowcoach.diagnosis.investigation import Investigation, Latency, Verdict

if TYPE_CHECKING:
    from slowcoach.diagnosis.asking import Outcome
    from slowcoach.diagnosis.brief import Given
    from slowcoach.diagnosis.comparing import Since
    from slowcoach.load.driver import Request
    from slowcoach.production.hearing import Production

_RUN_ID = re.compile(r"[a-z][a-z0-9-]{0,60}-[a-z0-9]{8}")
_BRIEF = "brief.yaml"
_LONGEST_PATH = 1_000


def investigate(
    url: Annotated[str, Field(description="The slow endpoint, e.g. http://127.0.0.1:8000/search.")],
    job: Job,
    method: Annotated[str, Field(description="HTTP method.")] = "GET",
    headers: Annotated[
        dict[str, str] | None, Field(description="Request headers, e.g. a test login.")
    ] = None,
    body: Annotated[str | None, Field(description="Request body.")] = None,
    pid: Annotated[
        int | None,
        Field(description="Its process (else found by port), or one of a service behind.", gt=0),
    ] = None,
    database_url: Annotated[
        str | None,
        Field(description="Its PostgreSQL, postgresql://...; a pg_monitor role is best."),
    ] = None,
    duration_s: Annotated[float, Field(description="Seconds of load.", ge=2, le=300)] = 20.0,
    concurrency: Annotated[int, Field(description="Requests at a time.", ge=1, le=256)] = 8,
    diagnostics: Annotated[
        dict[str, str] | None, Field(description="What the service exposes, e.g. {pprof: /path}.")
    ] = None,
    traces: Annotated[
        str | None, Field(description="Its traces: a file (OTLP, Jaeger, Zipkin).")
    ] = None,
    brief: Annotated[
        str | None, Field(description="Earlier brief to compare with: run id, file or YAML.")
    ] = None,
) -> Investigation:
    """Name the root cause of a slow endpoint, with place, evidence and fix.

    Use it first for "why is this slow". It sends real requests (alone, then `concurrency` at a
    time), watches stacks, waits, memory and the database meanwhile, and answers one cause,
    `healthy`, or `unsure` with the next measurement. Use a request that may be repeated. Takes
    10 to 20 s longer than `duration_s`: poll get_run while it is running. With several services
    give `traces`. Next: fix, investigate again with `brief`, `compare` both runs.
    """
    from slowcoach.diagnosis import answering
    from slowcoach.diagnosis.asking import examine
    from slowcoach.diagnosis.brief import as_yaml
    from slowcoach.diagnosis.target import Asked
    from slowcoach.load.driver import Request

    host_of(url)
    earlier, run = _earlier(brief, job) if brief is not None else (None, None)
    request = Request(
        _method(method), url, dict(headers or {}), body.encode() if body is not None else None
    )
    budget = earlier.budget if earlier else None
    asked = Asked(
        request, pid, database_url, duration_s, concurrency, diagnostics or {}, budget=budget
    )
    outcome = examine(asked, traces, job, _production(request, earlier, job))
    form = answering.form_of(outcome, url, earlier)
    job.save(_BRIEF, as_yaml(form), "application/yaml")
    since = _since(earlier, run, outcome, job) if earlier else None
    return answering.answer(outcome, f"{request.method} {_path(url)}", form, since)


def _production(request: "Request", earlier: "Given | None", job: Job) -> "Production | None":
    """Return what the servers of the settings say; an earlier brief tells service and date."""
    from slowcoach.diagnosis.tracing.endpoint import wanted
    from slowcoach.production.hearing import heard

    fields = earlier.fields if earlier else {}
    system = fields.get("investigation", {}).get("system", "")
    since_when = fields.get("problem_statement", {}).get("since_when", "")
    path = wanted(request.method, request.url, 0).path
    return heard(request.method, path, job, system, since_when)


def _method(method: str) -> str:
    word = method.strip().upper()
    if not word.isalpha():
        raise InputError(f"method: expected GET, POST, ..., got {method!r}", hint="Give a method")
    return word


def _path(url: str) -> str:
    return "/" + url.split("://", 1)[-1].partition("/")[2]


def _earlier(text: str, job: Job) -> "tuple[Given, str | None]":
    """Return an earlier brief, and the run that it was written by if it is one."""
    from slowcoach.diagnosis.brief import LARGEST, read

    if _RUN_ID.fullmatch(text) and job.runs.known(text):
        return _of_run(text, job), text
    if "\n" in text or ": " in text or len(text) > _LONGEST_PATH:
        return read(text, "brief"), None
    data = read_bytes(
        Path(text), what="a brief", limit=LARGEST, smaller="Give the YAML of a brief alone"
    )
    return read(data.decode("utf-8", "replace"), Path(text).name), None


def _of_run(run: str, job: Job) -> "Given":
    from slowcoach.diagnosis.brief import given, read

    result = job.runs.result(run)
    if not isinstance(result.get("brief"), dict):
        raise InputError(f"run {run} has no brief", hint="Give a run of investigate")
    try:
        found = read(job.runs.store.artefact(run, _BRIEF)[0].decode(), run)
    except UnknownRunError:
        found = given(result["brief"], run)
    return found.judged(str((result.get("verdict") or {}).get("cause") or ""))


def _since(earlier: "Given", run: str | None, outcome: "Outcome", job: Job) -> "Since":
    """Return what changed since the earlier brief; with a run its latencies give intervals."""
    from slowcoach.diagnosis import comparing
    from slowcoach.diagnosis.answering import latency_of
    from slowcoach.diagnosis.brief import missed

    now = latency_of(outcome)
    latency = job.artefacts.get("latency.json")
    metrics = comparing.metrics_of(run, latency, job.runs) if run and latency else []
    return comparing.since(
        earlier,
        outcome.decided.cause,
        metrics or comparing.told(earlier, now),
        missed(earlier.targets, now),
        run,
    )


TOOL = Tool(
    investigate,
    title="Why is this endpoint slow",
    asks_database=True,
    permission=("execute", "load"),
    long=True,
    idempotent=False,
    documents=("body",),
    examples=(
        "slowcoach investigate http://127.0.0.1:8000/search",
        "slowcoach investigate http://127.0.0.1:8000/orders --database-url postgresql://app@localhost/shop",
        "slowcoach investigate http://127.0.0.1:8000/cart --traces traces.json",
    ),
)

__all__ = ["TOOL", "Investigation", "Latency", "Verdict", "investigate"]
