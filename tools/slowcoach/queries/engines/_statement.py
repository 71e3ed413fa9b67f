"""Only one plain query passes, by the lexical rules and the grammar of the database itself.

Comments are taken out before anything is judged or sent: what one reader takes for a comment
(`/*! ... */`, `--x`, an unclosed one) another may run.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from slowcoach.core.errors import InputError, NotPermittedError

HINT = "Give one SELECT (or VALUES, WITH ... SELECT); or paste the output of EXPLAIN"
_MAX_BYTES = 1_000_000
_MAX_NESTING = 100
_SHOWN = 60
_STARTS = frozenset({"SELECT", "VALUES", "WITH"})
_CHANGES = frozenset({"DELETE", "UPDATE", "INTO", "OUTFILE", "DUMPFILE", "PROCEDURE", "RETURNING"})
_CALLED_TOO = frozenset({"INSERT", "REPLACE"})  # MySQL has functions of these names
_LOCKS = frozenset({"UPDATE", "SHARE"})
_COLOUR = re.compile(r"\x1b\[\d*m")

_COMMON = r"""
    | (?P<name>[A-Za-z_\x80-\U0010ffff][\w$\x80-\U0010ffff]*)
    | (?P<number>(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\w*)
    | (?P<symbol>[-+*/<>=~!%^&|]|\#>)
    | (?P<other>[(),;.{}\[\]:?@$])
"""
# MySQL manual, 9.1 Literal Values, 9.2 Names, 9.7 Comments (sql_mode without ANSI_QUOTES)
_MYSQL = re.compile(
    r"""
      (?P<space>[ \t\n\r\f\v]+|--(?=[\x00-\x20]|\Z)[^\n]*|\#[^\n]*)
    | (?P<comment>/\*)
    | (?P<string>(?:[xXbBnN]|_[A-Za-z0-9]+\s*)?(?:'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"))
    | (?P<quoted>`(?:[^`]|``)*`)
    | (?P<variable>@{1,2}(?:[A-Za-z_][\w.$]*|`(?:[^`]|``)*`))
    | (?P<parameter>\?|%s|%\(\w+\)s|(?<![:\w]):[A-Za-z_]\w*)
    """
    + _COMMON,
    re.VERBOSE | re.DOTALL,
)
# sqlite.org: lang_expr.html, lang_comment.html, lang_keywords.html
_SQLITE = re.compile(
    r"""
      (?P<space>[ \t\n\r\f]+|--[^\n]*)
    | (?P<comment>/\*)
    | (?P<string>[xX]?'(?:[^']|'')*')
    | (?P<quoted>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\])
    | (?P<parameter>\?\d*|%s|%\(\w+\)s|[:@$][A-Za-z_]\w*)
    """
    + _COMMON,
    re.VERBOSE | re.DOTALL,
)
_TOKENS = {"mysql": _MYSQL, "sqlite": _SQLITE}


@dataclass(frozen=True, slots=True)
class Query:
    """One query that only reads, as far as its text tells.

    `text` is without comments, its parameters written as `?`; `called` are the names before a
    bracket in lower case, `names` all names, `cuts` tells that it may leave rows out (LIMIT).
    """

    text: str
    parameters: int
    called: frozenset[str]
    names: frozenset[str]
    cuts: bool


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str

    @property
    def keyword(self) -> str:
        return self.text.upper() if self.kind == "name" else ""

    @property
    def name(self) -> str:
        """Return the unquoted name in lower case; empty for what is no name."""
        if self.kind == "quoted":
            return self.text[1:-1].replace(self.text[-1] * 2, self.text[-1]).lower()
        return self.text.lower() if self.kind == "name" else ""


def only_query(sql: str, dialect: str) -> Query:
    """Return the query if it is exactly one SELECT, VALUES or WITH ... SELECT.

    `dialect` is `mysql` or `sqlite`. Raises InputError for what cannot be read and
    NotPermittedError for what may not be run.
    """
    tokens = list(_tokens(sql, dialect))
    while tokens and (tokens[-1].kind == "space" or tokens[-1].text == ";"):
        tokens.pop()
    words = [token for token in tokens if token.kind != "space"]
    _check_shape(words)
    _check_words(words)
    text = "".join("?" if t.kind == "parameter" else t.text for t in tokens).strip()
    tree = _check_tree(text, dialect)
    return Query(
        text=text,
        parameters=sum(token.kind == "parameter" for token in words),
        called=_called(words) - _named(tree),
        names=frozenset(word.name for word in words if word.name),
        cuts="LIMIT" in {token.keyword for token in words},
    )


def _tokens(sql: str, dialect: str) -> Iterator[_Token]:
    _check_text(sql)
    at = 0
    while at < len(sql):
        match = _TOKENS[dialect].match(sql, at)
        if match is None:
            raise InputError(f"sql: {sql[at : at + _SHOWN]!r} cannot be read", hint=HINT)
        kind = match.lastgroup or ""
        at = match.end() if kind != "comment" else _after_comment(sql, at)
        if kind in {"space", "comment"}:
            yield _Token("space", " ")
        else:
            yield _Token(kind, match.group())


def _check_text(sql: str) -> None:
    try:
        size = len(sql.encode())
    except UnicodeEncodeError:
        raise InputError("sql: it holds halves of characters", hint=HINT) from None
    if "\0" in sql or size > _MAX_BYTES:
        raise InputError(f"sql: {size} bytes, or a NUL byte in it", hint=HINT)


def _after_comment(sql: str, at: int) -> int:
    if sql.startswith(("/*!", "/*M!", "/*m!", "/*+"), at):
        raise NotPermittedError(
            "sql: a comment that the server would run (/*! or /*+)",
            hint="Write its content as plain SQL, or take it out",
        )
    end = sql.find("*/", at + 2)
    if end < 0:
        raise InputError("sql: a comment is not closed", hint=HINT)
    if "/*" in sql[at + 2 : end]:
        raise InputError("sql: a comment within a comment", hint="Take the comments out")
    return end + 2


def _check_shape(words: list[_Token]) -> None:
    first = next((word for word in words if word.text != "("), None)
    if first is None:
        raise InputError("sql: expected a statement, got nothing", hint=HINT)
    if any(word.text == ";" for word in words):
        raise NotPermittedError("sql: expected one statement, got several", hint=HINT)
    if first.keyword not in _STARTS:
        raise NotPermittedError(
            f"sql: expected SELECT, got {first.text.upper()[:_SHOWN]}", hint=HINT
        )
    depth = deepest = 0
    for word in words:
        depth += {"(": 1, ")": -1}.get(word.text, 0) if word.kind == "other" else 0
        deepest = max(deepest, depth)
    if deepest > _MAX_NESTING:
        raise InputError(f"sql: brackets nest {deepest} deep", hint="Simplify the statement")


def _check_words(words: list[_Token]) -> None:
    for word, after in zip(words, [*words[1:], None], strict=True):
        following = after.text.upper() if after is not None else ""
        if word.keyword in _CHANGES or (word.keyword in _CALLED_TOO and following != "("):
            raise NotPermittedError(f"sql: {word.keyword} is no part of a plain SELECT", hint=HINT)
        if word.keyword == "FOR" and following in _LOCKS:
            raise NotPermittedError(f"sql: FOR {following} locks rows", hint=HINT)
        if word.keyword == "LOCK" and following == "IN":
            raise NotPermittedError("sql: LOCK IN SHARE MODE locks rows", hint=HINT)
        if word.keyword in {"NEXT", "PREVIOUS"} and following == "VALUE":
            raise NotPermittedError("sql: it takes a value of a sequence", hint=HINT)


def _called(words: list[_Token]) -> frozenset[str]:
    """Return the names before a bracket; those of a schema (`db.f(`) with a dot before them."""
    found: set[str] = set()
    for index, word in enumerate(words[:-1]):
        if word.name and words[index + 1].text == "(":
            qualified = index > 0 and words[index - 1].text == "."
            found.add(f".{word.name}" if qualified else word.name)
    return frozenset(found)


def _check_tree(text: str, dialect: str) -> Any:
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    try:
        trees = sqlglot.parse(text, dialect=dialect)
    except (SqlglotError, RecursionError) as error:
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
    return trees[0]


def _named(tree: Any) -> frozenset[str]:
    """Return the names that the query gives itself: WITH x (a, b), AS t (a, b)."""
    from sqlglot import exp

    return frozenset(alias.name.lower() for alias in tree.find_all(exp.TableAlias))
