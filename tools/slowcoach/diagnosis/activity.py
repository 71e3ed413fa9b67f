"""What activities are: computing, the database's, blocking; the like ones put together. Pure."""

import re
from collections.abc import Callable, Iterable
from itertools import pairwise

from slowcoach.diagnosis.evidence.states import SQL_PACKAGES
from slowcoach.diagnosis.models import Activity

BURNING = frozenset({"cpu", "gil", "gc", "native"})
UNSTARTED = "unstarted"
SHARED = "a connection that requests may share"  # the target of waits for answers on one
NOT_SERVED = frozenset({"join", "executor", UNSTARTED, "client", "idle"})
BLOCKING = frozenset(
    {"net", "db", "disk", "sleep", "child", "lock", "semaphore", "pool", "queue", "event", "join"}
)
INSIDE = "an engine inside the process"  # the target of computing for statements
TURN = "its turn in an engine inside the process"  # the target of sleeps in one
OF_DRIVER = "a connection that a driver has inside"  # the target of waits for one
_OF_LANGUAGE = re.compile(r"(?:java|jdk|sun|runtime|sync|internal|context|threading|asyncio)\b")
_TABLE = re.compile(
    r'\b(?:from|join|into|update)\s+(?:only\s+)?((?:"?\w+"?\.)?"?\w+"?)', re.IGNORECASE
)
_NOT_TABLES = frozenset({"select", "set", "lateral", "unnest", "generate_series", "values"})
Test = Callable[[Activity], bool]


def tables_of(query: str) -> tuple[str, ...]:
    """Return the tables that a statement names."""
    names = [name.replace('"', "") for name in _TABLE.findall(query)]
    return tuple(dict.fromkeys(n for n in names if n.lower() not in _NOT_TABLES))


def is_library(package: str) -> bool:
    """Tell whether a package is a library's, and no part of the language that all code uses."""
    return not _OF_LANGUAGE.match(package)


def is_sql(activity: Activity) -> bool:
    """Tell whether an activity is the database's or its driver's."""
    if activity.state in {"pool", "lock", "semaphore"}:
        return False
    return activity.state == "db" or bool(SQL_PACKAGES & set(activity.packages))


def burns(activity: Activity) -> bool:
    """Tell whether an activity is computing (or waiting for the interpreter to), not for SQL."""
    return activity.state in BURNING and not is_sql(activity)


def merged(activities: Iterable[Activity]) -> list[Activity]:
    """Return one activity per function and file, most first; lines and means are added."""
    found: dict[tuple[str, str], Activity] = {}
    for a in activities:
        key = (a.function, a.file)
        if known := found.get(key):
            lines = dict(known.lines)
            for line, mean in a.lines.items():
                lines[line] = lines.get(line, 0.0) + mean
            found[key] = known.model_copy(
                update={
                    "mean": known.mean + a.mean,
                    "beside": _on_average(known, a),
                    "lines": lines,
                    "line": max(lines, key=lambda n: lines[n]) if lines else known.line,
                }
            )
        else:
            found[key] = a
    return sorted(found.values(), key=lambda a: -a.mean)


def _on_average(one: Activity, other: Activity) -> float:
    total = one.mean + other.mean
    return (one.beside * one.mean + other.beside * other.mean) / total if total else one.beside


def chain(activity: Activity) -> str:
    """Return the user's functions that lead to an activity, for texts; each file once, at the
    last of its functions in a row.
    """
    files = activity.files
    if len(files) != len(activity.path) or len(set(files)) < 2:  # noqa: PLR2004 - all in one file
        return " > ".join(activity.path)
    ends = [one != other for one, other in pairwise(files)] + [False]  # the last is at the place
    steps = zip(activity.path, files, ends, strict=True)
    return " > ".join(
        f"{name} ({file})" if end and file not in name else name for name, file, end in steps
    )
