"""The tool `design_load_test`: a load test sized by a goal, and scripts that run it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from slowcoach.core.job import Job
from slowcoach.core.result import Result, Table
from slowcoach.core.tool import Tool
from slowcoach.core.units import duration, number
from slowcoach.load.plan import LoadPlan
from slowcoach.load.validation import ScriptCheck

if TYPE_CHECKING:
    from collections.abc import Callable

    from slowcoach.load.design import Design

_ANSWER_LIMIT = 6000
_TEXT, _TEXTS = 300, 16
_FEW_VALUES = 3
_SAVED = "run_load_test with the saved load-test-plan.yaml"
_FEW = 6
_MEDIA = {".yaml": "application/yaml", ".js": "text/javascript", ".py": "text/x-python"}


class LoadTestDesign(Result):
    """The answer of `design_load_test`."""

    plan: LoadPlan
    scripts: dict[str, str] = Field(description="File name: text. All are saved; see `files`.")
    files: dict[str, str] = Field(description="File name: address, also of scripts not shown.")
    checks: tuple[ScriptCheck, ...]
    assumed: tuple[str, ...] = Field(description="What the goal left open, and how it was filled.")
    total_s: float = Field(description="How long all scenarios take in turn.")

    def tables(self) -> tuple[Table, ...]:
        """Return the scenarios and the checks."""
        rows = tuple(
            (
                s.name,
                _load(s.vus, s.vus_start, s.vus_end),
                _load(s.rate, s.rate_start, s.rate_end),
                s.duration or f"{s.step_duration} a step",
                s.description,
            )
            for s in self.plan.scenarios
        )
        checks = tuple((c.file, c.validator, _word(c.ok), c.detail) for c in self.checks)
        return (
            Table(
                "Scenarios",
                ("scenario", "users", "req/s", "duration", "for"),
                rows,
                ("users", "req/s"),
            ),
            Table("Checks", ("file", "validator", "result", "detail"), checks),
        )

    def body(self) -> str:
        """Return what was assumed, and where the scripts are."""
        files = [f"- {name}: {address}" for name, address in self.files.items()]
        return "\n".join(["Assumed:", *(f"- {line}" for line in self.assumed), "Files:", *files])


def _load(value: float | None, start: float | None, end: float | None) -> str:
    if start is not None and end is not None:
        return f"{number(start)} to {number(end)}"
    return "" if value is None else number(value)


def _word(ok: bool | None) -> str:
    return "not installed" if ok is None else "ok" if ok else "FAILED"


def design_load_test(
    job: Job,
    url: Annotated[
        str | None, Field(max_length=4000, description="What to load; the base for a log.")
    ] = None,
    openapi: Annotated[str | None, Field(description="Path of an OpenAPI document.")] = None,
    har: Annotated[str | None, Field(description="Path of a browser's HAR recording.")] = None,
    access_log: Annotated[
        str | None, Field(description="Path of an access log; needs url.")
    ] = None,
    traffic: Annotated[
        str | None,
        Field(description="Path of a Postman collection, traces, log or other record of requests."),
    ] = None,
    goal: Annotated[
        str,
        Field(max_length=500, description='Such as "500 rps, p95 < 300 ms, with writes".'),
    ] = "",
    scenarios: Annotated[
        list[str] | None,
        Field(description="Of Baseline, Peak, Stress, Soak (default), Smoke, Spike, Breakpoint."),
    ] = None,
    engine: Annotated[
        Literal["k6", "locust", "both"],
        Field(description="Whose script to show; all are written and saved."),
    ] = "k6",
) -> LoadTestDesign:
    """Design a load test from traffic and a goal: plan, k6 script, Locust file, TestRun.

    Use before a launch or to find the breaking point. Baseline, Peak, Stress and Soak follow
    from the goal or the real rates; requests, pauses and values handed on from the record, with
    secrets replaced. What was assumed is said. Nothing is sent.
    Next: `run_load_test` with the plan, or run the saved script on other machines.
    """
    from slowcoach.load.assessment import assess
    from slowcoach.load.choosing import Asked, bounded, traffic_of, writes_of
    from slowcoach.load.design import design
    from slowcoach.load.goal import parse_goal
    from slowcoach.load.planning import assumed_of, plan_of, scripts_of
    from slowcoach.load.scripts import length_s
    from slowcoach.load.validation import check_scripts

    named = {"openapi": openapi, "har": har, "access_log": access_log, "traffic": traffic}
    wanted_text, writes = writes_of(goal)
    asked = Asked(url, {name: place for name, place in named.items() if place}, writes)
    seen = bounded(traffic_of(asked, job))
    wanted = parse_goal(wanted_text)
    designed = design(wanted, scenarios, seen.rates)
    plan = plan_of(seen, designed)
    scripts, unwritten = scripts_of(plan, designed)
    job.progress(1, 2, "checking the scripts")
    checks = check_scripts(scripts, job.cancellation)
    files = {name: _save(job, name, text) for name, text in scripts.items()}
    findings, not_checked = assess(plan, designed)
    warnings = tuple(f"{c.file} failed {c.validator}: {c.detail}" for c in checks if c.ok is False)
    if wanted.unread:
        warnings += (f"not understood in the goal: {', '.join(wanted.unread[:5])}",)
    result = LoadTestDesign(
        summary=_summary(plan, designed, checks),
        plan=plan,
        scripts=_shown(scripts, engine),
        files=files,
        checks=checks,
        assumed=_bounded_texts((*seen.notes, *assumed_of(plan, designed))),
        total_s=sum(length_s(s) for s in plan.scenarios),
        findings=findings,
        not_checked=not_checked,
        warnings=(*warnings, *unwritten),
        next=("run_load_test with this plan", "k6 run -e SCENARIO=baseline load-test.js"),
    )
    return result if engine == "both" else _fitting(result)


def _bounded_texts(texts: tuple[str, ...]) -> tuple[str, ...]:
    shown = tuple(text if len(text) <= _TEXT else f"{text[:_TEXT]}…" for text in texts[:_TEXTS])
    left = len(texts) - _TEXTS
    return (*shown, f"{left} more notes") if left > 0 else shown


def _save(job: Job, name: str, text: str) -> str:
    from pathlib import PurePath

    return job.save(name, text.encode("utf-8", "replace"), _MEDIA[PurePath(name).suffix])


def _summary(plan: LoadPlan, designed: Design, checks: tuple[ScriptCheck, ...]) -> str:
    criteria = plan.pass_criteria
    model = "an open model (requests arrive at a rate)" if designed.is_open else "fixed users"
    names = ", ".join(s.name for s in plan.scenarios)
    passed = sum(1 for check in checks if check.ok)
    judged = sum(1 for check in checks if check.ok is not None)
    return (
        f"{names} for {plan.target[:200]}, with {model}, up to "
        f"{number(designed.peak_rps)} requests per second. It passes with "
        f"{number(criteria.throughput_rps or 0)} req/s, p95 below "
        f"{duration((criteria.p95_response_ms or 0) / 1000)} and errors of at most "
        f"{criteria.error_rate_pct:g} %. {passed} of {judged} checks of the scripts passed."
    )


def _shown(scripts: dict[str, str], engine: str) -> dict[str, str]:
    from slowcoach.load.scripts import K6_FILE, LOCUST_FILE, TESTRUN_FILE

    hidden = {"k6": {LOCUST_FILE}, "locust": {K6_FILE}}.get(engine, set())
    return {k: text for k, text in scripts.items() if k not in {*hidden, TESTRUN_FILE}}


def _fitting(result: LoadTestDesign) -> LoadTestDesign:
    """Leave out of a long answer what stands elsewhere too: the plan's YAML, then most values of
    requests, the script, and most of a long plan. Its weights are what one looks at first.
    """
    from slowcoach.load.scripts import PLAN_FILE

    for shorten in (_without(PLAN_FILE), _with_few_values, _without(None), _with_few, _with_fewer):
        if len(result.model_dump_json()) <= _ANSWER_LIMIT:
            break
        result = shorten(result)
    return result


def _without(name: str | None) -> Callable[[LoadTestDesign], LoadTestDesign]:
    def shorten(result: LoadTestDesign) -> LoadTestDesign:
        gone = [file for file in result.scripts if name in {None, file}]
        kept = {file: text for file, text in result.scripts.items() if file not in gone}
        said = (
            f"{' and '.join(gone)}: saved, and left out of a short answer; engine=both shows all",
        )
        warnings = (*result.warnings, *(said if gone else ()))
        return result.model_copy(update={"scripts": kept, "warnings": warnings})

    return shorten


def _with_few_values(result: LoadTestDesign) -> LoadTestDesign:
    """Show some values of each name only."""
    data = {name: values[:_FEW_VALUES] for name, values in result.plan.data.items()}
    if data == result.plan.data:
        return result
    said = f"plan: {_FEW_VALUES} values of each name are shown; load-test-plan.yaml is whole"
    return result.model_copy(
        update={
            "plan": result.plan.model_copy(update={"data": data}),
            "warnings": (*result.warnings, said),
            "next": (_SAVED, *result.next[1:]),
        }
    )


def _with_few(result: LoadTestDesign) -> LoadTestDesign:
    return _cut(result, _FEW)


def _with_fewer(result: LoadTestDesign) -> LoadTestDesign:
    return _cut(result, 1)


def _cut(result: LoadTestDesign, most: int) -> LoadTestDesign:
    """Show the first requests of a plan only."""
    plan = result.plan
    requests = len(plan.endpoints) + sum(len(journey.steps) for journey in plan.journeys)
    if requests <= most and not plan.data:
        return result
    short = plan.model_copy(
        update={
            "endpoints": plan.endpoints[:most],
            "journeys": tuple(
                journey.model_copy(update={"steps": journey.steps[:most]})
                for journey in plan.journeys[:1]
            ),
            "data": {name: v[:_FEW_VALUES] for name, v in list(plan.data.items())[:most]},
        }
    )
    said = f"plan: the first of {requests} requests are shown; load-test-plan.yaml is whole"
    return result.model_copy(
        update={
            "plan": short,
            "warnings": (
                *(w for w in result.warnings if not w.startswith("plan: ")),
                said,
            ),
            "next": (_SAVED, *result.next[1:]),
        }
    )


TOOL = Tool(
    design_load_test,
    title="Design a load test",
    sizes=("engine",),
    positional=("url",),
    examples=('slowcoach design-load-test http://127.0.0.1:8000/ --goal "500 rps, p95 < 300 ms"',),
)
