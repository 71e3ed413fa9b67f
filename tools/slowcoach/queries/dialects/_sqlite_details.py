"""One line of SQLite's EXPLAIN QUERY PLAN, as the fields of a step."""

import re
from typing import Any

_TABLE = re.compile(
    r"(SCAN|SEARCH)\s+(?:EXISTS\s+)?(?:TABLE\s+)?(?P<name>\(.*?\)|\"[^\"]*\"|\S+)"
    r"(?:\s+AS\s+(?P<alias>\S+))?(?P<rest>.*)",
    re.DOTALL,
)
_SUBQUERY = re.compile(r"SCAN\s+SUBQUERY\s+(\S+)(?:\s+AS\s+(\S+))?")
_VALUES = re.compile(r"SCAN\s+(?:\d+[- ]ROWS? VALUES CLAUSE|(?:\d+ )?CONSTANT ROWS?)")
_INDEX = re.compile(
    r"USING\s+(?P<kind>(?:AUTOMATIC\s+)?(?:PARTIAL\s+)?(?:COVERING\s+)?INDEX|"
    r"(?:INTEGER\s+)?PRIMARY\s+KEY|ROWID\s+SEARCH)\s*(?P<name>[^\s(]+)?"
)
_VIRTUAL = re.compile(r"VIRTUAL TABLE INDEX (\S+)")
_ESTIMATE = re.compile(r"\(~(\d+) rows?\)")
_TEMP = re.compile(r"USE TEMP B-TREE FOR (.*)")
_NUMBERED = re.compile(r"SUBQUERY (\d+)")
_CONTAINERS = (
    ("MULTI-INDEX OR", "BitmapOr"),
    ("COMPOUND", "Append"),
    ("MERGE", "Merge Append"),
    ("CO-ROUTINE", "Subquery Scan"),
    ("MATERIALIZE", "Materialize"),
    ("RECURSIVE STEP", "Recursive Step"),
)
_SORTED = re.compile(r"(?:ORDER BY|GROUP BY)$")


def fields_of(detail: str) -> dict[str, Any]:
    """Return the step that a line tells of; `detail` keeps the line itself."""
    text = " ".join(detail.split())
    fields: dict[str, Any] = {"node_type": text.title(), "detail": text}
    if temp := _TEMP.match(text):
        return fields | _temp(temp.group(1))
    if text.startswith(("SCAN", "SEARCH")):
        return fields | _read(text)
    if "SUBQUERY" in text and not text.startswith(("COMPOUND", "LEFT-MOST", "CO-ROUTINE", "MAT")):
        return fields | _subquery(text)
    if text.startswith("BLOOM FILTER"):
        return fields | {"node_type": "Bloom Filter", **_condition(text)}
    for words, name in _CONTAINERS:
        if text.startswith(words):
            rest = text.removeprefix(words).strip()
            named = {"alias": rest} if words in {"CO-ROUTINE", "MATERIALIZE"} and rest else {}
            return fields | {"node_type": name, **named}
    return fields


def _temp(what: str) -> dict[str, Any]:
    """ORDER BY and GROUP BY sort (LAST TERM OF ... only parts); DISTINCT keeps what it has seen."""
    found: dict[str, Any] = {"temp_b_tree": what}
    if not _SORTED.search(what):
        return found | {"node_type": "Unique"}
    partly = what not in {"ORDER BY", "GROUP BY"}
    return found | {"node_type": "Incremental Sort" if partly else "Sort"}


def _subquery(text: str) -> dict[str, Any]:
    name = text.removeprefix("EXECUTE ")
    correlated = name.startswith("CORRELATED")
    return {
        "node_type": "Result",
        "subplan_name": name,
        "parent_relationship": "SubPlan" if correlated else "InitPlan",
    }


def _read(text: str) -> dict[str, Any]:
    if _VALUES.match(text):
        return {"node_type": "Values Scan"}
    if named := _SUBQUERY.match(text):
        alias = named.group(2) or f"(subquery-{named.group(1)})"
        return {"node_type": "Subquery Scan", "alias": alias, "subquery": named.group(1)}
    table = _TABLE.match(text)
    if table is None:
        return {}
    name, rest = table.group("name").strip('"'), table.group("rest")
    found: dict[str, Any] = {"node_type": "Seq Scan"}
    if name.startswith("("):  # (subquery-1), (join-3)
        found |= {"node_type": "Subquery Scan", "alias": name}
    else:
        found |= {"relation_name": name, "alias": table.group("alias") or name}
    if estimate := _ESTIMATE.search(rest):
        found["plan_rows"] = int(estimate.group(1))
    if rest.rstrip().endswith("LEFT-JOIN"):
        found["join_type"] = "Left"
    if virtual := _VIRTUAL.search(rest):
        return found | {"node_type": "Virtual Table Scan", "index_name": virtual.group(1)}
    return found | _index(table.group(1), rest)


def _index(verb: str, rest: str) -> dict[str, Any]:
    index = _INDEX.search(rest)
    if index is None:
        return {}
    kind = " ".join(index.group("kind").split())
    found: dict[str, Any] = {"node_type": "Index Scan", **_condition(rest[index.end() :])}
    if "COVERING" in kind and "AUTOMATIC" not in kind:
        found["node_type"] = "Index Only Scan"
    if "AUTOMATIC" in kind:
        found |= {"automatic_index": True, "index_name": "automatic index"}
    elif kind.endswith("INDEX"):
        found["index_name"] = index.group("name") or ""
    else:
        found |= {"index_name": kind.lower(), "primary_key": True}
    if verb == "SCAN":
        found["full_index_scan"] = True
    return found


def _condition(text: str) -> dict[str, Any]:
    """Return what stands in the line's brackets: `a=? AND b>?`."""
    begin, end = text.find("("), text.rfind(")")
    if begin < 0 or end < begin or text.startswith("(~", begin):
        return {}
    return {"index_cond": text[begin + 1 : end].partition(") (~")[0]}


def number_of(detail: str) -> str | None:
    """Return the number of the subquery that a line of SQLite before 3.24 names."""
    match = _NUMBERED.search(detail)
    return match.group(1) if match else None
