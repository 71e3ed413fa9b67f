"""Answers lie unsent until the client acknowledges their first part."""

from collections.abc import Iterable

from slowcoach.core.finding import Evidence, Finding, NotChecked
from slowcoach.core.knowledge import rule
from slowcoach.load.check_kind import Check
from slowcoach.load.shape import Shape

_RULE = "load.unsent_answers"
_MS = 1000.0


def _run(shape: Shape) -> Iterable[Finding | NotChecked]:
    judged, unloaded = rule(_RULE), shape.unloaded_s
    waits_ms = shape.unsent_s * _MS
    if unloaded is None or waits_ms < judged.limit("least"):
        return
    part = shape.unsent_s / unloaded.value
    if part < judged.limit("share"):
        return
    yield judged.finding(
        [
            Evidence(
                metric="an answer lies unsent",
                value=waits_ms,
                unit="ms",
                limit=judged.limit("least"),
            ),
            Evidence(
                metric="of the latency without a queue",
                value=min(part, 1.0),
                unit="share",
                limit=judged.limit("share"),
            ),
        ]
    )


CHECK = Check(rule=_RULE, run=_run)
