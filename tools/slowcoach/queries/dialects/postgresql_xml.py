"""PostgreSQL's EXPLAIN (FORMAT XML)."""

import re
from typing import Any
from xml.etree.ElementTree import ParseError, XMLPullParser

from slowcoach.core.errors import UnreadableError
from slowcoach.queries.dialects._document import HINT, plan_of, scalar, unframed
from slowcoach.queries.model import Dialect, Plan

_SIGHT = "<explain xmlns="
_END = "</explain>"
_DECLARES = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_LISTS = frozenset({"Plans", "Triggers", "Workers"})
_CHUNK = 1 << 16
_CUT = "the XML ends before the plan does; what was there is read"


def _matches(text: str) -> bool:
    return _SIGHT in text


def _read(text: str) -> Plan:
    text = unframed(text)
    begin = text.find(_SIGHT)
    end = text.find(_END, begin)
    if _DECLARES.search(text):
        raise UnreadableError("plan: the XML declares a document type; a plan has none", hint=HINT)
    document, warnings = _document(text[begin:] if end < 0 else text[begin : end + len(_END)])
    return plan_of(document, warnings)


def _document(text: str) -> tuple[Any, tuple[str, ...]]:
    """Return the first query of the document as nested mappings, without recursion."""
    parser: Any = XMLPullParser(("start", "end"))
    stack: list[tuple[str, dict[str, Any]]] = []
    queries: list[Any] = []
    warnings: tuple[str, ...] = ()
    try:
        for at in range(0, len(text), _CHUNK):
            parser.feed(text[at : at + _CHUNK])
            for event, element in parser.read_events():
                name = element.tag.rpartition("}")[2]
                if event == "start":
                    stack.append((name, {}))
                    continue
                _ended(stack, queries, name, element.text)
                element.clear()
        if stack:
            warnings = _close(stack, queries)
    except ParseError as error:
        if not stack or (not stack[0][1] and len(stack) < _OPEN_AT_A_PLAN):
            raise UnreadableError(f"plan: the XML cannot be read: {error}", hint=HINT) from None
        warnings = _close(stack, queries)
    if len(queries) > 1:
        warnings += (f"{len(queries)} plans were given; the first one is read",)
    return (queries[0] if queries else {}), warnings


_OPEN_AT_A_PLAN = 3


def _close(stack: list[tuple[str, dict[str, Any]]], queries: list[Any]) -> tuple[str, ...]:
    while stack:
        _ended(stack, queries, stack[-1][0], None)
    return (_CUT,)


def _ended(
    stack: list[tuple[str, dict[str, Any]]], queries: list[Any], name: str, text: str | None
) -> None:
    """Put an element that ended into the one around it."""
    _, fields = stack.pop()
    key = name.replace("I-O", "IO").replace("-", " ")
    value: Any = (text or "").strip()
    if "#" in fields or name in _LISTS:
        value = fields.get("#", [])
    elif fields or name == "Plan":
        value = fields
    elif not (stack and stack[-1][0] == "Settings"):
        value = scalar(key, value)
    if name == "Query":
        queries.append(value)
    if not stack:
        return
    above_name, above = stack[-1]
    if name == "Item" or (above_name in _LISTS and name == above_name.removesuffix("s")):
        above.setdefault("#", []).append(value)
    else:
        above[key] = value


DIALECT = Dialect(name="postgresql_xml", matches=_matches, read=_read)
