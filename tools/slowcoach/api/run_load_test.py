"""The tool `run_load_test`: send a plan's load, or one URL's, and say what it shows."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from slowcoach.core.job import Job
from slowcoach.core.tool import Tool
from slowcoach.load.answer import LoadAnswer


def run_load_test(
    job: Job,
    plan: Annotated[
        str | dict[str, Any] | None,
        Field(description="Plan: path, YAML, data or address; or path of a k6/Locust script."),
    ] = None,
    url: Annotated[
        str | None, Field(max_length=4000, description="Without a plan; a script's host.")
    ] = None,
    rate: Annotated[float | None, Field(gt=0, description="Requests per second (open).")] = None,
    vus: Annotated[int | None, Field(ge=1, description="Users that wait (closed).")] = None,
    duration_s: Annotated[
        float | None, Field(gt=0, le=86400, description="Default 30; of a plan: as planned.")
    ] = None,
    engine: Annotated[
        Literal["builtin", "k6", "locust", "kubernetes", "locust_workers"],
        Field(description="The last two: beyond one machine."),
    ] = "builtin",
    scenario: Annotated[
        list[str] | None, Field(description="Of the plan; default: its first.")
    ] = None,
    pid: Annotated[int | None, Field(ge=1, description="The target, to watch it.")] = None,
    processes: Annotated[
        int | None, Field(ge=1, le=64, description="Or runners, or workers elsewhere.")
    ] = None,
    resume: Annotated[str | None, Field(description="Interrupted run to go on with.")] = None,
) -> LoadAnswer:
    """Run a load test and say whether it passed and what limits.

    Latency counts from when requests were due; a run that the generator spoiled gets no verdict.
    Stops by itself on rising errors; this machine only, unless a host is allowed.
    Next: `investigate` or `record_profile` at the load named, `compare` with the run before.
    """
    from slowcoach.load import running
    from slowcoach.load.preparing import Call, prepared

    call = Call(
        plan=plan,
        url=url,
        rate=rate,
        vus=vus,
        duration_s=duration_s,
        engine=engine,
        scenario=scenario,
        pid=pid,
        processes=processes,
        resume=resume,
    )
    return running.run(job, prepared(job, call))


TOOL = Tool(
    run_load_test,
    title="Run a load test",
    permission=("load",),
    long=True,
    idempotent=False,
    positional=("url",),
    examples=(
        "slowcoach run-load-test http://127.0.0.1:8000/ --rate 100 --duration-s 60",
        "slowcoach run-load-test --plan load-test-plan.yaml --scenario Peak --engine k6",
    ),
)
