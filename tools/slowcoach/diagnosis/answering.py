"""From an outcome to the answer of `investigate`. Pure."""

import re
import time
from collections.abc import Mapping

from slowcoach.core.finding import NotChecked
from slowcoach.core.units import duration
from slowcoach.diagnosis import brief as briefs
from slowcoach.diagnosis import report
from slowcoach.diagnosis.asking import Outcome
from slowcoach.diagnosis.brief import Given
from slowcoach.diagnosis.causes._calls import calls_of
from slowcoach.diagnosis.comparing import Since
from slowcoach.diagnosis.decide import HEALTHY, UNSURE
from slowcoach.diagnosis.investigation import (
    Considered,
    Investigation,
    Latency,
    Span,
    TracesSeen,
    Verdict,
)
from slowcoach.diagnosis.load_signs import load_figures
from slowcoach.diagnosis.models import Observed
from slowcoach.diagnosis.tracing.study import Study
from slowcoach.diagnosis.view import View

_WHERE_KEPT = 8
_TEXT_KEPT = 300
_SPANS_SHOWN = 5
_JUDGED_SHOWN = 6
_NAME_KEPT = 120
_LISTENER = re.compile(r"pid (\d+): ")


def latency_of(outcome: Outcome) -> dict[str, float | None]:
    """Return the percentiles under load in ms, of the traces where nothing was measured."""
    if outcome.measured is not None:
        return report.latency_of(outcome.measured.observed)
    seen = outcome.study.seen if outcome.study else None
    return {
        "p50_ms": round(seen.p50_ms, 2) if seen else None,
        "p95_ms": round(seen.p95_ms, 2) if seen else None,
        "p99_ms": None,
    }


def form_of(outcome: Outcome, url: str, earlier: Given | None) -> briefs.Fields:
    """Return the brief's whole form: what was measured, and what an earlier one knew."""
    decided, production = outcome.decided, outcome.production
    if outcome.measured is not None:
        found = report.brief_of(decided, outcome.measured.observed, {})
    else:
        found = _brief_of_traces(outcome, url)
    if production is not None and production.headline:
        said = f"in production {production.headline}"
        found.setdefault("problem_statement", {}).setdefault("since_when", said)
    found.setdefault("investigation", {}).setdefault("reported_date", time.strftime("%Y-%m-%d"))
    if decided.cause == HEALTHY:
        found["hypothesis"] = {"primary": f"{HEALTHY}: {decided.best.why}"}
    return briefs.filled(found, earlier)


def _brief_of_traces(outcome: Outcome, url: str) -> briefs.Fields:
    found = outcome.study
    if found is None:
        return {}
    seen, best = found.seen, outcome.decided.best
    return {
        "investigation": {"system": seen.entry},
        "problem_statement": {
            "symptom": f"{duration(seen.p50_ms / 1000)} median of {seen.traces} traces",
            "affected_scope": url,
        },
        "baselines": {
            "current_p50": duration(seen.p50_ms / 1000),
            "current_p95": duration(seen.p95_ms / 1000),
        },
        "hypothesis": {
            "primary": f"{best.cause}: {best.why}",
            "evidence": "; ".join(map(str, best.figures[:3])),
        },
    }


def answer(outcome: Outcome, asked: str, form: briefs.Fields, since: Since | None) -> Investigation:
    """Return the answer; `asked` is method and path."""
    decided, measured = outcome.decided, outcome.measured
    observed = measured.observed if measured else None
    view = View(observed) if observed else None
    summary = _summary(outcome, asked, since)
    named = decided.cause not in {HEALTHY, UNSURE}
    production = outcome.production
    warnings = [*(measured.warnings if measured else []), *outcome.warnings]
    warnings += production.warnings if production else ()
    warnings += [f"{j.cause}: {j.why}." for j in decided.considered if j.failed]
    return Investigation(
        summary=summary,
        verdict=Verdict(
            cause=decided.cause,
            confidence=decided.confidence,
            where=tuple(w[:_TEXT_KEPT] for w in decided.best.where[:_WHERE_KEPT]) if named else (),
            summary=summary,
        ),
        brief=briefs.without_gaps(form),
        latency=Latency(**latency_of(outcome)),
        alone_ms=round(view.alone_ms, 2) if view and view.alone_ms else None,
        considered=_considered(outcome, since),
        load=tuple(map(str, load_figures(view))) if view else (),
        production=production.figures if production else (),
        traces=_traces(outcome.study, outcome.looked_into) if outcome.study else None,
        since=since,
        findings=report.findings_of(decided),
        not_checked=_not_checked(observed.missing) if observed else (),
        warnings=(*warnings, *(report.warnings_of(observed) if observed else [])),
        next=_next(outcome, observed),
    )


