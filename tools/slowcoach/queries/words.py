"""The words of a statement, by PostgreSQL's lexical rules."""

import re
from dataclasses import dataclass

from slowcoach.core.errors import InputError

HINT = "Give one SELECT (or VALUES, TABLE, WITH ... SELECT); or paste the output of EXPLAIN"
NAMED = frozenset({"name", "quoted"})
_MAX_BYTES = 1_000_000
_LONGEST_NAME = 63  # bytes: PostgreSQL's NAMEDATALEN, less one; what is longer is cut off
_SHOWN = 60
_ASCII_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}

_SURROGATE = re.compile("[\ud800-\udfff]")
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


def pairs(tokens: list[Token]) -> list[tuple[Token, str]]:
    """Return each word with the text of the one after it."""
    values = [token.value for token in tokens[1:]] + [""]
    return list(zip(tokens, values, strict=True))


def tokens_of(sql: str) -> list[Token]:
    """Return the words, without spaces, comments and semicolons at the end; or InputError."""
    if "\0" in sql or len(sql) > _MAX_BYTES:
        raise InputError(f"sql: {len(sql)} characters, or a NUL byte in it", hint=HINT)
    if _SURROGATE.search(sql):
        raise InputError("sql: half of a surrogate pair in it, which is no text", hint=HINT)
    tokens: list[Token] = []
    at = 0
    while at < len(sql):
        match = _TOKEN.match(sql, at)
        if match is None or match.lastgroup == "unicode":
            raise InputError(
                f"sql: {sql[at : at + _SHOWN]!r} cannot be read as PostgreSQL's SQL", hint=HINT
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
        return _cut_off(text[1:-1].replace('""', '"'))
    return _cut_off(text.translate(_ASCII_LOWER)) if kind == "name" else text


def _cut_off(name: str) -> str:
    """Return a name as PostgreSQL takes it: its first 63 bytes, whole characters only."""
    return name.encode("utf-8", "replace")[:_LONGEST_NAME].decode("utf-8", "ignore")


def _comment_end(sql: str, at: int) -> int:
    """Return where a comment ends; PostgreSQL's comments nest."""
    depth = 0
    for match in re.compile(r"/\*|\*/").finditer(sql, at):
        depth += 1 if match.group() == "/*" else -1
        if depth == 0:
            return match.end()
    raise InputError("sql: a comment is not closed", hint=HINT)


def operators(tokens: list[Token]) -> frozenset[str]:
    """Return the operators: PostgreSQL may read `=-` as two, so every part of a symbol is one."""
    return frozenset(
        t.value[start:end]
        for t in tokens
        if t.kind == "symbol"
        for start in range(len(t.value))
        for end in range(start + 1, min(start + _LONGEST_NAME, len(t.value)) + 1)
    )
