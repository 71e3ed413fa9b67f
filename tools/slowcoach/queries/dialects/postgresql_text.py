"""PostgreSQL's EXPLAIN (FORMAT TEXT), 8.x to 18, however it was pasted."""

import re
from dataclasses import dataclass
from typing import Any

from slowcoach.core.errors import UnreadableError
from slowcoach.queries.dialects._beside import Beside
from slowcoach.queries.dialects._details import add, is_detail, value_of
from slowcoach.queries.dialects._pasted import ARROW, NODE, SUBPLAN, logical_lines
from slowcoach.queries.dialects._steps import described
from slowcoach.queries.model import Dialect, Plan, PlanNode

_HINT = "Paste the whole output of EXPLAIN (ANALYZE, BUFFERS), from its first line on"
_COST = re.compile(r"\(cost=(\d[\d.]*)\.\.(\d[\d.]*)\s+rows=(\S+)\s+width=(\d+)\)?")
_ACTUAL = re.compile(r"\(actual (?:time=(\d[\d.]*)\.\.(\d[\d.]*) )?rows=([\d.]+) loops=(\d+)\)?")
_COSTS = ("startup_cost", "total_cost", "plan_rows", "plan_width")
# a step's line that nothing happened to
_WHOLE = re.compile(
    r"(\S.*?)  \(cost=(\d+\.\d+)\.\.(\d+\.\d+) rows=(\d+(?:\.\d+)?) width=(\d+)\)"
    r"(?: \(actual (?:time=(\d+\.\d+)\.\.(\d+\.\d+) )?rows=(\d+(?:\.\d+)?) loops=(\d+)\))?$"
)
_NEVER = "(never executed)"
_DETAIL = re.compile(r"([A-Z][^:]*?):\s*(.*)", re.DOTALL)
_WORKER = re.compile(r"Worker (\d+):\s*(.*)", re.DOTALL)
_WORKER_ACTUAL = re.compile(r"actual time=(\d[\d.]*)\.\.(\d[\d.]*) rows=([\d.]+) loops=(\d+)")
_BARE = re.compile(
    r"(?m)^[ \t\"'|│]*(?:->  [A-Z]"
    r"|(?:Seq|Index|Index Only|Bitmap Heap) Scan (?:Backward )?(?:using|on) )"
)
_MYSQL = re.compile(r"(?m)^[ \t|]*-> [A-Za-z]")  # one space, where PostgreSQL prints two
_BARE_WORD = re.compile(r"->  [A-Z]| Scan ")
_TITLED = re.compile(
    r"(?m)^[ \t\"|│-]*QUERY PLAN[ \t\"|│-]*\n(?:[-─═+|│ ┌┐└┘├┤╞╡╪┼\t]*\n)?"
    r"[ |│]*(?:[A-Z][A-Za-z]+ )*(?:Result|Scan|Aggregate|ModifyTable|Insert|Update|Delete|Merge)\b"
)
_ACTUALS = ("actual_startup_time", "actual_total_time", "actual_rows", "actual_loops")


def _matches(text: str) -> bool:
    if "width=" not in text and _MYSQL.search(text):
        return False
    if NODE.search(text) or (_BARE_WORD.search(text) and _BARE.search(text)):
        return True
    if "QUERY PLAN" in text and _TITLED.search(text):
        return True
    return "(cost=" in text and "width=" in text  # a first line that is broken


def _read(text: str) -> Plan:
    lines, warnings = logical_lines(text)
    if not lines:
        raise UnreadableError("plan: no step of a PostgreSQL plan in the text", hint=_HINT)
    reader = _Reader()
    for line in lines:
        reader.take(line)
    return Plan(reader.tree(), reader.beside.fields, tuple(warnings))


@dataclass(slots=True)
class _Level:
    """One level of the path: where it begins, its step, and the title if it is a subplan's."""

    column: int
    step: int
    title: str | None = None


