"""What a statement is, judged from its text alone: only one plain SELECT passes.

A READ ONLY transaction is no sandbox (it lets EXPLAIN ANALYZE CREATE TABLE AS through, and
functions with side effects), so the text is judged first: by PostgreSQL's own lexical rules
here, and by sqlglot's syntax tree.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

from slowcoach.core.errors import InputError, NotPermittedError

_STARTS = frozenset({"SELECT", "VALUES", "TABLE", "WITH"})
_CHANGES = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE"})
_LOCKS = frozenset({"UPDATE", "SHARE", "NO", "KEY"})
_HINT = "Give one SELECT (or VALUES, TABLE, WITH ... SELECT); or paste the output of EXPLAIN"
_MAX_BYTES = 1_000_000
_MAX_NESTING = 200
_SHOWN = 60
_ASCII_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}

_COLOUR = re.compile(r"\x1b\[\d*m")
# PostgreSQL manual, section 4.1 Lexical Structure (with standard_conforming_strings on)
_TOKEN = re.compile(
    r"""
      (?P<space>[ \t\n\r\f\v]+|--[^\n\r]*)
    | (?P<comment>/\*)
    | (?P<unicode>[uU]&['"])
    | (?P<escaped>[eE]'(?:[^'\\]|\\.|'')*')
    | (?P<string>[bBxXnN]?'(?:[^']|'')*')
    | (?P<dollar>\$(?P<tag>(?:[A-Za-z_\x80-\U0010ffff][\w\x80-\U0010ffff]*)?)\$.*?\$(?P=tag)\$)
    | (?P<parameter>\$\d+|%s|%\(\w+\)s|(?<![:\w]):[A-Za-z_]\w*)
    | (?P<quoted>"(?:[^"]|"")*")
    | (?P<name>[A-Za-z_\x80-\U0010ffff][\w$\x80-\U0010ffff]*)
    | (?P<number>(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?\w*)
    | (?P<cast>::)
    | (?P<symbol>(?:(?!--|/\*|%s\b|%\(\w+\)s)[-+*/<>=~!@\#%^&|`?])+)
    | (?P<other>[(),;.\[\]:])
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """One word of the statement. A quoted name is unquoted, another is in lower case."""

    kind: str
    value: str
    start: int
    end: int

    @property
    def keyword(self) -> str:
        """Return the word in capitals if it may be a keyword (unquoted), else nothing."""
        return self.value.upper() if self.kind == "name" else ""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement that only reads, as far as its text tells.

    `text` has its parameters written as $1, $2 ...; `called` are the names that stand before a
    bracket (functions, types, and some keywords), `attributes` those after a dot, `operators`
    the symbols used.
    """

    text: str
    parameters: int
    names: frozenset[str]
    called: frozenset[str]
    attributes: frozenset[str]
    operators: frozenset[str]


def only_select(sql: str) -> Statement:
    """Return the statement if it is exactly one SELECT, VALUES, TABLE or WITH without changes.

    Raises InputError for what cannot be read and NotPermittedError for what may not be run.
    """
    tokens = _tokens(sql)
    _check_shape(tokens)
    _check_reads_only(tokens)
    text, count = _with_numbered_parameters(sql, tokens)
    _check_tree(text, tokens)
    return Statement(
        text=text,
        parameters=count,
        names=frozenset(t.value for t in tokens if t.kind in {"name", "quoted"}),
        called=frozenset(
            t.value for t, after in _pairs(tokens) if t.kind in {"name", "quoted"} and after == "("
        ),
        attributes=frozenset(
            after.value
            for before, after in pairwise(tokens)
            if before.value == "." and after.kind in {"name", "quoted"}
        ),
        operators=frozenset(
            t.value[start:end]  # PostgreSQL may read `=-` as two operators
            for t in tokens
            if t.kind == "symbol"
            for start in range(len(t.value))
            for end in range(start + 1, len(t.value) + 1)
        ),
    )


def _pairs(tokens: list[Token]) -> list[tuple[Token, str]]:
    values = [token.value for token in tokens[1:]] + [""]
    return list(zip(tokens, values, strict=True))


def _tokens(sql: str) -> list[Token]:
    if "\0" in sql or len(sql) > _MAX_BYTES:
        raise InputError(f"sql: {len(sql)} characters, or a NUL byte in it", hint=_HINT)
    tokens: list[Token] = []
    at = 0
    while at < len(sql):
        match = _TOKEN.match(sql, at)
        if match is None or match.lastgroup == "unicode":
            raise InputError(
                f"sql: {sql[at : at + _SHOWN]!r} cannot be read as PostgreSQL's SQL", hint=_HINT
            )
        kind = "dollar" if match.group("dollar") is not None else match.lastgroup or ""
        end = _comment_end(sql, at) if kind == "comment" else match.end()
        if kind not in {"space", "comment"}:
            tokens.append(Token(kind, _value(kind, match.group()), at, end))
        at = end
    while tokens and tokens[-1].value == ";":
        tokens.pop()
    return tokens


def _value(kind: str, text: str) -> str:
    if kind == "quoted":
        return text[1:-1].replace('""', '"')
    return text.translate(_ASCII_LOWER) if kind == "name" else text


def _comment_end(sql: str, at: int) -> int:
    """Return where a comment ends; PostgreSQL's comments nest."""
    depth = 0
    for match in re.compile(r"/\*|\*/").finditer(sql, at):
        depth += 1 if match.group() == "/*" else -1
        if depth == 0:
            return match.end()
    raise InputError("sql: a comment is not closed", hint=_HINT)


def _check_shape(tokens: list[Token]) -> None:
    first = next((token for token in tokens if token.value != "("), None)
    if first is None:
        raise InputError("sql: expected a statement, got nothing", hint=_HINT)
    if any(token.value == ";" for token in tokens):
        raise NotPermittedError("sql: expected one statement, got several", hint=_HINT)
    if first.keyword not in _STARTS:
        raise NotPermittedError(
            f"sql: expected SELECT, got {first.value.upper()[:_SHOWN]}", hint=_HINT
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
            raise NotPermittedError("sql: SELECT INTO makes a table", hint=_HINT)
        if token.keyword == "FOR" and following in _LOCKS:
            raise NotPermittedError(f"sql: FOR {following} locks rows", hint=_HINT)
        if token.value == "(" and following in _CHANGES:
            raise NotPermittedError(f"sql: {following} changes data", hint=_HINT)
        if token.keyword == "OPERATOR" and after is not None and after.value == "(":
            raise NotPermittedError("sql: OPERATOR(...) may call any function", hint=_HINT)


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


def _check_tree(text: str, tokens: list[Token]) -> None:
    """Ask sqlglot's tree: one query, and nothing in it that is no part of a query."""
    if tokens[0].keyword == "TABLE":  # sqlglot does not know the short form of SELECT * FROM
        return
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    try:
        trees = sqlglot.parse(text, dialect="postgres")
    except (SqlglotError, RecursionError) as error:
        said = " ".join(_COLOUR.sub("", str(error)).split())[:200].rstrip(".")
        raise InputError(f"sql: cannot be parsed: {said}", hint=_HINT) from None
    if len(trees) != 1 or not isinstance(trees[0], exp.Query | exp.Values | exp.Subquery):
        kind = type(trees[0]).__name__ if len(trees) == 1 else f"{len(trees)} statements"
        raise NotPermittedError(f"sql: expected one SELECT, got {kind}", hint=_HINT)
    changes = (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Create, exp.Command)
    for node in trees[0].walk():
        if isinstance(node, (*changes, exp.Into, exp.Lock)):
            raise NotPermittedError(
                f"sql: {type(node).__name__.upper()} is no part of a plain SELECT", hint=_HINT
            )
