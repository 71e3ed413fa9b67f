"""What a statement is, judged from its text alone: only one plain SELECT passes.

A READ ONLY transaction is no sandbox (it lets EXPLAIN ANALYZE CREATE TABLE AS through, and
functions with side effects), so the text is judged first: by PostgreSQL's own lexical rules
here, by its own grammar where that is installed, and by sqlglot's syntax tree. One of them that
sees no plain SELECT is enough to refuse, and so is what they do not see alike.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

from slowcoach.core.errors import InputError, NotPermittedError
from slowcoach.queries import grammar
from slowcoach.queries.words import HINT, NAMED, Token, operators, pairs, tokens_of

_STARTS = frozenset({"SELECT", "VALUES", "TABLE", "WITH"})
_CHANGES = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE"})
# words of a function's body that do more than read, or run a text that is not known here
_DOES_MORE = _CHANGES | frozenset({
    "ALTER", "CALL", "CHECKPOINT", "CLUSTER", "COMMENT", "COMMIT", "COPY", "CREATE", "DEALLOCATE",
    "DISCARD", "DO", "DROP", "EXECUTE", "GRANT", "IMPORT", "LISTEN", "LOAD", "LOCK", "NOTIFY",
    "OPERATOR", "PREPARE", "REASSIGN", "REFRESH", "REINDEX", "RELEASE", "RESET", "REVOKE",
    "ROLLBACK", "SAVEPOINT", "SECURITY", "SET", "SHARE", "START", "TRUNCATE", "UNLISTEN", "VACUUM",
})  # fmt: skip
_LOCKS = frozenset({"UPDATE", "SHARE", "NO", "KEY"})
_MAX_NESTING = 200
_SHOWN = 60

_COLOUR = re.compile(r"\x1b\[\d*m")


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement that only reads, as far as its text tells.

    `text` has its parameters written as $1, $2 ...; `called` are the names that stand before a
    bracket (functions, types, and some keywords), `attributes` those after a dot, `operators`
    the symbols used, `types` what may be converted to. `by_grammar` says that PostgreSQL's own
    grammar agreed: then `types` are those of the casts, else any name.
    """

    text: str
    parameters: int
    names: frozenset[str]
    called: frozenset[str]
    attributes: frozenset[str]
    operators: frozenset[str]
    types: frozenset[str]
    by_grammar: bool


def only_select(sql: str) -> Statement:
    """Return the statement if it is exactly one SELECT, VALUES, TABLE or WITH without changes.

    Raises InputError for what cannot be read and NotPermittedError for what may not be run.
    """
    tokens = tokens_of(sql)
    _check_shape(tokens)
    _check_reads_only(tokens)
    text, count = _with_numbered_parameters(sql, tokens)
    tree = grammar.only_select(text)
    _check_tree(text, tokens, needed=tree is None)
    names = frozenset(t.value for t in tokens if t.kind in NAMED)
    called = frozenset(t.value for t, after in pairs(tokens) if t.kind in NAMED and after == "(")
    if tree is not None:
        _check_agreement(tree, names, called)
    return Statement(
        text=text,
        parameters=count,
        names=names,
        called=called | (tree.functions if tree else frozenset()),
        attributes=frozenset(
            after.value
            for before, after in pairwise(tokens)
            if before.value == "." and after.kind in NAMED
        ),
        operators=operators(tokens) | (tree.operators if tree else frozenset()),
        types=tree.types if tree else names,
        by_grammar=tree is not None,
    )


def of_catalog(text: str) -> Statement:
    """Return an expression's or a view's statement, as the server itself wrote it out.

    Its text may have what a user's may not (OPERATOR(...)), for it cannot deceive.
    """
    tree = grammar.only_select(text)
    if tree is None:
        return only_select(text)
    return Statement(
        text=text,
        parameters=0,
        names=tree.relations,
        called=tree.functions,
        attributes=frozenset(),
        operators=tree.operators,
        types=tree.types,
        by_grammar=True,
    )


def of_body(source: str) -> Statement | None:
    """Return what a function's body names, judged by its words; None if it may do more than read.

    The body is SQL or PL/pgSQL.
    """
    try:
        tokens = tokens_of(source)
    except InputError:
        return None
    if any(token.keyword in _DOES_MORE for token in tokens):
        return None
    names = frozenset(t.value for t in tokens if t.kind in NAMED)
    return Statement(
        text=source,
        parameters=0,
        names=names,
        called=frozenset(t.value for t, after in pairs(tokens) if t.kind in NAMED and after == "("),
        attributes=names,
        operators=operators(tokens),
        types=names,
        by_grammar=False,
    )


