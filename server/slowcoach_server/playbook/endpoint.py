"""The middle of several playbooks: an endpoint is investigated, and the verdict leads on."""

import socket
from typing import Any
from urllib.parse import urlsplit

from slowcoach.core.errors import UnreachableError
from slowcoach.core.result import Result
from slowcoach.core.units import number
from slowcoach.diagnosis.brief import in_ms
from slowcoach_server.playbook.walk import Walk

_ASKED = ("method", "headers", "body", "pid", "concurrency", "duration_s", "diagnostics", "traces")
_SECONDS = 20.0
_LONGER = 2.0
_CONNECT_S = 5.0
_LONGEST_S = 120.0
_HINT = 'Say it: slowcoach ask "why is http://127.0.0.1:8000/search slow?"'
_ORIGIN = "Say the whole address, or --set origin=http://127.0.0.1:8000"
_WHICH = "Which address is slow (http://127.0.0.1:8000/search)?"


def address(walk: Walk, question: str = _WHICH, hint: str = _HINT) -> str:
    """Return the endpoint's address; a route alone (`/search`) is completed by the server's."""
    url = str(walk.need("url", question, hint))
    if url.startswith("/"):
        origin = walk.need("origin", f"Where is {url} served (http://127.0.0.1:8000)?", _ORIGIN)
        url = f"{str(origin).rstrip('/')}{url}"
        walk.arguments["url"] = url
    return url


def reachable(walk: Walk, url: str) -> None:
    """Raise UnreachableError when nothing listens there: load would only count refusals."""
    walk.runs.permissions.require_load(url)
    parts = urlsplit(url)
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        socket.create_connection((parts.hostname or "", port), _CONNECT_S).close()
    except (OSError, ValueError) as error:
        raise UnreachableError(
            f"{url}: {error}", hint="Is the service up? Check URL and port"
        ) from None


def database(walk: Walk) -> str | None:
    """Return the database's address; the settings' one is taken by the tools themselves."""
    if walk.has_database:
        return None
    question = "The address of its database, if it has one (postgresql://user@host/name)?"
    found: str | None = walk.ask("database_url", question)
    return found


def investigated(walk: Walk, url: str, *, why: str, **more: Any) -> Any:
    """Investigate; look once more and longer when the evidence did not decide."""
    given = {**walk.given(*_ASKED), **more}
    found: Any = walk.call("investigate", why, url=url, **given)
    walk.conclude(found)
    if found.verdict.cause != "unsure":
        return found
    seconds = min(float(given.get("duration_s", _SECONDS)) * _LONGER, _LONGEST_S)
    longer = walk.attempt(
        "investigate",
        f"the evidence did not decide: look for {number(seconds)} s",
        url=url,
        **{**given, "duration_s": seconds},
    )
    walk.conclude(longer)
    return longer or found


def followed(walk: Walk, found: Any, database_url: str | None) -> None:
    """Carry out what the verdict leads to, and say what proves a fix."""
    cause, place = found.verdict.cause, found.verdict.where
    if cause.startswith("db.") and database_url:
        why = f"the cause is {cause}: which statements took the time"
        walk.attempt("analyze_queries", why, database_url=database_url)
    if cause.startswith("cpu.") and not place and walk.arguments.get("pid"):
        why = f"the cause is {cause} and no place is named: where the processor is"
        walk.attempt("record_profile", why, pid=walk.arguments["pid"], kind="cpu")
    budget(walk, found)
    if cause in {"healthy", "unsure"}:
        walk.next.extend(found.next)
    elif found.run_id:
        walk.next.append(
            f"After the fix: `slowcoach ask --resume {found.run_id}` measures again and compares"
        )


def budget(walk: Walk, found: Any) -> Result | None:
    """Judge the latencies by the person's target, else by the budget of an API."""
    measured = {
        name: value
        for name in ("p50_ms", "p95_ms", "p99_ms")
        if (value := getattr(found.latency, name, None)) is not None
    }
    if not measured:
        return None
    if (errors := getattr(found, "error_rate", None)) is not None:
        measured["error_rate_pct"] = errors * 100
    kind = walk.arguments.get("kind") or "api"
    wanted = _wanted(walk)
    return walk.attempt(
        "check_budget",
        f"is it fast enough ({kind})",
        kind=kind,
        measurements=measured,
        limits=wanted or None,
    )


def _wanted(walk: Walk) -> dict[str, float]:
    """Return the latencies that the person wants, in ms."""
    return {
        f"{name}_ms": in_ms(str(text), f"target_{name}")
        for name in ("p50", "p95", "p99")
        if (text := walk.arguments.get(f"target_{name}"))
    }


def name_of(url: str) -> str:
    """Return host and path of an address."""
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path}"
