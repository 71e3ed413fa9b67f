"""Values that an answer gave and later requests sent: they become variables of the session.

What is sent again because the answer told it (a token, an id that a POST made, a form's hidden
field) must be taken from the new answer at each run; what the client knew before stays as it is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from slowcoach.load.answer_values import SourceKind, given_by
from slowcoach.load.exchange import Exchange, UnwritableError, write
from slowcoach.load.pauses import limit
from slowcoach.load.plan import Endpoint, Extract
from slowcoach.load.sealing import placeholders, template
from slowcoach.load.secrecy import (
    Vault,
    hides,
    identifier,
    leads_to_secret,
    looks_random,
    looks_secret,
    taken,
)

_ID = re.compile(r"(?:id|uuid|guid|key|code|cursor|etag|slug|number|ref|reference)$", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_CONTEXT = re.compile(r"[\w-]{2,40}[\"']?\s{0,3}[:=]\s{0,3}[\"']?$")
_LOGIN = re.compile(r"user|login|e?-?mail|account|phone", re.IGNORECASE)
_PASSWORD = re.compile(r"passw|\bpwd\b|\bpass\b", re.IGNORECASE)
_STRONG = 8
_SEARCHED = 12
_LONGEST = 4096
_MOST_SEARCHES = 500


@dataclass(slots=True)
class _Origin:
    """Where a value came from: which answer, and how to take it from there."""

    index: int
    source: SourceKind
    path: str
    key: str
    stays: bool = False  # it stands in a list that was only read: the data's own, the same each run
    name: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """The requests of one visit in turn, with values handed on, and why others were left out."""

    steps: tuple[Endpoint, ...]
    left_out: Counter[str]


class _DependentError(Exception):
    """A request needs a value whose origin is not part of the test."""


def correlate(exchanges: Sequence[Exchange], vault: Vault) -> Session:
    """Return the steps that are kept, in order, their secrets in the vault."""
    return _Correlator(exchanges, vault).session()


@dataclass(slots=True)
class _Correlator:
    exchanges: Sequence[Exchange]
    vault: Vault
    known: dict[str, _Origin] = field(default_factory=dict[str, _Origin])
    sent: set[str] = field(default_factory=set[str])
    steps: dict[int, Endpoint] = field(default_factory=dict[int, Endpoint])
    extracts: dict[int, list[Extract]] = field(default_factory=dict[int, list[Extract]])
    names: set[str] = field(default_factory=set[str])
    left_out: Counter[str] = field(default_factory=Counter[str])
    searches: int = 0
    _at: int = 0
    _seen: set[str] = field(default_factory=set[str])
    _is_login: bool = False

    def session(self) -> Session:
        end: float | None = None
        for index, exchange in enumerate(self.exchanges):
            self._at, self._seen = index, set()
            self._is_login = exchange.body is not None and bool(_PASSWORD.search(exchange.body))
            together = _follows(end, exchange)
            self._take(index, exchange, together if self.steps else None)
            self.sent |= self._seen
            self._learn(index, exchange)
            if exchange.ended_s is not None:
                end = max(end or exchange.ended_s, exchange.ended_s)
        return Session(tuple(self._with_extracts()), self.left_out)

    def _with_extracts(self) -> Iterator[Endpoint]:
        """Yield the steps with the values that later ones really take."""
        used = {name for step in self.steps.values() for name in placeholders(step)}
        for index, step in self.steps.items():
            wanted = [e for e in self.extracts.get(index, ()) if taken(e.name) in used]
            yield step.model_copy(update={"extract": tuple(wanted)})

    def _take(self, index: int, exchange: Exchange, together: bool | None) -> None:
        try:
            written = write(exchange, self._resolve)
        except UnwritableError as error:
            if exchange.kept:
                self.left_out[str(error)] += 1
            return
        except ValueError:
            self.left_out["addresses that are none"] += exchange.kept
            return
        except _DependentError:
            if exchange.kept:
                self.left_out["requests that need a value which a left-out one gave"] += 1
            return
        if exchange.kept:
            self.steps[index] = Endpoint(
                method=exchange.method,
                url=written.url,
                name=f"{exchange.method} {exchange.route or template(written.url)}",
                headers=written.headers,
                body=written.body,
                together=together or None,
            )

    def _resolve(self, kind: str, name: str, value: str) -> str | None:
        """Return what stands for one part of the request at hand."""
        self._seen.add(value)
        if not name and kind != "path":
            return self._bare(kind, value)
        origin = self._origin(kind, name, value)
        if origin is not None and origin.index in self.steps:
            return self._variable(origin, value)
        secret = self._is_secret(kind, name, value)
        if secret:
            return self.vault.hidden(_env_name(kind, name), value)
        if origin is not None and not origin.stays:
            raise _DependentError
        if kind in {"json", "header", "query", "form"}:
            return self._inline(value)
        return None

    def _inline(self, value: str) -> str | None:
        literal = value.replace("${", "$ {")
        new = self.vault.inline(literal)
        return new if new != literal else None

    def _bare(self, kind: str, value: str) -> str | None:
        """Return what stands for a value without a name: a key of JSON, a word of a query."""
        if kind == "text":
            return self._inline(value)
        return self.vault.hidden(kind, value) if looks_secret(value) else None

    def _is_secret(self, kind: str, name: str, value: str) -> bool:
        if kind in {"authorization", "cookie"}:
            return True
        if kind == "path":
            return _is_secret_segment(name, value)
        if kind in {"json", "form"} and self._is_login and _LOGIN.search(name):
            return True
        return hides(name, value)

    def _origin(self, kind: str, name: str, value: str) -> _Origin | None:
        if not value or len(value) > _LONGEST:
            return None
        origin = self.known.get(value)
        if origin is not None:
            return origin if _is_same(kind, name, value, origin) else None
        if value in self.sent or kind == "path" or len(value) < _SEARCHED:
            return None
        return self._searched(name, value) if looks_random(value) or hides(name, value) else None

    def _searched(self, name: str, value: str) -> _Origin | None:
        """Look for an opaque value in the texts of earlier answers, such as a page's script."""
        self.searches += 1
        if self.searches > _MOST_SEARCHES:
            return None
        for index in range(self._at):
            text = self.exchanges[index].answer
            at = text.find(value)
            if at < 0:
                continue
            before = _CONTEXT.search(text[max(at - 60, 0) : at])
            if before is not None and not looks_secret(before[0]):
                pattern = f"{_loose(before[0])}([^\"'<>&\\s,;]+)"
                found = re.search(pattern, text)
                if found is not None and found[1] == value:
                    self.known[value] = _Origin(index, "regex", pattern, name)
                    return self.known[value]
        return None

    def _variable(self, origin: _Origin, value: str) -> str:
        if not origin.name:
            base = self._named(origin)
            origin.name, number = base, 1
            while origin.name in self.names:
                number += 1
                origin.name = f"{base}_{number}"
            self.names.add(origin.name)
            self.extracts.setdefault(origin.index, []).append(
                Extract(name=origin.name, source=origin.source, path=origin.path)
            )
        if hides(origin.key, value):
            self.vault.handed_on(value, taken(origin.name))
        return taken(origin.name)

    def _named(self, origin: _Origin) -> str:
        """Return what a value is called: an `id` is called by what it is the id of."""
        if origin.key.lower() != "id":
            return identifier(origin.key)
        parents = re.findall(r"[A-Za-z_][\w-]*", origin.path)[:-1]
        segments = urlsplit(self.exchanges[origin.index].url).path.split("/")
        words = [s for s in [*segments, *parents] if s.isidentifier() and not looks_random(s)]
        return identifier(f"{words[-1].removesuffix('s')}_id" if words else "id")

    def _learn(self, index: int, exchange: Exchange) -> None:
        """Note the values of an answer that the client did not know before."""
        for source, path, key, value in given_by(exchange):
            if value in self.sent or not _is_worth_knowing(source, key, value):
                continue
            known = self.known.get(value)
            is_better = known is None or known.stays or known.index not in self.steps
            if not is_better:
                continue
            stays = "[" in path and not exchange.writes and not hides(key, value)
            self.known[value] = _Origin(index, source, path, key, stays and source == "json")


