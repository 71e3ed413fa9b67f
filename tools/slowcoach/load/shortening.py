"""An answer cut to what a reader takes in; what weighs most goes last, and cuts are said. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from slowcoach.core.finding import Severity
from slowcoach.load.answer import LoadAnswer, StepRow

_CHARACTERS = 6_000
_MOST_STEPS, _LEAST_STEPS = 16, 5
_MOST_ENDPOINTS, _LEAST_ENDPOINTS = 12, 3
_MOST_UNKNOWN, _MOST_NOT_CHECKED = 6, 6
_MOST_WARNINGS = 6


def fitted(answer: LoadAnswer) -> LoadAnswer:
    """Return the answer cut until it fits; what weighs most goes last, and cuts are said."""
    first = answer
    answer = _bounded(answer)
    for shorter in _CUTS:
        while len(answer.model_dump_json()) > _CHARACTERS:
            less = shorter(answer)
            if less is None:
                break
            answer = less
    said = _said(first, answer)
    return answer.model_copy(update={"warnings": (*answer.warnings, said)}) if said else answer


def _bounded(answer: LoadAnswer) -> LoadAnswer:
    return answer.model_copy(
        update={
            "steps": _thinned(answer.steps, _MOST_STEPS),
            "endpoints": answer.endpoints[:_MOST_ENDPOINTS],
            "unknown": answer.unknown[:_MOST_UNKNOWN],
            "not_checked": answer.not_checked[:_MOST_NOT_CHECKED],
            "warnings": answer.warnings[:_MOST_WARNINGS],
        }
    )


def _thinned(rows: Sequence[StepRow], most: int) -> tuple[StepRow, ...]:
    """Return rows evenly taken, the first and the last among them."""
    if len(rows) <= most:
        return tuple(rows)
    return tuple(rows[round(i * (len(rows) - 1) / (most - 1))] for i in range(most))


def _fewer_endpoints(answer: LoadAnswer, least: int = _LEAST_ENDPOINTS) -> LoadAnswer | None:
    if len(answer.endpoints) <= least:
        return None
    return answer.model_copy(update={"endpoints": answer.endpoints[:-1]})


def _fewer_steps(answer: LoadAnswer, least: int = _LEAST_STEPS) -> LoadAnswer | None:
    if len(answer.steps) <= least:
        return None
    return answer.model_copy(update={"steps": _thinned(answer.steps, len(answer.steps) - 1)})


def _fewer_remarks(answer: LoadAnswer) -> LoadAnswer | None:
    kept = [finding for finding in answer.findings if finding.severity is not Severity.INFO]
    if len(kept) == len(answer.findings):
        return None
    return answer.model_copy(update={"findings": answer.findings[:-1]})


def _fewer_findings(answer: LoadAnswer) -> LoadAnswer | None:
    if len(answer.findings) <= 1:
        return None
    return answer.model_copy(update={"findings": answer.findings[:-1]})


def _fewer_words(answer: LoadAnswer) -> LoadAnswer | None:
    for name in ("not_checked", "unknown", "warnings"):
        found: tuple[object, ...] = getattr(answer, name)
        if len(found) > 1:
            return answer.model_copy(update={name: found[:-1]})
    return None


_CUTS: tuple[Callable[[LoadAnswer], LoadAnswer | None], ...] = (
    _fewer_endpoints,
    _fewer_steps,
    _fewer_remarks,
    _fewer_words,
    _fewer_findings,
    lambda answer: _fewer_endpoints(answer, 0),
    lambda answer: _fewer_steps(answer, 2),
)


def _said(first: LoadAnswer, answer: LoadAnswer) -> str:
    parts = [
        f"{len(getattr(first, name)) - len(getattr(answer, name))} of {len(getattr(first, name))} "
        f"{told}"
        for name, told in (
            ("steps", "steps"),
            ("endpoints", "endpoints (those that took the least time)"),
            ("findings", "findings (the lesser ones)"),
            ("unknown", "gaps of the source"),
            ("not_checked", "rules not judged"),
            ("warnings", "warnings"),
        )
        if len(getattr(answer, name)) < len(getattr(first, name))
    ]
    return f"left out to keep the answer short: {', '.join(parts)}" if parts else ""
