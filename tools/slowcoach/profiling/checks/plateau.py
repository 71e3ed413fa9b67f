"""A wide plateau: one function holds much of the time by itself, or with the library it calls."""

from slowcoach.core.finding import Evidence, Finding, NotChecked, Severity
from slowcoach.core.knowledge import Rule
from slowcoach.profiling.judged import Check, Judged, Share

_UNSURE = 0.5


def look(rule: Rule, recording: Judged) -> list[Finding | NotChecked]:
    """Judge each function's own share, then own code with the library code below it."""
    if recording.busy <= 0:
        return [rule.not_checked("nothing in this profile was running: every leaf waits")]
    found: list[Finding | NotChecked] = []
    named: set[int] = set()
    for function in recording.ranked:
        share = recording.share(float(recording.own_weights[function]))
        if share.value < rule.limit("investigate"):
            break
        collects = recording.kinds[function].collector  # the rule of its own says that
        if not collects and not _in_wide_family(rule, recording, function):
            found.append(_leaf(rule, recording, function, share))
        callers = recording.callers(function) if recording.kinds[function].library else []
        named |= {function, *(caller for caller, _ in callers[:1])}
    for function, weight in enumerate(recording.with_libraries):
        share = recording.share(float(weight))
        if function not in named and share.value >= rule.limit("with_library"):
            found.append(_with_library(rule, recording, function, share))
    return found


def _in_wide_family(rule: Rule, recording: Judged, function: int) -> bool:
    """Tell whether the function's kind of cost (JSON ...) is reported as a whole anyway."""
    what = recording.kinds[function]
    if not what.library or what.family < 0:
        return False
    return recording.family_share(what.family).clears(rule.limit("investigate"))


def _leaf(rule: Rule, recording: Judged, function: int, share: Share) -> Finding:
    place = recording.place(function)
    where = [place]
    caller = ""
    if recording.kinds[function].library and (callers := recording.callers(function)):
        own, weight = callers[0]
        where.insert(0, recording.place(own))
        of_it = weight / float(recording.own_weights[function])
        caller = f", {of_it:.0%} of it for {recording.place(own)}"
    return _finding(rule, recording, share, where, f"{place} itself{caller}")


def _with_library(rule: Rule, recording: Judged, function: int, share: Share) -> Finding:
    place = recording.place(function)
    what = f"{place} with the library it calls"
    return _finding(rule, recording, share, [place], what, least="with_library")


def _finding(
    rule: Rule,
    recording: Judged,
    share: Share,
    where: list[str],
    what: str,
    least: str = "investigate",
) -> Finding:
    name, of_what = where[0].split(" (", 1)[0], recording.of_what
    sure = share.clears(rule.limit("bottleneck"))
    evidence = Evidence(
        metric=f"share of the {of_what}",
        value=share.value,
        unit="share",
        limit=rule.limit("bottleneck" if sure else least),
        where=what,
        note=share.interval,
    )
    if not share.clears(rule.limit(least)):
        limit = rule.limits[least]
        unsure = rule.finding(
            [evidence],
            where=where,
            title=f"{name} may hold more than {limit} of the {of_what}; more samples decide",
            severity=Severity.INFO,
            confidence=_UNSURE,
            fix=["Record for longer, then judge again"],
        )
        return unsure.model_copy(update={"cause": None})
    found = rule.finding(
        [evidence],
        where=where,
        title=f"{name} holds {share.value:.0%} of the {of_what}"
        + (", almost certainly the bottleneck" if sure and of_what == "time" else ""),
        severity=Severity.CRITICAL if sure else Severity.WARNING,
    )
    return found if of_what == "time" else found.model_copy(update={"cause": None})


CHECK = Check("profile.plateau", look)
