"""One key for all statements that differ only in their values, in one pass and for any dialect.

Literals, parameters, booleans and NULL become `?`, lists fold to one element, comments go,
whitespace and case of unquoted words do not matter; quoted names and casts are kept. So a
statement of a log and pg_stat_statements' text of it ($1) have the same key.
"""

import re
from functools import lru_cache
from typing import NamedTuple

LONGEST = 32_768  # characters that are looked at; longer texts are lists of values
_CACHED = 2_048  # texts longer than this are not kept
_CACHE = 8_192

_SHARED = r"""
  | (?P<quoted>{quoted}|`[^`]*(?:`|\Z))
  | (?P<parameter>\$\d+|%s|%\(\w+\)s|(?<![:\w]):[A-Za-z_]\w*|(?<![@\w])@[A-Za-z_]\w*)
  | (?P<literal>{literal}
      |(?<![\w$.])(?:0[xX][0-9a-fA-F]+|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)(?!\w))
"""
_COMMENT = r"(?P<comment>--[^\n]*|/\*.*?(?:\*/|\Z){more})"
_BACKSLASHED = r"{q}[^{q}\\]*(?:(?:\\.|{q}{q})[^{q}\\]*)*(?:{q}|\Z)"
_STANDARD = r"'[^']*(?:''[^']*)*(?:'|\Z)"


def _tokens(*, quoted: str, literal: str, more: str) -> re.Pattern[str]:
    text = _COMMENT.replace("{more}", more) + _SHARED.replace("{quoted}", quoted).replace(
        "{literal}", literal
    )
    return re.compile(text, re.VERBOSE | re.DOTALL)


_ANSI = _tokens(
    quoted=r'"[^"]*(?:""[^"]*)*(?:"|\Z)',
    literal=rf"\b[eE]{_BACKSLASHED.format(q=chr(39))}|(?:\b[bBxXnN]|\b[uU]&)?{_STANDARD}"
    r"|\$(?P<tag>[A-Za-z_]\w*|)\$.*?(?:\$(?P=tag)\$|\Z)",
    more="",
)
_MYSQL = _tokens(
    quoted=r"`[^`]*(?:`|\Z)",
    literal=rf"(?:\b[bBxXnN]|\b_\w+\s?)?{_BACKSLASHED.format(q=chr(39))}"
    rf"|{_BACKSLASHED.format(q=chr(34))}",
    more=r"|\#[^\n]*",
)

_CONSTANT = re.compile(r"(?<!is )(?<!not )\b(?:true|false|null)\b")
_SIGNED = re.compile(
    r"([=(<>,+*/|%\[]|\b(?:limit|offset|and|or|then|else|when|between|select|values|like|in|by)) ?"
    r"[-+] ?\?"
)
_AROUND = re.compile(r" ?([(),=<>+\-*/|!;\[\]:%&^~#]+) ?")
_ELEMENT = r"[(]*\?(?:::[\w.\[\]]+)?[)]*"
_IN = re.compile(rf"\bin\(({_ELEMENT})(?:,\1)+(?:,\.\.\.)?(\)|$)")
_IN_ROWS = re.compile(r"\bin\((\([?,]+\))(?:,\1)+\)")
_ARRAY = re.compile(r"\barray\[(\?(?:::[\w.\[\]]+)?)(?:,\1)+\]")
_VALUES = re.compile(r"\bvalues?(\((?:[^()]|\([^()]*\))*\))(?:,\1)+(?:,\([^()]*$)?")
_CURSOR = re.compile(r"\b(?:savepoint|rollback to(?: savepoint)?|release(?: savepoint)?) \S+$")
_NAMED_CURSOR = re.compile(r'"_django_curs_[^"]*"')


class Fingerprint(NamedTuple):
    """The key of a statement; a number for its values; is one list of it longer than one?

    `values` is 0 when the text holds none (parameters' values are not in the text). `comment` is
    what its comments said (callers stand there).
    """

    key: str
    values: int
    batched: bool
    comment: str = ""