class _Reader:
    """Takes logical lines and keeps the path from the root to the step that is being read."""

    def __init__(self) -> None:
        self._nodes: list[dict[str, Any]] = []
        self._parents: list[int] = []
        self._path: list[_Level] = []
        self._worker: tuple[int, dict[str, Any]] | None = None
        self.beside = Beside()

    def take(self, line: str) -> None:
        """Take one line: a step, the title of a subplan, a detail, or what stands beside."""
        text = line.lstrip()
        column = len(line) - len(text)
        key, sign, rest = text.partition(": ")
        if (
            sign
            and is_detail(key)
            and self._worker is None
            and self._nodes
            and not self.beside.begun
        ):
            add(self._nodes[self._path[-1].step], key, rest)
            return
        arrow = ARROW.match(text)
        if not self._nodes or arrow:
            self._step(text[arrow.end() :] if arrow else text, column)
        elif SUBPLAN.match(text):
            self._leave(column)
            self._path.append(_Level(column, self._path[-1].step, text))
            self._worker = None
        elif not self.beside.takes(text, column):
            self._detail(text, column)

    def _leave(self, column: int) -> None:
        """Go up to what begins further left; the root stays."""
        while len(self._path) > 1 and self._path[-1].column >= column:
            self._path.pop()

    def _step(self, text: str, column: int) -> None:
        fields = _step_fields(text)
        if not self._nodes:
            self._path.append(_Level(-1, 0))
            self._parents.append(-1)
        else:
            self._leave(column)
            above = self._path[-1]
            if above.title is not None:
                fields |= _subplan_fields(above.title)
            self._parents.append(above.step)
            self._path.append(_Level(column, len(self._nodes)))
        self._nodes.append(fields)
        self._worker = None

    def _detail(self, text: str, column: int) -> None:
        if worker := _WORKER.match(text):
            self._begin_worker(worker, column)
            return
        match = _DETAIL.match(text)
        if match is None:
            return
        target = self._nodes[self._path[-1].step]
        if self._worker is not None and column > self._worker[0]:
            target = self._worker[1]
        add(target, match.group(1), match.group(2))

    def _begin_worker(self, match: re.Match[str], column: int) -> None:
        number, text = int(match.group(1)), match.group(2)
        workers: list[dict[str, Any]] = self._nodes[-1].setdefault("workers", [])
        worker = next((w for w in workers if w["worker_number"] == number), None)
        if worker is None:
            worker = {"worker_number": number}
            workers.append(worker)
        self._worker = (column, worker)
        if actual := _WORKER_ACTUAL.match(text):
            worker |= dict(zip(_ACTUALS, map(value_of, actual.groups()), strict=True))
        elif detail := _DETAIL.match(text):
            add(worker, detail.group(1), detail.group(2))

    def tree(self) -> PlanNode:
        """Build the tree from its last step to its root: children stand behind their parents."""
        children: list[list[PlanNode]] = [[] for _ in self._nodes]
        for index in range(len(self._nodes) - 1, 0, -1):
            node = PlanNode(self._nodes[index], tuple(reversed(children[index])))
            children[index] = []
            children[self._parents[index]].append(node)
        return PlanNode(self._nodes[0], tuple(reversed(children[0])))


def _step_fields(text: str) -> dict[str, Any]:
    match = _WHOLE.match(text)
    if match is None:
        return _damaged_fields(text)
    name, *costs = match.group(1, 2, 3, 4, 5)
    fields = described(name)
    fields |= zip(_COSTS, map(_figure, costs), strict=True)
    if match.group(9) is not None:
        first, last, rows, loops = match.group(6, 7, 8, 9)
        if first is not None:
            fields["actual_startup_time"], fields["actual_total_time"] = float(first), float(last)
        fields["actual_rows"], fields["actual_loops"] = _figure(rows), int(loops)
    return fields


def _figure(text: str) -> float | int:
    return float(text) if "." in text else int(text)


def _damaged_fields(text: str) -> dict[str, Any]:
    figures = re.search(r"\s*\((?:cost=|actual |never executed)", text)
    fields = described(text[: figures.start()] if figures else text)
    if cost := _COST.search(text):
        fields |= dict(zip(_COSTS, map(value_of, cost.groups()), strict=True))
    if actual := _ACTUAL.search(text):
        values = zip(_ACTUALS, actual.groups(), strict=True)
        fields |= {key: value_of(value) for key, value in values if value is not None}
    elif _NEVER in text:
        fields |= dict.fromkeys(_ACTUALS, 0)
    return fields


def _subplan_fields(title: str) -> dict[str, Any]:
    kind = title.split()[0]
    # a CTE is an InitPlan to PostgreSQL, named `CTE x`
    relationship = "InitPlan" if kind == "CTE" else kind
    return {"parent_relationship": relationship, "subplan_name": title}


DIALECT = Dialect(name="postgresql_text", matches=_matches, read=_read)
