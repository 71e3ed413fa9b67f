"""What judging a load test says of it: whether it passed, what limits it, and findings."""

from __future__ import annotations

from dataclasses import dataclass

from slowcoach.core.finding import Finding, NotChecked
from slowcoach.load.answer import Bottleneck, Criterion


@dataclass(frozen=True, slots=True)
class Judgement:
    """`passed` is None without criteria or when the run cannot answer (`refused` says why)."""

    passed: bool | None = None
    criteria: tuple[Criterion, ...] = ()
    bottleneck: Bottleneck | None = None
    findings: tuple[Finding, ...] = ()
    not_checked: tuple[NotChecked, ...] = ()
    refused: str | None = None
