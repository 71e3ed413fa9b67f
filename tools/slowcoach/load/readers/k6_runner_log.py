"""The log of a k6 runner whose script is Slowcoach's: single requests, and a histogram at its end.

`kubectl logs POD`, with times or without, or what such a script printed anywhere. A folder of
them, one of each runner, is one test.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from slowcoach.core.errors import UnreadableError
from slowcoach.load.distributed.gathering import figures_of_results
from slowcoach.load.distributed.runner_log import Row, RunnerLog
from slowcoach.load.outcome import Figures, LoadModel, Outcome
from slowcoach.load.reader_kind import Reader, Source
from slowcoach.load.samples import CHUNK, Samples
from slowcoach.load.steps import steps_of
from slowcoach.load.streams import Stream

_MARKS = (b"slowcoach-rows ", b"slowcoach-result ")
_MS = 1000.0
_NAN = float("nan")


def _matches(source: Source) -> bool:
    return any(mark in source.head for mark in _MARKS)


def _read(source: Source) -> Outcome:
    stream, log, samples = Stream(source), RunnerLog(), Samples()
    for rows in _chunks(stream, log):
        _add(rows, samples)
    if not samples.count:
        raise UnreadableError(
            f"{source.path}: expected requests of a k6 runner, got none that can be read",
            hint="Give the whole log: kubectl logs POD",
        )
    _rename(samples, log)
    model = _model(log)
    moments = samples.moments()
    whole = _whole(samples, log, is_open=model == "open")
    return Outcome(
        tool="k6 (a runner's log)",
        model=model,
        whole=whole,
        steps=steps_of(moments, model),
        endpoints=samples.endpoints(corrected=whole.latency.corrected),
        moments=moments,
        started=_started(samples),
        unknown=("how late k6 itself sent",),
        warnings=(*_warnings(log), *stream.warnings, *samples.doubts()),
    )


def _chunks(stream: Stream, log: RunnerLog) -> Iterator[list[Row]]:
    found: list[Row] = []
    for _, line in stream.lines():
        found += log.read(line.decode("utf-8", "replace"))
        if len(found) >= CHUNK:
            yield found
            found = []
    yield found


def _add(rows: list[Row], samples: Samples) -> None:
    kinds = [
        samples.kinds.code(row.failure, answered=row.failure.startswith("status ")) for row in rows
    ]
    samples.add(
        [row.began_ms / _MS for row in rows],
        [_NAN if row.ms is None else row.ms for row in rows],
        [samples.names.code(f"endpoint {row.endpoint}") for row in rows],
        kinds,
    )


def _rename(samples: Samples, log: RunnerLog) -> None:
    """Give endpoints the names that the runner's result tells."""
    names = log.result.endpoints if log.result else ()
    numbers = {f"endpoint {number}": name for number, name in enumerate(names)}
    samples.names.titles[:] = [numbers.get(title, title) for title in samples.names.titles]


def _model(log: RunnerLog) -> LoadModel:
    is_open = log.result.is_open if log.result else None
    if is_open is None:
        return "open" if log.result and log.result.dropped else "unknown"
    return "open" if is_open else "closed"


def _whole(samples: Samples, log: RunnerLog, *, is_open: bool) -> Figures:
    result = log.result
    if result is None:
        return samples.figures()
    dropped = result.dropped if is_open else None
    whole = samples.figures(corrected=is_open and not dropped, dropped=dropped)
    if log.rows != result.requests:
        whole = figures_of_results(whole, [result])
    return replace(whole, received_bytes=result.received_bytes)


def _started(samples: Samples) -> str | None:
    if samples.origin is None:
        return None
    return datetime.fromtimestamp(samples.origin, UTC).isoformat(timespec="milliseconds")


def _warnings(log: RunnerLog) -> Iterator[str]:
    if log.result is None:
        yield "the log ends before the runner's result: it was cut, or the runner broke off"
    elif log.rows != log.result.requests:
        yield (
            f"{log.result.requests - log.rows:,} of {log.result.requests:,} requests are missing "
            "in the log: the whole counts them, seconds, steps and endpoints do not"
        )
    if log.script_error:
        yield log.script_error
    if log.unreadable:
        yield f"{log.unreadable:,} lines of the runner could not be read"


READER = Reader(
    name="k6_runner_log",
    title="k6 runners' logs (scripts of design_load_test for k6-operator)",
    matches=_matches,
    read=_read,
    example="kubectl logs POD > runner-1.log",
)
