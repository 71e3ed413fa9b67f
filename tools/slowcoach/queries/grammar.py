"""What a statement is, judged by PostgreSQL's own grammar (libpg_query), where it is installed.

The tree is walked whole and without exception: each of its keys, of nodes and of their fields
alike, must be one that a plain SELECT is made of. What is not known is refused.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from slowcoach.core.errors import InputError, NotPermittedError

_HINT = "Give one SELECT (or VALUES, TABLE, WITH ... SELECT); or paste the output of EXPLAIN"
_SHOWN = 200
_SYSTEM = "pg_catalog"

# PostgreSQL's nodes/parsenodes.h and primnodes.h, in lower case and without underscores;
# INTO, FOR UPDATE and every statement that is no SELECT are missing on purpose
_KNOWN = frozenset(
    """
    version stmts stmt stmtlen stmtlocation location
    selectstmt distinctclause targetlist fromclause whereclause groupclause groupdistinct
    havingclause windowclause valueslists sortclause limitoffset limitcount limitoption
    withclause op all larg rarg
    restarget name indirection val columnref fields astar paramref number
    aconst ival fval boolval sval bsval isnull string integer float boolean bitstring
    typecast arg typename names typeoid setof typmods typemod arraybounds collateclause collname
    aexpr kind lexpr rexpr rexprliststart rexprlistend boolexpr boolop args
    funccall funcname aggorder aggfilter over aggwithingroup aggstar aggdistinct funcvariadic
    funcformat namedargexpr argnumber
    sublink sublinktype sublinkid testexpr opername subselect
    caseexpr casetype defresult casewhen expr result coalesceexpr minmaxexpr
    sqlvaluefunction type typmod nulltest nulltesttype argisrow booleantest booltesttype
    aarrayexpr elements liststart listend aindirection aindices isslice lidx uidx
    rowexpr rowformat colnames groupingset content groupingfunc refs
    sortby node sortbydir sortbynulls useop
    windowdef refname partitionclause orderclause frameoptions startoffset endoffset
    joinexpr jointype isnatural usingclause joinusingalias quals alias rtindex aliasname
    rangevar catalogname schemaname relname inh relpersistence
    rangesubselect lateral subquery rangefunction ordinality isrowsfrom functions coldeflist
    list items columndef colname collclause islocal storage
    rangetablesample relation method repeatable
    ctes recursive commontableexpr ctename aliascolnames ctematerialized ctequery
    searchclause searchcollist searchbreadthfirst searchseqcolumn
    cycleclause cyclecollist cyclemarkcolumn cyclemarkvalue cyclemarkdefault cyclepathcolumn
    xmlexpr namedargs argnames xmloption indent xmlserialize
    rangetablefunc docexpr rowexpr namespaces columns rangetablefunccol forordinality isnotnull
    colexpr coldefexpr
    jsontable contextitem pathspec passing onerror jsontablecolumn coltype format wrapper quotes
    onempty jsontablepathspec namelocation jsonfuncexpr columnname output
    jsonvalueexpr rawexpr formattedexpr jsonformat formattype encoding jsonoutput returning
    jsonreturning typid jsonargument jsonbehavior btype coerce jsonispredicate itemtype uniquekeys
    jsonparseexpr jsonscalarexpr jsonserializeexpr jsonkeyvalue key value
    jsonobjectconstructor exprs absentonnull unique jsonarrayconstructor
    jsonarrayqueryconstructor query jsonaggconstructor jsonobjectagg constructor jsonarrayagg
    """.split()  # noqa: SIM905 - a hundred quoted words would hide the list
)
# where each kind of node has the name of what it calls
_NAME_OF = {
    "funccall": "funcname",
    "rangetablesample": "method",
    "typename": "names",
    "aexpr": "name",
    "sublink": "opername",
    "sortby": "useop",
}


@dataclass(frozen=True, slots=True)
class Names:
    """What a SELECT names: functions and table samples, operators, types cast to, relations.

    `written` are the functions that stand in the text, not those that the grammar puts in the
    place of its own forms (`extract`, `like_escape`).
    """

    functions: frozenset[str]
    written: frozenset[str]
    operators: frozenset[str]
    types: frozenset[str]
    relations: frozenset[str]


def installed() -> bool:
    """Tell whether PostgreSQL's grammar is at hand."""
    return parser() is not None


