"""What every tool answers with: a status, a summary, findings, and tables a face can draw."""

from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from slowcoach.core.finding import Finding, NotChecked

Status = Literal["done", "running", "failed", "cancelled"]


@dataclass(frozen=True)
class Table:
    """Rows for a person or a model to read; cells are already text.

    `right` names the columns of figures. `note` stands below: what was cut, what a column means.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: tuple[str, ...] = field(default=())
    note: str = ""


class Result(BaseModel):
    """The common part of every tool's answer.

    Tools subclass it and add fields. `tables()` and `body()` give the faces what to show;
    `next` says what to do now, with tool names.
    """

    model_config = ConfigDict(frozen=True)

    status: Status = "done"
    run_id: str | None = None
    summary: str = ""
    findings: tuple[Finding, ...] = ()
    not_checked: tuple[NotChecked, ...] = ()
    warnings: tuple[str, ...] = ()
    next: tuple[str, ...] = Field(default=(), description="What to do now.")

    def tables(self) -> tuple[Table, ...]:
        """Return what a face shows as tables; none by default."""
        return ()

    def body(self) -> str:
        """Return longer text that a face shows between the summary and the tables."""
        return ""
