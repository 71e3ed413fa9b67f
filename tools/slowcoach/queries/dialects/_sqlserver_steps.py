"""What the elements of SQL Server's showplan say, in the normal form."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Fields = dict[str, Any]
_PAGE_KB = 8
_NAME = r"\[(?:[^\]]|\]\])*\]"
_COLUMN = re.compile(rf"(?:{_NAME}(?:\.{_NAME})+ as )?((?:{_NAME}\.)*{_NAME})")
_PART = re.compile(_NAME)
_PLAIN = re.compile(r"[@A-Za-z_][\w$#@]*")
_CONVERTED = re.compile(
    r"CONVERT(?:_IMPLICIT)?\(([a-z][a-z0-9 ]*(?:\([0-9a-z,]*\))?),([^(),]+)(?:,\d+)?\)"
)
_TYPES = {
    "Table Scan": "Seq Scan",
    "Clustered Index Scan": "Seq Scan",
    "Columnstore Index Scan": "Seq Scan",
    "Index Scan": "Seq Scan",  # all of a nonclustered index
    "Clustered Index Seek": "Index Scan",
    "Index Seek": "Index Scan",
    "Key Lookup": "Key Lookup",
    "RID Lookup": "RID Lookup",
    "Nested Loops": "Nested Loop",
    "Hash Match": "Hash Join",
    "Merge Join": "Merge Join",
    "Sort": "Sort",
    "Top": "Limit",
    "Stream Aggregate": "Aggregate",
    "Concatenation": "Append",
    "Table Spool": "Materialize",
    "Index Spool": "Index Spool",
    "Row Count Spool": "Materialize",
    "Table-valued function": "Function Scan",
    "Constant Scan": "Result",
    "Table Insert": "Insert",
    "Clustered Index Insert": "Insert",
    "Clustered Index Update": "Update",
    "Table Update": "Update",
    "Clustered Index Delete": "Delete",
    "Table Delete": "Delete",
}
_STRATEGIES = {"Stream Aggregate": "Sorted", "Hash Match": "Hashed"}
_JOINS = {"Left Outer": "Left", "Right Outer": "Right", "Full Outer": "Full", "Inner": "Inner"}
_OPERATORS = {"EQ": "=", "GT": ">", "GE": ">=", "LT": "<", "LE": "<=", "NE": "<>"}
_NUMBERS = {
    "EstimateRows": "plan_rows",
    "EstimatedTotalSubtreeCost": "total_cost",
    "AvgRowSize": "plan_width",
    "TableCardinality": "table_rows",
    "EstimatedRowsRead": "estimated_rows_read",
    "EstimateIO": "estimate_io",
    "EstimateCPU": "estimate_cpu",
    "NodeId": "id",
}
_READS = {
    "ActualLogicalReads": "logical_reads",
    "ActualPhysicalReads": "physical_reads",
    "ActualReadAheads": "read_aheads",
}
_MANY = 1.0
_WORD = re.compile(r"\w+")
_LONGEST = 100  # characters of a name that is made up; 128 are allowed


@dataclass(slots=True)
class Element:
    """An element of the XML: its name, attributes and children, without the nested steps."""

    name: str
    attributes: Mapping[str, str]
    children: list["Element"] = field(default_factory=list["Element"])

    def find(self, *names: str) -> "Element | None":
        """Return the first element on this path below, or None."""
        at: Element | None = self
        for name in names:
            at = next((c for c in at.children if c.name == name), None) if at else None
        return at

    def every(self, *names: str) -> Iterator["Element"]:
        """Yield the elements of these names at any depth below, in their order."""
        stack = list(reversed(self.children))
        while stack:
            element = stack.pop()
            if element.name in names:
                yield element
            stack.extend(reversed(element.children))

    def number(self, name: str) -> float | None:
        """Return an attribute as a number, or None."""
        try:
            value = float(self.attributes.get(name, ""))
        except ValueError:
            return None
        return value if value - value == 0 else None  # neither NaN nor infinite


def described(step: Element) -> Fields:
    """Return the fields of a RelOp; times are still as the server counts them (`add_times`)."""
    operation = step.attributes.get("PhysicalOp", "")
    logical = step.attributes.get("LogicalOp", "")
    fields: Fields = {"operation": operation, "logical_operation": logical}
    fields |= _kind(operation, logical, step)
    for name, key in _NUMBERS.items():
        if (value := step.number(name)) is not None:
            fields[key] = int(value) if value.is_integer() else value
    if step.attributes.get("Parallel") in {"1", "true"}:
        fields["parallel"] = True
    body = next((c for c in step.children if c.name not in _NOT_THE_BODY), None)
    if body is not None:
        fields |= _object(body) | _conditions(body, fields["node_type"])
    fields |= _measured(step.find("RunTimeInformation"))
    warnings = step.find("Warnings")
    return fields | (_warned(warnings, fields["node_type"]) if warnings else {})


_NOT_THE_BODY = frozenset({
    "OutputList", "Warnings", "RunTimeInformation", "MemoryFractions", "InternalInfo",
    "RunTimePartitionSummary",
})  # fmt: skip


def _kind(operation: str, logical: str, step: Element) -> Fields:
    if operation in {"Clustered Index Seek", "RID Lookup"}:
        body = step.find("IndexScan")
        if body is not None and body.attributes.get("Lookup") in {"1", "true"}:
            operation = "Key Lookup"
    if operation == "Parallelism":
        return {"node_type": "Gather" if logical == "Gather Streams" else "Parallelism"}
    if "Aggregate" in logical or logical in {"Flow Distinct", "Distinct"}:
        return {"node_type": "Aggregate", "strategy": _STRATEGIES.get(operation, "Plain")}
    kind = _TYPES.get(operation, operation)
    if kind not in {"Nested Loop", "Hash Join", "Merge Join"}:
        return {"node_type": kind}
    if logical == "Union":
        return {"node_type": operation}
    name = logical.removesuffix(" Join")
    words = "Anti" if "Anti" in name else "Semi" if "Semi" in name else _JOINS.get(name, name)
    return {"node_type": kind, "join_type": words}


def _object(body: Element) -> Fields:
    target = body.find("Object")
    if target is None:
        return {}
    named = {
        "schema": "Schema",
        "relation_name": "Table",
        "alias": "Alias",
        "index_name": "Index",
    }
    fields = {
        key: _bare(target.attributes[name])
        for key, name in named.items()
        if target.attributes.get(name)
    }
    if "relation_name" in fields:
        fields.setdefault("alias", fields["relation_name"])
    return fields


def _bare(name: str) -> str:
    return name[1:-1].replace("]]", "]") if name.startswith("[") and name.endswith("]") else name


def plain(text: str) -> str:
    """Return a scalar as SQL of the normal form: `[db].[dbo].[t].[c] as [x].[c]` is `x.c`,
    and a conversion is a cast, `(x.c)::int`."""
    text = _COLUMN.sub(lambda match: _named(match.group(1)), text)
    return _CONVERTED.sub(r"(\2)::\1", text)


def _named(path: str) -> str:
    parts = [_bare(part) for part in _PART.findall(path)][-2:]
    return ".".join(
        part if _PLAIN.fullmatch(part) else '"' + part.replace('"', '""') + '"' for part in parts
    )


def _conditions(body: Element, kind: str) -> Fields:
    fields: Fields = {}
    key = "join_filter" if kind in {"Nested Loop", "Hash Join", "Merge Join"} else "filter"
    for name in ("Predicate", "ProbeResidual", "Residual"):
        if scalar := body.find(name, "ScalarOperator"):
            fields[key] = plain(scalar.attributes.get("ScalarString", ""))
    if (seeks := body.find("SeekPredicates")) is not None:
        fields["index_cond"] = " AND ".join(_seeks(seeks))
    for name, sides in _JOIN_COLUMNS.items():
        left, right = (body.find(side) for side in sides)
        if left is not None and right is not None:
            pairs = zip(_columns(left), _columns(right), strict=False)
            fields[name] = " AND ".join(f"{a} = {b}" for a, b in pairs)
    return fields | _keys(body)


def _keys(body: Element) -> Fields:
    fields: Fields = {}
    if (order := body.find("OrderBy")) is not None:
        fields["sort_key"] = [_order(column) for column in order.every("OrderByColumn")]
    if (group := body.find("GroupBy")) is not None:
        fields["group_key"] = list(_columns(group))
    if scalar := body.find("TopExpression", "ScalarOperator"):
        fields["limit_count"] = plain(scalar.attributes.get("ScalarString", ""))
    return fields


_JOIN_COLUMNS = {
    "hash_cond": ("HashKeysProbe", "HashKeysBuild"),
    "merge_cond": ("OuterSideJoinColumns", "InnerSideJoinColumns"),
}


def _columns(element: Element) -> Iterator[str]:
    for column in element.every("ColumnReference"):
        name = column.attributes.get("Column", "")
        table = column.attributes.get("Alias") or column.attributes.get("Table") or ""
        yield _named(f"{table}.[{name}]" if table else f"[{name}]")


def _order(column: Element) -> str:
    down = column.attributes.get("Ascending") in {"0", "false"}
    return f"{next(_columns(column), '')}{' DESC' if down else ''}"


def _seeks(seeks: Element) -> Iterator[str]:
    for part in seeks.every("Prefix", "StartRange", "EndRange"):
        sign = _OPERATORS.get(part.attributes.get("ScanType", "EQ"), "=")
        columns = part.find("RangeColumns")
        values = part.find("RangeExpressions")
        if columns is None or values is None:
            continue
        scalars = [plain(v.attributes.get("ScalarString", "")) for v in values.children]
        yield from (f"{a} {sign} {b}" for a, b in zip(_columns(columns), scalars, strict=False))


def _measured(runtime: Element | None) -> Fields:
    """Return what the threads counted. Rows are per run; a step that each thread began once ran
    once, in several threads."""
    threads = list(runtime.every("RunTimeCountersPerThread")) if runtime else []
    if not threads:
        return {}
    runs = [thread.number("ActualExecutions") or 0.0 for thread in threads]
    loops = sum(runs) if max(runs) > _MANY else max(runs)
    rows = sum(thread.number("ActualRows") or 0.0 for thread in threads)
    each = max(1.0, loops)
    fields: Fields = {"actual_loops": int(loops), "actual_rows": rows / each}
    elapsed = [t for thread in threads if (t := thread.number("ActualElapsedms")) is not None]
    if elapsed:
        fields["actual_total_time"] = max(elapsed) / each
    if threads[0].attributes.get("ActualExecutionMode") == "Batch":
        fields["execution_mode"] = "Batch"
    if (read := _summed(threads, "ActualRowsRead")) is not None:
        fields["rows_read"] = read
        fields["rows_removed_by_filter"] = max(0.0, read - rows) / each
    for name, key in _READS.items():
        if (value := _summed(threads, name)) is not None:
            fields[key] = int(value)
    working = sum(1 for count in runs if count)
    return fields | ({"threads": working} if working > 1 else {})


def _summed(threads: Sequence[Element], name: str) -> float | None:
    found = [value for thread in threads if (value := thread.number(name)) is not None]
    return sum(found) if found else None


def _warned(warnings: Element, kind: str) -> Fields:
    """Return the warnings of a step as text, and what it spilled in the normal form's words."""
    found = list(warning_texts(warnings))
    fields: Fields = {"warnings": found} if found else {}
    spill = warnings.find("SortSpillDetails")
    pages = spill.number("WritesToTempDb") if spill is not None else None
    if kind == "Sort" and (pages or warnings.find("SpillToTempDb") is not None):
        fields["sort_space_type"] = "Disk"
        fields["sort_space_used"] = int((pages or 1) * _PAGE_KB)
    return fields


