"""From a verdict to what people read: summary, findings, the brief, warnings. Pure."""

from collections.abc import Mapping
from typing import Any

from slowcoach.core.finding import Evidence, Finding
from slowcoach.core.knowledge import page, rule
from slowcoach.core.units import duration, number
from slowcoach.diagnosis.decide import HEALTHY, UNSURE, Verdict
from slowcoach.diagnosis.limits import deciding
from slowcoach.diagnosis.models import Judgement, Observed
from slowcoach.diagnosis.next_steps import mostly_failing
from slowcoach.diagnosis.overhead import overhead_of
from slowcoach.diagnosis.view import View

_QUANTILES = {"p50_ms": 0.5, "p95_ms": 0.95, "p99_ms": 0.99}
_FINDINGS = 3


def latency_of(observed: Observed) -> dict[str, float | None]:
    """Return the percentiles under load in ms; None without answers."""
    ordered = sorted(observed.loaded.latencies_ms)
    if not ordered:
        return dict.fromkeys(_QUANTILES)
    return {
        name: round(ordered[min(len(ordered) - 1, int(q * len(ordered)))], 2)
        for name, q in _QUANTILES.items()
    }


def summary_of(verdict: Verdict, observed: Observed, asked: str) -> str:
    """Return the two or three sentences of a colleague."""
    view = View(observed)
    p95 = latency_of(observed)["p95_ms"] or 0.0
    took = (
        f"{asked} takes {duration(view.loaded_ms / 1000)} (median; 95th percentile "
        f"{duration(p95 / 1000)}) at {view.concurrency} at a time and "
        f"{duration(view.alone_ms / 1000)} alone"
        if observed.loaded.latencies_ms
        else f"{asked} was not answered under load"
    )
    if verdict.cause == HEALTHY:
        return f"{took}: healthy. {_sentence(verdict.best.why)}"
    if verdict.cause == UNSURE:
        likely = (
            f"likeliest is {verdict.best.cause} ({verdict.best.why}). "
            if verdict.best.score and not mostly_failing(view)
            else ""
        )
        return f"{took}: unsure; {likely}{verdict.next_step}"
    place = f" at {verdict.best.where[0]}" if verdict.best.where else ""
    said = f"{took}. The cause is {verdict.cause}{place}: {verdict.best.why}."
    return f"{said}{_shares(verdict)}"


def _shares(verdict: Verdict) -> str:
    """Return the sentence about two causes at once; "" when there is one."""
    if not verdict.also:
        return ""
    second = verdict.also[0]
    place = f" at {second.where[0]}" if second.where else ""
    if second.explains is None:
        return f" Beside it there is {second.cause}{place}: {second.why}."
    first = _explained(verdict.best)
    return f" {verdict.cause} explains {first}, {second.cause}{place} {_explained(second)}."


def _explained(judgement: Judgement) -> str:
    """Return the share of the latency that a cause explains; says so if it shows in one phase."""
    shares = judgement.explains
    if shares is None:
        return "none of the latency"
    least = deciding("shown_share")
    if shares.alone < least <= shares.loaded:
        return f"{shares.loaded:.0%} of the latency under load (nothing of it alone)"
    if shares.loaded < least <= shares.alone:
        return f"{shares.alone:.0%} of the latency alone (little of it under load)"
    return f"{shares.loaded:.0%} of the latency under load ({shares.alone:.0%} alone)"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def findings_of(verdict: Verdict) -> tuple[Finding, ...]:
    """Return the verdict's finding first, then the causes beside it by their shares, then others
    that explain much as well.
    """
    if verdict.cause == HEALTHY:
        return ()
    named = (verdict.best,) if verdict.cause == verdict.best.cause else ()
    told = {j.cause for j in (*named, *verdict.also)}
    rest = [
        j
        for j in verdict.considered
        if j.cause not in told | {HEALTHY} and j.score >= deciding("report_score")
    ]
    found = [_finding(j, verdict.confidence) for j in named if j.figures]
    # never surer of the second than of the first
    surest = verdict.confidence if named else 1.0
    found += [_finding(j, min(surest, j.score)) for j in verdict.also if j.figures]
    found += [_finding(j, min(surest, j.score / 2)) for j in rest if j.figures]
    return tuple(found[:_FINDINGS])


