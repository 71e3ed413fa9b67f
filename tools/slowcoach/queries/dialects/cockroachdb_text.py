"""CockroachDB's EXPLAIN and EXPLAIN ANALYZE (PLAN), 21.1 and later: `• scan` and its kind."""

import re
from collections.abc import Sequence
from typing import Any

from slowcoach.core.errors import UnreadableError
from slowcoach.queries.dialects._outline import Path, count, grown, milliseconds
from slowcoach.queries.keys import snake
from slowcoach.queries.model import Dialect, Plan

_HINT = "Give the whole output of EXPLAIN ANALYZE (or EXPLAIN), from `distribution:` on"
_SIGHT = re.compile(r"(?m)^[ \t|\"']*(?:distribution|vectorized): ")
_STEP = re.compile(r"([\s│├└─]*)• (.+)")
_ART = re.compile(r"^[\s│├└─·]*")
_PAIR = re.compile(r"([A-Za-z][\w ()/-]*?): (.*)$")
_FRAME = re.compile(r"^\s*\||\|\s*$")
_RECOMMENDED = re.compile(r"SQL commands?: (.+)$")
_JOIN_KIND = re.compile(r"(?:.*\()?(left outer|right outer|full outer|semi|anti|inner|cross)")
_TYPES = {
    "hash join": "Hash Join",
    "merge join": "Merge Join",
    "cross join": "Nested Loop",
    "sort": "Sort",
    "top-k": "Sort",
    "limit": "Limit",
    "group": "Aggregate",
    "group (hash)": "Aggregate",
    "group (streaming)": "Aggregate",
    "group (scalar)": "Aggregate",
    "distinct": "Unique",
    "values": "Values Scan",
    "union": "Append",
    "union all": "Append",
    "window": "WindowAgg",
    "filter": "Filter",
    "scan buffer": "WorkTable Scan",
    "recursive cte": "Recursive Union",
    "project set": "ProjectSet",
    "insert": "Insert",
    "upsert": "Insert",
    "update": "Update",
    "delete": "Delete",
    "delete range": "Delete",
}
_STRATEGIES = {"group (hash)": "Hashed", "group (streaming)": "Sorted", "group (scalar)": "Plain"}
_CONDITIONS = {
    "filter": "filter",
    "order": "sort_key",
    "group by": "group_key",
    "pred": "join_filter",
    "on": "join_filter",
    "count": "limit_count",
    "offset": "offset",
}
_NAMES = {
    "actual row count": "actual_rows",
    "estimated row count": "plan_rows",
    "KV time": "kv_time",
    "execution time": "own_execution_time",
}
_TIMED = frozenset({"kv_time", "own_execution_time", "kv_contention_time", "network_latency"})


def _matches(text: str) -> bool:
    return "• " in text and bool(_SIGHT.search(text))


def _read(text: str) -> Plan:
    reader = _Reader()
    for line in text.splitlines():
        reader.take(line)
    if not reader.steps:
        raise UnreadableError("plan: no step of a CockroachDB plan in the text", hint=_HINT)
    for step in reader.steps:
        _describe(step)
    _push_filters(reader.steps, reader.parents)
    _add_times(reader.steps, reader.parents)
    return Plan(grown(reader.steps, reader.parents), reader.beside)


class _Reader:
    """Takes the lines: what stands beside the tree, the steps, and their details."""

    def __init__(self) -> None:
        self.steps: list[dict[str, Any]] = []
        self.parents: list[int] = []
        self.beside: dict[str, Any] = {}
        self._path = Path()

    def take(self, line: str) -> None:
        """Take one line, with the frame of the SQL shell still around it."""
        line = _FRAME.sub("", line).rstrip()
        if step := _STEP.match(line):
            self.parents.append(self._path.enter(len(step.group(1)), len(self.steps)))
            self.steps.append({"operator": step.group(2)})
            return
        text = _ART.sub("", line).rstrip().rstrip("│").rstrip()
        if command := _RECOMMENDED.match(text):
            self.beside.setdefault("recommended_indexes", []).append(
                {"statement": command.group(1).rstrip(";")}
            )
        elif pair := _PAIR.match(text):
            self._pair(pair.group(1), pair.group(2).strip())
        elif self.steps and text and text[0].isalpha():
            self.steps[-1].setdefault("notes", []).append(text)

    def _pair(self, key: str, text: str) -> None:
        if self.steps and key not in {"index recommendations", "Diagram", "Time"}:
            self.steps[-1][_NAMES.get(key) or _CONDITIONS.get(key) or snake(key)] = text
        elif key in {"planning time", "execution time"}:
            self.beside[snake(key)] = milliseconds(text)
        else:
            self.beside[snake(key)] = text


