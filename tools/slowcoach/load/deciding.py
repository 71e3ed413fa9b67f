"""From what each kind of bottleneck says of a test to the one that limits it, or none. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from slowcoach.core.finding import Finding, NotChecked
from slowcoach.core.knowledge import page, rule
from slowcoach.load.answer import Bottleneck
from slowcoach.load.bottleneck_kind import Suspect, kinds
from slowcoach.load.shape import Shape


@dataclass(frozen=True, slots=True)
class Decision:
    """The bottleneck (None: nothing is sure), a finding of each suspect, and what is not known."""

    bottleneck: Bottleneck | None
    findings: tuple[Finding, ...]
    not_checked: tuple[NotChecked, ...]


def decide(shape: Shape) -> Decision:
    """Return what limits: the surest suspect that no other one explains.

    A refused request costs little, so a hard limit fills the processor with refusals; a quota makes
    a server look short of processors. Who brings that about is named, and the signs are not.
    """
    answers = {name: kind.judge(shape) for name, kind in kinds().items()}
    suspects = {name: each for name, each in answers.items() if isinstance(each, Suspect)}
    limits = page("load_results").data["deciding"]
    standing = _standing(suspects, limits["least_confidence"])
    ordered = sorted(standing.values(), key=lambda each: -each.bottleneck.confidence)
    best = ordered[0].bottleneck if ordered else None
    if best is not None and best.confidence < limits["least_confidence"]:
        best = None
    findings = [
        rule(kinds()[name].rule).finding(
            each.evidence,
            where=each.where,
            title=each.bottleneck.summary.partition(": ")[0] if name == "pool" else None,
            confidence=each.bottleneck.confidence,
        )
        for name, each in standing.items()
        if name not in {"none", "queue", "generator"}
    ]
    return Decision(best, tuple(findings), _not_known(answers, best))


def _standing(suspects: Mapping[str, Suspect], least: float) -> dict[str, Suspect]:
    """Return the suspects that none of the others explains."""
    explained: set[str] = set()
    for name, each in suspects.items():
        if each.bottleneck.confidence >= least:
            explained |= kinds()[name].explains & set(suspects)
    mutual = {
        name
        for name in explained
        if not any(name in kinds()[other].explains and other not in explained for other in suspects)
    }
    return {name: each for name, each in suspects.items() if name not in explained - mutual}


def _not_known(
    answers: Mapping[str, Suspect | str | None], best: Bottleneck | None
) -> tuple[NotChecked, ...]:
    """Return why kinds could not be judged; each reason once, with the first rule it concerns."""
    found: dict[str, NotChecked] = {}
    for name, each in answers.items():
        if isinstance(each, str) and each not in found:
            found[each] = rule(kinds()[name].rule).not_checked(each)
    if best is None and not found:
        found[""] = rule("load.plateau").not_checked(
            "throughput and latency do not show whether a limit was reached: more steps, from far "
            "below it to beyond it, would"
        )
    return tuple(found.values())
