"""SQL Server's showplan XML: SET SHOWPLAN_XML, SET STATISTICS XML, .sqlplan files."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import ParseError, XMLPullParser

from slowcoach.core.errors import UnreadableError
from slowcoach.queries.dialects._outline import grown
from slowcoach.queries.dialects._sqlserver_steps import (
    Element,
    add_times,
    described,
    statement_of,
)
from slowcoach.queries.model import Dialect, Plan

_HINT = "Give the whole XML: SET STATISTICS XML ON, or the .sqlplan file that SSMS saves"
_SIGHT = re.compile(r"<(?:\w+:)?ShowPlanXML\b")
_END = re.compile(r"</(?:\w+:)?ShowPlanXML>")
_DECLARES = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_CHUNK = 1 << 16
_CUT = "the XML ends before the plan does; what was there is read"
_STATEMENTS = frozenset({"StmtSimple", "StmtCond", "StmtCursor", "StmtReceive", "StmtUseDb"})


@dataclass(slots=True)
class _Statement:
    """One statement: its own elements, and its steps with their parents."""

    element: Element
    steps: list[Element] = field(default_factory=list[Element])
    parents: list[int] = field(default_factory=list[int])


def _matches(text: str) -> bool:
    return _SIGHT.search(text) is not None


def _read(text: str) -> Plan:
    begin = _SIGHT.search(text)
    if begin is None:
        raise UnreadableError("plan: no ShowPlanXML in the text", hint=_HINT)
    end = _END.search(text, begin.end())
    if _DECLARES.search(text):
        raise UnreadableError("plan: the XML declares a document type; a plan has none", hint=_HINT)
    statements, warnings = _statements(text[begin.start() : end.end() if end else len(text)])
    planned = [item for item in statements if item.steps]
    if not planned:
        raise UnreadableError("plan: no RelOp (step) in the showplan XML", hint=_HINT)
    chosen = max(planned, key=lambda item: _cost(item.steps[0]))
    if len(planned) > 1:
        warnings += (f"{len(planned)} statements have plans; the costliest one is read",)
    fields = [described(element) for element in chosen.steps]
    add_times(fields, chosen.parents)
    return Plan(grown(fields, chosen.parents), statement_of(chosen.element), warnings)


def _cost(element: Element) -> float:
    return element.number("EstimatedTotalSubtreeCost") or 0.0


def _statements(text: str) -> tuple[list[_Statement], tuple[str, ...]]:
    """Return the statements of the document, read piece by piece and without recursion."""
    reader = _Reader()
    parser: Any = XMLPullParser(("start", "end"))
    try:
        for at in range(0, len(text), _CHUNK):
            parser.feed(text[at : at + _CHUNK])
            for event, element in parser.read_events():
                if event == "start":
                    reader.start(element.tag.rpartition("}")[2], dict(element.attrib))
                else:
                    reader.end()
                    element.clear()
    except ParseError as error:
        if not any(item.steps for item in reader.statements):
            raise UnreadableError(f"plan: the XML cannot be read: {error}", hint=_HINT) from None
        return reader.statements, (_CUT,)
    return reader.statements, (_CUT,) if reader.is_open else ()


class _Reader:
    """Takes the events of the parser: what a step has goes to it, steps below to the tree."""

    def __init__(self) -> None:
        self.statements: list[_Statement] = []
        self._open: list[Element] = []
        self._path: list[int] = []  # the steps that are open, as indexes into the statement's

    @property
    def is_open(self) -> bool:
        """Tell whether an element has not ended."""
        return bool(self._open)

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Begin an element."""
        element = Element(name, attributes)
        if name in _STATEMENTS or not self.statements:
            self.statements.append(_Statement(element))
            self._path = []
        elif name == "RelOp":
            statement = self.statements[-1]
            statement.parents.append(self._path[-1] if self._path else 0)
            self._path.append(len(statement.steps))
            statement.steps.append(element)
        elif self._open:
            self._open[-1].children.append(element)
        self._open.append(element)

    def end(self) -> None:
        """End the innermost element."""
        element = self._open.pop()
        if element.name == "RelOp" and self._path:
            self._path.pop()


DIALECT = Dialect(name="sqlserver_xml", matches=_matches, read=_read, engine="sqlserver")
