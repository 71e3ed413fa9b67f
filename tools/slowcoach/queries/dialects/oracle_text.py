"""Oracle's DBMS_XPLAN: DISPLAY, DISPLAY_CURSOR (ALLSTATS LAST), DISPLAY_AWR, autotrace."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from slowcoach.core.errors import UnreadableError
from slowcoach.queries.dialects._outline import Path, grown
from slowcoach.queries.keys import snake
from slowcoach.queries.model import Dialect, Plan

_HINT = "Give the whole output of DBMS_XPLAN.DISPLAY_CURSOR(format => 'ALLSTATS LAST')"
_HEADER = re.compile(r"(?m)^[ \t]*\|[ \t]*Id[ \t]*\|[ \t]*Operation[ \t]*\|")
_ROW = re.compile(r"[ \t]*\|([-* \t]*)(\d+)[ \t]*\|(.*)")
_SCALED = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGTP]?)\b")
_CLOCK = re.compile(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)")
_HASH_VALUE = re.compile(r"Plan hash value\s*:\s*(\d+)")
_SQL_ID = re.compile(r"SQL_ID\s+(\w+)")
_PREDICATE = re.compile(r"\s{0,8}(\d+) - (.*)")
_KINDS = re.compile(r"(access|filter|storage|index)\(")
_TITLE = re.compile(r"([A-Z][\w ]+?)(?: \(identified by operation id\))?:\s*$")
_RULER = re.compile(r"\s*-+\s*$")
_NOTE = re.compile(r"\s+- (.*)")
_SCALES = {"": 1, "K": 1_000, "M": 1_000_000, "G": 1_000_000_000, "T": 10**12, "P": 10**15}
_BYTES = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40, "P": 1 << 50}
_CUT = "the table of the plan ends early; what was there is read"
_FLAT = "the operations are not indented: which step is below which cannot be told"
_TOO_FEW = 3
_TYPES = (  # the first that the operation begins with
    ("TABLE ACCESS FULL", "Seq Scan"),
    ("TABLE ACCESS STORAGE FULL", "Seq Scan"),
    ("TABLE ACCESS INMEMORY FULL", "Seq Scan"),
    ("MAT_VIEW ACCESS FULL", "Seq Scan"),
    ("MAT_VIEW REWRITE ACCESS FULL", "Seq Scan"),
    ("TABLE ACCESS SAMPLE", "Sample Scan"),
    ("TABLE ACCESS BY USER ROWID", "Tid Scan"),
    ("TABLE ACCESS BY", "Index Scan"),
    ("NESTED LOOPS", "Nested Loop"),
    ("HASH JOIN", "Hash Join"),
    ("MERGE JOIN CARTESIAN", "Nested Loop"),
    ("MERGE JOIN", "Merge Join"),
    ("HASH GROUP BY", "Aggregate"),
    ("SORT GROUP BY", "Aggregate"),
    ("SORT AGGREGATE", "Aggregate"),
    ("HASH UNIQUE", "Aggregate"),
    ("SORT UNIQUE", "Unique"),
    ("SORT ORDER BY", "Sort"),
    ("SORT JOIN", "Sort"),
    ("BUFFER SORT", "Materialize"),
    ("WINDOW", "WindowAgg"),
    ("COUNT STOPKEY", "Limit"),
    ("UNION-ALL", "Append"),
    ("FILTER", "Filter"),
)
_JOINS = (("OUTER", "Left"), ("ANTI", "Anti"), ("SEMI", "Semi"))
_STRATEGIES = {"HASH GROUP BY": "Hashed", "SORT GROUP BY": "Sorted", "SORT AGGREGATE": "Plain"}


def _matches(text: str) -> bool:
    return "Operation" in text and _HEADER.search(text) is not None


def _read(text: str) -> Plan:
    lines = text.expandtabs(8).splitlines()
    begin = next(i for i, line in enumerate(lines) if _HEADER.match(line))
    names = [_column(name) for name in _cells(lines[begin].strip()[1:])]
    rows = list(_rows(lines[begin + 1 :], names))
    if not rows:
        raise UnreadableError("plan: no operation below the header of an Oracle plan", hint=_HINT)
    steps, parents, warnings = _steps(rows)
    _add_predicates(steps, lines[begin + 1 :])
    for index, step in enumerate(steps):
        _name_index(steps, parents, index)
        step.pop("indent")
    _count_removed(steps, parents)
    _fill_costs(steps, parents)
    beside = _beside(lines, text)
    if not (_RULER.match(lines[-1]) or "Predicate" in text or len(rows) < len(lines) - begin - 1):
        warnings.append(_CUT)
    return Plan(grown(steps, parents), beside, tuple(warnings))


def _column(name: str) -> str:
    name = name.strip()
    return snake(name.replace("%", "")) if name else ""


def _cells(text: str) -> list[str]:
    return text.rstrip().removesuffix("|").split("|")


def _rows(lines: Sequence[str], names: Sequence[str]) -> Iterator[dict[str, str]]:
    """Yield the rows of the table as cells by column; `flags` has the marks before the id."""
    begun = False
    for line in lines:
        match = _ROW.match(line)
        if match is None:
            if begun and (_RULER.match(line) or not line.strip().startswith("|")):
                return
            continue
        begun = True
        cells = dict(zip(names[1:], _cells(match.group(3)), strict=False))
        yield {"flags": match.group(1), "id": match.group(2), **cells}


def _steps(
    rows: Sequence[Mapping[str, str]],
) -> tuple[list[dict[str, Any]], list[int], list[str]]:
    """Return the steps, their parents, and doubts; rows that an adaptive plan did not take are
    marked with `-` and left out."""
    path = Path()
    steps: list[dict[str, Any]] = []
    parents: list[int] = []
    for row in rows:
        if "-" in row["flags"]:
            continue
        operation = row.get("operation", "")
        indent = len(operation) - len(operation.lstrip())
        parents.append(path.enter(indent, len(steps)))
        steps.append({"indent": indent, **_step(row)})
    flat = len(steps) >= _TOO_FEW and len({step["indent"] for step in steps}) == 1
    return steps, parents, [_FLAT] if flat else []


def _step(row: Mapping[str, str]) -> dict[str, Any]:
    """Return a step's fields; counts of runs are per start, as the normal form has them."""
    operation, name = row.get("operation", "").strip(), row.get("name", "").strip()
    fields: dict[str, Any] = {"id": int(row["id"]), "operation": operation}
    fields |= _described(operation, name)
    fields |= {
        key: value
        for key, cell in (
            ("plan_rows", row.get("e_rows") or row.get("rows") or ""),
            ("total_cost", row.get("cost_cpu") or row.get("cost") or ""),
        )
        if (value := _scaled(cell, _SCALES)) is not None
    }
    fields |= _measured(row)
    for column in ("buffers", "reads", "writes"):
        if (value := _scaled(row.get(column, ""), _SCALES)) is not None:
            fields[column] = value
    for column in ("bytes", "e_bytes", "tempspc", "omem", "1mem", "used_mem", "used_tmp"):
        if (value := _scaled(row.get(column, ""), _BYTES)) is not None:
            fields[column] = value
    for column in ("pstart", "pstop", "tq", "in_out", "pq_distrib"):
        if cell := row.get(column, "").strip():
            fields[column] = cell
    return fields | _spilled(fields)


