"""Cuts a profile's answer until it fits: what else the saved profile tells goes first."""

import re
from typing import Final, TypeVar

from slowcoach.core.finding import Severity
from slowcoach.core.result import Result
from slowcoach.profiling.answer import LEAST_ROWS, ProfileAnswer

_VIEWS = 3  # of a recording; more go before its findings
_LAST_FRAMES = 2  # before a view goes
_LAST_WAITS = 2
_CHARACTERS = 5_350  # 1,500 tokens, less what the faces add
_LONG_PATH: Final = re.compile(r"/(?:[^/\s():]+/){3,}(?=(?:[^/\s():]+/){2}[^/\s():]+)")
_TEXTS: Final = ("summary", "findings", "next", "profiles", "at_most", "waits")
Answer = TypeVar("Answer", bound=ProfileAnswer)


def size(answer: Result) -> int:
    """Return how many characters of JSON an answer is."""
    return len(answer.model_dump_json())


def fitted(answer: Answer) -> Answer:
    """Return the answer cut until it fits a default answer; findings that weigh go last.

    Frames and views are in the saved profile too, so they go first; findings left out are said.
    """
    findings = len(answer.findings)
    while size(answer) > _CHARACTERS:
        shorter = _shorter(answer)
        if shorter is None:
            break
        answer = shorter
    left_out = findings - len(answer.findings)
    if not left_out:
        return answer
    said = f"left out to keep the answer short: {left_out} lesser findings; `top` shows them"
    return answer.model_copy(update={"warnings": (*answer.warnings, said)})


def _shorter(answer: Answer) -> Answer | None:
    """Return the answer less what it can best do without, None when nothing is left to cut."""
    return (
        _fewer_frames(answer, LEAST_ROWS)
        or _fewer_views(answer, _VIEWS)
        or _fewer_findings(answer, remarks=True)
        or _shorter_paths(answer)
        or _fewer_frames(answer, 1, kept=1)
        or _fewer_frames(answer, _LAST_FRAMES)
        or _fewer(answer, "waits", _LAST_WAITS)
        or _fewer(answer, "at_most", 1)
        or _fewer_views(answer, 1)
        or _fewer_frames(answer, 1)
        or _fewer_findings(answer, remarks=False)
    )


def _fewer_frames(answer: Answer, least: int, kept: int = 0) -> Answer | None:
    """Shorten the longest profiles by a frame; the first `kept` of them stay as they are."""
    whole, others = answer.profiles[:kept], answer.profiles[kept:]
    most = max((len(profile.frames) for profile in others), default=0)
    if most <= least:
        return None
    shorter = tuple(
        profile.model_copy(update={"frames": profile.frames[: most - 1]}) for profile in others
    )
    return answer.model_copy(update={"profiles": (*whole, *shorter)})


def _fewer(answer: Answer, name: str, least: int) -> Answer | None:
    """Leave out the last of what a recording lists by a name; other answers have none of it."""
    listed = getattr(answer, name, None) or ()
    return answer.model_copy(update={name: listed[:-1]}) if len(listed) > least else None


def _fewer_views(answer: Answer, least: int) -> Answer | None:
    if len(answer.profiles) <= least:
        return None
    return answer.model_copy(update={"profiles": answer.profiles[:-1]})


def _fewer_findings(answer: Answer, *, remarks: bool) -> Answer | None:
    """Leave out the last finding, of `remarks` (severity info) only, but never the only one."""
    chosen = [
        index
        for index, finding in enumerate(answer.findings)
        if index and (not remarks or finding.severity is Severity.INFO)
    ]
    if not chosen:
        return None
    kept = [finding for index, finding in enumerate(answer.findings) if index != chosen[-1]]
    return answer.model_copy(update={"findings": tuple(kept)})


def _shorter_paths(answer: Answer) -> Answer | None:
    """Keep the last two folders of long paths; where the findings point to stays whole."""
    whole = answer.model_dump(mode="json")
    shorter = {name: _cut_paths(whole[name]) for name in _TEXTS if name in whole}
    shorter["findings"] = [
        {**_cut_paths_of(finding), "where": finding["where"]} for finding in whole["findings"]
    ]
    if all(whole[name] == part for name, part in shorter.items()):
        return None
    return answer.model_validate({**whole, **shorter})


def _cut_paths_of(parts: dict[str, object]) -> dict[str, object]:
    return {name: _cut_paths(part) for name, part in parts.items()}


def _cut_paths(part: object) -> object:
    if isinstance(part, str):
        return _LONG_PATH.sub("…/", part)
    if isinstance(part, dict):
        return _cut_paths_of(part)
    return [_cut_paths(each) for each in part] if isinstance(part, list) else part