def only_select(text: str) -> Names | None:
    """Return what one SELECT names; None without the grammar.

    Raises InputError for what the grammar does not take, NotPermittedError for all but a SELECT
    that only reads.
    """
    parse = parser()
    if parse is None:
        return None
    try:
        tree = parse(text)
    except RecursionError:
        raise InputError("sql: it nests too deep", hint="Simplify the statement") from None
    statements = tree.get("stmts", [])
    kinds = [_plain(kind) for each in statements for kind in each.get("stmt", {})]
    if kinds != ["selectstmt"]:
        said = ", ".join(kinds)[:_SHOWN] or "nothing"
        raise NotPermittedError(f"sql: expected one SELECT, got {said}", hint=_HINT)
    return _names(tree)


def parser() -> Any:
    """Return a function from text to libpg_query's tree, of whichever package is installed."""
    try:
        import pglast.parser as pglast
    except ImportError:
        return _postgast()

    def parse(text: str) -> Any:
        try:
            return json.loads(pglast.parse_sql_json(text))
        except (pglast.ParseError, UnicodeError) as error:
            raise _not_taken(error) from None

    return parse


def _postgast() -> Any:
    try:
        postgast: Any = import_module("postgast")
        as_dict = import_module("google.protobuf.json_format").MessageToDict
        not_decoded: type[Exception] = import_module("google.protobuf.message").DecodeError
    except ImportError:
        return None

    def parse(text: str) -> Any:
        try:
            return as_dict(postgast.parse(text))
        except (postgast.PgQueryError, not_decoded, UnicodeError) as error:
            raise _not_taken(error) from None

    return parse


def _not_taken(error: Exception) -> InputError:
    said = " ".join(str(error.args[0] if error.args else error).split())[:_SHOWN]
    return InputError(f"sql: cannot be parsed: {said}", hint=_HINT)


def _plain(key: str) -> str:
    return key.replace("_", "").lower()


def _walk(tree: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every node and field that holds fields, by its plain name; refuse unknown keys."""
    pending: list[Any] = [tree]
    while pending:
        part = pending.pop()
        if isinstance(part, list):
            pending += part
        elif isinstance(part, dict):
            for key, value in part.items():
                name = _plain(key)
                if name not in _KNOWN:
                    raise NotPermittedError(f"sql: {key} is no part of a plain SELECT", hint=_HINT)
                if isinstance(value, dict):
                    yield name, {_plain(k): v for k, v in value.items()}
                pending.append(value)


def _names(tree: Any) -> Names:
    functions, written = set[str](), set[str]()
    operators, types, relations = set[str](), set[str](), set[str]()
    for kind, fields in _walk(tree):
        name = _strings(fields.get(_NAME_OF.get(kind, "")))
        if kind in {"funccall", "rangetablesample"}:
            functions.add(name[-1])
            written |= {name[-1]} if name[0] != _SYSTEM else set()
        elif kind == "typename":
            types.add(name[-1])
        elif kind == "rangevar" or (kind == "relation" and "relname" in fields):
            relations.add(str(fields["relname"]))
        elif kind in _NAME_OF:
            operators.add(name[-1])
    return Names(*(frozenset(f - {""}) for f in (functions, written, operators, types, relations)))


def _strings(nodes: Any) -> list[str]:
    """Return the parts of a name: `[{"String": {"sval": "public"}}, ...]`."""
    found = [
        str(fields.get("sval") or fields.get("str") or "")
        for node in nodes or []
        if isinstance(node, dict)
        for fields in node.values()
        if isinstance(fields, dict)
    ]
    return found or [""]
