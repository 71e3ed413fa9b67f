"""The values that an answer gives: in headers, cookies, JSON and the hidden fields of pages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Literal

from slowcoach.load.exchange import Exchange, cookies_of, leaves

SourceKind = Literal["json", "header", "cookie", "regex"]
_TAG = re.compile(r"<(?:input|meta)\b[^<>]{0,2000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([\w:-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_TAKEN_HEADERS = re.compile(r"(?:x-)?.*(?:token|csrf|xsrf|session|auth|etag|-id)$", re.IGNORECASE)


def given_by(exchange: Exchange) -> Iterator[tuple[SourceKind, str, str, str]]:
    """Yield the values of an answer: from where, by which path, its key, the value."""
    for name, value in exchange.answer_headers:
        if name.lower() == "set-cookie":
            for cookie, text in cookies_of(value.split(";")[0]):
                yield "cookie", cookie, cookie, text
        elif _TAKEN_HEADERS.match(name):
            yield "header", name, name, value
    text = exchange.answer.lstrip()
    if text[:1] == "<":
        yield from _fields(text)
    elif text[:1] in {"{", "["}:
        with suppress(ValueError, RecursionError):
            for path, key, value in leaves(json.loads(text)):
                yield "json", path, key, value


def _fields(page: str) -> Iterator[tuple[SourceKind, str, str, str]]:
    """Yield hidden fields of forms and tokens in a page's head."""
    for tag in _TAG.finditer(page):
        found = {
            m[1].lower(): m[2] if m[2] is not None else m[3] for m in _ATTRIBUTE.finditer(tag[0])
        }
        name = found.get("name") or found.get("id") or found.get("property") or ""
        kind = "value" if tag[0][1:6].lower() == "input" else "content"
        value = found.get(kind)
        if not value or not re.fullmatch(r"[\w.:\[\]-]{1,80}", name) or "&" in value:
            continue
        by = next(key for key in ("name", "id", "property") if found.get(key) == name)
        one, two = f"{by}=[\"']{_escaped(name)}[\"']", f"{kind}=[\"']([^\"']*)[\"']"
        first = tag[0].find(f"{by}=") < tag[0].find(f"{kind}=")
        yield "regex", "[^>]*?".join((one, two) if first else (two, one)), name, value


def _escaped(name: str) -> str:
    return re.sub(r"([.\[\]])", r"\\\1", name)
