"""Prometheus (and what answers as it does): latency, rate, errors, CPU and memory."""

import math
from dataclasses import replace

from slowcoach.core.errors import UnreadableError
from slowcoach.core.knowledge import page
from slowcoach.core.units import duration, number, share, size
from slowcoach.production import http_metrics as metrics
from slowcoach.production.asking_http import PAGE, Reading
from slowcoach.production.changes import step_of
from slowcoach.production.http_metrics import Endpoint
from slowcoach.production.model import Allowance, Heard, Source
from slowcoach.production.question import Question, clock
from slowcoach.production.settings import is_named, server_of

_API = "/api/v1"
_METRICS_TRIED = 6
_FINE_S, _COARSE_POINTS = 60, 288
_SCRAPES = 4  # in the window of a rate
_LOOK_BACK_S, _DEFAULT_SCRAPE_S = 600, 60.0
_P95, _MEDIAN = 0.95, 0.5
_CPU = (
    "sum(rate(process_cpu_seconds_total{%s}%s))",
    'sum(rate(container_cpu_usage_seconds_total{container!="",%s}%s))',
)
_MEMORY = (
    "sum(avg_over_time(process_resident_memory_bytes{%s}%s))",
    'sum(avg_over_time(container_memory_working_set_bytes{container!="",%s}%s))',
)


def _ask(question: Question, allowance: Allowance) -> Heard:
    server = server_of("PROMETHEUS")
    if server is None:
        return Heard(question)
    with Reading(server, "Prometheus", allowance) as reading:
        try:
            return _Prometheus(reading, question).heard()
        except (ValueError, KeyError, TypeError):
            raise UnreadableError(
                "Prometheus: expected the JSON of its API, got something else",
                hint="Check SLOWCOACH_PROMETHEUS_URL, such as http://host:9090",
            ) from None


