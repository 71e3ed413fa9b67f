"""Where a load test's requests come from: an OpenAPI document, a HAR file, an access log.

Only requests that read (GET, HEAD) are taken: the others would change the target's data.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import yaml

from slowcoach.core.errors import InputError, UnreadableError
from slowcoach.core.files import checked
from slowcoach.core.redaction import HIDDEN, redacted
from slowcoach.load.plan import Endpoint

_READS = frozenset({"GET", "HEAD"})
_STATIC = re.compile(
    r"\.(?:css|m?js|map|png|jpe?g|gif|svg|webp|avif|ico|woff2?|ttf)$", re.IGNORECASE
)
_LOG_LINE = re.compile(r'\[([^\]]+)\] "([A-Z]+) (\S+)[^"]*" (\d{3})')
_LOG_TIME = "%d/%b/%Y:%H:%M:%S %z"
_ID = re.compile(r"/(?:\d+|[0-9a-f]{8,}(?:-[0-9a-f]{4,})*)(?=/|$)", re.IGNORECASE)
_TOP = 20
_FILE_LIMIT = 256 * 1024 * 1024
_EXAMPLES = {"integer": "1", "number": "1", "boolean": "true"}
_ERRORS_FROM = 400


@dataclass(frozen=True, slots=True)
class Mix:
    """The requests of a test with their weights, and what was seen and left out.

    `peak_rps` is the busiest minute's rate, where the source has times.
    """

    endpoints: tuple[Endpoint, ...]
    notes: tuple[str, ...] = ()
    peak_rps: float | None = None


def read_openapi(path: str, base: str | None) -> Mix:
    """Return the GET operations of an OpenAPI 3 (or Swagger 2) document that need no secret
    knowledge: parameters are filled from examples, defaults and enumerations.
    """
    document = _parsed(path)
    paths = document.get("paths") if isinstance(document, dict) else None
    if not isinstance(paths, dict):
        raise UnreadableError(
            f"{path}: expected an OpenAPI document with `paths`", hint="Give openapi.json or .yaml"
        )
    root = base or _server(document)
    if urlsplit(root).scheme not in {"http", "https"}:
        raise InputError(
            f"{path}: its servers name no host",
            hint="Give `url` too, such as http://127.0.0.1:8000",
        )
    found: list[Endpoint] = []
    skipped: list[str] = []
    for route, item in paths.items():
        operation = item.get("get") if isinstance(item, dict) else None
        if not isinstance(operation, dict):
            continue
        listed = [*item.get("parameters", []), *operation.get("parameters", [])]
        filled = _filled(str(route), [_followed(document, p) for p in listed])
        if filled is None:
            skipped.append(str(route))
        else:
            found.append(Endpoint(url=root.rstrip("/") + filled))
    notes = ["an OpenAPI document has no traffic: every endpoint has the same weight"]
    if skipped:
        notes.append(f"left out, for want of an example value: {', '.join(skipped[:5])}")
    return _mix(path, found, notes)


def _followed(document: dict[str, Any], node: Any) -> Any:
    """Return a parameter with its local references (`#/...`), and its schema's, replaced."""
    if not isinstance(node, dict):
        return node
    if isinstance(node.get("$ref"), str):
        node = _pointed(document, node["$ref"])
    if isinstance(node, dict) and "$ref" in (node.get("schema") or {}):
        return {**node, "schema": _pointed(document, str(node["schema"]["$ref"]))}
    return node


def _pointed(document: Any, reference: str) -> Any:
    found = document
    for key in reference.removeprefix("#/").split("/"):
        found = found.get(key) if isinstance(found, dict) else None
    return found


def _server(document: dict[str, Any]) -> str:
    if "host" in document:  # Swagger 2
        scheme = (document.get("schemes") or ["https"])[0]
        return f"{scheme}://{document['host']}{document.get('basePath', '')}"
    servers = document.get("servers") or [{}]
    return str(servers[0].get("url", "")) if isinstance(servers[0], dict) else ""


def _filled(route: str, parameters: list[Any]) -> str | None:
    """Return the path with its required parameters, None when one has no value to take."""
    query: list[str] = []
    for parameter in parameters:
        if not isinstance(parameter, dict) or "name" not in parameter:
            return None  # a reference: what it asks for is not known here
        name, where = str(parameter["name"]), parameter.get("in")
        if not (parameter.get("required") or where == "path"):
            continue
        value = _example(parameter)
        if value is None or where not in {"path", "query"}:
            return None
        if where == "path":
            route = route.replace(f"{{{name}}}", quote(value, safe=""))
        else:
            query.append(f"{quote(name)}={quote(value)}")
    if "{" in route:
        return None
    return f"{route}?{'&'.join(query)}" if query else route


