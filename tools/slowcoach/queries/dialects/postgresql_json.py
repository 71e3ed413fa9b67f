"""PostgreSQL's EXPLAIN (FORMAT JSON), also as auto_explain logs it and as people paste it."""

import re

from slowcoach.core.errors import UnreadableError
from slowcoach.queries.dialects._document import plan_of, plan_of_named, unframed
from slowcoach.queries.dialects._json import load, load_named
from slowcoach.queries.model import Dialect, Plan

_HINT = "Give the whole output of EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON)"
_BEGIN = re.compile(r'(?:\[\s*)*\{\s*"(?:Plan|Query Text|Query Identifier|Query Parameters)"\s*:')
_SIGHT = re.compile(r'"{1,2}Plan"{1,2}\s*:\s*\{')
_CLICKHOUSE = '"Node Id"'
_HEAD = 20_000  # characters in which psql's frame shows if there is one


def _matches(text: str) -> bool:
    return bool(_SIGHT.search(text)) and _CLICKHOUSE not in text[:_HEAD]


def _read(text: str) -> Plan:
    if '""Plan""' in text:
        text = text.replace('""', '"')
    text = unframed(text)
    begin = _BEGIN.search(text)
    if begin is None:
        raise UnreadableError('plan: no object with "Plan" in the JSON', hint=_HINT)
    text = text[begin.start() :]
    warnings: tuple[str, ...] = ()
    document = load_named(text)
    named = document is not None
    if not named:
        document, warnings = load(text, hint=_HINT)
    while isinstance(document, list):
        if len(document) > 1:
            warnings += (f"{len(document)} plans were given; the first one is read",)
        document = document[0] if document else {}
    return plan_of_named(document, warnings) if named else plan_of(document, warnings)


DIALECT = Dialect(name="postgresql_json", matches=_matches, read=_read)
