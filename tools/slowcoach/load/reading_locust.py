"""What Locust's files have in common."""

from __future__ import annotations

import re

ROUNDED = 0.05  # relative error: above 100 ms Locust keeps two digits
GRAIN_MS = 1.0

CLOSED = (
    "when requests were due: Locust's users wait for each answer, so that a stall hides how long "
    "users arriving meanwhile would have waited, and how much load was not sent"
)
COARSE = (
    "latencies finer than 1 ms below 100 ms, and than two digits above: Locust rounds them, so a "
    "change of some per cent does not show"
)
UNANSWERED = "which failures had no answer: Locust counts all of them as requests with a latency"
FAILED_TOO = "latencies of successes alone: Locust's are of failures too"

_STATUS = re.compile(r"(?:code=|\b)([45]\d\d)\b")


def error_of(text: str) -> str:
    """Return a failure's kind: `HTTP 503`, or Locust's text without the request's own figures."""
    match = _STATUS.search(text)
    return f"HTTP {match[1]}" if match else text


def name_of(method: str, name: str) -> str:
    """Return an endpoint's name: with its method where it is a path."""
    return f"{method} {name}".strip() if name.startswith(("/", "http")) else name
