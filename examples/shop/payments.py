"""The payment service, seen from the shop."""

import json
import urllib.request
from typing import Any

from settings import PAYMENTS_URL

TIMEOUT_S = 5


def _call(path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(PAYMENTS_URL + path, data=data)
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
        return json.load(answer)


def state(number: str) -> str:
    """Return the state of a payment."""
    return _call(f"/payments/{number}")["state"]


def authorize(cents: int) -> str:
    """Reserve an amount and return the payment's number."""
    return _call("/payments", {"cents": cents})["number"]