def _measured(row: Mapping[str, str]) -> dict[str, Any]:
    starts, rows = (_scaled(row.get(name, ""), _SCALES) for name in ("starts", "a_rows"))
    if starts is None:
        return {}
    fields: dict[str, Any] = {"actual_loops": int(starts)}
    each = starts or 1.0
    if rows is not None:
        fields["actual_rows"] = rows / each
    if (clock := _CLOCK.search(row.get("a_time", ""))) is not None:
        hours, minutes, seconds = map(float, clock.groups())
        fields["actual_total_time"] = ((hours * 60 + minutes) * 60 + seconds) * 1000 / each
    return fields


def _spilled(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Temporary space that a sort used in the run, in kB as the normal form has it.

    Oracle prints Used-Tmp in kB, its other sizes in bytes.
    """
    used = fields.get("used_tmp")
    if not used or fields["node_type"] != "Sort":
        return {}
    return {"sort_space_type": "Disk", "sort_space_used": int(used)}


def _scaled(text: str, scales: Mapping[str, int]) -> float | None:
    match = _SCALED.match(text.strip())
    return float(match.group(1)) * scales[match.group(2)] if match else None


def _described(operation: str, name: str) -> dict[str, Any]:
    plain = operation.removeprefix("PARTITION ")
    kind = next((kind for begin, kind in _TYPES if plain.startswith(begin)), None)
    if operation.startswith("INDEX "):
        return {"node_type": operation.title(), "index_name": name}
    fields: dict[str, Any] = {"node_type": kind or operation}
    if name and operation.startswith(("TABLE ", "MAT_VIEW ")):
        fields |= {"relation_name": name, "alias": name}
    elif name:
        fields["name"] = name
    if kind in {"Nested Loop", "Hash Join", "Merge Join"}:
        fields["join_type"] = next((join for word, join in _JOINS if word in operation), "Inner")
    if strategy := _STRATEGIES.get(operation):
        fields["strategy"] = strategy
    return fields


def _name_index(steps: Sequence[dict[str, Any]], parents: Sequence[int], index: int) -> None:
    """An index step below a table's access by rowid is a part of that; alone it is all there is."""
    step, above = steps[index], steps[parents[index]]
    if "index_name" not in step or not step["operation"].startswith("INDEX "):
        return
    if above["node_type"] == "Index Scan" and "index_name" not in above:
        above["index_name"] = step["index_name"]
        step["relation_name"] = above["relation_name"]
        if "index_cond" in step:
            above["index_cond"] = step["index_cond"]
    elif not step["operation"].startswith("INDEX FAST FULL"):
        step["node_type"] = "Index Only Scan"


def _count_removed(steps: Sequence[dict[str, Any]], parents: Sequence[int]) -> None:
    """A table's access by rowid takes the rows of its index step; what is missing was filtered."""
    for index, step in enumerate(steps):
        above = steps[parents[index]]
        if not index or above["node_type"] != "Index Scan" or "filter" not in above:
            continue
        rows, loops = step.get("actual_rows"), step.get("actual_loops")
        if rows is not None and above.get("actual_loops"):
            given = rows * loops / above["actual_loops"]
            above["rows_removed_by_filter"] = max(0.0, given - above.get("actual_rows", 0.0))


def _fill_costs(steps: Sequence[dict[str, Any]], parents: Sequence[int]) -> None:
    """Steps that only pass rows on (PX COORDINATOR, SORT AGGREGATE) print no cost of their own."""
    if not any("total_cost" in step for step in steps):
        return
    below = [0.0] * len(steps)
    for index in range(len(steps) - 1, -1, -1):
        cost = steps[index].setdefault("total_cost", below[index])
        if index:
            below[parents[index]] += cost


def _add_predicates(steps: Sequence[dict[str, Any]], lines: Sequence[str]) -> None:
    """`3 - access("A"=1)`, then perhaps `filter(...)` on a line of its own, wrapped anywhere."""
    begin = next((i for i, line in enumerate(lines) if "Predicate Information" in line), None)
    found = _predicates(lines[begin + 1 :]) if begin is not None else {}
    for step in steps:
        if parts := found.get(step["id"]):
            _set_conditions(step, " ".join(parts))


def _predicates(lines: Sequence[str]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    at = -1
    for line in lines:
        if (found and not line.strip()) or _TITLE.match(line):
            break
        if match := _PREDICATE.match(line):
            at = int(match.group(1))
            found[at] = [match.group(2)]
        elif at in found and not _RULER.match(line):
            found[at].append(line.strip())
    return found


def _set_conditions(step: dict[str, Any], text: str) -> None:
    begins = [m for m in _KINDS.finditer(text) if not m.start() or text[m.start() - 1] in " )"]
    ends = [*(m.start() for m in begins[1:]), len(text)]
    for match, end in zip(begins, ends, strict=True):
        condition = text[match.end() : end].strip().removesuffix(")")
        key = match.group(1)
        joins = {"Hash Join": "hash_cond", "Merge Join": "merge_cond", "Nested Loop": "join_filter"}
        if key == "access":
            key = joins.get(step["node_type"], "index_cond")
        step[key] = condition


def _beside(lines: Sequence[str], text: str) -> dict[str, Any]:
    beside: dict[str, Any] = {}
    for key, pattern in (("plan_hash_value", _HASH_VALUE), ("sql_id", _SQL_ID)):
        if match := pattern.search(text):
            beside[key] = match.group(1)
    begin = next((i for i, line in enumerate(lines) if line.strip() == "Note"), None)
    if begin is not None:
        notes = [match.group(1) for line in lines[begin:] if (match := _NOTE.match(line))]
        beside["notes"] = notes
    return beside


DIALECT = Dialect(name="oracle_text", matches=_matches, read=_read, engine="oracle")
