"""Pyroscope: where the service's CPU went in that time."""

import json

from slowcoach.production.asking_http import Reading
from slowcoach.production.cpu import cpu_figures
from slowcoach.production.model import Allowance, Heard, Source
from slowcoach.production.question import Question
from slowcoach.production.settings import is_named, server_of

_TYPES = (
    "process_cpu:cpu:nanoseconds:cpu:nanoseconds",
    "process_cpu:samples:count:cpu:nanoseconds",
)


def _ask(question: Question, allowance: Allowance) -> Heard:
    server = server_of("PYROSCOPE")
    if server is None:
        return Heard(question)
    if not question.services:
        said = "Pyroscope was not asked: no source told the service's name (SLOWCOACH_SERVICE)."
        return Heard(question, warnings=(said,))
    from slowcoach.profiling.readers import pyroscope

    with Reading(server, "Pyroscope", allowance) as reading:
        for service in question.services:
            for kind in _TYPES:
                body = reading.get("/pyroscope/render", _query(question, kind, service))
                figures = cpu_figures(pyroscope.read(body, "Pyroscope's answer"), service)
                if figures:
                    return Heard(question, figures)
    named = ", ".join(question.services)
    return Heard(question, warnings=(f"Pyroscope has no CPU profile of {named} in that time.",))


def _query(question: Question, kind: str, service: str) -> dict[str, str]:
    return {
        "query": f"{kind}{{service_name={json.dumps(service)}}}",
        "from": str(int(question.since)),
        "until": str(int(question.until) + 1),
        "format": "json",
    }


SOURCE = Source(
    name="pyroscope",
    title="Pyroscope",
    kind="profiles",
    is_set=lambda: is_named("PYROSCOPE"),
    ask=_ask,
)
