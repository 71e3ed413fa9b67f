"""Logs with a JSON object in each line: nginx (escape=json), Caddy, Traefik, Envoy, others."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from slowcoach.load.access_logs.layout import Columns, Layout, LogFormat, Stamp, lines_of

_MOST_DEEP = 3
_EPOCH_MS = 1e11  # seconds since 1970 are fewer until the year 5138
_TOLD = 0.5
_MOST = 1e300

# Keys by role, dotted where objects stand within, in lower case; the first that is there is taken.
_KEYS: Mapping[str, tuple[str, ...]] = {
    "forwarded": (
        "http_x_forwarded_for", "x_forwarded_for", "x-forwarded-for", "xff", "forwarded_for",
        "request.headers.x-forwarded-for", "proxy_add_x_forwarded_for", "request_x-forwarded-for",
    ),
    "client": (
        "remote_addr", "clienthost", "request.client_ip", "request.remote_ip",
        "request.remote_addr", "client_ip", "clientip", "client", "remote_ip", "remoteip",
        "remoteaddr", "source.ip",
        "httprequest.remoteip", "downstream_remote_address",
        "downstream_remote_address_without_port",
        "req.remoteaddress", "req.ip", "clientaddr", "ip", "host_ip", "remote", "peer",
    ),
    "session": (
        "session_id", "sessionid", "session", "cookie_sessionid", "cookie_session", "sid",
        "visitor_id", "client_id",
    ),
    "user": ("remote_user", "user_id", "userid", "user", "clientusername", "username"),
    "time": (
        "starttime", "start_time", "startutc", "startlocal", "msec", "time_iso8601", "time_local",
        "@timestamp", "timestamp", "ts", "time", "datetime", "date", "t",
    ),
    "method": (
        "request_method", "requestmethod", "request.method", "httprequest.requestmethod",
        "http.request.method", "req.method", "http_method", "method", "verb",
    ),
    "target": (
        "request_uri", "requestpath", "request.uri", "request.url", "httprequest.requesturl",
        "url.original", "req.url", "x-envoy-original-path", "uri", "url", "path", "url.path",
        "http.target", "request_path", "target",
    ),
    "query": ("query_string", "args", "query", "url.query"),
    "request": ("request", "requestline", "request_line"),
    "status": (
        "status", "downstreamstatus", "response_code", "httprequest.status", "res.statuscode",
        "http.response.status_code", "status_code", "statuscode", "originstatus", "response.status",
        "http_status", "code",
    ),
    "answer_bytes": (
        "body_bytes_sent", "bytes_sent", "size", "downstreamcontentsize", "response_size",
        "httprequest.responsesize", "http.response.body.bytes", "bytes", "response_bytes",
        "resp_size", "res.headers.content-length",
    ),
    "request_bytes": (
        "request_length", "bytes_received", "request_size", "bytes_read", "requestcontentsize",
        "httprequest.requestsize",
    ),
    "agent": (
        "http_user_agent", "user_agent", "useragent", "user-agent", "agent", "request_user-agent",
        "request.headers.user-agent", "httprequest.useragent", "user_agent.original",
        "req.headers.user-agent",
    ),
    "host": (
        "request.host", "requesthost", "authority", "http_host", "host", "server_name",
        "req.headers.host", "url.domain", "vhost",
    ),
    "duration": (
        "request_time", "duration", "responsetime", "response_time_ms", "response_time",
        "httprequest.latency", "event.duration", "duration_ms", "duration_s", "duration_seconds",
        "latency_ms", "latency", "elapsed_ms", "elapsed", "took_ms", "took", "request_time_ms",
        "rt", "time_taken", "process_time",
    ),
}  # fmt: skip
_STARTS = ("starttime", "start_time", "startutc", "startlocal")
# the unit of a duration that is a bare number, where the key does not say it
_UNITS = {
    "request_time": "s",
    "responsetime": "ms",
    "event.duration": "ns",
    "time_taken": "ms",
    "process_time": "s",
    "rt": "s",
}
_PER_UNIT = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_WRITTEN = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|Âµs|ms|s|m|h)")


def _known(head: str) -> Layout | None:
    rows = [row for line in lines_of(head) if (row := _object(line)) is not None]
    if not rows:
        return None
    keys = _found([_flat(row) for row in rows])
    if "time" not in keys or not ({"target", "request"} & keys.keys()):
        return None
    unit = _unit(keys.get("duration"), [_flat(row) for row in rows])
    stamp: Stamp = "start" if keys["time"].lower() in _STARTS else "end"
    if keys["time"].lower() == "ts" and "duration" in keys:
        stamp = "end"  # Caddy, zap: written when done
    return Layout(_name(keys), lambda block: _columns(block, keys, unit), stamp)


def _object(line: str) -> dict[str, Any] | None:
    """Return the object that a line holds; what stands before it (a log's prefix) is left out."""
    begin = line.find("{")
    if begin < 0:
        return None
    try:
        found = json.loads(line[begin:])
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _flat(row: Mapping[str, Any], before: str = "", depth: int = 0) -> dict[str, Any]:
    """Return the values by dotted key; lists (headers) by their first value."""
    found: dict[str, Any] = {}
    for key, value in row.items():
        name = f"{before}{key}"
        if isinstance(value, dict):
            if depth < _MOST_DEEP:
                found.update(_flat(value, f"{name}.", depth + 1))
        else:
            found[name] = value[0] if isinstance(value, list) and value else value
    return found


def _found(rows: list[dict[str, Any]]) -> dict[str, str]:
    """Return the key that stands for each role, as this log writes it."""
    known: dict[str, str] = {}
    for row in rows:
        for key in row:
            known.setdefault(key.lower(), key)
    roles: dict[str, str] = {}
    for role, names in _KEYS.items():
        for key in (known[name] for name in names if name in known):
            if _fits(role, [row.get(key) for row in rows]):
                roles[role] = key
                break
    if "target" in roles and "method" in roles:
        roles.pop("request", None)
    return roles


def _fits(role: str, values: list[Any]) -> bool:
    """Tell whether the values can be what their key says: a `client` that is an object is none."""
    given = [value for value in values if value not in (None, "", "-")]
    if role in {"session", "user", "forwarded", "client", "agent", "host", "query"}:
        return bool(given) and all(isinstance(value, str | int) for value in given)
    if role in {"target", "request"}:
        slashed = [v for v in given if isinstance(v, str) and "/" in v]
        return bool(given) and len(slashed) >= len(given) * _TOLD
    if role == "status":
        return bool(given) and all(_is_number(value) for value in given)
    return bool(given)


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError, OverflowError):
        return False
    return True


