"""Costly patterns in the source of hot functions, as findings. The files are read here."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from slowcoach.core.finding import Evidence, Finding, NotChecked, Severity, ranked
from slowcoach.core.knowledge import Rule, rule
from slowcoach.core.redaction import redacted
from slowcoach.profiling.frames import shortened
from slowcoach.profiling.judged import Share
from slowcoach.profiling.model import Frame, Profile
from slowcoach.profiling.source.files import Source, lacks, language_of, read
from slowcoach.profiling.source.patterns import Pattern, seen
from slowcoach.profiling.source.syntax import Function, Site, enclosing
from slowcoach.profiling.source.weights import Costs, Hot, costs

RULE = "profile.source_pattern"
_INNER = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>", "<lambda>")


@dataclass(frozen=True, slots=True)
class _Found:
    """A pattern in a hot function, and the share that its lines hold."""

    hot: Hot
    source: Source
    pattern: Pattern
    site: Site
    share: Share
    sure: bool


def look(
    profiles: Sequence[Profile], folder: Path
) -> tuple[tuple[Finding, ...], tuple[NotChecked, ...]]:
    """Return what the source of the costliest functions shows, the costliest first, and what
    could not be looked at. `profiles` are a recording's threads; relative paths are of `folder`.
    """
    found, open_ones = _all(rule(RULE), costs(profiles), folder)
    limits = rule(RULE)
    best: dict[tuple[str | None, int], _Found] = {}
    for each in sorted(found, key=lambda each: (-each.share.value, -each.pattern.confidence)):
        best.setdefault((each.hot.file, each.site.line), each)
    most = int(limits.limit("reported"))
    told = [_finding(limits, each) for each in list(best.values())[:most]]
    return ranked(told), tuple(limits.not_checked(why) for why in dict.fromkeys(open_ones))


def _all(limits: Rule, held: Costs, folder: Path) -> tuple[list[_Found], list[str]]:
    sources: dict[str, Source | None] = {}
    found: list[_Found] = []
    open_ones: list[str] = []
    for hot in held.functions[: int(limits.limit("functions"))]:
        file = hot.file
        if file is None or held.share(hot.weight).low < limits.limit("share"):
            continue
        language = language_of(file)
        if language is None:
            continue
        if lacks(language):
            open_ones.append(
                f"reading {language.name} needs its parser: pip install 'slowcoach[source]'"
            )
            continue
        if file not in sources:
            sources[file] = _read(file, folder, open_ones)
        source = sources[file]
        if source is not None:
            found += _in_function(limits, held, hot, source, open_ones)
    return found, open_ones


def _read(file: str, folder: Path, open_ones: list[str]) -> Source | None:
    name = shortened(Frame("", file)).file
    try:
        source = read(file, folder)
    except ValueError as error:
        open_ones.append(f"{name} cannot be parsed: {str(error)[:80]}")
        return None
    if source is None:
        open_ones.append(f"the source of {name} is not at hand; start in the program's folder")
    return source


def _in_function(
    limits: Rule, held: Costs, hot: Hot, source: Source, open_ones: list[str]
) -> list[_Found]:
    function = _function(hot, source)
    if function is None:
        open_ones.append(f"{hot.name} is not where the profile has it: its source has changed")
        return []
    found: list[_Found] = []
    beside = {(site.line, _callee(site)) for site in function.sites if site.kind == "call"}
    for pattern, site in seen(source.language, function):
        share, sure = _share(held, hot, site, pattern, beside)
        if share is not None and share.clears(limits.limit("share")):
            found.append(_Found(hot, source, pattern, site, share, sure))
    return found


def _function(hot: Hot, source: Source) -> Function | None:
    """Return the function that a frame is of: around its hottest line, with its name, or with
    none of its own (a comprehension, a callback).
    """
    name = _bare(hot.name)
    around = enclosing(source.functions, hot.line) if hot.line is not None else []
    own = [each for each in around if each.name and _bare(each.name) == name]
    if around and _nameless(hot.name):
        return around[0]
    if own:
        return own[0]
    alike = [each for each in source.functions if _bare(each.name) == name]
    return alike[0] if len(alike) == 1 and hot.line is None else None


def _bare(name: str) -> str:
    """Return a function's own name: of `Shop.list.<locals>.<listcomp>` it is `list`, of
    `main.(*T).Run.func1` `Run`, of `Shop:lambda$list$0` `list`.
    """
    parts = [part for part in name.replace(":", ".").split(".") if part and part not in _INNER]
    while len(parts) > 1 and (parts[-1] == "<locals>" or parts[-1].startswith("func")):
        parts.pop()
    last = parts[-1] if parts else name
    return last.split("$")[1] if last.startswith("lambda$") else last.split("[")[0]


def _nameless(name: str) -> bool:
    return "(anonymous" in name or name.startswith("<") or "lambda$" in name or ".func" in name


def _share(
    held: Costs, hot: Hot, site: Site, pattern: Pattern, beside: set[tuple[int, str]]
) -> tuple[Share | None, bool]:
    """Return the share of a site, and whether that is of its lines (else of the function): of a
    call what it was seen to cost, of others what the lines cost without the calls `beside`.
    """
    if not held.knows(hot.file):
        return (None if pattern.lines else held.share(hot.weight)), False
    weight = held.lines(hot.file, site.line, site.last)
    called = held.called(hot, site.line, site.last)
    mine = _callee(site) if site.kind == "call" else ""
    if mine in called:
        return held.share(called[mine] + (weight if held.own_time else 0.0)), True
    if held.by_lines(hot):
        names = {name for line, name in beside if site.line <= line <= site.last}
        weight -= sum(called[name] for name in names & called.keys())
    return held.share(max(weight, 0.0)), True


def _callee(site: Site) -> str:
    return site.text.removeprefix("new ").rpartition(".")[2].split("<", 1)[0]


def _finding(limits: Rule, found: _Found) -> Finding:
    site, pattern, share = found.site, found.pattern, found.share
    frame = shortened(Frame(found.hot.name, found.hot.file, site.line))
    quoted = found.source.quoted(site.line, int(limits.limit("quoted")))
    note = "; ".join(
        filter(
            None,
            (
                share.interval,
                f"`{redacted('', quoted)}`",
                f"now {pattern.now}, then {pattern.after}",
                "seen in the source, not proven",
            ),
        )
    )
    evidence = Evidence(
        metric="share of these lines" if found.sure else "share of this function",
        value=share.value,
        unit="share",
        limit=limits.limit("share"),
        where=f"line {site.line}",
        note=note,
    )
    warns = share.clears(limits.limit("warning"))
    factor = 1.0 if found.sure else limits.limit("of_function")
    return limits.finding(
        [evidence],
        where=[frame.place],
        title=f"{pattern.what[:1].upper()}{pattern.what[1:]}",
        severity=Severity.WARNING if warns else Severity.INFO,
        confidence=round(pattern.confidence * factor, 2),
        fix=[pattern.fix_in(found.source.language)],
        cause=pattern.cause,
    )
