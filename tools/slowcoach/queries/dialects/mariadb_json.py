"""MariaDB's EXPLAIN FORMAT=JSON and ANALYZE FORMAT=JSON, 10.1 to 11."""

import re

from slowcoach.core.errors import UnreadableError
from slowcoach.queries.dialects import _query_block
from slowcoach.queries.dialects._json import load
from slowcoach.queries.dialects._mysql_pasted import unframed
from slowcoach.queries.model import Dialect, Plan

_SIGHT = re.compile(r'"query_block"\s*:\s*\{')
_BEGIN = re.compile(r'\{\s*"(?:query_optimization|query_block)"\s*:')
_MYSQL = re.compile(
    r'"(?:cost_info|rows_examined_per_scan|ordering_operation|grouping_operation|attached_subqueries|'
    r'optimized_away_subqueries|json_schema_version)"\s*:'
)


def _matches(text: str) -> bool:
    return bool(_SIGHT.search(text)) and not _MYSQL.search(text)


def _read(text: str) -> Plan:
    text = unframed(text)
    begin = _BEGIN.search(text)
    if begin is None:
        raise UnreadableError('plan: no object with "query_block"', hint=_query_block.HINT)
    document, warnings = load(text[begin.start() :], hint=_query_block.HINT)
    return _query_block.plan_of(document, warnings)


DIALECT = Dialect(name="mariadb_json", matches=_matches, read=_read, engine="mariadb")
