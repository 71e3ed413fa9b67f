"""What k6's files have in common, whichever of them is read."""

from __future__ import annotations

import re
from collections.abc import Mapping

from slowcoach.load.outcome import LoadModel

OPEN = frozenset({"constant-arrival-rate", "ramping-arrival-rate"})
CLOSED = frozenset(
    {
        "constant-vus",
        "externally-controlled",
        "per-vu-iterations",
        "ramping-vus",
        "shared-iterations",
    }
)
_EXECUTOR = re.compile(r"""executor['"]?\s*:\s*['"`]([a-z-]+)['"`]""")
_USERS = re.compile(r"""\b(?:vus|stages|iterations)['"]?\s*:""")
_COMMENT = re.compile(r"(?<![:'\"])//[^\n]*|/\*.*?\*/", re.DOTALL)

EXECUTOR: Mapping[LoadModel, str] = {
    "open": "the executor: taken for one at an arrival rate, by when iterations began or dropped",
    "closed": "the executor: taken for one with fixed users, since iterations began as others "
    "ended",
    "unknown": "the executor: whether requests were due at a rate (open) or users waited for "
    "answers (closed)",
}
FROM_SENT = (
    "latency counts from when a request was sent, without the wait for its connection: while all "
    "virtual users wait for answers, k6 sends nothing, and what it would have met then is missing"
)
SETUP = frozenset({"::setup", "::teardown"})
_TIMEOUT_CODES = frozenset({"1050", "1211"})
_ERRORS = {
    "1101": "name not found",
    "1110": "address refused by k6",
    "1111": "address refused by k6",
    "1212": "connection refused",
    "1201": "connection reset",
    "1220": "connection reset",
}


def model_of(script: str) -> LoadModel:
    """Return open or closed by the executors that a script's text names; mixed ones are unknown.

    A script without executors has its users in `vus` or `stages`, which is closed.
    """
    plain = _COMMENT.sub("", script)
    executors = set(_EXECUTOR.findall(plain))
    if executors and executors <= OPEN:
        return "open"
    if executors and executors <= CLOSED:
        return "closed"
    return "closed" if not executors and _USERS.search(plain) else "unknown"


def error_of(status: str, code: str, text: str) -> tuple[str, bool]:
    """Return a failed request's kind, and whether a response came.

    `code` is k6's error_code (1000 and up), `text` its error where it tells one.
    """
    if status not in {"", "0"}:
        return f"HTTP {status}", True
    if code in _TIMEOUT_CODES or "timeout" in text:
        return "timeout", False
    return _ERRORS.get(code) or text or f"k6 error {code or 'without a code'}", False
