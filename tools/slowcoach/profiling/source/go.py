"""Go's source."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from slowcoach.profiling.source.grammar import Grammar, part, text
from slowcoach.profiling.source.syntax import Language

if TYPE_CHECKING:
    from tree_sitter import Node

_BY_NODE = {"slice_type": "list", "array_type": "list", "map_type": "map"}
_SIZED = 2  # make(type, size ...)


def _name(node: Node) -> str:
    return part(node, "name")


def _callee(node: Node) -> str:
    return part(node, "function")


def _types(node: Node) -> Iterator[tuple[str, str]]:
    declared = node.child_by_field_name("type")
    if node.type in {"var_spec", "parameter_declaration"}:
        value = _first(node.child_by_field_name("value"))
        for name in node.children_by_field_name("name"):
            yield text(name), _declared(declared) if declared is not None else _type(value)
    elif node.type in {"short_var_declaration", "assignment_statement"}:
        names, values = node.child_by_field_name("left"), node.child_by_field_name("right")
        if names is not None and values is not None:
            pairs = zip(names.named_children, values.named_children, strict=False)
            told = ((text(name), _type(value)) for name, value in pairs)
            yield from (pair for pair in told if node.type != "assignment_statement" or pair[1])


def _first(node: Node | None) -> Node | None:
    return node.named_children[0] if node is not None and node.named_children else None


def _declared(node: Node | None) -> str:
    if node is None:
        return ""
    return "str" if text(node) == "string" else _BY_NODE.get(node.type, "")


def _type(node: Node | None) -> str:
    if node is None:
        return ""
    if "string_literal" in node.type:
        return "str"
    if node.type == "composite_literal":
        return _declared(node.child_by_field_name("type"))
    if part(node, "function") == "make":
        given = node.child_by_field_name("arguments")
        kinds = [] if given is None else given.named_children
        what = _declared(kinds[0]) if kinds else ""
        return "sized" if what == "list" and len(kinds) >= _SIZED else what
    return ""


GRAMMAR = Grammar(
    module="tree_sitter_go",
    language="language",
    functions=frozenset({"function_declaration", "method_declaration", "func_literal"}),
    loops={"for_statement": "right"},
    calls={"call_expression": ("function", "arguments")},
    handlers=frozenset(),
    constants=frozenset({"interpreted_string_literal", "raw_string_literal", "int_literal"}),
    names=_name,
    callee=_callee,
    types=_types,
    grows=frozenset({"assignment_statement"}),
    formatted=frozenset({"binary_expression"}),
)
LANGUAGE = Language("go", (".go",), ("tree_sitter", GRAMMAR.module), GRAMMAR.functions_of)
