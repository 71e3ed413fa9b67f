"""Which own functions leave reactions behind at a promise that does not settle. Pure.

What goes on from a promise (an `await`, a `then`, each input of a race) is kept by it until it
settles, with all that it refers to. One that lives as long as the process keeps all of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from slowcoach.diagnosis.evidence.node_notes import frame_of
from slowcoach.diagnosis.models import REACTIONS, Growth
from slowcoach.profiling.frames import kind
from slowcoach.profiling.source_maps import Maps

_KEPT = 3
_WAY = 6


def reactions(said: Sequence[Mapping[str, Any]], load_s: float) -> tuple[Growth, ...]:
    """Return where reactions that stay were added, and how many during a load of `load_s` seconds
    (notes are taken for `kept_s` of it), most first.
    """
    counts: dict[tuple[str, str], float] = defaultdict(float)
    ways: dict[tuple[str, str], tuple[str, ...]] = {}
    maps = Maps()
    for one in said:
        for kept in one.get("kept", ()):
            frames = [frame_of(each, maps) for each in kept["frames"]]
            own = [frame for frame in frames if not kind(frame).library]
            if own:
                place = own[-1].name, own[-1].file or ""
                counts[place] += kept["count"] * load_s / max(one["kept_s"], 1e-3)
                ways.setdefault(place, tuple(dict.fromkeys(f.name for f in own))[-_WAY:])
    most = sorted(counts, key=lambda place: -counts[place])[:_KEPT]
    return tuple(
        Growth(
            name=f"a promise that does not settle, gone on from in {name}",
            kind=f"{REACTIONS}, as an await or Promise.race adds them",
            before=0,
            after=round(counts[name, file]),
            functions=ways[name, file],
            file=file,
        )
        for name, file in most
    )