class _Prometheus:
    """The questions about one endpoint, and the sentences of their answers."""

    def __init__(self, reading: Reading, question: Question) -> None:
        self._reading, self._question = reading, question
        self._now = f"[{question.length_s}s]"
        self._then = f"[{question.before_s}s] offset {question.length_s}s"

    def heard(self) -> Heard:
        """Return the endpoint's figures, or a warning that it has no series."""
        question, found = self._question, self._endpoints()
        if not found:
            said = f"Prometheus has no timed requests of {question.method} {question.path}"
            return Heard(question, warnings=(f"{said} by route.",))
        one = found[0]
        warnings = self._doubts(found)
        latency, slow = self._latency(one)
        figures = [*latency, *self._traffic(one), *self._usage(one)]
        question = replace(question.known_as(one.service), route=one.route, least_ms=slow)
        return Heard(question, tuple(figures), latency[0] if latency else "", warnings)

    def _doubts(self, found: list[Endpoint]) -> tuple[str, ...]:
        others = dict.fromkeys(e.service for e in found[1:] if e.service != found[0].service)
        if not others:
            return ()
        return (
            f"services {', '.join(list(others)[:3])} serve this path too; the figures are "
            f"{found[0].service}'s (SLOWCOACH_SERVICE names another).",
        )

    def _endpoints(self) -> list[Endpoint]:
        question = self._question
        times = {"start": f"{question.since:.3f}", "end": f"{question.until:.3f}"}
        names = self._reading.json(f"{_API}/label/__name__/values", times)["data"]
        for metric in metrics.metrics_of(map(str, names))[:_METRICS_TRIED]:
            asked = self._instant(metrics.grouped(metric[0], self._now))
            found = metrics.endpoints_of(
                asked, metric, question.method, question.path, question.services
            )
            if found:
                return found
        return []

    def _latency(self, one: Endpoint) -> tuple[list[str], float]:
        """Return what the latency is, and from how many ms on a request of now is slow: above
        what was rare before it rose, else above the median.
        """
        what = "p95" if one.quantiles else "the mean"
        times, values = self._series(one)
        limits = page(PAGE).data["changes"]
        step = step_of(times, values, float(limits["ratio"]["value"]))
        if step is not None:
            at = clock(step.at, self._question.until)
            said = f"{what} is {_ms(step.after)} since {at}, {_ms(step.before)} before"
            return [said], step.before if step.after > step.before else self._median(one)
        now = self._single(one.latency(_P95, self._now)) * one.scale
        then = self._single(one.latency(_P95, self._then)) * one.scale
        if not math.isfinite(now):
            return [], 0.0
        return [f"{what} is {_ms(now)}{_before(then, _ms(then))}, without a step"], (
            self._median(one)
        )

    def _median(self, one: Endpoint) -> float:
        return _or_none(self._single(one.latency(_MEDIAN, self._now))) * one.scale

    def _series(self, one: Endpoint) -> tuple[list[float], list[float]]:
        """Return times and p95 in ms: coarse the day before, by the minute from then on."""
        question = self._question
        scrape = self._scrape_s(one)
        coarse = max(_FINE_S, question.before_s // _COARSE_POINTS)
        fine = max(_FINE_S, question.length_s // _COARSE_POINTS)
        found: list[tuple[float, float]] = []
        for begun, ended, step in (
            (question.before, question.since - coarse, coarse),
            (question.since, question.until, fine),
        ):
            window = f"[{max(step, round(_SCRAPES * scrape))}s]"
            query = {
                "query": one.latency(_P95, window),
                "start": f"{begun:.3f}",
                "end": f"{ended:.3f}",
                "step": str(step),
            }
            found += metrics.points(self._reading.json(f"{_API}/query_range", query)["data"])
        return [at for at, _ in found], [value * one.scale for _, value in found]

    def _scrape_s(self, one: Endpoint) -> float:
        query = f"max(count_over_time({one.metric}_count{{{one.selector}}}[{_LOOK_BACK_S}s]))"
        count = self._single(query)
        return _LOOK_BACK_S / count if math.isfinite(count) and count else _DEFAULT_SCRAPE_S

    def _traffic(self, one: Endpoint) -> list[str]:
        now, then = self._single(one.rate(self._now)), self._single(one.rate(self._then))
        if not math.isfinite(now):
            return []
        said = [f"{number(now)} requests a second{_before(then, number(then))}"]
        asked = metrics.statuses(one.metric, self._now)
        status = metrics.status_label(self._instant(asked))
        if not status or not now:
            return said
        bad_now = _or_none(self._single(one.errors(status, self._now))) / now
        bad_then = _or_none(self._single(one.errors(status, self._then))) / (then or math.nan)
        if bad_now or bad_then > 0:
            said.append(f"{share(bad_now)} of answers are 5xx{_before(bad_then, share(bad_then))}")
        return said

    def _usage(self, one: Endpoint) -> list[str]:
        named = dict(one.labels)
        label = next((n for n in ("job", "service", "app") if n in named), "")
        if not label:
            return []
        chosen = Endpoint("", ((label, named[label]),), quantiles=False).selector
        said: list[str] = []
        for expressions, form, what in (
            (_CPU, number, "cores in use"),
            (_MEMORY, size, "of memory"),
        ):
            now, then = self._pair(expressions, chosen)
            if math.isfinite(now):
                said.append(f"{form(now)} {what}{_before(then, form(then))}")
        return said

    def _pair(self, expressions: tuple[str, ...], chosen: str) -> tuple[float, float]:
        for expression in expressions:
            now = self._single(expression % (chosen, self._now))
            if math.isfinite(now):
                return now, self._single(expression % (chosen, self._then))
        return math.nan, math.nan

    def _instant(self, query: str) -> object:
        asked = {"query": query, "time": f"{self._question.until:.3f}"}
        return self._reading.json(f"{_API}/query", asked)["data"]

    def _single(self, query: str) -> float:
        found = metrics.vector(self._instant(query))
        return found[0][1] if found else math.nan


def _ms(value: float) -> str:
    return duration(value / 1000)


def _before(value: float, told: str) -> str:
    return f", {told} before" if math.isfinite(value) else ""


def _or_none(value: float) -> float:
    return value if math.isfinite(value) else 0.0


SOURCE = Source(
    name="prometheus",
    title="Prometheus",
    kind="metrics",
    is_set=lambda: is_named("PROMETHEUS"),
    ask=_ask,
)