def _example(parameter: dict[str, Any]) -> str | None:
    schema = parameter.get("schema")
    places = [parameter, schema if isinstance(schema, dict) else {}]
    for place in places:
        for key in ("example", "default"):
            if key in place:
                return str(place[key])
        if place.get("enum"):
            return str(place["enum"][0])
    return next((_EXAMPLES[t] for p in places if (t := p.get("type")) in _EXAMPLES), None)


def read_har(path: str) -> Mix:
    """Return the reading requests of a browser's recording to its busiest host."""
    document = _parsed(path)
    try:
        asked = [(e["request"]["method"], e["request"]["url"]) for e in document["log"]["entries"]]
    except (KeyError, TypeError):
        raise UnreadableError(
            f"{path}: expected a HAR file with log.entries",
            hint="Save it from the browser's network tab",
        ) from None
    kept = [(m, str(u).split("#")[0]) for m, u in asked if m in _READS and _is_page(str(u))]
    hosts = Counter(urlsplit(url).netloc for _, url in kept)
    host = hosts.most_common(1)[0][0] if hosts else ""
    counts = Counter((m, u) for m, u in kept if urlsplit(u).netloc == host)
    left = len(asked) - counts.total()
    notes = (
        [f"{left} of {len(asked)} requests left out: files, writes, other hosts"] if left else []
    )
    return _mix(path, [Endpoint(method=m, url=u, weight=n) for (m, u), n in counts.items()], notes)


def _is_page(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in {"http", "https"} and not _STATIC.search(parts.path)


def read_access_log(path: str, base: str | None) -> Mix:
    """Return the mix of an access log in common or combined format.

    Paths that differ in an id count together; the most frequent of them stands for all.
    """
    if base is None:
        raise InputError(
            "access_log: a log has no host", hint="Give `url` too, such as https://staging.test"
        )
    groups: Counter[str] = Counter()
    concrete: dict[str, Counter[str]] = {}
    minutes: Counter[datetime] = Counter()
    lines = 0
    for line in _lines(path):
        lines += 1
        match = _LOG_LINE.search(line)
        if match is None:
            continue
        _count_minute(minutes, match[1])
        target = match[3]
        if (
            match[2] != "GET"
            or int(match[4]) >= _ERRORS_FROM
            or not _is_page(urljoin(base, target))
        ):
            continue
        group = _ID.sub("/{id}", target.split("?")[0])
        groups[group] += 1
        concrete.setdefault(group, Counter())[target] += 1
    found = [
        Endpoint(url=urljoin(base, concrete[group].most_common(1)[0][0]), weight=count)
        for group, count in groups.items()
    ]
    seen = minutes.total()
    notes = [f"{seen} of {lines} lines read; {groups.total()} are GET requests below status 400"]
    peak = max(minutes.values()) / 60 if minutes else None
    return _mix(path, found, notes, peak)


def _count_minute(minutes: Counter[datetime], text: str) -> None:
    try:
        at = datetime.strptime(text, _LOG_TIME).astimezone(UTC)
    except ValueError:
        return
    minutes[at.replace(second=0)] += 1


def _mix(path: str, found: list[Endpoint], notes: list[str], peak_rps: float | None = None) -> Mix:
    if not found:
        raise UnreadableError(
            f"{path}: no GET request that could be repeated",
            hint="Give `url` with one endpoint instead",
        )
    shown = [e.model_copy(update={"url": redacted("", e.url)}) for e in found]
    if shown != found:
        found, notes = shown, [*notes, f"secrets in addresses are replaced by {HIDDEN}"]
    ordered = sorted(found, key=lambda endpoint: -endpoint.weight)
    if len(ordered) > _TOP:
        total = sum(e.weight for e in ordered)
        share = sum(e.weight for e in ordered[:_TOP]) / total
        notes = [
            *notes,
            f"the {_TOP} largest of {len(ordered)} endpoints, {share:.0%} of the requests",
        ]
    return Mix(tuple(ordered[:_TOP]), tuple(notes), peak_rps)


def _checked(path: str) -> Path:
    what = "a file that describes requests"
    file = checked(path, what=what, limit=_FILE_LIMIT, smaller="Give a part of it")
    if not file.stat().st_size:
        raise UnreadableError(f"{path}: expected {what}, got an empty one", hint="Check the path")
    return file


def _parsed(path: str) -> Any:
    try:
        text = _checked(path).read_text(encoding="utf-8-sig")
        if text.lstrip().startswith("{"):
            return json.loads(text)
        return yaml.safe_load(text)
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise UnreadableError(
            f"{path}: not JSON or YAML ({' '.join(str(error)[:120].split())})",
            hint="Check the file",
        ) from None


def _lines(path: str) -> Iterable[str]:
    try:
        with _checked(path).open(encoding="utf-8", errors="replace") as file:
            while line := file.readline(65536):
                yield line
    except OSError as error:
        raise UnreadableError(f"{path}: {error}", hint="Check the file's permissions") from None
