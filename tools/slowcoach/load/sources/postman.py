"""Postman collections (v2.0 and v2.1): requests in folders, with variables and saved answers."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from slowcoach.core.errors import InputError, UnreadableError
from slowcoach.load.correlation import correlate
from slowcoach.load.exchange import Exchange, UnwritableError
from slowcoach.load.plan import Endpoint, Journey
from slowcoach.load.sealing import placeholders, sealed
from slowcoach.load.secrecy import Vault, env
from slowcoach.load.sources import _documents, _mix
from slowcoach.load.sources._documents import keyed, listed
from slowcoach.load.sources._variables import Scope, Variables, leads, variable_of, variables_of
from slowcoach.load.traffic import Given, Source, Traffic

_WHAT = "a Postman collection (v2)"
_HINT = "Export the collection as v2.1"
_MOST = 2_000
_DEEPEST = 30
_MIME = {"json": "application/json", "xml": "application/xml", "html": "text/html"}
_FORM = "application/x-www-form-urlencoded"


def read(given: Given) -> Traffic:
    """Return the requests of a collection, all with the same weight; in a folder with saved
    answers, values are handed on and the folder is a journey.
    """
    if given.path is None:
        raise UnreadableError(f"expected {_WHAT}", hint=_HINT)
    root = keyed(_documents.document(given.path, _WHAT, _HINT))
    root = keyed(root.get("collection")) or root
    if not isinstance(root.get("item"), list):
        raise UnreadableError(f"{given.path}: expected {_WHAT}", hint=_HINT)
    return _Reader(given).traffic(root)


class _Reader:
    """Turns items into exchanges; what no variable gives is a gap that is filled at the end."""

    def __init__(self, given: Given) -> None:
        self._given = given
        self._left_out: Counter[str] = Counter()
        self._vault = Vault()
        self._variables = Variables(self._vault)
        self._scripts = 0
        self._count = 0

    def traffic(self, root: dict[str, Any]) -> Traffic:
        """Return the whole collection's requests."""
        folders: dict[str, list[Exchange]] = {}
        scope = Scope(variables_of(root, {}), _auth(root), "")
        self._scripts += bool(root.get("event"))
        for folder, exchange in self._items(root["item"], scope, 0):
            folders.setdefault(folder, []).append(exchange)
        vault = self._vault
        found: list[list[Endpoint]] = []
        for exchanges in folders.values():
            session = correlate(exchanges, vault)
            self._left_out.update(session.left_out)
            found.append([sealed(self._variables.filled(step), vault) for step in session.steps])
        flat = [step for steps in found for step in steps]
        if not flat:
            raise UnreadableError(
                f"{self._given.path}: no request that could be sent: "
                f"{_mix.counted(self._left_out) or 'it holds none'}",
                hint="Say in the goal that the test is `with writes`, or give `url`",
            )
        return Traffic(
            endpoints=_mix.mixed(flat),
            journeys=tuple(_journeys(tuple(folders), found)),
            data=self._variables.data,
            notes=self._notes(flat),
        )

    def _notes(self, flat: list[Endpoint]) -> tuple[str, ...]:
        said = ["a collection has no traffic: every request has the same weight"]
        if self._scripts:
            said.append(
                f"the collection's scripts ({self._scripts}) are not run: what they set must come "
                "from the environment"
            )
        if any(step.extract for step in flat):
            said.append("values are handed on as the saved answers show")
        return (*said, *_mix.notes(self._left_out, flat, writes=self._given.writes))

    def _items(self, items: list[Any], scope: Scope, depth: int) -> Iterator[tuple[str, Exchange]]:
        for item in listed(items):
            self._scripts += bool(item.get("event"))
            inner = Scope(
                variables_of(item, scope.variables), _auth(item) or scope.auth, scope.folder
            )
            if isinstance(item.get("item"), list):
                if depth < _DEEPEST:
                    name = str(item.get("name") or "")[:80]
                    yield from self._items(
                        item["item"], Scope(inner.variables, inner.auth, name), depth + 1
                    )
            elif item.get("request"):
                exchange = self._exchange(item, inner)
                if exchange is not None:
                    yield scope.folder, exchange

    def _exchange(self, item: dict[str, Any], scope: Scope) -> Exchange | None:
        request = item["request"]
        request = {"url": request, "method": "GET"} if isinstance(request, str) else keyed(request)
        self._count += 1
        if self._count > _MOST:
            self._left_out[f"requests after the first {_MOST:,}"] += 1
            return None
        method = str(request.get("method") or "GET").upper()
        try:
            url = self._url(request.get("url"), scope)
        except UnwritableError as error:
            self._left_out[str(error)] += 1
            return None
        why = _mix.unusable(method, url, "")
        if why is None and str(keyed(request.get("body")).get("mode")) in {"file", "formdata"}:
            why = "file uploads and multipart forms"
        if why is not None:
            self._left_out[why] += 1
            return None
        answer = next(iter(listed(item.get("response"))), {})
        body, mime = self._body(request, scope)
        headers = [*self._headers(request, scope), *self._signed(request, scope)]
        exchange = Exchange(
            method=method,
            url=self._with_key(url, request, scope),
            headers=tuple(headers),
            body=body,
            mime=mime,
            status=200,
            answer_headers=tuple(
                (str(h.get("key")), str(h.get("value"))) for h in listed(answer.get("header"))
            ),
            answer=str(answer.get("body") or ""),
        )
        self._variables.learn(exchange)
        if exchange.writes and not self._given.writes:
            self._left_out["writes"] += 1
            return replace(exchange, kept=False)
        return exchange

    def _url(self, url: Any, scope: Scope) -> str:
        """Return a request's URL; the host must be known."""
        parts = keyed(url)
        raw = parts.get("raw") if parts else url
        raw = raw if isinstance(raw, str) and raw else _joined(parts)
        path, _, query = raw.partition("?")
        for variable in listed(parts.get("variable")):
            if variable.get("value") == "<string>":
                raise UnwritableError("requests whose path has no example value")
            value = self._variables.resolved(variable.get("value"), scope)
            key = str(variable.get("key"))
            filled = quote(value, safe="") if value else self._variables.gap(env(key))
            mark = f":{key}"
            path = "/".join(filled if part == mark else part for part in path.split("/"))
        if isinstance(parts.get("query"), list):
            pairs = [p for p in listed(parts["query"]) if not p.get("disabled") and p.get("key")]
            query = urlencode(
                [
                    (
                        self._variables.resolved(p["key"], scope),
                        self._variables.resolved(p.get("value"), scope),
                    )
                    for p in pairs
                ]
            )
        else:
            query = self._variables.resolved(query, scope)
        return self._based(self._variables.resolved(path, scope)) + (f"?{query}" if query else "")

    def _based(self, path: str) -> str:
        base = self._given.base
        gap = leads(path)
        if gap:  # {{baseUrl}} that no variable gives
            if base is None:
                raise InputError(
                    f"{self._given.path}: its requests begin with a variable that has no value",
                    hint="Give `url` too, such as http://127.0.0.1:8000",
                )
            return f"{base.split('?')[0].rstrip('/')}/{path[gap:].lstrip('/')}"
        if "://" not in path:
            path = f"http://{path}"
        if base is None:
            return path
        try:
            return _mix.origin_of(base) + urlsplit(path).path
        except ValueError:
            return path

    def _headers(self, request: dict[str, Any], scope: Scope) -> Iterator[tuple[str, str]]:
        for header in listed(request.get("header")):
            if not header.get("disabled") and header.get("key"):
                yield str(header["key"]), self._variables.resolved(header.get("value"), scope)

    def _signed(self, request: dict[str, Any], scope: Scope) -> Iterator[tuple[str, str]]:
        auth = _auth(request) or scope.auth or {}
        kind = None if auth.get("type") is None else str(auth["type"])
        if kind == "basic":
            yield "Authorization", f"Basic {self._variables.gap(env('basic_auth'))}"
        elif kind in {"bearer", "oauth2", "jwt"}:
            token = keyed_pairs(auth.get(str(kind))).get("token", "")
            given = self._variables.resolved(token, scope) if variable_of(token) else ""
            yield "Authorization", f"Bearer {given or self._variables.gap(env('api_token'))}"
        elif kind == "apikey":
            pairs = keyed_pairs(auth.get("apikey"))
            key = pairs.get("key", "X-API-Key")
            if pairs.get("in") != "query":
                yield key, self._variables.gap(env(key))
        elif kind not in {None, "noauth"}:
            self._left_out[f"signatures of kind {str(kind)[:20]}"] += 1

    def _with_key(self, url: str, request: dict[str, Any], scope: Scope) -> str:
        auth = _auth(request) or scope.auth or {}
        pairs = keyed_pairs(auth.get("apikey"))
        if auth.get("type") != "apikey" or pairs.get("in") != "query":
            return url
        key = pairs.get("key", "api_key")
        gap = self._variables.gap(env(key))
        return f"{url}{'&' if '?' in url else '?'}{quote(key, safe='')}={gap}"

    def _body(self, request: dict[str, Any], scope: Scope) -> tuple[str | None, str]:
        body = keyed(request.get("body"))
        if not body or body.get("disabled"):
            return None, ""

        def put(value: Any) -> str:
            return self._variables.resolved(value, scope)

        if body.get("mode") == "urlencoded":
            pairs = [p for p in listed(body.get("urlencoded")) if not p.get("disabled")]
            return urlencode([(str(p.get("key")), put(p.get("value"))) for p in pairs]), _FORM
        if body.get("mode") == "graphql":
            asked = keyed(body.get("graphql"))
            query = {"query": put(asked.get("query"))}
            with suppress(ValueError, RecursionError):
                query["variables"] = json.loads(put(asked.get("variables")))
            return json.dumps(query), _MIME["json"]
        text = put(body.get("raw"))
        language = keyed(keyed(body.get("options")).get("raw")).get("language")
        if language == "json" or (language is None and text.lstrip()[:1] in {"{", "["}):
            return self._variables.spaced(text) or None, _MIME["json"]
        return (text or None), _MIME.get(str(language), "text/plain")


