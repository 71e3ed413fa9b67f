"""Parca: where the service's CPU went in that time, as pprof by its HTTP gateway."""

import base64
import binascii
import json
from datetime import UTC, datetime
from typing import Any

from slowcoach.core.errors import UnreadableError
from slowcoach.production.asking_http import Reading
from slowcoach.production.cpu import cpu_figures
from slowcoach.production.model import Allowance, Heard, Source
from slowcoach.production.question import Question
from slowcoach.production.settings import is_named, server_of

_LABELS = ("service_name", "job", "app", "comm")


def _ask(question: Question, allowance: Allowance) -> Heard:
    server = server_of("PARCA")
    if server is None:
        return Heard(question)
    if not question.services:
        said = "Parca was not asked: no source told the service's name (SLOWCOACH_SERVICE)."
        return Heard(question, warnings=(said,))
    from slowcoach.profiling.readers import pprof

    with Reading(server, "Parca", allowance) as reading:
        kind = cpu_type(reading.json("/api/profiles/types"))
        chosen = _selector(reading, question)
        if not kind or chosen is None:
            what = "CPU profiles" if not kind else f"profiles of {', '.join(question.services)}"
            return Heard(question, warnings=(f"Parca has no {what}.",))
        service, selector = chosen
        query = {
            "mode": "MODE_MERGE",
            "merge.query": f"{kind}{{{selector}}}",
            "merge.start": _stamp(question.since),
            "merge.end": _stamp(question.until),
            "reportType": "REPORT_TYPE_PPROF_UNSPECIFIED",
        }
        body = pprof_of(reading.json("/api/profiles/query", query))
    return Heard(question, cpu_figures(pprof.read(body, "Parca's answer"), service))


def _selector(reading: Reading, question: Question) -> tuple[str, str] | None:
    """Return the service's name and the label that has it."""
    for label in _LABELS:
        values = _list(reading.json(f"/api/profiles/labels/{label}/values"), "labelValues")
        for service in question.services:
            if service in values:
                return service, f"{label}={json.dumps(service)}"
    return None


def cpu_type(answer: Any) -> str:
    """Return the profile type that measures CPU, of an answer to /profiles/types."""
    for one in _list(answer, "types"):
        if not isinstance(one, dict) or one.get("periodType") != "cpu":
            continue
        keys = ("name", "sampleType", "sampleUnit", "periodType", "periodUnit")
        words = [str(one.get(key, "")) for key in keys]
        return ":".join([*words, *(["delta"] if one.get("delta") else [])])
    return ""


def pprof_of(answer: Any) -> bytes:
    """Return the profile of an answer to /profiles/query."""
    try:
        return base64.b64decode(answer["pprof"], validate=True)
    except (KeyError, TypeError, binascii.Error, ValueError):
        raise _strange() from None


def _stamp(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")


def _list(answer: Any, key: str) -> list[Any]:
    found = answer.get(key, []) if isinstance(answer, dict) else None
    if not isinstance(found, list):
        raise _strange()
    return found


def _strange() -> UnreadableError:
    return UnreadableError(
        "Parca: expected the JSON of its API, got something else",
        hint="Check SLOWCOACH_PARCA_URL, such as http://host:7070",
    )


SOURCE = Source(
    name="parca",
    title="Parca",
    kind="profiles",
    is_set=lambda: is_named("PARCA"),
    ask=_ask,
)
