"""vegeta's results: each request of an attack, as JSON lines, CSV or gob.

It sends at a rate whatever the server does: an open test.
"""

from __future__ import annotations

from datetime import UTC, datetime

from slowcoach.load.outcome import Outcome
from slowcoach.load.reader_kind import Reader, Source
from slowcoach.load.readers._reports import refuse
from slowcoach.load.readers._table import gather
from slowcoach.load.readers._vegeta_results import CSV_LINE, GOB_START, JSON_LINE, Results
from slowcoach.load.steps import steps_of

SENT = (
    "vegeta: how late requests were sent: latencies count from when each was really sent, which is "
    "when it was due unless the machine was busy or -max-workers were all waiting (with -rate=0 "
    "the test is closed)"
)


def _matches(source: Source) -> bool:
    return any(mark.match(source.head) for mark in (JSON_LINE, CSV_LINE, GOB_START))


def _read(source: Source) -> Outcome:
    results = Results(source)
    samples = results.samples
    gather(results.rows(), samples)
    if not samples.count:
        refuse(source, "a request of vegeta's", "none")
    moments = samples.moments()
    endpoints = samples.endpoints()
    return Outcome(
        tool="vegeta",
        model="open",
        whole=samples.figures(),
        steps=steps_of(moments, "open"),
        endpoints={} if list(endpoints) == ["all"] else endpoints,
        moments=moments,
        started=datetime.fromtimestamp(samples.first_s, UTC).isoformat(),
        unknown=(SENT,),
        warnings=(*results.stream.warnings, *samples.doubts()),
    )


READER = Reader(
    name="vegeta",
    title="vegeta (JSON, CSV, gob)",
    matches=_matches,
    read=_read,
    example="vegeta attack -rate 200 -duration 30s -targets targets.txt > results.gob",
    run=lambda path: str(path.with_suffix("")),  # the same attack in several encodings
    over=("vegeta_report",),
)