def warning_texts(warnings: Element) -> Iterator[str]:
    """Yield what SQL Server warns of, as short texts."""
    if warnings.attributes.get("NoJoinPredicate") in {"1", "true"}:
        yield "the join has no predicate"
    for element in warnings.children:
        name, has = element.name, element.attributes
        if name == "PlanAffectingConvert":
            expression = plain(has.get("Expression", ""))
            yield f"a conversion affects the plan ({has.get('ConvertIssue', '')}): {expression}"
        elif name == "ColumnsWithNoStatistics":
            yield f"no statistics on {', '.join(_columns(element))}"
        elif name == "SpillToTempDb":
            yield f"it went over tempdb (level {has.get('SpillLevel', '?')})"
        elif name == "MemoryGrantWarning":
            yield f"memory grant: {has.get('GrantWarningKind', '')}"


def add_times(steps: Sequence[Fields], parents: Sequence[int]) -> None:
    """Make the time of batch mode, which is a step's own, one with what is below.

    Steps in row mode count what is below already.
    """
    below = [0.0] * len(steps)
    for index in range(len(steps) - 1, -1, -1):
        step = steps[index]
        loops = max(1, step.get("actual_loops", 1))
        total = step.get("actual_total_time", 0.0) * loops
        if step.get("execution_mode") == "Batch":
            total += below[index]
            step["actual_total_time"] = total / loops
        if index:
            below[parents[index]] += total


