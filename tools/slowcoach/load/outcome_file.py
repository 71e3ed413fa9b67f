"""An outcome as JSON and back: what a run keeps, so that it can be gone on with and merged."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from slowcoach.core.errors import UnreadableError
from slowcoach.load.histogram import Histogram
from slowcoach.load.outcome import (
    Figures,
    Generator,
    Latencies,
    Moment,
    Outcome,
    Step,
    Threshold,
)

VERSION = 1
_SHOWN = 80  # characters of what is wrong; a text that cannot be decoded is whole in its error
MEDIA_TYPE = "application/json"
_PLAIN_FIGURES = (
    "sent",
    "completed",
    "failed",
    "dropped",
    "duration_s",
    "throughput_rps",
    "goodput_rps",
    "received_bytes",
)
_PLAIN_LATENCIES = ("count", "mean_ms", "least_ms", "most_ms", "resolution_ms", "error")
_PLAIN_MOMENT = ("start_s", "length_s", "sent", "completed", "failed", "dropped")
_PLAIN_STEP = ("name", "load", "unit", "start_s", "end_s", "scenario")
_GENERATOR = (
    "name",
    "slip_p99_ms",
    "cpu_share",
    "ready_share",
    "in_flight_limit",
    "processes",
)


def encoded(outcome: Outcome) -> bytes:
    """Return an outcome as JSON, its histograms whole."""
    data = {
        "slowcoach_outcome": VERSION,
        "tool": outcome.tool,
        "model": outcome.model,
        "started": outcome.started,
        "target": outcome.target,
        "whole": _figures(outcome.whole),
        "steps": [
            {**_plain(step, _PLAIN_STEP), "figures": _figures(step.figures)}
            for step in outcome.steps
        ],
        "endpoints": {name: _figures(figures) for name, figures in outcome.endpoints.items()},
        "moments": [_moment(moment) for moment in outcome.moments],
        "generator": outcome.generator and _plain(outcome.generator, _GENERATOR),
        "thresholds": [[each.expression, each.ok] for each in outcome.thresholds],
        "unknown": outcome.unknown,
        "warnings": outcome.warnings,
    }
    return json.dumps(data, separators=(",", ":"), allow_nan=False).encode()


def decoded(data: bytes) -> Outcome:
    """Return what `encoded` gave; raises UnreadableError for anything else."""
    try:
        given = json.loads(data)
        if given["slowcoach_outcome"] != VERSION:
            raise ValueError(f"version {given['slowcoach_outcome']!r}")
        return _outcome(given)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnreadableError(
            f"kept outcome of a load test: expected JSON of it, got {str(error)[:_SHOWN]}",
            hint="Run the test again",
        ) from None


def _outcome(given: Mapping[str, Any]) -> Outcome:
    return Outcome(
        tool=given["tool"],
        model=given["model"],
        whole=_figures_of(given["whole"]),
        steps=tuple(
            Step(
                **{name: each[name] for name in _PLAIN_STEP},
                figures=_figures_of(each["figures"]),
            )
            for each in given["steps"]
        ),
        endpoints={name: _figures_of(each) for name, each in given["endpoints"].items()},
        moments=tuple(_moment_of(each) for each in given["moments"]),
        generator=given["generator"] and Generator(**given["generator"]),
        thresholds=tuple(Threshold(*each) for each in given["thresholds"]),
        started=given["started"],
        target=given["target"],
        unknown=tuple(given["unknown"]),
        warnings=tuple(given["warnings"]),
    )


def _plain(of: object, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(of, name) for name in names}


def _figures(figures: Figures) -> dict[str, Any]:
    return {
        **_plain(figures, _PLAIN_FIGURES),
        "errors": dict(figures.errors),
        "latency": _latencies(figures.latency),
        "good": figures.good and _latencies(figures.good),
        "service": figures.service and _latencies(figures.service),
    }


def _figures_of(given: Mapping[str, Any]) -> Figures:
    return Figures(
        **{name: given[name] for name in _PLAIN_FIGURES},
        errors=given["errors"],
        latency=_latencies_of(given["latency"]),
        good=given["good"] and _latencies_of(given["good"]),
        service=given["service"] and _latencies_of(given["service"]),
    )


def _latencies(of: Latencies) -> dict[str, Any]:
    return {
        **_plain(of, _PLAIN_LATENCIES),
        "corrected": of.corrected,
        "stated": list(of.stated.items()),
        "histogram": of.histogram and of.histogram.encoded(),
    }


def _latencies_of(given: Mapping[str, Any]) -> Latencies:
    return Latencies(
        **{name: given[name] for name in _PLAIN_LATENCIES},
        corrected=given["corrected"],
        stated=dict(given["stated"]),
        histogram=given["histogram"] and Histogram.decoded(given["histogram"]),
    )


def _moment(of: Moment) -> dict[str, Any]:
    return {
        **_plain(of, (*_PLAIN_MOMENT, "users", "due_rps")),
        "stated": list(of.stated.items()),
        "histogram": of.histogram and of.histogram.encoded(),
        "succeeded": of.succeeded,
        # most often nothing failed, and both are one
        "good": None if of.good is of.histogram else of.good and of.good.encoded(),
        "all_good": of.good is not None and of.good is of.histogram,
    }


def _moment_of(given: Mapping[str, Any]) -> Moment:
    found = given["histogram"] and Histogram.decoded(given["histogram"])
    good = given.get("good") and Histogram.decoded(given["good"])
    return Moment(
        **{name: given[name] for name in (*_PLAIN_MOMENT, "users", "due_rps")},
        stated=dict(given["stated"]),
        histogram=found,
        succeeded=given.get("succeeded"),
        good=found if given.get("all_good") else good,
    )