def _name(keys: Mapping[str, str]) -> str:
    if keys.get("target") == "request.uri":
        return "Caddy (JSON lines)"
    if "RequestPath" in keys.values():
        return "Traefik (JSON lines)"
    if keys.get("status") == "response_code":
        return "Envoy (JSON lines)"
    return "JSON lines"


def _unit(key: str | None, rows: list[dict[str, Any]]) -> float:
    """Return the seconds of a bare duration's unit: by its key, else by how its values look."""
    if key is None:
        return 1.0
    name = key.lower()
    if "RequestPath" in rows[0]:  # Traefik counts nanoseconds
        return _PER_UNIT["ns"]
    if match := re.search(r"_(ns|us|ms|s)$|(seconds)$", name):
        return _PER_UNIT[match[1] or "s"]
    values = [row[key] for row in rows if _is_number(row.get(key))]
    if name in _UNITS:
        return _PER_UNIT[_UNITS[name]]
    is_whole = all(isinstance(value, int) for value in values)
    return _PER_UNIT["ms"] if is_whole else 1.0


def _columns(block: str, keys: Mapping[str, str], unit: float) -> Columns:
    wanted = list(keys.items())
    paths = [tuple(key.split(".")) for _, key in wanted]
    rows = [
        tuple(_value(row, key, path) for (_, key), path in zip(wanted, paths, strict=True))
        for row in _objects(block)
    ]
    if not rows:
        return {}
    columns: dict[str, Any] = {
        role: values for (role, _), values in zip(wanted, zip(*rows, strict=True), strict=True)
    }
    found: dict[str, Any] = {
        role: [_text(value) for value in values] for role, values in columns.items()
    }
    found["time_any"] = found.pop("time")
    if "duration" in columns:
        del found["duration"]
        found["duration_s"] = [_seconds(value, unit) for value in columns["duration"]]
    if "target" in found:
        found["target"] = [_without_host(text) for text in found["target"]]
    return found


def _objects(block: str) -> list[dict[str, Any]]:
    lines = [line for line in block.split("\n") if line]
    try:
        found = json.loads(f"[{','.join(lines)}]")
    except (ValueError, RecursionError):
        found = [_object(line) for line in lines]
    return [row for row in found if isinstance(row, dict)]


def _value(row: Mapping[str, Any], key: str, path: tuple[str, ...]) -> Any:
    if key in row:
        value = row[key]
    else:
        value = row
        for part in path:
            value = value.get(part) if isinstance(value, dict) else None
    return value[0] if isinstance(value, list) and value else value


def _text(value: Any) -> str:
    """Return a value as text of one byte a character, as all texts of logs are here."""
    if value is None:
        return "-"
    text = value if isinstance(value, str) else repr(value)
    return text if text.isascii() else text.encode("utf-8", "replace").decode("latin-1")


def _seconds(value: Any, unit: float) -> str:
    if isinstance(value, int | float):
        return repr(float(value) * unit) if abs(value) < _MOST else "-"
    if not isinstance(value, str):
        return "-"
    if parts := _WRITTEN.findall(value):
        return repr(sum(float(n) * _PER_UNIT[u.replace("Â", "")] for n, u in parts))
    return repr(float(value) * unit) if _is_number(value) else "-"


def _without_host(text: str) -> str:
    _scheme, found, rest = text.partition("://")
    if not found or text.startswith("/"):
        return text
    return f"/{rest.partition('/')[2]}"


FORMAT = LogFormat(name="JSON lines", known=_known, order=0)
