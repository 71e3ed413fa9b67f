"""A recorded request with its answer, and its parts one by one with what stands for each."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, unquote_plus, urlsplit

from slowcoach.load.secrecy import PLACEHOLDER

Resolve = Callable[[str, str, str], str | None]
"""Of the kind of part (path, query, header, cookie, json, form, text), its name and its value;
returns what stands for it, or None to leave it."""

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_LEFT_OUT = re.compile(
    r":|host|content-length|connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade.*"
    r"|cookie|accept-encoding|user-agent|sec-.*|referer|if-.*|range|dnt|priority|cache-control"
    r"|pragma|traceparent|tracestate|baggage|b3|x-b3-.*|x-request-id|x-correlation-id|expect"
    r"|x-forwarded-.*|x-real-ip|via|forwarded|date|device-memory|downlink|ect|rtt|viewport-width"
    r"|sentry-trace|x-datadog-.*|newrelic|uber-trace-id|postman-token",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_TRACKERS = re.compile(
    r"_ga|_gid|_gat|_gcl|_fbp|_fbc|_hj|_pk_|_clck|_clsk|_uet|ajs_|amp_|amplitude|mp_|optimizely"
    r"|Optanon|intercom|_dd_s|__utm|IDE$|NID$|_shopify_[ys]$",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"(Bearer|Basic|Token|Digest|ApiKey|JWT)\s+(.+)", re.IGNORECASE | re.DOTALL)
_ENV = {"basic": "basic_auth"}
_RAW = re.compile(r'"\\u0000(.*?)\\u0000"')
_DEEPEST = 60
_LONGEST_VALUE = 4096
_LONG_ACCEPT = 40
_QUERY = re.compile(r"\s*(?:query\b|\{|fragment\b)")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer, as recorded; times in s of any epoch, None where not told.

    `kept` tells that the test is to send it; what is not kept still tells where values came from.
    `route` is its path's template where the source knows it.
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: str | None = None
    mime: str = ""
    status: int = 0
    answer_headers: tuple[tuple[str, str], ...] = ()
    answer: str = ""
    started_s: float | None = None
    ended_s: float | None = None
    kept: bool = True
    route: str = ""

    @property
    def writes(self) -> bool:
        """Tell whether it may change data; a query of GraphQL does not."""
        return self.method in WRITES and not _is_graphql_query(self.body)

    def header(self, name: str) -> str:
        """Return a header of the request, "" without it."""
        return next((value for key, value in self.headers if key.lower() == name), "")


@dataclass(frozen=True, slots=True)
class Written:
    """A request as a plan holds it, its values replaced."""

    url: str
    headers: dict[str, str]
    body: str | None


class UnwritableError(Exception):
    """A request that a plan cannot hold; its text says why."""


def _is_graphql_query(body: str | None) -> bool:
    if not body or '"query"' not in body:
        return False
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return False
    asked = document if isinstance(document, list) else [document]
    return all(isinstance(q, dict) and _QUERY.match(str(q.get("query", ""))) for q in asked)


def write(exchange: Exchange, resolve: Resolve) -> Written:
    """Return a request with each part as `resolve` says; raises UnwritableError."""
    return Written(
        url=_url(exchange.url, resolve),
        headers=_headers(exchange, resolve),
        body=_body(exchange, resolve),
    )


def readable(text: str) -> str:
    """Return a text that UTF-8 can hold: halves of signs are replaced."""
    return text.encode("utf-8", "replace").decode()


def plain(text: str) -> str:
    """Return a part of a URL in which nothing can be taken for a placeholder."""
    return text.replace("{", "%7B").replace("}", "%7D").replace(" ", "%20")


def _url(url: str, resolve: Resolve) -> str:
    parts = urlsplit(url)
    before = ""
    segments: list[str] = []
    for segment in parts.path.split("/"):
        cut = segment.partition(";")[0]  # a session id may stand behind a semicolon
        value = unquote(cut)
        segments.append((value and resolve("path", before, value)) or plain(cut))
        before = value
    host = parts.netloc.rpartition("@")[2]
    query = _pairs(parts.query, "query", resolve)
    return f"{parts.scheme}://{host}{'/'.join(segments) or '/'}{f'?{query}' if query else ''}"


def _pairs(text: str, kind: str, resolve: Resolve) -> str:
    """Return a query or a form with its values replaced; a bare word is a value too."""
    found: list[str] = []
    for pair in text.split("&") if text else ():
        name, equals, value = pair.partition("=")
        if not equals:
            found.append(resolve(kind, "", unquote_plus(name)) or plain(name))
            continue
        shown = resolve(kind, "", unquote_plus(name)) or plain(name)
        new = resolve(kind, unquote_plus(name), unquote_plus(value)) if value else None
        found.append(f"{shown}={plain(value) if new is None else quoted(new)}")
    return "&".join(found)


def quoted(text: str) -> str:
    """Return a text as a URL holds it; placeholders stay."""
    found: list[str] = []
    at = 0
    for match in PLACEHOLDER.finditer(text):
        found += [quote(text[at : match.start()], safe=""), match[0]]
        at = match.end()
    return "".join([*found, quote(text[at:], safe="")])


def _headers(exchange: Exchange, resolve: Resolve) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in exchange.headers:
        lower = name.lower()
        if not _TOKEN.fullmatch(name) or _LEFT_OUT.fullmatch(lower) or len(value) > _LONGEST_VALUE:
            continue
        if lower == "origin" and exchange.method not in WRITES:
            continue
        if lower == "content-type" and exchange.body is None:
            continue
        new = _header(lower, value, resolve)
        if "\n" not in new and "\r" not in new:
            found[name.title() if lower == name else name] = new
    if cookies := _cookies(exchange, resolve):
        found["Cookie"] = cookies
    if exchange.body is not None and not exchange.header("content-type") and exchange.mime:
        found["Content-Type"] = exchange.mime
    return found


def _header(name: str, value: str, resolve: Resolve) -> str:
    if name == "accept" and len(value) > _LONG_ACCEPT:
        value = f"{value.partition(',')[0].partition(';')[0]}, */*;q=0.8"
    match = _SCHEME.fullmatch(value) if "auth" in name else None
    if match is None:
        new = resolve("header", name, value)
        return value.replace("${", "$ {") if new is None else new
    called = _ENV.get(match[1].lower(), "api_token")
    return f"{match[1]} {resolve('authorization', called, match[2])}"


def _cookies(exchange: Exchange, resolve: Resolve) -> str:
    found: list[str] = []
    for name, value in cookies_of(exchange.header("cookie")):
        if _TOKEN.fullmatch(name) and value and not _TRACKERS.match(name):
            found.append(f"{name}={resolve('cookie', name, value)}")
    return "; ".join(found)


def cookies_of(header: str) -> list[tuple[str, str]]:
    """Return the names and values of a Cookie header."""
    pairs = (part.strip().partition("=") for part in header.split(";"))
    return [(name, value) for name, _, value in pairs if name]


def _body(exchange: Exchange, resolve: Resolve) -> str | None:
    body = exchange.body
    if body is None or body == "":
        return body
    mime = (exchange.header("content-type") or exchange.mime).lower()
    if "multipart/" in mime:
        raise UnwritableError("file uploads and multipart forms")
    if "json" in mime or body.lstrip()[:1] in {"{", "["}:
        return _json(body, resolve)
    if "form-urlencoded" in mime:
        return _pairs(body, "form", resolve)
    if "${" in body:
        raise UnwritableError("bodies that hold ${")
    new = resolve("text", "", body)
    return body if new is None else new


def _json(body: str, resolve: Resolve) -> str:
    try:
        document = json.loads(body)
        return dumped(replaced(document, resolve))
    except (ValueError, RecursionError):
        raise UnwritableError("bodies that are no valid JSON") from None


def dumped(document: Any) -> str:
    """Return JSON in which a placeholder for a number stands without quotes."""
    text = json.dumps(document, separators=(",", ":"), allow_nan=False)
    return _RAW.sub(r"\1", text).replace("\\u0001{", "\\u0024{")


def _literal(text: str) -> str:
    """Return a text for `dumped` that cannot be taken for a placeholder, and means the same."""
    return text.replace("\0", "").replace("\1", "").replace("${", "\1{")


def replaced(node: Any, resolve: Resolve, name: str = "", depth: int = 0) -> Any:
    """Return JSON with its leaves replaced; literal text cannot be taken for a placeholder."""
    if depth > _DEEPEST:
        raise ValueError("too deep")
    if isinstance(node, dict):
        return {
            resolve("json", "", str(key)) or _literal(str(key)): replaced(
                value, resolve, str(key), depth + 1
            )
            for key, value in node.items()
        }
    if isinstance(node, list):
        return [replaced(value, resolve, name, depth + 1) for value in node]
    if isinstance(node, bool) or node is None:
        return node
    if isinstance(node, str):
        return _leaf(node, resolve, name, depth)
    new = resolve("json", name, str(node))
    return node if new is None else f"\0{new}\0"


def _leaf(value: str, resolve: Resolve, name: str, depth: int) -> str:
    new = resolve("json", name, value)
    if new is not None:
        return new
    if value[:1] in {"{", "["} and value[-1:] in {"}", "]"}:
        try:  # JSON inside of JSON
            return dumped(replaced(json.loads(value), resolve, name, depth + 1))
        except (ValueError, RecursionError):
            return _literal(value)
    return _literal(value)


def leaves(node: Any, path: str = "", depth: int = 0) -> Sequence[tuple[str, str, str]]:
    """Return (path, key, value) of the texts and whole numbers of JSON, in the order they stand.

    Keys that are no plain names end the way: they may be values themselves.
    """
    found: list[tuple[str, str, str]] = []
    work: list[tuple[Any, str, str, int]] = [(node, path, "", depth)]
    while work and len(found) < _MOST_LEAVES:
        at, way, key, level = work.pop()
        if level > _DEEPEST:
            continue
        if isinstance(at, dict):
            for name, value in reversed(at.items()):
                if _PLAIN_KEY.fullmatch(str(name)):
                    work.append(
                        (value, f"{way}.{name}" if way else str(name), str(name), level + 1)
                    )
        elif isinstance(at, list):
            work += [
                (value, f"{way}[{i}]", key, level + 1)
                for i, value in reversed(list(enumerate(at[:_MOST_ELEMENTS])))
            ]
        elif isinstance(at, str) or (isinstance(at, int) and not isinstance(at, bool)):
            found.append((way, key, str(at)))
    return found


_PLAIN_KEY = re.compile(r"[A-Za-z_][\w-]{0,63}")
_MOST_LEAVES = 5_000
_MOST_ELEMENTS = 200