def _describe(step: dict[str, Any]) -> None:
    """Turn what was printed of a step into the normal form."""
    for key in ("actual_rows", "plan_rows"):
        if (text := step.pop(key, None)) is not None and (number := count(text)) is not None:
            step[key] = number
    for key in _TIMED & step.keys():
        step[key] = milliseconds(step[key])
    if isinstance(step.get("sort_key"), str):
        step["sort_key"] = [_direction(part) for part in step["sort_key"].split(",")]
    if isinstance(step.get("group_key"), str):
        step["group_key"] = [part.strip() for part in step["group_key"].split(",")]
    if "actual_rows" in step:
        step["actual_loops"] = 1
    table, _, index = str(step.get("table", "")).partition("@")
    if table:
        step["relation_name"] = table
        step["alias"] = table.rpartition(".")[2]
    step |= _kind(step, index)


def _direction(part: str) -> str:
    """`-a` is descending, `+a` ascending."""
    part = part.strip()
    return f"{part[1:]} DESC" if part.startswith("-") else part.removeprefix("+")


def _kind(step: dict[str, Any], index: str) -> dict[str, Any]:
    operator = str(step["operator"])
    name = operator.lower()
    if name in {"scan", "revscan"}:
        return _scan(step, index)
    if name.startswith(("lookup join", "inverted join", "zigzag join")):
        return {"node_type": name.partition(" (")[0].title(), "index_name": index, **_join(name)}
    if name == "index join":
        return {"node_type": "Index Join", "index_name": index}
    base = name.partition(" (")[0]
    if base in {"hash join", "merge join", "cross join"}:
        equality = step.get("equality")
        condition = "hash_cond" if base == "hash join" else "merge_cond"
        found = {"node_type": _TYPES[base], **_join(name)}
        return found | ({condition: equality} if isinstance(equality, str) else {})
    if name in _STRATEGIES:
        return {"node_type": "Aggregate", "strategy": _STRATEGIES[name]}
    return {"node_type": _TYPES.get(name) or _TYPES.get(base) or operator.capitalize()}


def _join(name: str) -> dict[str, Any]:
    match = _JOIN_KIND.match(name.partition(" (")[2]) if " (" in name else None
    kind = match.group(1).split()[0].capitalize() if match else "Inner"
    return {"join_type": kind}


def _scan(step: dict[str, Any], index: str) -> dict[str, Any]:
    """A scan of all spans is a sequential one, whichever index it goes through."""
    spans = str(step.get("spans", ""))
    if spans.startswith("FULL SCAN"):
        return {"node_type": "Seq Scan", "index_name": index}
    return {"node_type": "Index Scan", "index_name": index, "index_cond": spans}


def _push_filters(steps: Sequence[dict[str, Any]], parents: Sequence[int]) -> None:
    """Tell a full scan what the filter right above keeps, as PostgreSQL prints it at the scan.

    The scan's own count of rows stays as `rows_read`.
    """
    for index, step in enumerate(steps):
        above = steps[parents[index]]
        if index == 0 or step["node_type"] != "Seq Scan" or above["node_type"] != "Filter":
            continue
        step["filter"] = above.get("filter", "")
        for rows in {"actual_rows", "plan_rows"} & step.keys() & above.keys():
            if rows == "actual_rows":
                step["rows_read"] = step[rows]
                step["rows_removed_by_filter"] = max(0, step[rows] - above[rows])
            step[rows] = above[rows]


def _add_times(steps: Sequence[dict[str, Any]], parents: Sequence[int]) -> None:
    """Steps print their own time, added up over the nodes of the cluster; the normal form has it
    with what is below."""
    if not any(_TIMED & step.keys() for step in steps):
        return
    totals = [(s.get("own_execution_time") or 0.0) + (s.get("kv_time") or 0.0) for s in steps]
    for index in range(len(steps) - 1, 0, -1):
        totals[parents[index]] += totals[index]
    for step, total in zip(steps, totals, strict=True):
        if "actual_rows" in step or total:
            step |= {"actual_total_time": round(total, 6), "actual_loops": 1}


DIALECT = Dialect(name="cockroachdb_text", matches=_matches, read=_read, engine="cockroachdb")
