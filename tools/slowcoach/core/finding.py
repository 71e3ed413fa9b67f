"""The vocabulary of results: evidence, findings, severity."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, model_validator

from slowcoach.core.units import quantity


class Severity(StrEnum):
    """How much the problem costs the user."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """Return 0 for the worst, so that sorting puts it first."""
        return {"critical": 0, "warning": 1, "info": 2}[self.value]


class Evidence(BaseModel):
    """One measured figure, the limit it crossed, and where it was seen.

    `unit` is one of `core.units`: ms, s, ns, bytes, share (0..1), ratio, count, rows, req/s ...
    """

    model_config = ConfigDict(frozen=True)

    metric: str
    value: float
    unit: str
    limit: float | None = None
    where: str | None = None
    note: str | None = None
    told: str | None = Field(default=None, description="The sentence alone, of a kept result.")

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, given: Any) -> Any:
        """Accept the sentence that a kept result has in the place of the figures."""
        return (
            {"metric": given, "value": 0, "unit": "", "told": given}
            if isinstance(given, str)
            else given
        )

    def __str__(self) -> str:
        if self.told is not None:
            return self.told
        text = f"{self.metric}: {quantity(self.value, self.unit)}"
        if self.limit is not None:
            text += f" (limit {quantity(self.limit, self.unit)})"
        if self.where:
            text += f" at {self.where}"
        return f"{text}; {self.note}" if self.note else text


def _as_text(evidence: Iterable[Evidence | str]) -> list[str]:
    return [str(item) for item in evidence]


class Finding(BaseModel):
    """One problem: what was seen, how bad, how sure, what to do, how to check that it helped.

    Built by `Rule.finding`, which takes the prose from knowledge/rules/; evidence is
    structured inside and sentences with figures outside.
    """

    model_config = ConfigDict(frozen=True)

    rule: str
    cause: str | None = None
    severity: Severity
    title: str
    evidence: Annotated[tuple[Evidence, ...], PlainSerializer(_as_text, return_type=list[str])] = (
        Field(min_length=1)
    )
    where: tuple[str, ...] = ()
    fix: tuple[str, ...] = ()
    verify: str = ""
    confidence: float = Field(ge=0, le=1)
    learn_more: str = ""


class NotChecked(BaseModel):
    """A rule that could not be judged, and why."""

    model_config = ConfigDict(frozen=True)

    rule: str
    why: str


def ranked(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings with the worst and surest first."""
    return tuple(sorted(findings, key=lambda f: (f.severity.rank, -f.confidence)))
