"""A plan's requests, checked before anything is sent, as bytes with gaps for their values."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from slowcoach.core.errors import InputError, NotPermittedError
from slowcoach.load.builtin.writing import in_body_of, in_header, in_url, part_of_url
from slowcoach.load.http1 import Wire, encode
from slowcoach.load.model import Request
from slowcoach.load.plan import Endpoint, Extract, Journey, LoadPlan
from slowcoach.load.targets import Target

KEPT_BYTES = 1024 * 1024  # of an answer that values are taken from
_SLOT = re.compile(r"\$\{(env:)?([A-Za-z_][\w.-]*)\}")
_LENGTH = "slowcoach-length"


@dataclass(frozen=True, slots=True)
class Template:
    """One request of the plan. `wire` is the whole of it when nothing in it varies; otherwise
    `render` makes one of a session's values. `place` counts endpoints over all journeys;
    `together`: it follows the step before without a pause.
    """

    place: int
    label: str
    wire: Wire
    head: tuple[bytes | _Slot, ...]
    body: tuple[bytes | _Slot, ...]
    names: frozenset[str]
    extract: tuple[Extract, ...]
    together: bool

    @property
    def is_fixed(self) -> bool:
        """Tell whether each request of it is the same."""
        return not self.names

    def render(self, values: Mapping[str, str]) -> Wire:
        """Return the request with a session's values; raises ValueUnfitError."""
        if not self.names:
            return self.wire
        body = b"".join(_filled(part, values, b"") for part in self.body)
        length = str(len(body)).encode()
        head = b"".join(_filled(part, values, length) for part in self.head)
        fixed = self.wire
        return Wire(
            fixed.host,
            fixed.port,
            fixed.tls,
            head + body,
            fixed.bodiless,
            fixed.idempotent,
            fixed.keep,
        )


@dataclass(frozen=True, slots=True)
class _Slot:
    """A gap for the value `name` (_LENGTH: the body's length), written by `put`."""

    name: str
    put: Callable[[str], bytes]


def _filled(part: bytes | _Slot, values: Mapping[str, str], length: bytes) -> bytes:
    if isinstance(part, bytes):
        return part
    return length if part.name == _LENGTH else part.put(values[part.name])


@dataclass(frozen=True, slots=True)
class Path:
    """What one session does: its requests in turn. A mix is of paths with one request each.

    `is_plain` tells that it is one request, always the same, of which nothing is kept.
    """

    steps: tuple[Template, ...]
    weight: float
    names: frozenset[str]
    is_plain: bool


@dataclass(frozen=True, slots=True)
class Requests:
    """All that a plan sends. `labels` name the endpoints by their place."""

    paths: tuple[Path, ...]
    labels: tuple[str, ...]
    data: Mapping[str, tuple[str, ...]]

    @property
    def per_path(self) -> float:
        """Return the requests of a session, as the mean by weight."""
        weight = sum(path.weight for path in self.paths)
        return sum(len(path.steps) * path.weight for path in self.paths) / weight


def requests_of(plan: LoadPlan, target: Target, environment: Mapping[str, str]) -> Requests:
    """Return a plan's requests, ready to send.

    `${env:NAME}` is taken from `environment`, then from this process's. Raises InputError for a
    value that nobody gives and for what is no HTTP request, NotPermittedError for a URL that
    leads elsewhere than to the target.
    """
    journeys = plan.journeys or tuple(
        Journey(name=each.url, weight=each.weight, steps=(each,)) for each in plan.requests
    )
    journeys = tuple(journey for journey in journeys if journey.weight > 0)
    if not journeys:
        raise InputError("plan: every weight is 0, so nothing is sent", hint="Give weights above 0")
    empty = [name for name, values in plan.data.items() if not values]
    if empty:
        raise InputError(f"data {empty[0]!r}: no values", hint="Give at least one")
    labels: dict[str, int] = {}
    compiler = _Compiler(target, environment, labels, plan.data)
    paths = tuple(_path(journey, plan, compiler) for journey in journeys)
    return Requests(paths, tuple(labels), plan.data)


def _path(journey: Journey, plan: LoadPlan, compiler: _Compiler) -> Path:
    known = set(plan.data)
    steps: list[Template] = []
    for endpoint in journey.steps:
        template = compiler.template(endpoint)
        if unknown := sorted(template.names - known):
            raise InputError(
                f"{endpoint.label}: nothing gives ${{{unknown[0]}}} before this request",
                hint="Add it to the plan's data, or extract it in an earlier step of the journey",
            )
        known |= {extract.name for extract in endpoint.extract}
        steps.append(template)
    used = frozenset().union(*(step.names for step in steps))
    is_plain = len(steps) == 1 and steps[0].is_fixed and not steps[0].extract
    return Path(tuple(steps), journey.weight, used, is_plain)


