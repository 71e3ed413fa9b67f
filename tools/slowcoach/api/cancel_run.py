"""The tool that stops a run."""

from typing import Annotated

from pydantic import Field

from slowcoach.core.job import Job
from slowcoach.core.result import Result
from slowcoach.core.tool import Tool


def cancel_run(
    job: Job,
    run_id: Annotated[str, Field(description="The run to stop.")],
) -> Result:
    """Stop a run that is going on: its measurements end and its processes are gone.

    Use it when the user changes their mind. What was measured so far is dropped.
    """
    status = job.runs.cancel(run_id)
    said = {
        "cancelled": "is cancelled",
        "running": "was asked to stop and has not yet",
        "done": "had already ended; its result is kept",
        "failed": "had already failed",
    }
    return Result.model_validate(
        {"status": status, "run_id": run_id, "summary": f"Run {run_id} {said[status]}."}
    )


TOOL = Tool(
    cancel_run,
    title="Stop a run",
    keeps_run=False,
    destructive=True,
    positional=("run_id",),
    examples=("slowcoach cancel-run run-load-test-ab3k9m2x",),
)
