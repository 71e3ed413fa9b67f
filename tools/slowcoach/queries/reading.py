"""From a text or a file to a plan, whatever printed it."""

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from slowcoach.core.errors import InputError, UnreadableError, UnsupportedError
from slowcoach.core.files import read_bytes
from slowcoach.core.registry import discover
from slowcoach.queries import dialects
from slowcoach.queries.model import POSTGRESQL, Dialect, Plan

LARGEST = 200_000_000
_SHOWN = 60
_HEAD = 200_000  # characters in which nearly every plan has begun
_HINT = "Paste the whole output of EXPLAIN (ANALYZE, BUFFERS), or give its file"
# plans that are known by sight and not read yet
_OTHERS = (("MongoDB", re.compile(r'"queryPlanner"\s*:')),)
_STATEMENT = re.compile(
    r"\s*(?:explain\b.*?)?(?:select|with|insert|update|delete)\b", re.IGNORECASE
)


@cache
def known() -> tuple[Dialect, ...]:
    """Return every dialect, in name order."""
    return discover(dialects, "DIALECT", Dialect)


def read_plan(text: str, dialect: str | None = None) -> tuple[Plan, str]:
    """Return the plan in a text and the name of its dialect.

    `dialect` (such as `postgresql`) restricts what is tried. Raises UnreadableError for a text
    without a plan, UnsupportedError for one of a database that is not read yet.
    """
    if not text.strip():
        raise UnreadableError("plan: expected the output of EXPLAIN, got nothing", hint=_HINT)
    found = _recognized(text, _candidates(dialect))
    if found is not None:
        return _of_engine(found.read(text), found.engine), found.name
    _refuse_another(text, dialect)
    for name, pattern in _OTHERS:
        if pattern.search(text):
            raise UnsupportedError(
                f"plan: this is a plan of {name}, which is not read yet",
                hint=f"Read today: {', '.join(item.name for item in known())}",
            )
    first = " ".join(text[:_HEAD].split())[:_SHOWN]
    if _STATEMENT.match(text):
        raise UnreadableError(
            f"plan: expected the output of EXPLAIN, got a statement: {first!r}",
            hint="Run EXPLAIN (ANALYZE, BUFFERS) on it and paste what comes, "
            "or give it as `sql` with `database_url`",
        )
    raise UnreadableError(f"plan: expected the output of EXPLAIN, got {first!r}", hint=_HINT)


def _recognized(text: str, candidates: Iterable[Dialect]) -> Dialect | None:
    """Return the first dialect that knows the text: by its head, which is enough for most."""
    for part in (text[:_HEAD], text) if len(text) > _HEAD else (text,):
        found = next((item for item in candidates if item.matches(part)), None)
        if found is not None:
            return found
    return None


def _refuse_another(text: str, dialect: str | None) -> None:
    """Say whose plan it is if it is another's than the caller said."""
    if dialect is None:
        return
    other = _recognized(text, known())
    if other is not None:
        raise UnreadableError(
            f"plan: expected a plan of {dialect}, got one of {other.name}",
            hint="Leave `dialect` out to have it recognized",
        )


def _of_engine(plan: Plan, engine: str) -> Plan:
    """Say in the plan whose it is, unless it is PostgreSQL's, or says so itself."""
    if engine == POSTGRESQL or "engine" in plan.fields:
        return plan
    return replace(plan, fields={"engine": engine, **plan.fields})


def _candidates(dialect: str | None) -> tuple[Dialect, ...]:
    if dialect is None:
        return known()
    wanted = dialect.lower().replace("postgres_", "postgresql_").replace("-", "_")
    wanted = "postgresql" if wanted in {"postgres", "pg"} else wanted
    found = tuple(
        item for item in known() if item.name == wanted or item.name.startswith(f"{wanted}_")
    )
    if not found:
        raise InputError(
            f"dialect: {dialect!r} is not one that is read",
            hint=f"Known: postgresql, {', '.join(item.name for item in known())}; "
            "leave it out to have it recognized",
        )
    return found


def read_file(path: str) -> str:
    """Return the text of a file that may hold a plan; its size is looked at before it is read."""
    data = read_bytes(
        path,
        what="a plan's file",
        limit=LARGEST,
        smaller="A plan is some kilobytes; give the plan alone, not the whole log",
    )
    return decoded(data, path)


def decoded(data: bytes, name: str) -> str:
    """Return the text of these bytes: UTF-8, or UTF-16 with its mark (PowerShell writes that)."""
    try:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            return data.decode("utf-16")
        if b"\0" not in data:
            return data.decode("utf-8-sig", "replace")
    except UnicodeDecodeError:
        pass
    raise UnreadableError(f"{name}: expected text, got binary data", hint=_HINT)