def _finding(judgement: Judgement, confidence: float) -> Finding:
    found = rule(judgement.cause)
    place = f": {judgement.where[0]}" if judgement.where else ""
    return found.finding(
        (*judgement.figures, *_share_figures(judgement)),
        where=judgement.where,
        title=f"{found.title}{place}",
        fix=(*judgement.fix, *found.fix),
        confidence=min(1.0, confidence),
    )


def _share_figures(judgement: Judgement) -> list[Evidence]:
    shares = judgement.explains
    if shares is None:
        return []
    return [
        Evidence(
            metric="share of the latency under load that it explains, counted once",
            value=shares.loaded,
            unit="share",
            note=f"{shares.alone:.0%} alone",
        )
    ]


def brief_of(
    verdict: Verdict, observed: Observed, known: Mapping[str, str]
) -> dict[str, dict[str, str]]:
    """Return the first phase's brief: what was measured filled in, the rest left to ask."""
    sections: dict[str, dict[str, Any]] = page("investigation_brief").data["sections"]
    brief = {name: dict.fromkeys(fields, "") for name, fields in sections.items()}
    healthy = rule("healthy")
    latency = latency_of(observed)
    view = View(observed)
    brief["investigation"] |= {"system": observed.command or observed.url, **known}
    brief["problem_statement"]["symptom"] = (
        f"{duration(view.loaded_ms / 1000)} median at {view.concurrency} at a time, "
        f"{duration(view.alone_ms / 1000)} alone"
    )
    brief["problem_statement"]["affected_scope"] = observed.url
    for name in ("p50", "p95", "p99"):
        value = latency[f"{name}_ms"]
        brief["baselines"][f"current_{name}"] = "" if value is None else duration(value / 1000)
    brief["baselines"]["target_p50"] = str(healthy.limits["p50_ms"])
    brief["baselines"]["target_p95"] = str(healthy.limits["p95_ms"])
    likely = [j for j in verdict.considered if j.score and j.cause != HEALTHY]
    for field, judgement in zip(("primary", "secondary"), likely, strict=False):
        brief["hypothesis"][field] = f"{judgement.cause}: {judgement.why}"
    if likely:
        brief["hypothesis"]["evidence"] = "; ".join(map(str, likely[0].figures[:3]))
    return {name: {k: v for k, v in fields.items() if v} for name, fields in brief.items()}


def warnings_of(observed: Observed) -> list[str]:
    """Return the doubts about the measurements."""
    said: list[str] = []
    loaded = observed.loaded
    others = loaded.others_cpu_s / loaded.seconds if loaded.seconds else 0.0
    if others > deciding("others_cores"):
        said.append(
            f"Other processes used {number(others)} cores meanwhile: latencies are longer than on "
            "a quiet machine."
        )
    if loaded.errors:
        kinds = ", ".join(f"{n} x {kind}" for kind, n in list(loaded.errors.items())[:4])
        said.append(f"Requests failed under load: {kinds}.")
    if 0 < loaded.completed < deciding("few_answers"):
        said.append(f"Only {loaded.completed} answers came under load: the percentiles are rough.")
    if observed.stacks_seen and loaded.looks < deciding("few_looks"):
        said.append(f"The stacks were seen only {loaded.looks} times.")
    if loaded.looks and loaded.seconds:
        cost = loaded.own_cpu_s / loaded.seconds
        said.append(
            f"Measuring used {number(cost)} cores, load generator included; the service was not "
            "stopped, changed or restarted."
        )
        if overhead := overhead_of(observed):
            said.append(f"{overhead}.")
    return said


def considered_of(verdict: Verdict) -> list[dict[str, Any]]:
    """Return every cause with its score and why, best first."""
    return [
        {
            "cause": j.cause,
            "score": round(j.score, 2),
            "why": j.why if j.score or not j.against else j.against,
            "explains": j.explains.model_dump() if j.explains else None,
        }
        for j in verdict.considered
    ]


__all__ = [
    "brief_of",
    "considered_of",
    "findings_of",
    "latency_of",
    "summary_of",
    "warnings_of",
]
