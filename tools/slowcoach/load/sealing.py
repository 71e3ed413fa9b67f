"""Requests of a plan without secrets: placeholders, names, and a last look for what is hidden."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from slowcoach.load.plan import Endpoint
from slowcoach.load.secrecy import PLACEHOLDER, Vault, looks_random

_SEGMENT = re.compile(r"\d+|[0-9a-f]{8,}", re.IGNORECASE)


def template(url: str) -> str:
    """Return the path of a URL with ids and placeholders as names: /items/{id}."""
    return "/".join(map(_shown, urlsplit(url).path.split("/"))) or "/"


def placeholders(step: Endpoint) -> list[str]:
    """Return the placeholders of a request, `${name}` and `${env:NAME}`."""
    texts = (step.url, step.body or "", *step.headers.values())
    return [match[0] for text in texts for match in PLACEHOLDER.finditer(text)]


def sealed(step: Endpoint, vault: Vault) -> Endpoint:
    """Return a request without any value that was found to be a secret elsewhere."""
    body = step.body
    return step.model_copy(
        update={
            "url": vault.scrubbed(step.url),
            "name": PLACEHOLDER.sub(lambda match: _shown(match[0]), vault.scrubbed(step.label)),
            "headers": {name: vault.scrubbed(value) for name, value in step.headers.items()},
            "body": None if body is None else vault.scrubbed(body),
        }
    )


def _shown(segment: str) -> str:
    if segment.startswith("${"):
        return "{" + segment[2:-1].removeprefix("env:LOAD_").lower() + "}"
    if _SEGMENT.fullmatch(segment) or looks_random(unquote(segment)):
        return "{id}"
    return segment
