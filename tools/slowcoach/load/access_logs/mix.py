"""Places of an access log to the endpoints of a plan, with values for what varies in them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from slowcoach.core.knowledge import page
from slowcoach.core.redaction import HIDDEN
from slowcoach.load.access_logs.places import Place, path_of
from slowcoach.load.access_logs.secrets import hidden
from slowcoach.load.plan import Endpoint
from slowcoach.load.templates_of_paths import VALUE, common

READING = frozenset({"GET", "HEAD"})
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Mix:
    """Endpoints with their requests as weights, the values they take, and what to know of them."""

    endpoints: tuple[Endpoint, ...]
    data: Mapping[str, tuple[str, ...]]
    notes: tuple[str, ...]


def mix_of(places: Sequence[Place], origin: str, *, writes: bool) -> Mix:
    """Return the mix of places, the largest first; those that change data only when allowed."""
    known = page("access_logs").data["templates"]
    most = int(known["endpoints"]["value"])
    total = sum(place.requests for place in places)
    taken = [place for place in places if writes or place.method in READING]
    notes = _of_writes(places, taken, total, writes)
    if len(taken) > most:
        share = sum(p.requests for p in taken[:most]) / sum(p.requests for p in taken)
        notes.append(f"the {most} largest of {len(taken)} endpoints, {share:.1%} of the requests")
    data: dict[str, tuple[str, ...]] = {}
    fixed_after = int(known["fixed_after"]["value"])
    found = [_endpoint(place, origin, data, fixed_after) for place in taken[:most]]
    secret = sum(1 for endpoint in found if HIDDEN in endpoint.url)
    secret += sum(1 for values in data.values() if any(HIDDEN in value for value in values))
    if secret:
        notes.append(f"secrets in addresses of {secret} endpoints are replaced by {HIDDEN}")
    return Mix(tuple(found), data, tuple(notes))


def _of_writes(
    places: Sequence[Place], taken: Sequence[Place], total: int, writes: bool
) -> list[str]:
    changing = [place for place in places if place.method not in READING]
    if not changing or not total:
        return []
    share = sum(place.requests for place in changing) / total
    names = ", ".join(f"{p.method} {p.template}" for p in changing[:_SHOWN])
    if writes:
        return [f"{share:.1%} of the requests change data ({names}): a log has no bodies, add them"]
    return [
        f"left out: {share:.1%} of the requests, which change data ({names}); to send writes too, "
        "say `with writes` in the goal"
    ]


def _endpoint(
    place: Place, origin: str, data: dict[str, tuple[str, ...]], fixed_after: int
) -> Endpoint:
    targets = [hidden(_local(target)) for _, target in place.samples]
    name = place.template
    url = targets[0]
    if len(set(targets)) == 1:
        if VALUE in name and place.requests >= fixed_after:
            name = path_of(targets[0])
    else:
        begin, end = common(targets)
        variable = _variable(place, begin, data)
        stop = len(end)
        data[variable] = tuple(t[len(begin) : len(t) - stop] for t in targets)
        url = f"{begin}${{{variable}}}{end}"
    return Endpoint(
        method=place.method,
        url=f"{origin}{url}",
        weight=float(place.requests),
        name=f"{place.method} {hidden(name) if VALUE not in name else _template(name)}",
    )


def _local(target: str) -> str:
    """Return a target without scheme and host, which proxies are asked with."""
    if "://" not in target[:12]:
        return target
    return f"/{target.partition('://')[2].partition('/')[2]}"


def _template(name: str) -> str:
    return VALUE.join(hidden(part) if part else "" for part in name.split(VALUE))


def _variable(place: Place, begin: str, data: Mapping[str, object]) -> str:
    """Return a name for the values of a place: the last word before them."""
    words = re.findall(r"[A-Za-z]\w*", begin.partition("?")[0])
    kind = "query" if "?" in begin else "id" if VALUE in place.template else "rest"
    base = f"{words[-1] if words else 'root'}_{kind}".lower()[:60]
    name, number = base, 1
    while name in data:
        number += 1
        name = f"{base}{number}"
    return name
