"""Java's source."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from slowcoach.profiling.source.grammar import Grammar, part
from slowcoach.profiling.source.syntax import Language

if TYPE_CHECKING:
    from tree_sitter import Node

_TYPE = re.compile(
    r"^(?:(?P<list>\w*List\b|Collection\b|\w*Deque\b|.*\[\]$)|(?P<set>\w*Set\b)"
    r"|(?P<map>\w*Map\b)|(?P<str>String$))"
)
_DECLARES = {"local_variable_declaration", "field_declaration"}


def _name(node: Node) -> str:
    return part(node, "name")


def _callee(node: Node) -> str:
    if node.type == "object_creation_expression":
        return f"new {part(node, 'type')}"
    receiver = part(node, "object")
    return f"{receiver}.{part(node, 'name')}" if receiver else part(node, "name")


def _types(node: Node) -> Iterator[tuple[str, str]]:
    if node.type in _DECLARES:
        for each in node.children_by_field_name("declarator"):
            declared = part(node, "type")
            yield part(each, "name"), _type(part(each, "value") if declared == "var" else declared)
    elif node.type in {"formal_parameter", "enhanced_for_statement"}:
        yield part(node, "name"), _type(part(node, "type"))


def _type(written: str) -> str:
    match = _TYPE.match(written.removeprefix("new "))
    return "" if match is None else match.lastgroup or ""


GRAMMAR = Grammar(
    module="tree_sitter_java",
    language="language",
    functions=frozenset({"method_declaration", "constructor_declaration", "lambda_expression"}),
    loops={"for_statement": "", "enhanced_for_statement": "value", "while_statement": "",
           "do_statement": ""},
    calls={"method_invocation": ("name", "arguments"),
           "object_creation_expression": ("type", "arguments")},
    handlers=frozenset({"catch_clause"}),
    constants=frozenset({"string_literal", "decimal_integer_literal", "character_literal"}),
    names=_name,
    callee=_callee,
    types=_types,
    grows=frozenset({"assignment_expression"}),
    formatted=frozenset({"binary_expression"}),
)  # fmt: skip
LANGUAGE = Language("java", (".java",), ("tree_sitter", GRAMMAR.module), GRAMMAR.functions_of)
