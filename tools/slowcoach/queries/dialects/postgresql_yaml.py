"""PostgreSQL's EXPLAIN (FORMAT YAML). A YAML parser would take a hundred times as long."""

import json
import re
from dataclasses import dataclass
from typing import Any

from slowcoach.core.errors import UnreadableError
from slowcoach.queries.dialects._document import HINT, plan_of, scalar, unframed
from slowcoach.queries.model import Dialect, Plan

_SIGHT = re.compile(r"(?m)^[ \t|│║>:]*-?[ ]*Plan:[ \t\r+|│║↵]*$")
_TYPED = re.compile(r"(?m)^[ \t|│║>:-]*Node Type:")
_PAIR = re.compile(r'("(?:[^"\\]|\\.)*"|[^":#][^:]*):(?:\s+(.*))?$')


@dataclass(slots=True)
class _Level:
    """An open mapping or list: the column its entries begin at, and where it is to be put."""

    column: int
    value: Any
    key: str = ""


def _matches(text: str) -> bool:
    known = "Plan:" in text and "Node Type:" in text
    return known and bool(_SIGHT.search(text) and _TYPED.search(text))


def _read(text: str) -> Plan:
    document = _Reader().read(unframed(text))
    warnings: tuple[str, ...] = ()
    if isinstance(document, list):
        plans = [item for item in document if isinstance(item, dict) and "Plan" in item]
        if len(plans) > 1:
            warnings = (f"{len(plans)} plans were given; the first one is read",)
        document = plans[0] if plans else {}
    return plan_of(document, warnings)


class _Reader:
    """Takes lines; what is open is a stack, so that depth costs nothing."""

    def __init__(self) -> None:
        self._root: Any = None
        self._open: list[_Level] = []
        self._waiting: tuple[Any, str, int] | None = None  # mapping and key without a value yet

    def read(self, text: str) -> Any:
        """Return the document; what stands after it is left out."""
        for number, line in enumerate(text.splitlines(), 1):
            bare = line.strip()
            column = len(line) - len(line.lstrip())
            if not bare or (self._root is None and not bare.startswith(("- Plan", "Plan:"))):
                continue
            if not self._takes(bare, column) and self._root is not None:
                if not bare.startswith(("(", "#")):
                    raise UnreadableError(
                        f"plan: line {number} of the YAML: unexpected {bare[:40]!r}", hint=HINT
                    )
                break
        return self._root

    def _takes(self, bare: str, column: int) -> bool:
        while bare.startswith("- "):
            self._item(column)
            shift = len(bare) - len(bare[2:].lstrip())
            bare, column = bare[2:].lstrip(), column + shift
            if _PAIR.match(bare):
                self._container(column, {})
            else:
                self._append(bare)
                return True
        pair = _PAIR.match(bare)
        if pair is None:
            return False
        if self._root is None or (self._waiting and column > self._waiting[2]):
            self._container(column, {})
        self._close(column)
        return self._set(_name(pair.group(1)), pair.group(2), column)

    def _item(self, column: int) -> None:
        """Begin an entry of a list that stands at this column."""
        waiting = self._waiting
        if waiting is not None and column >= waiting[2]:
            self._container(column, [])
            return
        if self._root is None:
            self._container(column, [])
            return
        self._waiting = None
        while len(self._open) > 1 and not self._is_list_at(column):
            self._open.pop()

    def _is_list_at(self, column: int) -> bool:
        return isinstance(self._open[-1].value, list) and self._open[-1].column == column

    def _container(self, column: int, value: Any) -> None:
        if self._root is None:
            self._root = value
        elif self._waiting is not None:
            target, key, _ = self._waiting
            target[key] = value
        elif isinstance(self._open[-1].value, list):
            self._open[-1].value.append(value)
        self._waiting = None
        self._open.append(_Level(column, value))

    def _append(self, text: str) -> None:
        if self._open and isinstance(self._open[-1].value, list):
            self._open[-1].value.append(_value("", text))

    def _close(self, column: int) -> None:
        """Go up to the mapping whose entries begin at this column."""
        self._waiting = None
        while len(self._open) > 1 and (
            self._open[-1].column > column or isinstance(self._open[-1].value, list)
        ):
            self._open.pop()

    def _set(self, key: str, text: str | None, column: int) -> bool:
        target = self._open[-1].value
        if not isinstance(target, dict):
            return False
        if text is None or not text.strip():
            self._waiting = (target, key, column)
            target[key] = []
        else:
            target[key] = _value(key, text.strip())
        return True


def _name(text: str) -> str:
    return str(json.loads(text)) if text.startswith('"') else text.strip()


def _value(key: str, text: str) -> Any:
    if text.startswith('"'):
        try:
            return json.loads(text, strict=False)
        except ValueError:
            return text.strip('"')
    return scalar(key, text)


DIALECT = Dialect(name="postgresql_yaml", matches=_matches, read=_read)
