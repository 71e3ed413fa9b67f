"""Postman collections (v2.0 and v2.1): requests in folders, with variables and saved answers."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from slowcoach.core.errors import InputError, UnreadableError
from slowcoach.load.correlation import correlate, placeholders, sealed
from slowcoach.load.exchange import Exchange, UnwritableError, leaves
from slowcoach.load.plan import Endpoint, Journey
from slowcoach.load.secrecy import Vault, env, hides, identifier, taken
from slowcoach.load.sources import _documents, _mix
from slowcoach.load.sources._documents import keyed, listed
from slowcoach.load.traffic import Given, Source, Traffic

_WHAT = "a Postman collection (v2)"
_HINT = "Export the collection as v2.1"
_VARIABLE = re.compile(r"\{\{\s*([^{}]{1,200}?)\s*\}\}")
_MARK = re.compile(r"slowcoachgap(\d+)x")
_UNQUOTED = re.compile(r'(?<![\w"])slowcoachgap(\d+)x(?![\w"])')
_BARE = re.compile(r'"bare-slowcoachgap(\d+)x"')  # a number or an object of JSON
_MOST = 2_000
_DEEPEST = 30
_ROUNDS = 10
_MADE_UP = 100
_TYPE = re.compile(r"<(string|integer|long|number|float|double|boolean|dateTime|date|uuid|email)>")
_OF_TYPE = {
    **dict.fromkeys(("integer", "long", "number", "float", "double"), "1"),
    "boolean": "true",
    "dateTime": "2026-01-15T12:00:00Z",
    "date": "2026-01-15",
    "uuid": "00000000-0000-4000-8000-000000000001",
    "email": "load@example.com",
}
_MIME = {"json": "application/json", "xml": "application/xml", "html": "text/html"}
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class _Scope:
    """What a request inherits from its folders: variables, how to sign in, the folder's name."""

    variables: Mapping[str, str]
    auth: Mapping[str, Any] | None
    folder: str


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
        self._gaps: list[str] = []
        self._data: dict[str, tuple[str, ...]] = {}
        self._answers: dict[str, str] = {}
        self._vault = Vault()
        self._scripts = 0
        self._count = 0

    def traffic(self, root: dict[str, Any]) -> Traffic:
        """Return the whole collection's requests."""
        folders: dict[str, list[Exchange]] = {}
        scope = _Scope(_variables(root, {}), _auth(root), "")
        self._scripts += bool(root.get("event"))
        for folder, exchange in self._items(root["item"], scope, 0):
            folders.setdefault(folder, []).append(exchange)
        vault = self._vault
        found: list[list[Endpoint]] = []
        for exchanges in folders.values():
            session = correlate(exchanges, vault)
            self._left_out.update(session.left_out)
            found.append([sealed(self._filled(step), vault) for step in session.steps])
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
            data=self._data,
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

    def _items(self, items: list[Any], scope: _Scope, depth: int) -> Iterator[tuple[str, Exchange]]:
        for item in listed(items):
            self._scripts += bool(item.get("event"))
            inner = _Scope(
                _variables(item, scope.variables), _auth(item) or scope.auth, scope.folder
            )
            if isinstance(item.get("item"), list):
                if depth < _DEEPEST:
                    name = str(item.get("name") or "")[:80]
                    yield from self._items(
                        item["item"], _Scope(inner.variables, inner.auth, name), depth + 1
                    )
            elif item.get("request"):
                exchange = self._exchange(item, inner)
                if exchange is not None:
                    yield scope.folder, exchange

    def _exchange(self, item: dict[str, Any], scope: _Scope) -> Exchange | None:
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
        if why is None and keyed(request.get("body")).get("mode") in {"file", "formdata"}:
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
        self._learn(exchange)
        if exchange.writes and not self._given.writes:
            self._left_out["writes"] += 1
            return _unkept(exchange)
        return exchange

    def _learn(self, exchange: Exchange) -> None:
        """Note what a saved answer gives, by the names that variables for it have."""
        try:
            document = json.loads(exchange.answer)
        except (ValueError, RecursionError):
            return
        words = [part for part in urlsplit(exchange.url).path.split("/") if part.isidentifier()]
        for _, key, value in leaves(document):
            self._answers[_plain(key)] = value
            if key.lower() == "id" and words:
                self._answers[_plain(f"{words[-1].removesuffix('s')}id")] = value

    def _resolved(self, text: Any, scope: _Scope, *, name: str = "") -> str:
        """Return a text with its variables; what is secret or unknown becomes a gap."""
        found = str(text) if text is not None else ""
        for _ in range(_ROUNDS):
            new = _VARIABLE.sub(lambda match: self._variable(match[1], scope), found)
            if new == found:
                break
            found = new
        return _TYPE.sub(lambda match: _OF_TYPE.get(match[1], "load"), found)

    def _variable(self, name: str, scope: _Scope) -> str:
        if name.startswith("$"):
            return self._gap(self._made_up(name[1:]))
        value = scope.variables.get(name)
        if value is None or value == "":
            value = self._answers.get(_plain(name))  # a script sets it from an earlier answer
            return self._gap(env(name)) if value is None else value
        return self._gap(env(name)) if hides(name, value) else value

    def _gap(self, placeholder: str) -> str:
        if placeholder not in self._gaps:
            self._gaps.append(placeholder)
        text = f"slowcoachgap{self._gaps.index(placeholder)}x"
        self._vault.handed_on(text, placeholder)
        return text

    def _made_up(self, kind: str) -> str:
        """Return the placeholder of values for one of Postman's dynamic variables."""
        import random
        import uuid

        name = identifier(kind)
        draw = random.Random(kind)  # noqa: S311 - samples, the same at each reading
        if "uuid" in name.lower() or name == "guid":
            values = [str(uuid.UUID(int=draw.getrandbits(128), version=4)) for _ in range(_MADE_UP)]
        elif "timestamp" in name:
            values = ["1767225600"]
        elif "email" in name:
            values = [f"load{n}@example.com" for n in range(_MADE_UP)]
        elif "int" in name or "price" in name:
            values = [str(draw.randrange(1000)) for _ in range(_MADE_UP)]
        else:
            values = [f"load {n}" for n in range(_MADE_UP)]
        self._data.setdefault(name, tuple(values))
        return taken(name)

    def _filled(self, step: Endpoint) -> Endpoint:
        """Return a request with the placeholders that its gaps stand for."""

        def put(text: str) -> str:
            return _MARK.sub(lambda match: self._gaps[int(match[1])], text)

        body = None if step.body is None else put(_BARE.sub(r"slowcoachgap\1x", step.body))
        headers = {key: put(value) for key, value in step.headers.items()}
        return step.model_copy(
            update={"url": put(step.url), "headers": headers, "body": body, "name": put(step.label)}
        )

    def _url(self, url: Any, scope: _Scope) -> str:
        """Return a request's URL; the host must be known."""
        parts = keyed(url)
        raw = parts.get("raw") if parts else url
        raw = raw if isinstance(raw, str) and raw else _joined(parts)
        path, _, query = raw.partition("?")
        for variable in listed(parts.get("variable")):
            if variable.get("value") == "<string>":
                raise UnwritableError("requests whose path has no example value")
            value = self._resolved(variable.get("value"), scope)
            key = str(variable.get("key"))
            filled = quote(value, safe="") if value else self._gap(env(key))
            mark = f":{key}"
            path = "/".join(filled if part == mark else part for part in path.split("/"))
        if isinstance(parts.get("query"), list):
            pairs = [p for p in listed(parts["query"]) if not p.get("disabled") and p.get("key")]
            query = urlencode(
                [
                    (
                        self._resolved(p["key"], scope),
                        self._resolved(p.get("value"), scope),
                    )
                    for p in pairs
                ]
            )
        else:
            query = self._resolved(query, scope)
        return self._based(self._resolved(path, scope)) + (f"?{query}" if query else "")

    def _based(self, path: str) -> str:
        base = self._given.base
        gap = _MARK.match(path)
        if gap is not None:  # {{baseUrl}} that no variable gives
            if base is None:
                raise InputError(
                    f"{self._given.path}: its requests begin with a variable that has no value",
                    hint="Give `url` too, such as http://127.0.0.1:8000",
                )
            return base.split("?")[0].rstrip("/") + path[gap.end() :]
        if "://" not in path:
            path = f"http://{path}"
        if base is None:
            return path
        try:
            return _mix.origin_of(base) + urlsplit(path).path
        except ValueError:
            return path

    def _headers(self, request: dict[str, Any], scope: _Scope) -> Iterator[tuple[str, str]]:
        for header in listed(request.get("header")):
            if not header.get("disabled") and header.get("key"):
                yield str(header["key"]), self._resolved(header.get("value"), scope)

    def _signed(self, request: dict[str, Any], scope: _Scope) -> Iterator[tuple[str, str]]:
        auth = _auth(request) or scope.auth or {}
        kind = auth.get("type")
        if kind == "basic":
            yield "Authorization", f"Basic {self._gap(env('basic_auth'))}"
        elif kind in {"bearer", "oauth2", "jwt"}:
            token = keyed_pairs(auth.get(str(kind))).get("token", "")
            given = self._resolved(token, scope) if _VARIABLE.fullmatch(token) else ""
            yield "Authorization", f"Bearer {given or self._gap(env('api_token'))}"
        elif kind == "apikey":
            pairs = keyed_pairs(auth.get("apikey"))
            key = pairs.get("key", "X-API-Key")
            if pairs.get("in") != "query":
                yield key, self._gap(env(key))
        elif kind not in {None, "noauth"}:
            self._left_out[f"signatures of kind {str(kind)[:20]}"] += 1

    def _with_key(self, url: str, request: dict[str, Any], scope: _Scope) -> str:
        auth = _auth(request) or scope.auth or {}
        pairs = keyed_pairs(auth.get("apikey"))
        if auth.get("type") != "apikey" or pairs.get("in") != "query":
            return url
        key = pairs.get("key", "api_key")
        gap = self._gap(env(key))
        return f"{url}{'&' if '?' in url else '?'}{quote(key, safe='')}={gap}"

    def _body(self, request: dict[str, Any], scope: _Scope) -> tuple[str | None, str]:
        body = keyed(request.get("body"))
        if not body or body.get("disabled"):
            return None, ""
        mode = body.get("mode")
        if mode == "urlencoded":
            pairs = [p for p in listed(body.get("urlencoded")) if not p.get("disabled")]
            return urlencode(
                [(str(p.get("key")), self._resolved(p.get("value"), scope)) for p in pairs]
            ), _FORM
        if mode == "graphql":
            asked = keyed(body.get("graphql"))
            query = {"query": self._resolved(asked.get("query"), scope)}
            with suppress(ValueError, RecursionError):
                query["variables"] = json.loads(self._resolved(asked.get("variables"), scope))
            return json.dumps(query), _MIME["json"]
        text = self._resolved(body.get("raw"), scope)
        language = keyed(keyed(body.get("options")).get("raw")).get("language")
        if language is None and text.lstrip()[:1] in {"{", "["}:
            language = "json"
        if language == "json":
            text = _UNQUOTED.sub(r'"bare-slowcoachgap\1x"', text)
        return (text or None), _MIME.get(str(language), "text/plain")


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()


def _unkept(exchange: Exchange) -> Exchange:
    from dataclasses import replace

    return replace(exchange, kept=False)


def _variables(node: Mapping[str, Any], outer: Mapping[str, str]) -> dict[str, str]:
    """Return the variables in force; those marked as secret have no value here."""
    found = dict(outer)
    for variable in listed(node.get("variable")):
        key = str(variable.get("key") or variable.get("id") or "")
        is_secret = variable.get("type") == "secret"
        value = variable.get("value")
        if not variable.get("disabled"):
            found[key] = "" if is_secret or value is None else str(value)
    return found


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
