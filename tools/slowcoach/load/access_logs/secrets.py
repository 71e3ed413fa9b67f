"""Targets of requests without what must not leave the log: tokens, keys, addresses of people."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote_plus

from slowcoach.core.redaction import HIDDEN, redacted
from slowcoach.load.secrecy import hides

_SAFE = "/?&=;:@!*(),+~%-._|"
_ESCAPED = re.compile(r"\\x([0-9A-Fa-f]{2})")
_SECRET_KEY = re.compile(
    r"(?:^|[_.\[-])(?:auth|code|otp|pin|pass|pwd|passcode|key|sig|sign|hash|hmac|nonce|state|ticket"
    r"|jwt|saml\w*|sid|sess|session\w*|jsessionid|phpsessid|csrf\w*|xsrf\w*|bearer|email|e-?mail"
    r"|phone|ssn|iban|card\w*)(?:$|[_.\]-])|session|email|access_?key|private",
    re.IGNORECASE,
)
_SECRET_VALUE = re.compile(
    r"eyJ[\w-]{8,}\.[\w-]+|[^/@&=\s]+(?:@|%40)[^/@&=\s]+\.[a-z]{2,}"  # JWT, e-mail
    r"|(?:sk|pk|rk|ghp|gho|ghs|github_pat|xox[a-z]|AKIA|ASIA|AIza|glpat|npm)[_-]?[\w-]{16,}",
    re.IGNORECASE,
)
_SECRET_PLACE = re.compile(
    r"(/[^/]*(?:reset|token|verif|confirm|activat|invit|unsubscribe|magic|session|auth|secret"
    r"|password|oauth|webhook|hook)[^/]*)/(?=[^/?]*\d)[\w.~%=+-]{12,}",
    re.IGNORECASE,
)
_MATRIX = re.compile(r";[^/?]*")


def hidden(target: str) -> str:
    """Return a target with its secrets replaced, in characters that a URL may have.

    What a template engine or a plan would take for a placeholder (`${...}`) is escaped too.
    """
    text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), target)
    path, mark, query = text.partition("#")[0].partition("?")
    path = _SECRET_PLACE.sub(rf"\g<1>/{HIDDEN}", path)
    if "%40" in path or "@" in path or "eyJ" in path or "_" in path or "-" in path:
        path = "/".join(_segment(part) for part in path.split("/"))
    path = _MATRIX.sub("", path)
    if mark:
        query = "&".join(_pair(pair) for pair in re.split(r"[&;]", query))
    whole = str(redacted("", f"{path}{mark}{query}"))
    return quote(whole.encode("latin-1", "replace"), safe=_SAFE)


def _segment(part: str) -> str:
    return HIDDEN if _SECRET_VALUE.fullmatch(part) else part


def _pair(pair: str) -> str:
    key, equals, value = pair.partition("=")
    name = unquote_plus(key)
    if not value or value == HIDDEN:
        return pair
    plain = unquote_plus(value)
    is_secret = _SECRET_KEY.search(name) or _SECRET_VALUE.fullmatch(plain)
    if is_secret or hides(name, plain) or redacted(name, value) == HIDDEN:
        return f"{key}{equals}{HIDDEN}"
    return pair