class _Compiler:
    """Makes templates of endpoints; the same label is the same place."""

    def __init__(
        self,
        target: Target,
        environment: Mapping[str, str],
        labels: dict[str, int],
        data: Collection[str],
    ) -> None:
        self._target, self._environment, self._labels = target, environment, labels
        self._data = data

    def _in_url(self, name: str) -> Callable[[str], bytes]:
        return part_of_url if name in self._data else in_url

    def template(self, endpoint: Endpoint) -> Template:
        """Return one endpoint's template."""
        where = _label(endpoint)
        url = self._address(self._fixed(endpoint.url, where), where)
        headers = {k: self._fixed(v, where) for k, v in endpoint.headers.items()}
        body = None if endpoint.body is None else self._fixed(endpoint.body, where)
        for extract in endpoint.extract:
            _check(extract, where)
        slots = _Slots()
        request = Request(
            endpoint.method,
            slots.marked(url, self._in_url),
            {name: slots.marked(value, lambda _: in_header) for name, value in headers.items()},
            None if body is None else body.encode(),
        )
        body_parts = _Slots()
        marked = "" if body is None else body_parts.marked(body, lambda _: in_body_of(headers))
        if body_parts.names and not any(name.lower() == "content-length" for name in headers):
            headers = {**request.headers, "Content-Length": slots.mark(_LENGTH, in_header)}
            request = Request(request.method, request.url, headers, None)
        wire = encode(request)._replace(keep=KEPT_BYTES if endpoint.extract else 0)
        head = wire.data if body is None else wire.data.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        return Template(
            place=self._labels.setdefault(where, len(self._labels)),
            label=where,
            wire=wire,
            head=slots.parts(head),
            body=body_parts.parts(marked.encode()),
            names=frozenset(slots.names | body_parts.names) - {_LENGTH},
            extract=endpoint.extract,
            together=bool(endpoint.together),
        )

    def _fixed(self, text: str, where: str) -> str:
        """Put in what the environment gives."""

        def put(match: re.Match[str]) -> str:
            if match[1] is None:
                return match[0]
            value = self._environment.get(match[2], os.environ.get(match[2]))
            if value is None:
                raise InputError(
                    f"{where}: the environment variable {match[2]} is not set",
                    hint=f"Set {match[2]} where Slowcoach runs",
                )
            return value

        return _SLOT.sub(put, text)

    def _address(self, url: str, where: str) -> str:
        """Return the absolute URL; a value may stand in its path and query only."""
        if url.startswith("/") and not url.startswith("//"):
            url = self._target.origin + url
        first = url.split("${", 1)[0]
        try:
            parts = urlsplit(first)
            is_whole = "${" not in url or bool(parts.path or parts.query)
            leads_here = is_whole and "\\" not in parts.netloc and self._target.holds(first)
        except ValueError as error:
            raise InputError(f"{where}: url: {error}", hint="Give http://host/path") from None
        if not leads_here:
            raise NotPermittedError(
                f"{where}: expected a URL of {self._target.origin}, got one of another host",
                hint="A load test goes to one host; make a plan for each",
            )
        return url


class _Slots:
    """Marks gaps with words that outlive the encoding of a request, and finds them again."""

    def __init__(self) -> None:
        self._word = f"zq{secrets.token_hex(8)}n"
        self._slots: list[_Slot] = []

    @property
    def names(self) -> set[str]:
        """Return the values' names."""
        return {slot.name for slot in self._slots}

    def mark(self, name: str, put: Callable[[str], bytes]) -> str:
        """Return a word for a gap."""
        self._slots.append(_Slot(name, put))
        return f"{self._word}{len(self._slots) - 1}z"

    def marked(self, text: str, put: Callable[[str], Callable[[str], bytes]]) -> str:
        """Return a text with words for its gaps; `put` says by its name how a value is written."""
        return _SLOT.sub(lambda match: self.mark(match[2], put(match[2])), text)

    def parts(self, data: bytes) -> tuple[bytes | _Slot, ...]:
        """Return encoded bytes, cut at their gaps."""
        found: list[bytes | _Slot] = []
        for at, piece in enumerate(re.split(self._word.encode() + rb"(\d+)z", data)):
            if at % 2:
                found.append(self._slots[int(piece)])
            elif piece:
                found.append(piece)
        return tuple(found)


def _label(endpoint: Endpoint) -> str:
    try:
        return endpoint.label
    except ValueError as error:
        raise InputError(f"url {endpoint.url!r}: {error}", hint="Give http://host/path") from None


def _check(extract: Extract, where: str) -> None:
    if extract.source != "regex":
        return
    try:
        groups = re.compile(extract.path).groups
    except re.error as error:
        raise InputError(
            f"{where}: extract {extract.name!r}: {error}", hint="Give a regular expression"
        ) from None
    if not groups:
        raise InputError(
            f"{where}: extract {extract.name!r}: the pattern has no group",
            hint='Put the value in parentheses, such as token="([^"]+)"',
        )