def _considered(outcome: Outcome, since: Since | None) -> tuple[Considered, ...]:
    """Return the causes that were judged; of those without a sign fewer where there is more to say,
    so that the answer stays short.
    """
    judged = [Considered(**c) for c in report.considered_of(outcome.decided)]
    if outcome.study is None and since is None:
        return tuple(judged)
    signs = [one for one in judged if one.score]
    return tuple(signs or judged)[:_JUDGED_SHOWN]


def _summary(outcome: Outcome, asked: str, since: Since | None) -> str:
    decided = outcome.decided
    if outcome.measured is not None:
        said = report.summary_of(decided, outcome.measured.observed, asked)
    else:
        said = _of_traces(outcome, asked)
    if outcome.study is not None and outcome.study.leads_on:
        said = f"{said} Looked into: {outcome.looked_into}."
    if outcome.production is not None and outcome.production.headline:
        said = f"{said} In production {outcome.production.headline}."
    return f"{said} {since.summary}" if since else said


def _of_traces(outcome: Outcome, asked: str) -> str:
    decided, found = outcome.decided, outcome.study
    if found is None:
        return ""
    seen = found.seen
    took = (
        f"{asked} takes {duration(seen.p50_ms / 1000)} (median; 95th percentile "
        f"{duration(seen.p95_ms / 1000)}) in {seen.traces} traces"
    )
    if decided.cause == UNSURE:
        return f"{took}: unsure; {decided.next_step}"
    place = f" at {decided.best.where[0]}" if decided.best.where else ""
    return f"{took}. The cause is {decided.cause}{place}: {decided.best.why}."


def _traces(found: Study, looked_into: str) -> TracesSeen:
    seen = found.seen
    shown = seen.stretches[:_SPANS_SHOWN]
    return TracesSeen(
        endpoint=seen.endpoint,
        traces=seen.traces,
        p50_ms=round(seen.p50_ms, 2),
        p95_ms=round(seen.p95_ms, 2),
        spans=tuple(
            Span(
                service=s.service,
                kind=s.kind,
                name=s.name[:_NAME_KEPT],
                calls=s.calls,
                each_ms=round(s.each_ms, 2),
                share=round(s.share.median, 3),
                low=round(s.share.low, 3),
                high=round(s.share.high, 3),
            )
            for s in shown
        ),
        shown_share=round(min(1.0, sum(s.share.median for s in shown)), 3),
        looked_into=looked_into[:_NAME_KEPT],
    )


def _not_checked(missing: Mapping[str, str]) -> tuple[NotChecked, ...]:
    rules = {
        "process": "cpu.hot_function",
        "stacks": "cpu.hot_function",
        "interpreter": "cpu.hot_function",
        "database": "db.slow_query",
        "statements": "db.n_plus_one",
    }
    return tuple(NotChecked(rule=rules.get(name, name), why=why) for name, why in missing.items())


def _next(outcome: Outcome, observed: Observed | None) -> tuple[str, ...]:
    decided = outcome.decided
    if decided.cause == UNSURE:
        return tuple(filter(None, (decided.next_step, *_along(outcome, observed))))
    if decided.cause == HEALTHY:
        return ("check_budget with your own targets", "plan_capacity for more load")
    steps = ["mend it, investigate again, then compare the two runs"]
    if decided.cause.startswith("db."):
        steps.insert(0, "explain_query with the statement and database_url")
    if decided.cause.startswith("io."):
        steps = [*_along(outcome, observed), *steps]
    return tuple(steps)


def _along(outcome: Outcome, observed: Observed | None) -> list[str]:
    """Return how to follow the chain: the host that traces name, or a peer's process here."""
    found = outcome.study
    if found is not None and found.leads_on:
        located = found.located
        if located.pid is None and located.place:
            return [
                f"for the cause inside service {located.service} run investigate on its host "
                f"({located.place}) with this url"
            ]
        return []
    if observed is None:
        return []
    steps: list[str] = []
    for port in calls_of(View(observed)).ports:
        listener = _LISTENER.match(observed.peers.get(port, ""))
        if listener:
            steps.append(
                f"investigate the same url with pid={listener.group(1)}, which listens at the "
                f"peer's port {port}: the load stays, the eyes look there"
            )
    return steps[:2]
