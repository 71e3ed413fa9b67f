"""The tool that lists what was measured before."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, Field

from slowcoach.core.job import Job
from slowcoach.core.result import Result, Table
from slowcoach.core.tool import Tool

_SUMMARY_SHOWN = 120


class RunLine(BaseModel, frozen=True):
    """One run in the list."""

    run_id: str
    tool: str
    started: str
    status: str
    summary: str


class RunList(Result):
    """The newest runs first."""

    runs: tuple[RunLine, ...] = ()

    def tables(self) -> tuple[Table, ...]:
        """Return the list as a table."""
        rows = tuple((r.run_id, r.started, r.status, r.summary) for r in self.runs)
        return (Table("Runs", ("run", "started (UTC)", "status", "summary"), rows),)


def list_runs(
    job: Job,
    tool: Annotated[str | None, Field(description="Only runs of this tool.")] = None,
    limit: Annotated[int, Field(ge=1, le=200, description="How many, newest first.")] = 15,
) -> RunList:
    """List earlier measurements, the newest first, with what each found.

    Use it to find a run to read again (get_run) or to compare with (compare).
    """
    runs = tuple(
        RunLine(
            run_id=stored.id,
            tool=stored.tool,
            started=datetime.fromtimestamp(stored.started, UTC).strftime("%Y-%m-%d %H:%M:%S"),
            status=stored.status,
            summary=str((stored.result or {}).get("summary", ""))[:_SUMMARY_SHOWN],
        )
        for stored in job.runs.store.newest(tool, limit)
    )
    of = f" of {tool}" if tool else ""
    said = f"{len(runs)} runs{of}, the newest first." if runs else f"No runs{of} yet."
    return RunList(summary=said, runs=runs)


TOOL = Tool(
    list_runs,
    title="List earlier runs",
    keeps_run=False,
    sizes=("limit",),
    examples=("slowcoach list-runs --tool investigate",),
)
