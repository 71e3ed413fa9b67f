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

# One group holds the token, another a dollar quote's tag: split() gives text, token, tag, text ...
# The look ahead is for speed: nearly all places begin nothing.
_TOKENS = r"""(?=[-/\#"`$%:@'.\d])(
    --[^\n]* | /\*.*?(?:\*/|\Z){more}
  | {quoted} | `[^`]*(?:`|\Z)
  | \$\d+ | %s | %\(\w+\)s | (?<![:\w]):[A-Za-z_]\w* | (?<![@\w])@[A-Za-z_]\w*
  | {literal}
  | (?<![\w$.])(?:0[xX][0-9a-fA-F]+|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)(?!\w)
)"""
_BACKSLASHED = r"{q}[^{q}\\]*(?:(?:\\.|{q}{q})[^{q}\\]*)*(?:{q}|\Z)"
_STANDARD = r"'[^']*(?:''[^']*)*(?:'|\Z)"


def _tokens(*, quoted: str, literal: str, more: str = "") -> re.Pattern[str]:
    text = _TOKENS.replace("{more}", more).replace("{quoted}", quoted)
    return re.compile(text.replace("{literal}", literal), re.VERBOSE | re.DOTALL)


_ANSI = _tokens(
    quoted=r'"[^"]*(?:""[^"]*)*(?:"|\Z)',
    literal=rf"(?<=\b[eE]){_BACKSLASHED.format(q=chr(39))}|{_STANDARD}"
    r"|\$([A-Za-z_]\w*|)\$.*?(?:\$\2\$|\Z)",
)
_MYSQL = _tokens(
    quoted=r"`[^`]*(?:`|\Z)",
    literal=rf"{_BACKSLASHED.format(q=chr(39))}|{_BACKSLASHED.format(q=chr(34))}()",
    more=r"|\#[^\n]*",
)
_PLAIN = frozenset("'0123456789.")  # how literals begin that need no second look

_PREFIXED = re.compile(
    r"\b(?:[ebxn]|u&|_(?:utf8\w*|latin1|binary|ascii|ucs2) ?)\?"
)  # E'...', X'...', U&'...', _utf8'...'
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
    parts = (_MYSQL if mysql else _ANSI).split(sql)
    values = parts[1::3]
    comments = ""
    if _PLAIN.issuperset([token[0] for token in values]):
        text = "?".join(parts[::3]).lower()
    else:
        text, values, comments = _sorted(parts, mysql)
    key, batched, constants = _keyed(text)
    told = hash((constants, *values)) if values or constants else 0
    # PostgreSQL 18 shortens lists to their first element and this comment
    return Fingerprint(key, told, batched or "/*, ... */" in comments, comments)


_remembered = lru_cache(_CACHE)(_made)


def _sorted(parts: list[str], mysql: bool) -> tuple[str, list[str], str]:
    """Return the text with a mark for each value, the values, and the comments."""
    pieces: list[str] = []
    values: list[str] = []
    comments: list[str] = []
    for text, token in zip(parts[::3], parts[1::3], strict=False):
        pieces.append(text.lower())
        first = token[0]
        if first == "`" or (first == '"' and not mysql):
            pieces.append(token)
        elif first in "-/#":
            pieces.append(" ")
            comments.append(token)
        else:
            pieces.append("?")
            if first not in "%:@" and not (first == "$" and token[1:].isdigit()):
                values.append(token)
    pieces.append(parts[-1].lower())
    return "".join(pieces), values, " ".join(comments)[:_CACHED]


@lru_cache(_CACHE)
def _keyed(text: str) -> tuple[str, bool, str]:
    """Return the key of a text without literals, whether a list was folded, and its constants."""
    text = " ".join(text.split())
    if not text.isprintable():
        text = "".join(character for character in text if character.isprintable())
    if "?" in text:
        text = _PREFIXED.sub("?", text)
    constants: list[str] = []
    key, batched = _folded(_constants(text, constants))
    return key, batched, " ".join(constants)


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
