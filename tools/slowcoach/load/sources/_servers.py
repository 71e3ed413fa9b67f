"""Where an OpenAPI document's paths begin: its servers, or the URL that the user gave."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin, urlsplit

from slowcoach.core.errors import InputError
from slowcoach.load.sources import _mix
from slowcoach.load.sources._documents import keyed, listed
from slowcoach.load.traffic import Given


def base_of(root: dict[str, Any], given: Given) -> str:
    """Return the URL that paths are appended to: the user's, or the document's first server."""
    if given.base is not None:
        _mix.origin_of(given.base)
        parts = urlsplit(given.base)
        if parts.path.strip("/"):
            return given.base.split("?")[0].rstrip("/")
        return _mix.origin_of(given.base) + urlsplit(_server(root)).path.rstrip("/")
    server = _server(root)
    if urlsplit(server).scheme not in {"http", "https"} or not urlsplit(server).hostname:
        raise InputError(
            f"{given.path}: its servers name no host",
            hint="Give `url` too, such as http://127.0.0.1:8000",
        )
    return server.rstrip("/")


def _server(root: dict[str, Any]) -> str:
    try:
        if "swagger" in root:
            schemes = root.get("schemes")
            scheme = schemes[0] if isinstance(schemes, list) and schemes else "https"
            path = str(root.get("basePath") or "")
            return f"{scheme}://{root['host']}{path}" if root.get("host") else path
        server = next(iter(listed(root.get("servers"))), {})
        url = str(server.get("url") or "")
        for name, variable in keyed(server.get("variables")).items():
            url = url.replace(f"{{{name}}}", str(keyed(variable).get("default", "")))
        urlsplit(url)
        return urljoin("", url)
    except ValueError:
        return ""
