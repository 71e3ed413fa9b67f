"""Logs in the W3C's extended format, whose #Fields line names the columns: IIS, CloudFront."""

import re
from urllib.parse import unquote_plus

from slowcoach.load.access_logs.layout import Columns, Layout, LogFormat, columns_of

_FIELDS = re.compile(r"^#Fields:[ \t]*(.+)$", re.MULTILINE)
_ROLES = {
    "date": "date",
    "time": "clock",
    "c-ip": "client",
    "x-forwarded-for": "forwarded",
    "cs-username": "user",
    "cs-method": "method",
    "cs-uri-stem": "path",
    "cs-uri-query": "query",
    "sc-status": "status",
    "sc-bytes": "answer_bytes",
    "cs-bytes": "request_bytes",
    "cs(user-agent)": "agent",
    "cs-host": "host",
    "cs(host)": "host",
}
_CLOUDFRONT = "x-edge-location"


def _known(head: str) -> Layout | None:
    match = _FIELDS.search(head)
    if match is None:
        return None
    names = match[1].lower().split()
    is_cloudfront = _CLOUDFRONT in names
    seconds = "duration_s" if is_cloudfront else "duration_ms"
    roles = [_ROLES.get(name, seconds if name == "time-taken" else "") for name in names]
    if is_cloudfront and "x-host-header" in names:
        roles[names.index("x-host-header")] = "host"
    if {"clock", "path"} - set(roles):
        return None
    separator = "\t" if is_cloudfront and "\t" in head else None
    name = "CloudFront" if is_cloudfront else "IIS (W3C extended)"
    return Layout(name, lambda block: _columns(block, roles, separator))


def _columns(block: str, roles: list[str], separator: str | None) -> Columns:
    rows = [
        row
        for line in block.split("\n")
        if line[:1] != "#" and len(row := line.split(separator)) == len(roles)
    ]
    found = dict(
        columns_of(rows, [role if roles.index(role) == at else "" for at, role in enumerate(roles)])
    )
    if "agent" in found:  # spaces are written as + or %20
        known = {text: unquote_plus(text) for text in set(found["agent"])}
        found["agent"] = [known[text] for text in found["agent"]]
    return found


FORMAT = LogFormat(name="IIS and CloudFront (W3C extended)", known=_known, order=1)
