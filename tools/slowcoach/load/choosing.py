"""Which source a load test's requests are read from, and the plan that is made of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from slowcoach.core.errors import InputError, UnreadableError
from slowcoach.core.files import checked
from slowcoach.load.exchange import Exchange, write
from slowcoach.load.pauses import limit
from slowcoach.load.plan import Endpoint, Journey
from slowcoach.load.sealing import placeholders
from slowcoach.load.secrecy import PLACEHOLDER, Vault, hides
from slowcoach.load.traffic import Given, Source, Traffic, sources

if TYPE_CHECKING:
    from slowcoach.core.job import Job

_WRITES = re.compile(
    r"[,;]?\s*\b(?:with|including|incl\.?|and|allow(?:ing)?)\s+writes?\b[,;]?", re.IGNORECASE
)
_LARGEST = 1 << 44  # sources stream or bound what they read themselves
_HEAD = 1 << 16
_WHAT = "a file that describes requests"
_MOST_ENDPOINTS = 40
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a user named: arguments of design_load_test that are not None."""

    url: str | None
    named: Mapping[str, str]
    writes: bool


def writes_of(goal: str) -> tuple[str, bool]:
    """Return a goal without its `with writes`, and whether it said that."""
    return _WRITES.subn(" ", goal)[0].strip(), _WRITES.search(goal) is not None


def traffic_of(asked: Asked, job: Job) -> Traffic:
    """Return the traffic of the source that was named, or a single URL.

    Raises InputError for none or several, UnreadableError for what no source reads.
    """
    if len(asked.named) > 1:
        raise InputError(
            f"{' and '.join(asked.named)}: expected one source", hint="Give one of them"
        )
    if asked.url is not None:
        _check_url(asked.url)
    if not asked.named:
        return _single(asked.url)
    kind, place = next(iter(asked.named.items()))
    given = _given(place, asked, job)
    return _to_one_host(_source(kind, given).read(given))


def _to_one_host(traffic: Traffic) -> Traffic:
    """Return the requests to the host that is asked most: a test has one target."""
    hosts: Counter[str] = Counter()
    steps = [*traffic.endpoints, *(step for j in traffic.journeys for step in j.steps)]
    for step in steps:
        hosts[_host(step)] += step.weight  # type: ignore[assignment]
    if len(hosts) < 2:  # noqa: PLR2004
        return traffic
    host = hosts.most_common(1)[0][0]
    kept = [
        journey.model_copy(update={"steps": tuple(s for s in journey.steps if _host(s) == host)})
        for journey in traffic.journeys
        if any(_host(step) == host for step in journey.steps)
    ]
    others = ", ".join(name.partition("://")[2][:60] for name in list(hosts)[:4] if name != host)
    return replace(
        traffic,
        endpoints=tuple(step for step in traffic.endpoints if _host(step) == host),
        journeys=tuple(kept),
        notes=(*traffic.notes, f"requests to other hosts are left out: {others}"),
    )


def _host(step: Endpoint) -> str:
    parts = urlsplit(step.url)
    return f"{parts.scheme}://{parts.netloc}"


def _check_url(url: str) -> None:
    from slowcoach.load.http1 import encode
    from slowcoach.load.model import Request

    if "@" in urlsplit(url).netloc:
        raise InputError(
            "url carries a user name or password, which would end up in the scripts",
            hint="Leave it out, and add the header to the script by hand",
        )
    encode(Request("GET", url))  # refuses what is no http or https URL


def _single(url: str | None) -> Traffic:
    if not url:
        raise InputError(
            "design_load_test needs to know what to load",
            hint="Give `url`, such as http://127.0.0.1:8000/, or `openapi`, `har`, `access_log` "
            "or `traffic`",
        )
    vault = Vault()
    shown = write(Exchange("GET", url), lambda _, name, value: _hidden(vault, name, value)).url
    if not PLACEHOLDER.search(shown):
        return Traffic(endpoints=(Endpoint(url=url),))
    said = f"secrets in the URL are replaced; set in the environment: {', '.join(vault.names)}"
    return Traffic(endpoints=(Endpoint(url=shown),), notes=(said,))


