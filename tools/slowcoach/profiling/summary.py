"""A profile in two or three sentences, and what to do next."""

from collections.abc import Sequence

from slowcoach.core.finding import Finding, Severity
from slowcoach.core.knowledge import rule
from slowcoach.core.units import number, share
from slowcoach.profiling.answer import amount
from slowcoach.profiling.judged import Judged
from slowcoach.profiling.model import Profile
from slowcoach.profiling.values import measured

_STILL = 0.98
_HOT = {
    *("profile.plateau", "profile.family"),
    *("profile.costly_pattern", "profile.source_pattern"),
}
_NAMED = 2


def summary(recording: Judged, findings: Sequence[Finding], kind: str | None = None) -> str:
    """Return what a colleague would say of the recording; `kind` says what its weights are of."""
    profile = recording.profile
    kind = kind or measured(profile)
    if profile.total <= 0:
        return "This profile holds no weight at all: nothing was recorded."
    if recording.busy <= 0:
        return (
            f"Nothing was running in these {amount(profile.total, profile.unit)}: all threads wait."
        )
    told = [f for f in findings if f.severity is not Severity.INFO][:_NAMED]
    if told:
        said = "; ".join(f"{finding.title} ({_seen(finding)})" for finding in told)
        return f"{said}. {_basis(recording, kind)}"
    largest = recording.ranked[0]
    own = recording.share(float(recording.own_weights[largest]))
    return (
        f"No function or kind of cost surely stands out; the largest, {recording.place(largest)}, "
        f"holds {own} itself. {_basis(recording, kind)}"
    )


def _basis(recording: Judged, kind: str) -> str:
    profile = recording.profile
    whole = amount(profile.total, profile.unit)
    if profile.unit == "samples":
        return f"Basis: {whole}."
    if profile.samples is None:
        return f"Basis: {whole} of {kind}; not known to be sampled, so without intervals."
    return f"Basis: {whole} of {kind} in {number(profile.samples, 6)} samples."


def _seen(finding: Finding) -> str:
    first = finding.evidence[0]
    interval = (first.note or "").split("; ", 1)[0]
    place = finding.where[0] if finding.where else ""
    return "; ".join(filter(None, (place, interval)))


def warnings(
    recording: Judged, profiles: Sequence[Profile], *, waits_known: bool = False
) -> list[str]:
    """Return what to doubt: the readers' warnings, too few samples, and, unless the waits are
    known from a second view, threads that stand still.
    """
    found = [text for profile in profiles for text in profile.warnings]
    few = rule("profile.too_few_samples")
    count = recording.samples
    if count is not None and count < few.limit("samples"):
        found.append(
            f"Only {number(count)} samples of running code (judging shares takes "
            f"{few.limits['samples']}): {few.fix[0][:1].lower()}{few.fix[0][1:]}"
        )
    if len(profiles) > 1 and not waits_known:
        found += filter(None, map(_still, profiles))
    return found


def _still(profile: Profile) -> str | None:
    """A thread that is on one line throughout may only wait there."""
    if profile.total <= 0 or not profile.samples or profile.flat is not None:
        return None
    top = int(profile.present[0])
    held = float(profile.self_weights[top]) / profile.total
    if held < _STILL or profile.frames[top].file is None:
        return None
    return (
        f"{profile.name} was at {profile.frames[top].place} in {share(held)} of its samples: in a "
        "wall-clock profile that is a wait, not work"
    )


def next_steps(findings: Sequence[Finding]) -> tuple[str, ...]:
    """Return what to do now, with tool names."""
    rules = {finding.rule for finding in findings if finding.severity is not Severity.INFO}
    steps: list[str] = []
    if rules & _HOT:
        where = next(f.where[0] for f in findings if f.rule in _HOT)
        steps.append(f"Read {where}, change that one thing, then record_profile again and compare")
    if "profile.lock_wait" in rules:
        places = next(f.where for f in findings if f.rule == "profile.lock_wait")
        held = places[min(1, len(places) - 1)] if places else "the holder"
        steps.append(f"Move what is done at {held} out of the lock, then record kind=lock again")
    if any(finding.rule == "profile.n_plus_one" for finding in findings):
        steps.append("analyze_queries with the query log, to count the statements of a request")
    if "profile.spread" in rules:
        steps.append("investigate the endpoint: CPU per request and what a request passes through")
    if "profile.gc_pressure" in rules:
        steps.append("check_memory, to see what makes the garbage")
    if any(finding.rule == "profile.waiting" for finding in findings) or not steps:
        steps.append("record_profile with kind=wall under load, to see what threads wait for")
    return tuple(steps)