def _is_worth_knowing(source: SourceKind, key: str, value: str) -> bool:
    if not value or len(value) > _LONGEST:
        return False
    if source == "cookie" or _ID.search(key) or _is_strong(value):
        return True
    return hides(key, value) or looks_random(value)


def _follows(end: float | None, exchange: Exchange) -> bool:
    if end is None or exchange.started_s is None:
        return False
    return exchange.started_s - end < limit("pause_s")


def _env_name(kind: str, name: str) -> str:
    return f"cookie_{name}" if kind == "cookie" else name or kind


def _is_secret_segment(before: str, value: str) -> bool:
    if leads_to_secret(before) and len(value) >= _STRONG and any(map(str.isdigit, value)):
        return True
    return looks_secret(value) and not looks_random(value)


def _is_same(kind: str, name: str, value: str, origin: _Origin) -> bool:
    """Tell whether an equal value is the same one, and not alike by chance."""
    if origin.stays:
        return False
    if kind == "authorization" or origin.source == "cookie":
        return True
    if hides(origin.key, value) or looks_random(value):
        return True
    if _is_strong(value):
        return True
    if not _ID.search(origin.key):
        return False
    if kind == "path" or _ID.search(name) or _plain(name) == _plain(origin.key):
        return True
    return len(name) > 1 and _plain(name) in _plain(origin.path)


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()


def _is_strong(value: str) -> bool:
    if len(value) < _STRONG or _DATE.match(value) or value.isspace() or "/" in value:
        return False
    return any(map(str.isdigit, value)) and not re.search(r"\s", value)


def _loose(text: str) -> str:
    """Return a pattern of a text, for Python and JavaScript alike."""
    signs = (c if c.isalnum() or c in "_-\"'=: " else "\\" + c for c in text)
    return "".join(signs).replace(" ", "\\s*")
