"""What stands on the page of a run, and the page itself."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from pydantic import ValidationError

from slowcoach.core.finding import Finding, NotChecked
from slowcoach.core.result import Result, Table
from slowcoach.core.store import StoredRun
from slowcoach.core.tool import Tool
from slowcoach.core.units import duration, share, size
from slowcoach_server.present import cleaned
from slowcoach_server.report.capacity import Growth, growth
from slowcoach_server.report.changes import Changes, changes
from slowcoach_server.report.difference import drawings
from slowcoach_server.report.distribution import Distribution, distribution
from slowcoach_server.report.flame import Flames
from slowcoach_server.report.load import LoadChart, load_charts
from slowcoach_server.report.plan import PlanTable, plan_table

_PERCENTILES = (("p50_ms", "p50"), ("p95_ms", "p95"), ("p99_ms", "p99"))
_WHOLE_LIMIT = 200_000  # characters of the whole result shown at the end
_BRIEF_ROWS = 60
_HEADLINE = 100  # characters
_TITLES = {
    "healthy": "Healthy",
    "unsure": "Unsure",
    "faster": "Faster",
    "slower": "Slower",
    "same": "No difference",
}
_GOOD, _BAD = frozenset({"healthy", "faster"}), frozenset({"slower"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided: a headline, the word for it, how sure, and where."""

    headline: str
    word: str
    tone: str
    confidence: float | None
    where: tuple[str, ...]
    summary: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """A cause that was weighed: its score (0..1) and what spoke for or against it."""

    cause: str
    score: float
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Page:
    """Everything that the template shows."""

    run: StoredRun
    tool: str
    started: str
    took: str
    verdict: Verdict
    figures: tuple[tuple[str, str], ...]
    findings: tuple[Finding, ...]
    changes: Changes | None
    loads: tuple[LoadChart, ...]
    growth: Growth | None
    distribution: Distribution | None
    flames: Flames | None
    plan: PlanTable | None
    considered: tuple[Rejected, ...]
    tables: tuple[Table, ...]
    body: str
    brief: tuple[tuple[str, str], ...]
    not_checked: tuple[NotChecked, ...]
    warnings: tuple[str, ...]
    next: tuple[str, ...]
    command: str
    versions: tuple[tuple[str, str], ...]
    artefacts: tuple[tuple[str, str, str], ...]
    whole: str


def of_run(run: StoredRun, artefacts: Mapping[str, tuple[bytes, str]]) -> Page:
    """Gather the page of a run; parts that it does not have are left out."""
    from slowcoach.catalogue import tools

    content = cast("dict[str, Any]", cleaned(run.result or {}))
    tool = tools().get(run.tool)
    result = _result(content, tool)
    compared = changes(content)
    return Page(
        run=run,
        tool=tool.title if tool else run.tool,
        started=datetime.fromtimestamp(run.started, UTC).strftime("%Y-%m-%d %H:%M:%S UTC"),
        took=duration(run.finished - run.started) if run.finished else "",
        verdict=_verdict(content, run),
        figures=_figures(content),
        findings=result.findings,
        changes=compared,
        loads=load_charts(artefacts),
        growth=growth(run.tool, run.arguments, content),
        distribution=distribution(artefacts),
        flames=drawings(artefacts),
        plan=plan_table(artefacts),
        considered=_considered(content),
        tables=tuple(t for t in result.tables() if not _is_shown(t, content, compared)),
        body=result.body(),
        brief=_brief(content.get("brief")),
        not_checked=result.not_checked,
        warnings=result.warnings,
        next=result.next,
        command=_command(run),
        versions=tuple(sorted(run.versions.items())),
        artefacts=tuple((n, kind, size(len(d))) for n, (d, kind) in sorted(artefacts.items())),
        whole=_whole(content),
    )


def _result(content: dict[str, Any], tool: Tool | None) -> Result:
    """Return the result as its tool gives it, else the part that all have, else an empty one.

    A kept result may be of another version, or of a tool that is no longer there.
    """
    common = {key: value for key, value in content.items() if key in Result.model_fields}
    attempts: list[tuple[type[Result], dict[str, Any]]] = [(Result, common)]
    if tool is not None:
        attempts.insert(0, (tool.result_type, content))
    for kind, data in attempts:
        try:
            return kind.model_validate(data)
        except ValidationError:
            continue
    return Result()


