"""What the sources of requests share: what can be repeated, the mix, what is said of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlsplit

from slowcoach.core.errors import InputError
from slowcoach.load.exchange import WRITES
from slowcoach.load.plan import Endpoint
from slowcoach.load.sealing import placeholders

_STATIC = re.compile(
    r"\.(?:css|m?js|map|png|jpe?g|gif|svg|webp|avif|ico|woff2?|ttf|otf|eot|mp[34]|webm|wasm)$",
    re.IGNORECASE,
)
_STATIC_MIME = re.compile(r"(?:image|font|video|audio)/|text/css|javascript|font", re.IGNORECASE)
_STREAM = "event-stream"
_METHODS = frozenset({"GET", "HEAD"}) | WRITES
TOP = 40
_SHOWN = 6
_SECURE = frozenset({"http", "https"})


def unusable(method: str, url: str, mime: str) -> str | None:
    """Return why a request cannot or need not be repeated; None when it can."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        return "addresses that are none"
    if parts.scheme in {"ws", "wss"} or _STREAM in mime:
        return "streams and WebSockets"
    if parts.scheme not in _SECURE or not host:
        return "addresses that are none"
    if method not in _METHODS:
        return "other methods"
    if _STATIC.search(parts.path) or (mime and _STATIC_MIME.match(mime)):
        return "static files"
    return None


def mixed(steps: Iterable[Endpoint]) -> tuple[Endpoint, ...]:
    """Return requests with how often each was seen, most frequent first.

    Left out are those that need a value from the answer to another: they make sense in turn only.
    """
    counts: Counter[tuple[str, str, str | None]] = Counter()
    kept: dict[tuple[str, str, str | None], Endpoint] = {}
    for step in steps:
        if any(not name.startswith("${env:") for name in placeholders(step)):
            continue
        key = (step.method, step.url, step.body)
        counts[key] += 1
        kept.setdefault(key, step)
    return tuple(
        kept[key].model_copy(update={"weight": float(count), "extract": (), "together": None})
        for key, count in counts.most_common()
    )


def largest(endpoints: Sequence[Endpoint]) -> tuple[tuple[Endpoint, ...], tuple[str, ...]]:
    """Return the endpoints that carry most, and what is said when some are cut."""
    ordered = sorted(endpoints, key=lambda endpoint: -endpoint.weight)
    if len(ordered) <= TOP:
        return tuple(ordered), ()
    total = sum(e.weight for e in ordered) or 1.0
    share = sum(e.weight for e in ordered[:TOP]) / total
    said = f"the {TOP} largest of {len(ordered)} endpoints, {share:.0%} of the requests"
    return tuple(ordered[:TOP]), (said,)


def counted(left_out: Mapping[str, int]) -> str:
    """Return what was left out with its numbers, most first."""
    ordered = sorted(left_out.items(), key=lambda item: -item[1])
    shown = [f"{count} {why}" for why, count in ordered[:_SHOWN]]
    return ", ".join(shown)


def notes(
    left_out: Mapping[str, int], steps: Sequence[Endpoint], *, writes: bool
) -> tuple[str, ...]:
    """Return what is said of requests left out, of values handed on and of secrets."""
    said: list[str] = []
    if left_out:
        said.append(f"left out: {counted(left_out)}")
    if left_out.get("writes") and not writes:
        said.append("to send writes too, say `with writes` in the goal: they change data")
    if handed_on := dict.fromkeys(e.name for step in steps for e in step.extract):
        said.append(f"taken from answers and handed on: {_few(tuple(handed_on))}")
    if secrets := secrets_of(steps):
        said.append(f"secrets are replaced; set in the environment: {_few(secrets)}")
    return tuple(said)


def secrets_of(steps: Iterable[Endpoint]) -> tuple[str, ...]:
    """Return the names that requests take from the environment."""
    found = dict.fromkeys(name for step in steps for name in placeholders(step))
    return tuple(name[6:-1] for name in found if name.startswith("${env:"))


def _few(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else shown


def based(step: Endpoint, base: str | None) -> Endpoint:
    """Return a request to the origin that the user gave instead of its own."""
    if base is None:
        return step
    origin = origin_of(base)
    parts = urlsplit(step.url)
    own = f"{parts.scheme}://{parts.netloc}"
    headers = {
        name: origin if name.lower() == "origin" and value == own else value
        for name, value in step.headers.items()
    }
    return step.model_copy(update={"url": origin + step.url[len(own) :], "headers": headers})


def origin_of(url: str) -> str:
    """Return scheme, host and port of a URL; raises InputError when it is none of http."""
    refused = InputError(
        f"url {url[:80]!r}: expected http:// or https:// and a host",
        hint="Give it as http://127.0.0.1:8000",
    )
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise refused from None
    if not parts.hostname or parts.scheme not in _SECURE:
        raise refused
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
