"""The tool `analyze_load_results`: what a load test's files tell, whichever tool wrote them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from slowcoach.core.errors import UnreadableError
from slowcoach.core.files import read_bytes
from slowcoach.core.job import Job
from slowcoach.core.tool import Tool
from slowcoach.core.units import size
from slowcoach.load.answer import LoadAnswer
from slowcoach.load.plan import LoadPlan

_LARGEST_PLAN = 4_000_000
_MOST_KEPT = 50_000_000


def analyze_load_results(
    job: Job,
    path: Annotated[
        str | list[str], Field(description="File or folder; several: parts of one test.")
    ],
    format: Annotated[  # noqa: A002 (the published name)
        str | None, Field(description="Default: recognized.")
    ] = None,
    plan: Annotated[str | None, Field(description="Its load-test-plan.yaml: criteria.")] = None,
) -> LoadAnswer:
    """Read what k6, Locust, JMeter, Gatling, wrk, hey, vegeta and others wrote; name the limit.

    Use it for results that are there already: any size, gzip too. It tells open from closed
    tests, percentiles with intervals, steps, what was dropped, what the format cannot tell, and
    what limits. Parts from several machines are merged exactly where they allow it.
    Next: compare with an earlier run, or run_load_test.
    """
    from slowcoach.load.answering import answer_of
    from slowcoach.load.judging import judged
    from slowcoach.load.outcome_file import MEDIA_TYPE, encoded
    from slowcoach.load.planned import as_planned
    from slowcoach.load.reading import read

    planned = None if plan is None else _plan(plan)
    outcome, _ = read(path, format, _telling(job), job.cancellation)
    if planned is not None:
        outcome = as_planned(outcome, planned)
    criteria = None if planned is None else planned.pass_criteria
    job.progress(1, 1, "Judging")
    kept = encoded(outcome)
    if len(kept) <= _MOST_KEPT:  # for compare
        job.save("outcome-results.json", kept, MEDIA_TYPE)
    return answer_of(outcome, judged(outcome, criteria))


class _Told:
    """Progress, told now and then."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.next = 0

    def __call__(self, done: int, total: int) -> None:
        if done >= self.next:
            self.next = done + _EVERY
            self.job.progress(done, total, f"Reading {size(total)}")


_EVERY = 16_000_000  # bytes


def _telling(job: Job) -> _Told:
    return _Told(job)


def _plan(path: str) -> LoadPlan:
    """Return a plan from its YAML file; raises UnreadableError, InputError."""
    import yaml
    from pydantic import ValidationError

    data = read_bytes(
        path, what="a load-test plan", limit=_LARGEST_PLAN, smaller="Give the plan alone"
    )
    try:
        return LoadPlan.model_validate(yaml.safe_load(data))
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        told = (
            "; ".join(
                f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()[:3]
            )
            if isinstance(error, ValidationError)
            else str(error)
        )
        raise UnreadableError(
            f"{Path(path).name}: expected a load-test plan, got {told[:300]}",
            hint="Give the load-test-plan.yaml that design_load_test wrote",
        ) from None


TOOL = Tool(
    analyze_load_results,
    title="Analyze load test results",
    long=True,
    positional=("path",),
    examples=(
        "slowcoach analyze-load-results points.ndjson",
        "slowcoach analyze-load-results results.jtl --plan load-test-plan.yaml",
        "slowcoach analyze-load-results locust_stats.csv",
    ),
)