def _auth(node: Mapping[str, Any]) -> dict[str, Any] | None:
    auth = node.get("auth")
    return auth if isinstance(auth, dict) and auth.get("type") else None


def keyed_pairs(value: Any) -> dict[str, str]:
    """Return the parameters of an authentication: a list of pairs (v2.1) or an object (v2.0)."""
    if isinstance(value, dict):
        return {str(k): str(v) for k, v in value.items()}
    return {str(p.get("key")): str(p.get("value") or "") for p in listed(value)}


def _joined(parts: dict[str, Any]) -> str:
    def text(name: str, sign: str) -> str:
        value = parts.get(name)
        return sign.join(map(str, value)) if isinstance(value, list) else str(value or "")

    port = f":{parts['port']}" if parts.get("port") else ""
    protocol = f"{parts['protocol']}://" if parts.get("protocol") else ""
    return f"{protocol}{text('host', '.')}{port}/{text('path', '/').lstrip('/')}"


def _journeys(folders: tuple[str, ...], found: list[list[Endpoint]]) -> Iterator[Journey]:
    """Yield folders in which values are handed on, and all else one by one, if any are."""
    if not any(step.extract for steps in found for step in steps):
        return
    for folder, steps in zip(folders, found, strict=True):
        if any(step.extract for step in steps):
            yield Journey(name=folder or "collection", weight=float(len(steps)), steps=tuple(steps))
        else:
            for step in steps:
                if all(name.startswith("${env:") for name in placeholders(step)):
                    yield Journey(name=step.label, steps=(step,))


SOURCE = Source(
    name="postman",
    title="A Postman collection",
    matches=lambda given: (
        re.search(rb"schema\.getpostman\.com|\"_postman_id\"", given.head) is not None
    ),
    read=read,
)