def _check_agreement(tree: grammar.Names, names: frozenset[str], called: frozenset[str]) -> None:
    """Refuse a function or relation that the grammar sees and the words do not show."""
    unseen = (tree.written - called) | (tree.relations - names)
    if unseen:
        raise NotPermittedError(
            f"sql: {min(unseen)[:_SHOWN]!r} is read in two ways", hint="Write the statement plainly"
        )


def _check_shape(tokens: list[Token]) -> None:
    first = next((token for token in tokens if token.value != "("), None)
    if first is None:
        raise InputError("sql: expected a statement, got nothing", hint=HINT)
    if any(token.value == ";" for token in tokens):
        raise NotPermittedError("sql: expected one statement, got several", hint=HINT)
    if first.keyword not in _STARTS:
        raise NotPermittedError(
            f"sql: expected SELECT, got {first.value.upper()[:_SHOWN]}", hint=HINT
        )
    depth = deepest = 0
    for token in tokens:
        depth += {"(": 1, ")": -1}.get(token.value, 0) if token.kind == "other" else 0
        deepest = max(deepest, depth)
    if deepest > _MAX_NESTING:
        raise InputError(f"sql: brackets nest {deepest} deep", hint="Simplify the statement")


def _check_reads_only(tokens: list[Token]) -> None:
    for token, after in zip(tokens, [*tokens[1:], None], strict=True):
        following = after.keyword if after is not None else ""
        if token.kind == "escaped" and after is not None and after.kind == "string":
            # a string that goes on in a second literal keeps the escapes of the first
            raise InputError("sql: two string literals in a row", hint="Join them into one")
        if token.keyword == "INTO":
            raise NotPermittedError("sql: SELECT INTO makes a table", hint=HINT)
        if token.keyword == "FOR" and following in _LOCKS:
            raise NotPermittedError(f"sql: FOR {following} locks rows", hint=HINT)
        if token.value == "(" and following in _CHANGES:
            raise NotPermittedError(f"sql: {following} changes data", hint=HINT)
        if token.keyword == "OPERATOR" and after is not None and after.value == "(":
            raise NotPermittedError("sql: OPERATOR(...) may call any function", hint=HINT)


def _with_numbered_parameters(sql: str, tokens: list[Token]) -> tuple[str, int]:
    """Write %s, %(name)s and :name as $n; return the text and how many parameters it has."""
    marks = [token for token in tokens if token.kind == "parameter"]
    numbered = [int(token.value[1:]) for token in marks if token.value.startswith("$")]
    if numbered and len(numbered) != len(marks):
        raise InputError("sql: $1 and other parameter styles are mixed", hint="Use $1, $2, ...")
    known: dict[str, int] = {}
    parts: list[str] = []
    at = tokens[0].start
    for mark in [] if numbered else marks:
        key = f"{mark.start}" if mark.value == "%s" else mark.value
        number = known.setdefault(key, len(known) + 1)
        parts += [sql[at : mark.start], f"${number}"]
        at = mark.end
    parts.append(sql[at : tokens[-1].end])
    return "".join(parts), max(numbered, default=len(known))


def _check_tree(text: str, tokens: list[Token], *, needed: bool) -> None:
    """Ask sqlglot's tree: one query, and nothing in it that is no part of a query.

    What it cannot read is refused if it is `needed`: where PostgreSQL's grammar is not at hand.
    """
    if tokens[0].keyword == "TABLE":  # sqlglot does not know the short form of SELECT * FROM
        return
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    try:
        trees = sqlglot.parse(text, dialect="postgres")
    except (SqlglotError, RecursionError) as error:
        if not needed:
            return
        said = " ".join(_COLOUR.sub("", str(error)).split())[:200].rstrip(".")
        raise InputError(f"sql: cannot be parsed: {said}", hint=HINT) from None
    if len(trees) != 1 or not isinstance(trees[0], exp.Query | exp.Values | exp.Subquery):
        kind = type(trees[0]).__name__ if len(trees) == 1 else f"{len(trees)} statements"
        raise NotPermittedError(f"sql: expected one SELECT, got {kind}", hint=HINT)
    changes = (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Create, exp.Command)
    for node in trees[0].walk():
        if isinstance(node, (*changes, exp.Into, exp.Lock)):
            raise NotPermittedError(
                f"sql: {type(node).__name__.upper()} is no part of a plain SELECT", hint=HINT
            )