def fingerprint(sql: str, *, mysql: bool = False) -> Fingerprint:
    """Return the fingerprint of one statement; `mysql`: double quotes are strings. Never raises."""
    if len(sql) <= _CACHED:
        return _remembered(sql, mysql)
    return _made(sql[:LONGEST], mysql)


def _made(sql: str, mysql: bool) -> Fingerprint:
    pieces: list[str] = []
    values: list[str] = []
    comments: list[str] = []
    at = 0
    for match in (_MYSQL if mysql else _ANSI).finditer(sql):
        begin, end = match.span()
        if begin > at:
            pieces.append(sql[at:begin].lower())
        at = end
        kind = match.lastgroup
        if kind == "quoted":
            pieces.append(match.group())
        elif kind == "comment":
            pieces.append(" ")
            comments.append(match.group())
        else:
            pieces.append("?")
            if kind == "literal":
                values.append(match.group())
    pieces.append(sql[at:].lower())
    text = " ".join("".join(pieces).split())
    if not text.isprintable():
        text = "".join(character for character in text if character.isprintable())
    key, batched = _folded(_constants(text, values))
    batched = batched or "/*, ... */" in comments  # PostgreSQL 18 shortens lists so
    return Fingerprint(
        key, hash(tuple(values)) if values else 0, batched, " ".join(comments)[:_CACHED]
    )


_remembered = lru_cache(_CACHE)(_made)


def _constants(text: str, values: list[str]) -> str:
    """Take booleans, NULL and signs for values too."""
    if "null" in text or "true" in text or "false" in text:
        values += _CONSTANT.findall(text)
        text = _CONSTANT.sub("?", text)
    if "-" in text or "+" in text:
        values += [sign for sign in text if sign in "-+"]
        text = _SIGNED.sub(r"\1 ?", text)
    return text


def _folded(text: str) -> tuple[str, bool]:
    key = _AROUND.sub(r"\1", text).rstrip("; ")
    batched = "any(?" in key
    for word, pattern, by in _LISTS:
        if word in key:
            folded = pattern.sub(by, key)
            batched = batched or len(folded) != len(key)
            key = folded
    if key.startswith(("savepoint ", "release ", "rollback to")):
        key = _CURSOR.sub(lambda match: f"{match.group().rsplit(' ', 1)[0]} ?", key)
    elif "_django_curs_" in key:
        key = _NAMED_CURSOR.sub('"_django_curs_?"', key)
    return key, batched


_LISTS = (
    ("in(", _IN, r"in(\1\2"),
    ("in((", _IN_ROWS, r"in(\1)"),
    ("array[", _ARRAY, r"array[\1]"),
    ("value", _VALUES, r"values\1"),
)

_SPACED = (
    (re.compile(r","), ", "),
    (re.compile(r"(?<![=<>!])(\|\||[=<>!]+)(?![=<>!])"), r" \1 "),
    (re.compile(r"(?<=[\w)?])\*(?=[\w?(])"), " * "),
    (
        re.compile(r"\b(in|values|and|or|as|on|from|where|join|select|over|using|by|not)(?=\()"),
        r"\1 ",
    ),
    (re.compile(r"([)\]\"`])(?=[\w\"`])"), r"\1 "),
    (re.compile(r"(?<=[\w?])(?=[\"`])"), " "),
    (re.compile(r"\*(?=from\b)"), "* "),
    (re.compile(r"\b(select|distinct)\*"), r"\1 *"),
    (re.compile(r"  +"), " "),
)


def readable(key: str) -> str:
    """Return a key as a statement that people read: no value of it is in there."""
    text = key
    if '"' not in key and "`" not in key:
        for pattern, by in _SPACED:
            text = pattern.sub(by, text)
        return text.strip()
    for pattern, by in _SPACED[:4]:
        text = pattern.sub(by, text)
    return _SPACED[-1][0].sub(" ", text).strip()
