"""Jaeger: traces of the endpoint's slow requests."""

import json
from typing import Any
from urllib.parse import quote

from slowcoach.core.errors import UnreadableError
from slowcoach.diagnosis.tracing.endpoint import is_route
from slowcoach.production.asking_http import Reading, bound
from slowcoach.production.model import Allowance, Heard, Source
from slowcoach.production.question import Question
from slowcoach.production.settings import is_named, server_of

_MOST_SERVICES = 12  # that are asked for their operations, when none is named
_OWN = frozenset({"jaeger", "jaeger-query", "jaeger-all-in-one"})


def _ask(question: Question, allowance: Allowance) -> Heard:
    server = server_of("JAEGER")
    if server is None:
        return Heard(question)
    with Reading(server, "Jaeger", allowance) as reading:
        names = [name for name in _data(reading.json("/api/services")) if name not in _OWN]
        chosen = [name for name in question.services if name in names] or names[:_MOST_SERVICES]
        found = _operation(reading, question, chosen)
        if found is None:
            said = f"Jaeger has no operation {question.method} {question.path}"
            return Heard(question, warnings=(f"{said} of {', '.join(chosen) or 'any service'}.",))
        service, operation = found
        traces = _traces(reading, question, service, operation)
    if not traces:
        said = f"Jaeger has no traces of {operation} ({service}) in that time."
        return Heard(question.known_as(service), warnings=(said,))
    body = json.dumps({"data": traces}).encode()
    return Heard(question.known_as(service), traces=body)


def _operation(reading: Reading, question: Question, services: list[str]) -> tuple[str, str] | None:
    for service in services:
        answer = reading.json(f"/api/services/{quote(service, safe='')}/operations")
        for name in operations_of(answer):
            if is_operation(name, question):
                return service, name
    return None


def operations_of(answer: Any) -> list[str]:
    """Return the operations' names of an answer of either of its interfaces."""
    return [str(one.get("name")) if isinstance(one, dict) else one for one in _data(answer)]


def is_operation(name: str, question: Question) -> bool:
    """Tell whether an operation (`GET /orders/{id}`, `/orders/{id}`) is the endpoint's."""
    method, _, route = name.rpartition(" ")
    if method.strip().upper().removeprefix("HTTP ") not in {"", question.method}:
        return False
    return route == question.route or (route.startswith("/") and is_route(route, question.path))


def _traces(reading: Reading, question: Question, service: str, operation: str) -> list[Any]:
    """Return traces of slow requests; of any where none were slow."""
    query = {
        "service": service,
        "operation": operation,
        "start": str(round(question.since * 1e6)),
        "end": str(round(question.until * 1e6)),
        "limit": str(int(bound("traces"))),
    }
    if question.least_ms:
        slow = {**query, "minDuration": f"{question.least_ms * 1000:.0f}us"}
        if found := _data(reading.json("/api/traces", slow)):
            return found
    return _data(reading.json("/api/traces", query))


def _data(answer: Any) -> list[Any]:
    found = answer.get("data") if isinstance(answer, dict) else None
    if found is None:
        found = []
    if not isinstance(found, list) or not isinstance(answer, dict):
        raise UnreadableError(
            "Jaeger: expected the JSON of its API, got something else",
            hint="Check SLOWCOACH_JAEGER_URL, such as http://host:16686",
        )
    return found


SOURCE = Source(
    name="jaeger",
    title="Jaeger",
    kind="traces",
    is_set=lambda: is_named("JAEGER"),
    ask=_ask,
)
