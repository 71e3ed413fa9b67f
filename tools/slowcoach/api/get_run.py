"""The tool that waits for a run and gives its result."""

from typing import TYPE_CHECKING, Annotated

from pydantic import Field, ValidationError

from slowcoach.core.job import Job
from slowcoach.core.result import Result
from slowcoach.core.tool import WAIT_S, Tool, WaitSeconds

if TYPE_CHECKING:
    from slowcoach.core.store import StoredRun


def get_run(
    job: Job,
    run_id: Annotated[str, Field(description="The run_id that a tool answered with.")],
    wait_s: WaitSeconds = WAIT_S,
) -> Result:
    """Wait for a run and return its result as its tool gives it.

    Use it after a tool answered `status: running`, or to read an earlier run again.
    """
    return as_result(job.runs.get(run_id, wait_s))


def as_result(stored: "StoredRun") -> Result:
    """Return a stored run as the result its tool gave, or a plain one that says how it stands."""
    from slowcoach.catalogue import tools

    content = {**(stored.result or {}), "run_id": stored.id, "status": stored.status}
    if stored.status == "running":
        return Result(
            status="running",
            run_id=stored.id,
            summary=f"{stored.tool} is still running: {stored.progress or 'starting'}.",
            next=(f'get_run {{"run_id": "{stored.id}"}} waits further',),
        )
    tool = tools().get(stored.tool)
    if tool is not None and stored.status == "done":
        try:
            return tool.result_type.model_validate(content)
        except ValidationError:
            pass  # a result of another version: give what all versions share
    summary = str(content.get("summary", ""))
    return Result.model_validate({"status": stored.status, "run_id": stored.id, "summary": summary})


TOOL = Tool(
    get_run,
    title="Wait for a run",
    keeps_run=False,
    positional=("run_id",),
    examples=("slowcoach get-run investigate-ab3k9m2x",),
)
