"""The tool `design_load_test`: a load test sized by a goal, and scripts that run it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field

from slowcoach.core.job import Job
from slowcoach.core.result import Result, Table
from slowcoach.core.tool import Tool
from slowcoach.core.units import duration, number
from slowcoach.load.plan import LoadPlan
from slowcoach.load.validation import ScriptCheck

if TYPE_CHECKING:
    from slowcoach.load.design import Design
    from slowcoach.load.first_sources import Mix
    from slowcoach.load.goal import Goal

_ANSWER_LIMIT = 6000
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
    goal: Annotated[
        str,
        Field(max_length=500, description='Such as "500 rps, p95 < 300 ms, errors below 0.1%".'),
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
    """Design a load test sized by a goal: plan, k6 script and Locust file.

    Use before a launch or to find the breaking point. Baseline, Peak, Stress and Soak follow
    from the goal's rate or users by Little's law; what was assumed is said. Nothing is sent.
    Next: `run_load_test` with the plan, or run the saved script on other machines.
    """
    from datetime import UTC, datetime

    from slowcoach.load.assessment import assess
    from slowcoach.load.design import design
    from slowcoach.load.goal import parse_goal
    from slowcoach.load.scripts import length_s, write_scripts
    from slowcoach.load.validation import check_scripts

    mix = _mix(url, openapi, har, access_log)
    wanted = parse_goal(goal)
    wanted, from_log = _with_log(wanted, mix)
    designed = design(wanted, scenarios)
    target = mix.endpoints[0].url
    plan = LoadPlan(
        test_name=_name(target),
        target=target,
        date=datetime.now(UTC).date().isoformat(),
        scenarios=designed.scenarios,
        pass_criteria=designed.criteria,
        endpoints=mix.endpoints if len(mix.endpoints) > 1 else (),
    )
    scripts = write_scripts(plan, designed)
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
        assumed=(*from_log, *mix.notes, *designed.assumed),
        total_s=sum(length_s(s) for s in plan.scenarios),
        findings=findings,
        not_checked=not_checked,
        warnings=warnings,
        next=("run_load_test with this plan", "k6 run -e SCENARIO=baseline load-test.js"),
    )
    return _fitting(result, engine)


def _mix(url: str | None, openapi: str | None, har: str | None, access_log: str | None) -> Mix:
    from slowcoach.core.errors import InputError
    from slowcoach.load.first_sources import Mix, read_access_log, read_har, read_openapi
    from slowcoach.load.http1 import encode
    from slowcoach.load.model import Request
    from slowcoach.load.plan import Endpoint

    given = [
        name
        for name, value in (("openapi", openapi), ("har", har), ("access_log", access_log))
        if value
    ]
    if len(given) > 1:
        raise InputError(f"{' and '.join(given)}: expected one source", hint="Give one of them")
    if url:
        encode(Request("GET", url))  # refuses what is no http or https URL
        if "@" in urlsplit(url).netloc:
            raise InputError(
                "url carries a user name or password, which would end up in the scripts",
                hint="Leave it out, and add the header to the script by hand",
            )
    if openapi:
        return read_openapi(openapi, url)
    if har:
        return read_har(har)
    if access_log:
        return read_access_log(access_log, url)
    if not url:
        raise InputError(
            "design_load_test needs to know what to load",
            hint="Give `url`, such as http://127.0.0.1:8000/, or `openapi`, `har` or `access_log`",
        )
    return Mix((Endpoint(url=url),))


def _with_log(goal: Goal, mix: Mix) -> tuple[Goal, tuple[str, ...]]:
    """Size by the log's busiest minute where the goal gives no load."""
    from dataclasses import replace

    if mix.peak_rps is None or goal.rps is not None or goal.users is not None:
        return goal, ()
    said = f"the log's busiest minute had {number(mix.peak_rps)} requests per second"
    return replace(goal, rps=mix.peak_rps), (said,)


def _name(target: str) -> str:
    parts = urlsplit(target)
    return f"Load test of {parts.hostname}{parts.path}"[:200]


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
    from slowcoach.load.scripts import K6_FILE, LOCUST_FILE

    hidden = {"k6": LOCUST_FILE, "locust": K6_FILE}.get(engine)
    return {name: text for name, text in scripts.items() if name != hidden}


def _fitting(result: LoadTestDesign, engine: str) -> LoadTestDesign:
    """Leave out the plan's YAML, which `plan` says too, when the answer is too long."""
    from slowcoach.load.scripts import PLAN_FILE

    if engine == "both" or len(result.model_dump_json()) <= _ANSWER_LIMIT:
        return result
    kept = {name: text for name, text in result.scripts.items() if name != PLAN_FILE}
    said = f"{PLAN_FILE} is saved, and not shown here to keep the answer short"
    return result.model_copy(update={"scripts": kept, "warnings": (*result.warnings, said)})


TOOL = Tool(
    design_load_test,
    title="Design a load test",
    sizes=("engine",),
    positional=("url",),
    examples=('slowcoach design-load-test http://127.0.0.1:8000/ --goal "500 rps, p95 < 300 ms"',),
)
