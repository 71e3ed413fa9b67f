"""What stands behind the tables of a query in MariaDB and MySQL: views, and other servers."""

from typing import TYPE_CHECKING

from slowcoach.core.errors import NotPermittedError
from slowcoach.queries.engines._functions import require_known
from slowcoach.queries.engines._statement import Query, only_query

if TYPE_CHECKING:
    from slowcoach.queries.engines.mariadb import MariadbSession

_MOST = 200
_VIEWS = (
    "SELECT table_schema, table_name, view_definition FROM information_schema.views "
    "WHERE table_name IN ({names})"
)
_ELSEWHERE = (
    "SELECT table_name, engine FROM information_schema.tables "
    "WHERE table_name IN ({names}) AND engine IN ('CONNECT', 'FEDERATED', 'SPIDER')"
)
_HINT = "Run EXPLAIN yourself and paste the result"


def require_plain(session: "MariadbSession", query: Query) -> None:
    """Raise NotPermittedError if a view of the query calls what is not known to be harmless.

    Views of that name in any schema count. A stored function in a view may write files even in
    a READ ONLY transaction, and EXPLAIN may run what is constant.
    """
    pending, seen = [query], set[tuple[str, str]]()
    while pending:
        names = sorted(pending.pop().names)
        if not names:
            continue
        marks = ", ".join(["%s"] * len(names))
        for table, engine in session.execute(_ELSEWHERE.format(names=marks), names):
            raise NotPermittedError(
                f"sql: {table} is a table of {engine}: that reaches another server or a file",
                hint=_HINT,
            )
        for schema, view, definition in session.execute(_VIEWS.format(names=marks), names):
            if (schema, view) not in seen:
                seen.add((schema, view))
                pending.append(_judged(str(view), definition))
        if len(seen) > _MOST:
            raise NotPermittedError("sql: it may read hundreds of views", hint=_HINT)


def _judged(view: str, definition: str | None) -> Query:
    if not definition:
        raise NotPermittedError(
            f"sql: the definition of the view {view} may not be seen", hint="GRANT SHOW VIEW on it"
        )
    found = only_query(definition, "mysql")
    require_known(found.called)
    return found
