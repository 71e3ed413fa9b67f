"""What must hold of every profile, whatever its reader: checked once at the border, so that no
file makes the answer wrong or endless.
"""

from dataclasses import replace

import numpy as np

from slowcoach.core.errors import UnreadableError
from slowcoach.profiling.model import Floats, Frame, Profile

_HINT = "The file is damaged, or the difference of two profiles: give a profile as it was recorded"
_LARGEST = 1e100  # so that sums and squares of weights stay finite
_LAST_LINE = 1 << 53  # what JSON can hold; lines beyond are none
_SHOWN = 200


def valid(profiles: list[Profile], name: str) -> list[Profile]:
    """Return the profiles of a file, with names and lines as they can be shown and stored.

    Raises UnreadableError for weights that are negative, not finite or beyond all bounds, and
    for no profile at all.
    """
    if not profiles:
        raise UnreadableError(f"{name}: expected at least one profile, got none", hint=_HINT)
    for profile in profiles:
        for weights in _weights(profile):
            _check(weights, f"{name}: {profile.name}" if profile.name != name else name)
    return [_shown(profile) for profile in profiles]


def _weights(profile: Profile) -> tuple[Floats, ...]:
    flat = profile.flat
    return (profile.tree.weight,) if flat is None else (flat.own, flat.total, profile.tree.weight)


def _check(weights: Floats, where: str) -> None:
    """Raise UnreadableError for a weight that is none. A minimum or a sum that is not a number
    is in no range, so the comparison finds it as well.
    """
    if not len(weights):
        return
    with np.errstate(over="ignore", invalid="ignore"):
        lowest, whole = float(weights.min()), float(weights.sum())
    if lowest >= 0 and whole <= _LARGEST:
        return
    got = f"{lowest:g}" if lowest < 0 else "ones beyond all bounds"
    raise UnreadableError(f"{where[:_SHOWN]}: expected weights of 0 or more, got {got}", hint=_HINT)


def _shown(profile: Profile) -> Profile:
    """Return the profile with texts and lines that JSON and UTF-8 can hold."""
    samples = profile.samples
    if samples is not None and not 0 <= samples < _LAST_LINE:
        profile = replace(profile, samples=None)  # none of a file's own words on intervals
    frames, lines = _frames(profile.frames), _frames(profile.lines)
    texts = (profile.name, profile.thread or "", profile.value, *profile.warnings)
    labels = [label for label, _ in profile.labels]
    if (
        frames is profile.frames
        and lines is profile.lines
        and all(map(_is_text, (*texts, *labels)))
    ):
        return profile
    return replace(
        profile,
        name=_text(profile.name),
        frames=frames,
        lines=lines,
        thread=None if profile.thread is None else _text(profile.thread),
        warnings=tuple(map(_text, profile.warnings)),
        value=_text(profile.value),
        labels=tuple((_text(label), weight) for label, weight in profile.labels),
    )


def _frames(frames: tuple[Frame, ...]) -> tuple[Frame, ...]:
    return frames if all(map(_is_frame, frames)) else tuple(map(_frame, frames))


def _is_frame(frame: Frame) -> bool:
    name, file, line = frame
    return (
        _is_text(name)
        and (not file or _is_text(file))
        and (line is None or -_LAST_LINE < line < _LAST_LINE)
    )


def _frame(frame: Frame) -> Frame:
    line = frame.line
    kept = line is not None and -_LAST_LINE < line < _LAST_LINE
    return Frame(_text(frame.name), frame.file and _text(frame.file), line if kept else None)


def _is_text(text: str) -> bool:
    """Tell whether UTF-8 can hold a text: lone surrogates, which JSON can hold, it cannot."""
    return text.isascii() or _text(text) == text


def _text(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
