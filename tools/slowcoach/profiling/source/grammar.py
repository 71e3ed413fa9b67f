"""Source by tree-sitter's parsers: what the languages' trees have in common, walked once.

The parsers are an optional extra; a language says which node types and fields are its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

from slowcoach.profiling.source.syntax import LONGEST, Function, Kind, Site

if TYPE_CHECKING:
    from tree_sitter import Node

Types = dict[str, str]
Fields = tuple[str, str]
_CALLBACKS = frozenset(
    {
        "map",
        "forEach",
        "filter",
        "reduce",
        "some",
        "every",
        "flatMap",
        "mapToObj",
        "computeIfAbsent",
    }
)
_ANONYMOUS = ""


@dataclass(frozen=True)
class Grammar:
    """One language's node types. `calls` maps those of calls to (callee, arguments) fields,
    `loops` those of loops to the field that holds what they go over ("" for none), `names` tells
    a function's name, `types` the names that a node declares with their types of collection.
    """

    module: str
    language: str
    functions: frozenset[str]
    loops: dict[str, str]
    calls: dict[str, Fields]
    handlers: frozenset[str]
    constants: frozenset[str]
    names: Callable[[Node], str]
    callee: Callable[[Node], str]
    types: Callable[[Node], Iterator[tuple[str, str]]]
    grows: frozenset[str]
    spreads: frozenset[str] = frozenset()
    formatted: frozenset[str] = frozenset()

    def functions_of(self, text: str) -> Sequence[Function]:
        """Return the functions of a file; raises ValueError for what cannot be walked."""
        try:
            return _functions(self, _parsed(self, text))
        except RecursionError:
            raise ValueError("nested too deeply") from None


def _parsed(grammar: Grammar, text: str) -> Node:
    parser: Any = import_module("tree_sitter")
    language = getattr(import_module(grammar.module), grammar.language)()
    root: Node = parser.Parser(parser.Language(language)).parse(text.encode()).root_node
    return root


def _functions(grammar: Grammar, root: Node) -> list[Function]:
    found: list[Function] = []
    waiting: list[tuple[Node, Types]] = [(root, _types(grammar, root))]
    while waiting:
        scope, outer = waiting.pop()
        for node in _nodes(grammar, scope):
            if node.type in grammar.functions:
                types = outer | _types(grammar, node)
                sites = _Walk(grammar, types, loops=_callback(grammar, node))
                for child in node.children:
                    sites.visit(child)
                name = grammar.names(node)
                found.append(Function(name, line(node), last(node), tuple(sites.found)))
                waiting.append((node, types))
    return found


def _nodes(grammar: Grammar, scope: Node) -> Iterator[Node]:
    """Return the nodes of a scope; functions in it are returned and not entered."""
    waiting = list(reversed(scope.children))
    while waiting:
        node = waiting.pop()
        yield node
        if node.type not in grammar.functions:
            waiting += reversed(node.children)


def _types(grammar: Grammar, scope: Node) -> Types:
    """Return the types of names that are only ever declared with one."""
    seen: dict[str, set[str]] = {}
    for node in _nodes(grammar, scope):
        for name, kind in grammar.types(node):
            seen.setdefault(name, set()).add(kind)
    return {name: kinds.pop() for name, kinds in seen.items() if len(kinds) == 1}


def line(node: Node) -> int:
    """Return a node's first line, from 1."""
    return int(node.start_point[0]) + 1


def last(node: Node) -> int:
    """Return a node's last line."""
    return int(node.end_point[0]) + 1


def text(node: Node | None) -> str:
    """Return a node as written, spaces put together, cut."""
    if node is None or node.text is None:
        return ""
    return " ".join(node.text[:LONGEST].decode("utf-8", "replace").split())


def part(node: Node, name: str) -> str:
    """Return a field of a node as written."""
    return text(node.child_by_field_name(name))


def _callback(grammar: Grammar, node: Node) -> list[str]:
    """Return what a function is called for each item of, as a list of one; nothing for others."""
    arguments = node.parent
    called = arguments.parent if arguments is not None and "argument" in arguments.type else None
    if called is None or called.type not in grammar.calls:
        return []
    receiver, _, name = grammar.callee(called).rpartition(".")
    return [receiver] if name in _CALLBACKS else []


