"""What `slowcoach ask` answers with."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from slowcoach.core.result import Result


class Step(BaseModel):
    """One tool that was called: why, with what, and what came of it."""

    model_config = ConfigDict(frozen=True)

    tool: str
    why: str
    arguments: dict[str, Any] = {}
    status: Literal["done", "failed", "refused"] = "done"
    run_id: str | None = None
    summary: str = ""


class Answer(BaseModel):
    """The answer to a question: what was understood, done, found, and what to do now."""

    model_config = ConfigDict(frozen=True)

    question: str = ""
    command: str
    confidence: float = 1.0
    status: Literal["done", "partly", "failed", "none"] = "done"
    arguments: dict[str, Any] = {}
    assumed: tuple[str, ...] = Field(default=(), description="What nobody said: the defaults.")
    missing: tuple[str, ...] = Field(default=(), description="What could not be done, and why.")
    steps: tuple[Step, ...] = ()
    run_id: str | None = Field(default=None, description="The run that the answer rests on.")
    notes: tuple[str, ...] = Field(default=(), description="What was seen beside the tools.")
    summary: str = ""
    verdict: dict[str, Any] | None = None
    findings: tuple[dict[str, Any], ...] = ()
    brief: dict[str, dict[str, str]] = {}
    brief_file: str | None = None
    next: tuple[str, ...] = ()


def verdict_of(result: Result | None) -> dict[str, Any] | None:
    """Return the verdict of a result that has one: a cause, or a word such as `faster`."""
    verdict = getattr(result, "verdict", None)
    if isinstance(verdict, BaseModel):
        return verdict.model_dump(mode="json")
    return {"is": verdict} if isinstance(verdict, str) else None
