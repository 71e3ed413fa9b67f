"""A load test over time, or over its steps, as pictures and as a table."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slowcoach.core.errors import UnreadableError
from slowcoach.core.units import duration, number, share
from slowcoach_server.present import cleaned
from slowcoach_server.report.charts import Axis, Line, Panel, panel
from slowcoach_server.report.percentiles import by_share

if TYPE_CHECKING:
    from slowcoach.load.outcome import Moment, Outcome

OUTCOME, TARGET = "outcome-", "target-"
_PARTS = 60  # points along the time
_ROWS = 12
_FEWEST = 3
_LATENCY = "Latency"
_CHARTS = 6
_SHARES = ((0.5, "p50"), (0.95, "p95"), (0.99, "p99"))
_HEADS = ("req/s", "p50", "p95", "p99", "Errors", "CPU")


@dataclass(frozen=True, slots=True)
class LoadChart:
    """One scenario: its pictures, a table of the same, and a word on what is not in them."""

    title: str
    panels: tuple[Panel, ...]
    along: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str


@dataclass(frozen=True, slots=True)
class _Part:
    """Some time, or a step: where it stands on the axis, what it is called, and its figures."""

    at: float
    label: str
    rps: float | None
    due: float | None
    quantiles: tuple[float | None, ...]
    errors: float | None
    cpu: float | None = None


def load_charts(artefacts: Mapping[str, tuple[bytes, str]]) -> tuple[LoadChart, ...]:
    """Return a chart for each scenario that a run kept; those that cannot be read are left out."""
    names = [name for name in artefacts if name.startswith(OUTCOME) and name.endswith(".json")]
    found: list[LoadChart] = []
    for name in names[:_CHARTS]:
        from slowcoach.load.outcome_file import decoded

        key = name.removeprefix(OUTCOME).removesuffix(".json")
        try:
            outcome = decoded(artefacts[name][0])
        except (UnreadableError, RecursionError):
            continue
        chart = _chart(outcome, _cpu(artefacts.get(f"{TARGET}{key}.json")), key)
        found += [chart] if chart else []
    return tuple(found)


def _chart(outcome: "Outcome", cpu: Sequence[tuple[float, float]], key: str) -> LoadChart | None:
    moments = _whole_ones(outcome)
    timed = len(moments) >= _FEWEST
    parts = _over_time(moments, cpu, _PARTS) if timed else _over_steps(outcome)
    if len(parts) < _FEWEST - (not timed):
        return _by_share(outcome, key)
    unit = outcome.steps[0].unit if outcome.steps else "users"
    x = (lambda v: duration(v) if v else "0") if timed else (lambda v: f"{number(v)} {unit}")
    rows = _over_time(moments, cpu, _ROWS) if timed else parts
    panels = _panels(parts, x)
    full = [index for index in range(len(_HEADS)) if any(_cells(row)[index] for row in rows)]
    none = parts and all(not part.errors for part in parts) and parts[0].errors is not None
    return LoadChart(
        title=_title(key),
        panels=panels,
        along="From" if timed else "Load",
        columns=tuple(_HEADS[index] for index in full),
        rows=tuple((row.label, *(_cells(row)[index] for index in full)) for row in rows),
        note=str(cleaned(f"{outcome.tool}.{' Not one request failed.' if none else ''}")),
    )


def _by_share(outcome: "Outcome", key: str) -> LoadChart | None:
    drawn, rows = by_share(outcome.whole.latency)
    if drawn is None:
        return None
    note = f"{outcome.tool}. What happened when is not told."
    return LoadChart(
        _title(key), (drawn,), "Of the requests", ("Within",), rows, str(cleaned(note))
    )


def _title(key: str) -> str:
    return "" if key == "results" else key.replace("-", " ").replace("_", " ")


def _whole_ones(outcome: "Outcome") -> list["Moment"]:
    """Return the moments by time, without a last one of which the test filled less than half."""
    ordered = sorted(outcome.moments, key=lambda moment: moment.start_s)
    until = outcome.whole.duration_s
    if ordered and until is not None:
        last = ordered[-1]
        if last.start_s - ordered[0].start_s + last.length_s / 2 > until:
            ordered.pop()
    return ordered


def _cells(part: _Part) -> tuple[str, ...]:
    return (
        "" if part.rps is None else number(part.rps),
        *("" if q is None else duration(q / 1000) for q in part.quantiles),
        "" if part.errors is None else share(part.errors),
        "" if part.cpu is None else f"{part.cpu:.2f}",
    )


def _panels(parts: Sequence[_Part], x: Any) -> tuple[Panel, ...]:
    found: list[Panel] = []

    def add(title: str, y: Any, lines: Sequence[tuple[str, str, Sequence[float | None]]]) -> None:
        given = [line for line in lines if any(value is not None for value in line[2])]
        if not given:
            return
        words = f"{title}: " + "; ".join(_in_words(name, values, y) for _, name, values in given)
        series = [
            Line(kind, name, tuple((p.at, v) for p, v in zip(parts, values, strict=True)))
            for kind, name, values in given
        ]
        found.append(panel(Axis(title, words, x, y, decades=title == _LATENCY), series))

    quantiles = [
        (f"q{index}", name, [part.quantiles[index] for part in parts])
        for index, (_, name) in enumerate(_SHARES)
    ]
    add(_LATENCY, lambda v: duration(v / 1000) if v else "0", quantiles)
    due = [part.due for part in parts]
    asked = [("due", "due", due)] if any(value is not None for value in due) else []
    rates = [*asked, ("main", "answered", [part.rps for part in parts])]
    add("Throughput", lambda v: f"{number(v)}/s", rates)
    if any(part.errors for part in parts):
        add("Errors", share, [("bad", "failed", [part.errors for part in parts])])
    busy = [("cpu", "cores", [part.cpu for part in parts])]
    add("CPU of the target, cores", lambda v: f"{v:.3g}", busy)
    return tuple(found)


def _in_words(name: str, values: Sequence[float | None], y: Any) -> str:
    known = [value for value in values if value is not None]
    first, last = y(known[0]), y(known[-1])
    return f"{name} from {first} to {last}, at most {y(max(known))}"


def _over_steps(outcome: "Outcome") -> list[_Part]:
    steps = sorted(outcome.steps, key=lambda step: step.load)
    return [
        _Part(
            at=step.load,
            label=f"{number(step.load)} {step.unit}",
            rps=step.figures.throughput_rps,
            due=step.load if step.unit == "req/s" else None,
            quantiles=tuple(step.figures.latency.percentile(q) for q, _ in _SHARES),
            errors=step.figures.error_rate,
        )
        for step in steps
    ]


def _over_time(
    moments: Sequence["Moment"], cpu: Sequence[tuple[float, float]], most: int
) -> list[_Part]:
    """Return ordered moments in at most so many parts of one length each."""
    if not moments:
        return []
    begin, end = moments[0].start_s, moments[-1].start_s + moments[-1].length_s
    length = max((end - begin) / most, max(moment.length_s for moment in moments))
    groups: dict[int, list[Moment]] = {}
    for moment in moments:
        groups.setdefault(int((moment.start_s - begin) / length + 1e-6), []).append(moment)
    return [_of_moments(group, cpu) for _, group in sorted(groups.items())]


def _of_moments(group: Sequence["Moment"], cpu: Sequence[tuple[float, float]]) -> _Part:
    start, seconds = group[0].start_s, sum(moment.length_s for moment in group)
    completed = _sum([moment.completed for moment in group])
    failed = _sum([moment.failed for moment in group])
    due = [moment.due_rps for moment in group if moment.due_rps is not None]
    busy = [value for at, value in cpu if start <= at < start + seconds]
    return _Part(
        at=start,
        label=duration(start) if start else "0 s",
        rps=None if completed is None or not seconds else completed / seconds,
        due=sum(due) / len(due) if due else None,
        quantiles=_quantiles(group),
        errors=None if failed is None or completed is None else failed / max(completed, failed, 1),
        cpu=sum(busy) / len(busy) if busy else None,
    )


def _quantiles(group: Sequence["Moment"]) -> tuple[float | None, ...]:
    """Return p50, p95 and p99; of several moments only where histograms can be added."""
    from slowcoach.load.histogram import merged

    histograms = [moment.histogram for moment in group if moment.histogram is not None]
    if histograms:
        whole = merged(histograms)
        return tuple(whole.quantile(q) for q, _ in _SHARES)
    told = [[moment.percentile(q) for moment in group] for q, _ in _SHARES]
    return tuple(max((v for v in values if v is not None), default=None) for values in told)


def _sum(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _cpu(artefact: tuple[bytes, str] | None) -> list[tuple[float, float]]:
    """Return when and how many cores the target used; nothing when that was not kept."""
    if artefact is None:
        return []
    try:
        rows: Any = json.loads(artefact[0])["moments"]
        found = [(float(row["at_s"]), float(row["cpu"])) for row in rows]
    except (ValueError, KeyError, TypeError, RecursionError):
        return []
    return [pair for pair in found if all(map(math.isfinite, pair))]
