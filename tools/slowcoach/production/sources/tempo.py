"""Tempo: traces of the endpoint's slow requests, found with TraceQL."""

import json
import re
from typing import Any

from slowcoach.core.errors import UnreadableError
from slowcoach.production.asking_http import Reading, bound
from slowcoach.production.model import Allowance, Heard, Source
from slowcoach.production.question import Question
from slowcoach.production.settings import is_named, server_of

_ID = re.compile(r"[0-9a-fA-F]{1,32}")


def _ask(question: Question, allowance: Allowance) -> Heard:
    server = server_of("TEMPO")
    if server is None:
        return Heard(question)
    with Reading(server, "Tempo", allowance) as reading:
        found = _found(reading, question, question.least_ms)
        if not found and question.least_ms:
            found = _found(reading, question, 0.0)
        resources = [
            resource
            for trace in found
            for resource in resources_of(reading.json(f"/api/traces/{trace}"))
        ]
    if not resources:
        said = f"Tempo has no traces of {question.method} {question.path} in that time."
        return Heard(question, warnings=(said,))
    return Heard(question, traces=json.dumps({"resourceSpans": resources}).encode())


def _found(reading: Reading, question: Question, least_ms: float) -> list[str]:
    query = {
        "q": traceql(question, least_ms),
        "start": str(int(question.since)),
        "end": str(int(question.until) + 1),
        "limit": str(int(bound("tempo_traces"))),
    }
    return traces_of(reading.json("/api/search", query))[: int(bound("tempo_traces"))]


def traceql(question: Question, least_ms: float) -> str:
    """Return what finds the endpoint's server spans, by route or path, of at least so long."""
    routes = dict.fromkeys(filter(None, (question.route, question.path)))
    ways = [
        f"{attribute} = {json.dumps(value)}"
        for value in routes
        for attribute in ("span.http.route", "span.url.path", "span.http.target")
    ]
    ways += [f"name = {json.dumps(f'{question.method} {value}')}" for value in routes]
    slow = f" && duration >= {least_ms:.0f}ms" if least_ms >= 1 else ""
    return f"{{ kind = server && ({' || '.join(ways)}){slow} }}"


def traces_of(answer: Any) -> list[str]:
    """Return the traces' ids of a search."""
    try:
        found = [str(trace["traceID"]) for trace in answer.get("traces") or ()]
    except (KeyError, TypeError, AttributeError):
        raise _strange() from None
    return [trace for trace in found if _ID.fullmatch(trace)]


def resources_of(answer: Any) -> list[Any]:
    """Return OTLP's resourceSpans of a trace, which Tempo's older interface calls batches."""
    whole = answer.get("trace", answer) if isinstance(answer, dict) else None
    if not isinstance(whole, dict):
        raise _strange()
    found = whole.get("resourceSpans") or whole.get("batches") or []
    if not isinstance(found, list):
        raise _strange()
    return found


def _strange() -> UnreadableError:
    return UnreadableError(
        "Tempo: expected the JSON of its API, got something else",
        hint="Check SLOWCOACH_TEMPO_URL, such as http://host:3200",
    )


SOURCE = Source(
    name="tempo",
    title="Tempo",
    kind="traces",
    is_set=lambda: is_named("TEMPO"),
    ask=_ask,
)
