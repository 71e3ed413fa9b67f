"""wrk's text. Its connections wait for answers: a closed test."""

from __future__ import annotations

from slowcoach.load.outcome import Figures, Latencies, Outcome
from slowcoach.load.reader_kind import Reader, Source
from slowcoach.load.readers._reports import head_of, one_step, refuse, text_of
from slowcoach.load.readers._wrk_text import Printed, percentiles, printed, tool

_UNKNOWN = (
    "wrk: what users would have waited during a stall: each connection waits for its answer "
    "before it asks again (wrk adds made-up latencies for long ones, which is half a correction)",
    "wrk: percentiles other than those printed, the interval of each, and how they went over time",
    "wrk: requests that had no answer by the end of the test are in none of its figures",
)
_PLAIN = "wrk: percentiles, which only --latency prints"


def _matches(source: Source) -> bool:
    return tool(head_of(source)) == "wrk"


def _read(source: Source) -> Outcome:
    text = text_of(source)
    found = printed(text)
    if isinstance(found, str):
        refuse(source, f"wrk's output with {found}", text[-200:])
    stated = percentiles(text) if found.completed else {}
    figures = _figures(found, stated)
    return Outcome(
        tool="wrk",
        model="closed",
        whole=figures,
        steps=one_step(found.connections, "users", figures),
        target=found.target,
        unknown=(*([] if stated or not found.completed else [_PLAIN]), *_UNKNOWN),
        warnings=_warnings(found),
    )


def _figures(found: Printed, stated: dict[float, float]) -> Figures:
    failed = sum(found.errors.values())
    good = max(found.completed - failed + found.unanswered, 0)
    return Figures(
        latency=Latencies(
            # a request over the time limit has no latency here
            count=max(found.completed - found.timeouts, 0),
            stated=stated,
            mean_ms=found.mean_ms,
            most_ms=found.most_ms,
            resolution_ms=0.001,
        ),
        sent=found.completed + found.unanswered,
        completed=found.completed,
        failed=min(failed, found.completed + found.unanswered),
        errors=found.errors,
        duration_s=found.duration_s,
        throughput_rps=found.completed / found.duration_s,
        goodput_rps=good / found.duration_s,
        received_bytes=found.received_bytes,
    )


def _warnings(found: Printed) -> tuple[str, ...]:
    if not found.completed:
        return ("no request was answered: there are no latencies",)
    if found.timeouts:
        return (
            f"{found.timeouts:,} requests over wrk's time limit are left out of its latencies: "
            "the true percentiles and the maximum are higher",
        )
    return ()


READER = Reader(
    name="wrk",
    title="wrk (text)",
    matches=_matches,
    read=_read,
    example="wrk -t2 -c8 -d30s --latency URL > wrk.txt",
)