def _verdict(content: dict[str, Any], run: StoredRun) -> Verdict:
    said = content.get("verdict")
    summary = str(content.get("summary") or f"The run is {run.status}.")
    if isinstance(said, dict):
        return _diagnosis(cast("dict[str, Any]", said), content, summary)
    if isinstance(said, str) and said:
        tone = "good" if said in _GOOD else "bad" if said in _BAD else "plain"
        title = _TITLES.get(said, said)
        rest = summary.removeprefix(f"{said.capitalize()}: ")
        return Verdict(title, "", tone, None, (), rest[:1].upper() + rest[1:])
    if run.status != "done":
        return Verdict(f"The run {run.status}", "", "bad", None, (), summary)
    first, _, rest = summary.partition(". ")
    if len(first) > _HEADLINE:
        return Verdict("What was found", "", "plain", None, (), summary)
    return Verdict(first.removesuffix("."), "", "plain", None, (), rest)


def _diagnosis(said: dict[str, Any], content: dict[str, Any], summary: str) -> Verdict:
    """Word investigate's verdict by the title of the finding that names the cause, if any."""
    cause = str(said.get("cause") or "unsure")
    titles = (
        str(f.get("title")) for f in _objects(content.get("findings")) if f.get("cause") == cause
    )
    confidence = said.get("confidence")
    tone = "good" if cause in _GOOD else "plain" if cause == "unsure" else "bad"
    where = said.get("where")
    return Verdict(
        headline=_TITLES.get(cause)
        or _short(next(titles, cause.replace("_", " ").replace(".", ": "))),
        word="" if cause in _TITLES else cause,
        tone=tone,
        confidence=_clipped(confidence),
        where=tuple(map(str, where)) if isinstance(where, list) else (),
        summary=str(said.get("summary") or summary),
    )


def _short(title: str) -> str:
    """Return a headline without the statement or name that a long title ends with."""
    if len(title) <= _HEADLINE:
        return title
    start = title.partition(": ")[0]
    return start if len(start) <= _HEADLINE else f"{title[:_HEADLINE].rsplit(' ', 1)[0]} …"


def _clipped(value: Any) -> float | None:
    return min(1.0, max(0.0, float(value))) if isinstance(value, (int, float)) else None


def _objects(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _figures(content: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return the figures that stand large on the page: latency, score, throughput."""
    found: list[tuple[str, str]] = []
    latency = content.get("latency")
    if isinstance(latency, dict):
        for key, label in _PERCENTILES:
            value: Any = latency.get(key)
            if isinstance(value, (int, float)):
                found.append((label, duration(value / 1000)))
    if isinstance(content.get("throughput_rps"), (int, float)):
        found.append(("throughput", f"{content['throughput_rps']:,.0f} req/s"))
    if isinstance(content.get("error_rate"), (int, float)):
        found.append(("errors", share(content["error_rate"])))
    if isinstance(content.get("score"), (int, float)):
        found.append(("score", f"{content['score']:g} of 100"))
    return tuple(found)


def _considered(content: dict[str, Any]) -> tuple[Rejected, ...]:
    rows = [
        Rejected(
            cause=str(item.get("cause", "")),
            score=_clipped(item.get("score")) or 0.0,
            text=share(_clipped(item.get("score")) or 0.0),
            why=str(item.get("why", "")),
        )
        for item in _objects(content.get("considered"))
    ]
    return tuple(sorted(rows, key=lambda row: -row.score))


def _is_shown(table: Table, content: dict[str, Any], compared: Changes | None) -> bool:
    """Tell whether a section of its own already shows what this table does."""
    columns = set(table.columns)
    if content.get("considered") and {"cause", "score"} <= columns:
        return True
    return compared is not None and {"before", "after"} <= columns


def _brief(value: Any) -> tuple[tuple[str, str], ...]:
    """Return the investigation's brief as labels and texts, nested names joined."""
    rows: list[tuple[str, str]] = []
    stack: list[tuple[str, Any]] = [("", value)]
    while stack and len(rows) < _BRIEF_ROWS:
        label, item = stack.pop()
        if isinstance(item, dict):
            inner = cast("dict[str, Any]", item)
            joined = [(f"{label} › {key}" if label else key, v) for key, v in inner.items()]
            stack += reversed([(name.replace("_", " "), v) for name, v in joined])
        elif isinstance(item, list):
            rows += [(label, ", ".join(map(str, item)))] if item else []
        elif item not in (None, ""):
            rows.append((label, str(item)))
    return tuple(rows)


def _command(run: StoredRun) -> str:
    given = {k: v for k, v in run.arguments.items() if v is not None and k != "wait_s"}
    arguments = json.dumps(given, ensure_ascii=False)
    return f"slowcoach call {run.tool} {shlex.quote(str(cleaned(arguments)))}"


def _whole(content: dict[str, Any]) -> str:
    text = json.dumps(content, indent=2, ensure_ascii=False)
    if len(text) <= _WHOLE_LIMIT:
        return text
    return f"{text[:_WHOLE_LIMIT]}\n… {len(text) - _WHOLE_LIMIT:,} more characters"