def _again(spread: Node) -> bool:
    """Tell whether what is spread is what it is then added to: `all = [...all, item]`, or what a
    callback returns for its first argument.
    """
    name = text(spread.named_children[0]) if spread.named_children else ""
    node = spread.parent
    while node is not None and node.type in {"array", "object", "parenthesized_expression"}:
        node = node.parent
    if node is None:
        return False
    first = node.child_by_field_name("parameters")
    given = part(node, "left"), text(first).strip("()").split(",")[0]
    return name in given


@dataclass
class _Walk:
    """Gathers the sites of one function; functions that a loop's callback is are entered."""

    grammar: Grammar
    types: Types
    found: list[Site] = field(default_factory=list)
    loops: list[str] = field(default_factory=list)

    def visit(self, node: Node) -> None:
        """Look at a node and what is in it."""
        grammar = self.grammar
        if node.type in grammar.functions:
            self._inside(node)
            return
        if node.type in grammar.loops:
            self._loop(node)
            return
        if node.type in grammar.calls:
            self._call(node)
        elif node.type in grammar.grows:
            self._grows(node)
        elif node.type in grammar.handlers:
            self._add("handler", part(node, "type"), node)
        elif node.type in grammar.spreads:
            self._add("spread", text(node), node, "again" if _again(node) else "")
        for child in node.children:
            self.visit(child)

    def _inside(self, node: Node) -> None:
        """Enter a function that is called for each item as the loop that it is."""
        over = _callback(self.grammar, node)
        self.loops += over
        for each in node.children if over else ():
            self.visit(each)
        del self.loops[len(self.loops) - len(over) :]

    def _loop(self, node: Node) -> None:
        name = self.grammar.loops[node.type]
        over = _over(node, name)
        if over and over in self.loops:
            self._add("nested", over, node)
        body = node.child_by_field_name("body")
        for child in node.children:
            if child == body:
                self.loops.append(over)
                self.visit(child)
                self.loops.pop()
            else:
                self.visit(child)

    def _call(self, node: Node) -> None:
        callee = self.grammar.callee(node)
        arguments = node.child_by_field_name(self.grammar.calls[node.type][1])
        given = [] if arguments is None else arguments.named_children
        receiver = callee.rpartition(".")[0]
        of = self.types.get(receiver, "")
        if not of and given:  # a function of a package: append(all, x), slices.Contains(all, x)
            of = self.types.get(text(given[0]), "") if receiver in {"", "slices"} else ""
        self._add("call", callee, node, of, self._form(given))

    def _form(self, given: Sequence[Node]) -> str:
        grammar = self.grammar
        if not given:
            return ""
        if given[0].type in grammar.constants:
            if text(given[0]) == "0":
                return "zero"
            every = all(each.type in grammar.constants for each in given)
            return "constant" if every else "constant first"
        if given[0].type in grammar.formatted:
            return "formatted"
        return "one" if len(given) == 1 else ""

    def _grows(self, node: Node) -> None:
        target, value = part(node, "left"), part(node, "right")
        operators = {text(each) for each in node.children if not each.is_named}
        again = value.startswith(f"{target} +") or value.endswith(f"+ {target}")
        if "+=" in operators or part(node, "operator") == "+=" or again:
            self._add("append", target, node, self.types.get(target, ""))

    def _add(self, kind: Kind, what: str, node: Node, of: str = "", form: str = "") -> None:
        site = Site(kind, what, line(node), last(node), len(self.loops), of, form)
        self.found.append(site)


def _over(node: Node, name: str) -> str:
    """Return what a loop goes over; Go keeps it in a clause of its own."""
    if not name:
        return _ANONYMOUS
    direct = node.child_by_field_name(name)
    if direct is None:
        clauses = [each for each in node.children if each.type == "range_clause"]
        direct = clauses[0].child_by_field_name(name) if clauses else None
    return text(direct)
