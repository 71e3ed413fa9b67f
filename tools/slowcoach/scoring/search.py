"""Looking for the signals of all items in one pass over a repository."""

import re
from collections import Counter
from collections.abc import Iterable

from slowcoach.scoring.model import Evidence, Hit, Signal
from slowcoach.scoring.repository import Repository

_MOST_HITS = 3
_SHOWN = 60
_COMMENT = re.compile(rb"^[ \t]*(#|//|--|;|\*|/\*|<!--|rem\b)")
_PROSE = (".md", ".rst", ".adoc", ".txt", ".mdx")


def search(repository: Repository, wanted: Iterable[Evidence]) -> dict[str, list[Hit]]:
    """Return what was found for each item; each file is read once and only if a signal asks."""
    asked = [(evidence.item, signal) for evidence in wanted for signal in evidence.signals]
    found: dict[str, list[Hit]] = {item: [] for item, _ in asked}
    for path in repository.paths():
        lower = path.lower()
        fits = {signal.path: signal.path.search(lower) is not None for _, signal in asked}
        live = [(item, signal) for item, signal in asked if fits[signal.path]]
        if not live:
            continue
        data = repository.data(path) if any(signal.content for _, signal in live) else b""
        lowered = data.lower()
        for item, signal in live:
            if hit := _hit(signal, path, data, lowered):
                found[item].append(hit)
        asked = _still_asked(asked, found)
    return found


def _still_asked(
    asked: list[tuple[str, Signal]], found: dict[str, list[Hit]]
) -> list[tuple[str, Signal]]:
    """Drop the signals of which enough was seen: more of the same part shows no more."""
    seen = Counter((item, hit.part) for item, hits in found.items() for hit in hits)
    return [(item, signal) for item, signal in asked if seen[item, signal.part] < _MOST_HITS]


def _hit(signal: Signal, path: str, data: bytes, lowered: bytes) -> Hit | None:
    if signal.content is None:
        return Hit(path, signal.what, signal.part)
    prose = path.lower().endswith(_PROSE)
    for match in signal.finds(lowered):
        start = lowered.rfind(b"\n", 0, match.start()) + 1
        if prose or not _COMMENT.match(lowered[start : match.end()]):
            line = lowered.count(b"\n", 0, match.start()) + 1
            begin = max(start, match.end() - _SHOWN) if prose else match.start()
            return Hit(f"{path}:{line}", _shown(data, begin, match.end(), start), signal.part)
    return None


def _shown(data: bytes, begin: int, end: int, line_start: int) -> str:
    """Return what was found in one line of text, cut at words."""
    text = data[begin:end].decode("utf-8", "replace")
    if begin > line_start and data[begin - 1 : begin].isalnum():
        text = text.partition(" ")[2] or text
    return " ".join(text.split())[:_SHOWN]
