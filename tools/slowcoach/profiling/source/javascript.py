"""JavaScript's source."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from slowcoach.profiling.source.grammar import Grammar, part, text
from slowcoach.profiling.source.syntax import Language

if TYPE_CHECKING:
    from tree_sitter import Node

_BY_NODE = {"array": "list", "object": "map", "string": "str", "template_string": "str"}
_MADE = re.compile(
    r"^(?:(?P<set>new (?:Weak)?Set\b)|(?P<map>new (?:Weak)?Map\b)"
    r"|(?P<list>new Array\b|Array\.(?:from|of)\b|Object\.(?:keys|values|entries)\b))"
)
_LISTS = re.compile(r"\.(map|filter|split|slice|concat|flat|flatMap)\($")


def _name(node: Node) -> str:
    own = part(node, "name")
    above = node.parent
    if own or above is None:
        return own
    for field in ("name", "key", "left", "property"):
        if found := part(above, field):
            return found.rsplit(".", 1)[-1]
    return ""


def _callee(node: Node) -> str:
    if node.type == "new_expression":
        return f"new {part(node, 'constructor')}"
    return part(node, "function")


def _types(node: Node) -> Iterator[tuple[str, str]]:
    if node.type == "variable_declarator":
        yield part(node, "name"), _type(node.child_by_field_name("value"))
    elif node.type in {"assignment_expression", "field_definition"}:
        name = part(node, "left") or f"this.{part(node, 'property')}"
        yield name, _type(node.child_by_field_name("right") or node.child_by_field_name("value"))


def _type(node: Node | None) -> str:
    if node is None:
        return ""
    if node.type in _BY_NODE:
        return _BY_NODE[node.type]
    written = text(node)
    match = _MADE.match(written)
    if match is not None:
        return match.lastgroup or ""
    head = text(node.child_by_field_name("function"))
    return "list" if node.type == "call_expression" and _LISTS.search(f"{head}(") else ""


GRAMMAR = Grammar(
    module="tree_sitter_javascript",
    language="language",
    functions=frozenset(
        {
            "function_declaration", "generator_function_declaration", "function_expression",
            "generator_function", "arrow_function", "method_definition",
        }
    ),
    loops={"for_statement": "", "for_in_statement": "right", "while_statement": "",
           "do_statement": ""},
    calls={"call_expression": ("function", "arguments"),
           "new_expression": ("constructor", "arguments")},
    handlers=frozenset({"catch_clause"}),
    constants=frozenset({"string", "number", "regex"}),
    names=_name,
    callee=_callee,
    types=_types,
    grows=frozenset({"augmented_assignment_expression", "assignment_expression"}),
    spreads=frozenset({"spread_element"}),
    formatted=frozenset({"template_string", "binary_expression"}),
)  # fmt: skip
TYPED = replace(GRAMMAR, module="tree_sitter_typescript", language="language_tsx")
LANGUAGE = Language(
    "javascript",
    (".js", ".mjs", ".cjs", ".jsx"),
    ("tree_sitter", GRAMMAR.module),
    GRAMMAR.functions_of,
)