def _hidden(vault: Vault, name: str, value: str) -> str | None:
    return vault.hidden(name, value) if hides(name, value) else None


def _given(place: str, asked: Asked, job: Job) -> Given:
    given = Given(
        None,
        None,
        asked.url,
        cancellation=job.cancellation,
        writes=asked.writes,
        permissions=job.permissions,
    )
    if _ADDRESS.match(place):
        return replace(given, address=place)
    path = Path(place).expanduser()
    head = b""
    if not path.is_dir():
        file = checked(place, what=_WHAT, limit=_LARGEST, smaller="Give a part of it")
        try:
            with file.open("rb") as opened:
                head = opened.read(_HEAD)
        except OSError as error:
            raise UnreadableError(
                f"{place[:300]}: {error.strerror}", hint="Check that you may read it"
            ) from None
        if not head:
            raise UnreadableError(
                f"{place[:300]}: expected {_WHAT}, got an empty one", hint="Check the path"
            )
    return replace(given, path=path, head=head)


def _source(kind: str, given: Given) -> Source:
    known = sources()
    if kind in known:
        return known[kind]
    found = [source for source in known.values() if source.matches(given)]
    if not found:
        raise UnreadableError(
            f"{str(given.path or given.address)[:300]}: expected a known record of requests",
            hint=f"Known: {', '.join(s.title for s in known.values())}",
        )
    return found[0]


def bounded(traffic: Traffic) -> Traffic:
    """Return traffic that a script can hold, and say what was cut."""
    said: list[str] = []
    endpoints = sorted(traffic.endpoints, key=lambda each: -each.weight)
    if len(endpoints) > _MOST_ENDPOINTS:
        share = sum(e.weight for e in endpoints[:_MOST_ENDPOINTS])
        share /= sum(e.weight for e in endpoints) or 1.0
        said.append(
            f"the {_MOST_ENDPOINTS} largest of {len(endpoints)} endpoints, {share:.0%} of requests"
        )
    journeys, most, steps = traffic.journeys, limit("journeys"), limit("steps")
    if len(journeys) > most or any(len(j.steps) > steps for j in journeys):
        said.append(
            f"of {len(journeys)} journeys the {most} weightiest, and the first "
            f"{steps} requests of each"
        )
        journeys = tuple(sorted(journeys, key=lambda each: -each.weight)[:most])
        journeys = tuple(j.model_copy(update={"steps": j.steps[:steps]}) for j in journeys)
    kept = tuple(endpoints[:_MOST_ENDPOINTS])
    data = _data(traffic, (*kept, *(step for journey in journeys for step in journey.steps)))
    return replace(
        traffic, endpoints=kept, journeys=journeys, data=data, notes=(*traffic.notes, *said)
    )


def _data(traffic: Traffic, steps: tuple[Endpoint, ...]) -> dict[str, tuple[str, ...]]:
    used = {name for step in steps for name in placeholders(step)}
    return {
        name: tuple(values[: limit("values")])
        for name, values in traffic.data.items()
        if f"${{{name}}}" in used and values
    }


def target_of(traffic: Traffic) -> str:
    """Return what a test of this traffic hits: its first URL, or the host when it has gaps."""
    journeys: tuple[Journey, ...] = traffic.journeys
    first = journeys[0].steps[0] if journeys else traffic.endpoints[0]
    if len(traffic.endpoints) > 1 or PLACEHOLDER.search(first.url) or journeys:
        parts = urlsplit(first.url)
        return f"{parts.scheme}://{parts.netloc}/"
    return first.url


def is_plain(traffic: Traffic) -> bool:
    """Tell whether the target's URL alone says what is sent."""
    only = traffic.endpoints[0]
    plain = only.method == "GET" and not (only.headers or only.body or placeholders(only))
    return len(traffic.endpoints) == 1 and plain and not traffic.journeys
