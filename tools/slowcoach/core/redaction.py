"""Keep secrets out of what is stored and shown: passwords in URLs, keys in headers."""

import re
from typing import Any

_SECRET_NAME = re.compile(
    r"(authorization|cookie|password|passwd|secret|token|api[-_]?key|credential)", re.IGNORECASE
)
_URL_PASSWORD = re.compile(r"(?P<head>\b[a-z][a-z0-9+.-]*://[^\s/:@]*):[^\s/@]+@", re.IGNORECASE)
# a database's password may hold any sign that its user forgot to escape: up to the last @
_DATABASE_PASSWORD = re.compile(
    r"(?P<head>\b(?:postgres(?:ql)?|mysql|mariadb|mssql|oracle|cockroachdb|clickhouse|redis|mongodb"
    r"|amqp)[a-z0-9+]*://[^\s/:@]*):[^\r\n\"'<>]{0,500}@",
    re.IGNORECASE,
)
# libpq's and ODBC's way to write it: host=... password='...' user=...
_WORD_PASSWORD = re.compile(
    r"(?P<head>\b(?:ssl)?(?:password|passwd|pwd)=)(?:'(?:[^'\\]|\\.)*'|[^\s&;,'\"]+)", re.IGNORECASE
)
_BARE_PASSWORD = re.compile(r"^[^\s/@:]*:[^/].*@", re.DOTALL)  # user:password@host without scheme
_URL_SECRET = re.compile(
    r"(?P<head>[?&;](?:[^=&\s]*(?:token|secret|password|api[-_]?key|signature)[^=&\s]*)=)[^&\s#]+",
    re.IGNORECASE,
)
HIDDEN = "***"


def redacted(name: str, value: Any) -> Any:
    """Return the value, hidden when its name tells a secret, and without passwords in URLs."""
    if not isinstance(value, str):
        return value
    if name and _SECRET_NAME.search(name):
        return HIDDEN
    if name.endswith("url"):
        value = _BARE_PASSWORD.sub(f"{HIDDEN}@", value)
    text = _DATABASE_PASSWORD.sub(rf"\g<head>:{HIDDEN}@", value)
    text = _URL_PASSWORD.sub(rf"\g<head>:{HIDDEN}@", text)
    text = _URL_SECRET.sub(rf"\g<head>{HIDDEN}", text)
    return _WORD_PASSWORD.sub(rf"\g<head>{HIDDEN}", text)
