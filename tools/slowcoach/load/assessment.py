"""Doubt a load test: before it runs, whether it can show what it should; after, its generator."""

import os

from slowcoach.core.finding import Evidence, Finding, NotChecked
from slowcoach.core.knowledge import page, rule
from slowcoach.load.design import Design
from slowcoach.load.model import LoadResult
from slowcoach.load.plan import LoadPlan
from slowcoach.load.scripts import HELD, expected_requests


def assess(
    plan: LoadPlan, design: Design, cores: int | None = None
) -> tuple[tuple[Finding, ...], tuple[NotChecked, ...]]:
    """Return findings about the plan, and the rules that could not be judged.

    `cores` are those of the machine that will send (default: this one).
    """
    findings = [*_few_samples(plan), *_closed(plan, design)]
    not_checked: list[NotChecked] = []
    count = cores or os.cpu_count()
    if count is None:
        not_checked.append(
            rule("load.generator_limit").not_checked("the number of cores is unknown")
        )
    else:
        findings += _generator(design, count)
    return tuple(findings), tuple(not_checked)


def _few_samples(plan: LoadPlan) -> list[Finding]:
    judged = rule("load.few_samples")
    criteria = plan.pass_criteria
    wanted = "p99" if criteria.p99_response_ms is not None else "p95"
    needed = judged.limit(f"{wanted}_samples")
    evidence = [
        Evidence(metric="expected requests", value=sent, unit="count", limit=needed, where=s.name)
        for s in plan.scenarios
        if s.key in HELD
        and s.key != "smoke"
        and (sent := expected_requests(s, criteria.p95_response_ms)) < needed
    ]
    if not evidence:
        return []
    return [judged.finding(evidence, where=[str(e.where) for e in evidence])]


def _closed(plan: LoadPlan, design: Design) -> list[Finding]:
    p95_ms = plan.pass_criteria.p95_response_ms
    if design.is_open or p95_ms is None:
        return []
    evidence = Evidence(metric="p95 to be held with fixed users", value=p95_ms, unit="ms")
    return [rule("load.closed_model").finding([evidence])]


def _generator(design: Design, cores: int) -> list[Finding]:
    judged = rule("load.generator_limit")
    found: list[Evidence] = []
    for generator in page("load_scenarios").data["generators"]:
        limit = generator["rps_per_core"] * cores * judged.limit("utilization")
        if generator["engine"] != "built-in" and design.peak_rps > limit:
            found.append(
                Evidence(
                    metric=f"highest rate, for {generator['engine']} on {cores} cores",
                    value=design.peak_rps,
                    unit="req/s",
                    limit=limit,
                )
            )
    return [judged.finding(found)] if found else []


def generator_findings(result: LoadResult) -> tuple[Finding, ...]:
    """Return a finding when the generator, not the target, shaped the figures of a run."""
    judged = rule("load.generator_unfit")
    due = result.sent + result.dropped
    p99 = result.percentile(0.99)
    found = [
        Evidence(metric=metric, value=value, unit="share", limit=judged.limit(limit))
        for metric, value, limit in (
            ("requests dropped", result.dropped / due if due else 0.0, "dropped_share"),
            ("late sends by the p99", result.slip_p99_ms / p99 if p99 else 0.0, "slip_share"),
            ("generator's CPU", result.generator_cpu_share, "cpu_share"),
        )
        if value > judged.limit(limit)
    ]
    return (judged.finding(found),) if found else ()