def statement_of(element: Element) -> Fields:
    """Return what stands beside the steps: times, the text, hints of missing indexes."""
    fields: Fields = {}
    if text := element.attributes.get("StatementText"):
        fields["query_text"] = text
    plan = next(element.every("QueryPlan"), None)
    if plan is None:
        return fields
    if (compiled := plan.number("CompileTime")) is not None:
        fields["planning_time"] = compiled
    times = plan.find("QueryTimeStats")
    if times is not None and (elapsed := times.number("ElapsedTime")) is not None:
        fields["execution_time"] = elapsed
        fields["cpu_time"] = times.number("CpuTime")
    if (degree := plan.number("DegreeOfParallelism")) is not None:
        fields["degree_of_parallelism"] = int(degree)
    if indexes := list(_missing(plan.every("MissingIndexGroup"))):
        fields["recommended_indexes"] = indexes
    warnings = plan.find("Warnings")
    if warnings is not None and (texts := list(warning_texts(warnings))):
        fields["warnings"] = texts
    return fields


def _missing(groups: Iterable[Element]) -> Iterator[Fields]:
    """Yield what the server would have liked to have: equality columns first, then ranges."""
    for group in groups:
        index = group.find("MissingIndex")
        if index is None:
            continue
        columns: dict[str, list[str]] = {}
        for part in index.children:
            names = [c.attributes.get("Name", "") for c in part.every("Column")]
            columns.setdefault(part.attributes.get("Usage", ""), []).extend(names)
        keys = ", ".join(columns.get("EQUALITY", []) + columns.get("INEQUALITY", []))
        included = ", ".join(columns.get("INCLUDE", []))
        table = f"{index.attributes.get('Schema', '')}.{index.attributes.get('Table', '')}"
        named = "_".join(_WORD.findall(f"idx {index.attributes.get('Table', '')} {keys}"))
        statement = f"CREATE INDEX [{named[:_LONGEST]}] ON {table.strip('.')} ({keys})"
        yield {
            "statement": statement + (f" INCLUDE ({included})" if included else ""),
            "impact": (group.number("Impact") or 0.0) / 100,
        }
