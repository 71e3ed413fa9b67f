"""Keep secrets out of what is stored and shown: passwords in URLs, keys in headers."""

import re
from typing import Any

_SECRET_NAME = re.compile(
    r"(authorization|cookie|password|passwd|secret|token|api[-_]?key|credential)", re.IGNORECASE
)
_URL_PASSWORD = re.compile(r"(?P<head>\b[a-z][a-z0-9+.-]*://[^\s/:@]*):[^\s/@]+@", re.IGNORECASE)
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
    text = _URL_PASSWORD.sub(rf"\g<head>:{HIDDEN}@", value)
    return _URL_SECRET.sub(rf"\g<head>{HIDDEN}", text)
