"""nginx's log_format: a string of $variables, as the configuration has it."""

import re

from slowcoach.load.access_logs.layout import Field, Layout, LogFormat, listed, regular

_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_ROLES = {
    "remote_addr": "client",
    "binary_remote_addr": "client",
    "realip_remote_addr": "client",
    "proxy_protocol_addr": "forwarded",
    "http_x_forwarded_for": "forwarded",
    "proxy_add_x_forwarded_for": "forwarded",
    "http_x_real_ip": "forwarded",
    "http_cf_connecting_ip": "forwarded",
    "remote_user": "user",
    "time_local": "time_clf",
    "time_iso8601": "time_iso",
    "msec": "time_epoch",
    "request": "request",
    "request_method": "method",
    "request_uri": "target",
    "uri": "path",
    "document_uri": "path",
    "args": "query",
    "query_string": "query",
    "status": "status",
    "body_bytes_sent": "answer_bytes",
    "bytes_sent": "answer_bytes",
    "request_length": "request_bytes",
    "request_time": "duration_s",
    "http_user_agent": "agent",
    "host": "host",
    "http_host": "host",
    "server_name": "host",
    "http_referer": "referer",
}
_LISTS = re.compile(r"upstream_\w+|http_x_forwarded_for|proxy_add_x_forwarded_for")
_SESSIONS = re.compile(r"cookie_\w*|http_x_(?:session|user)_?\w*|jwt_claim_sub|uid_(?:got|set)")


def _made(text: str) -> Layout | None:
    if not _VARIABLE.search(text):
        return None
    text = _joined(text)
    parts: list[str | Field] = []
    at = 0
    for match in _VARIABLE.finditer(text):
        if match.start() > at:
            parts.append(text[at : match.start()])
        parts.append(_field(match[1] or match[2], text[match.end() : match.end() + 1]))
        at = match.end()
    if at < len(text):
        parts.append(text[at:])
    return regular(parts, "nginx's log_format", "end")


def _joined(text: str) -> str:
    """Return the format of a whole directive: its quoted strings stand together."""
    match = re.search(r"log_format\s+\w+\s+(?:escape=\w+\s+)?(.*?);?\s*$", text.strip(), re.DOTALL)
    if match is None:
        return text.strip("\r\n")
    quoted = re.findall(r"'([^']*)'|\"((?:[^\"\\]|\\.)*)\"", match[1])
    return "".join(one or other for one, other in quoted) or match[1]


def _field(variable: str, following: str) -> Field:
    role = _ROLES.get(variable, "session" if _SESSIONS.fullmatch(variable) else "")
    if _LISTS.fullmatch(variable) and following in {"", " "}:
        return listed(role)
    return Field(role)


FORMAT = LogFormat(name="nginx's log_format", known=lambda _head: None, made=_made)
