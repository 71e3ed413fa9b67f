"""Samples of what an OpenAPI document describes: examples first, then the least that is valid.

References are resolved by `referencing`, samples proven by `jsonschema`; nothing is ever fetched:
a reference leads into the document itself or to a file beside it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote, urlsplit
from urllib.request import pathname2url

from slowcoach.core.errors import UnreadableError
from slowcoach.load.schema_values import UnknowableError, modern, number, stated, text
from slowcoach.load.sources import _documents

_DEEPEST = 30
_MOST_NODES = 2_000
_MOST_FILES = 200
_WHAT = "an OpenAPI document"
_ODD = (TypeError, ValueError, ArithmeticError, AttributeError, LookupError)  # of odd schemas
_SUFFIXES = frozenset({".json", ".yaml", ".yml"})


@dataclass(slots=True)
class Schemas:
    """The references and schemas of one document."""

    root: Any
    path: Path
    _registry: Any = None
    _files: int = 0
    _nodes: int = field(default=0)

    def __post_init__(self) -> None:
        from referencing import Registry
        from referencing.jsonschema import DRAFT202012

        self.root = modern(self.root)
        registry: Any = cast(Any, Registry)(retrieve=self._beside)
        self._registry = registry.with_resource(self._uri, DRAFT202012.create_resource(self.root))

    @property
    def _uri(self) -> str:
        return f"file://{pathname2url(str(self.path.resolve()))}"

    def _beside(self, uri: str) -> Any:
        """Return a file of the document's own folder; anything else does not exist."""
        from referencing.exceptions import NoSuchResource
        from referencing.jsonschema import DRAFT202012

        nowhere = cast(Any, NoSuchResource)(ref=uri)
        parts = urlsplit(uri)
        file = Path(unquote(parts.path)).resolve()
        folder = self.path.resolve().parent
        self._files += 1
        is_near = parts.scheme == "file" and not parts.netloc and file.is_relative_to(folder)
        if not is_near or file.suffix not in _SUFFIXES or self._files > _MOST_FILES:
            raise nowhere
        try:
            contents = _documents.document(file, _WHAT, "Check the reference")
        except UnreadableError:
            raise nowhere from None
        return DRAFT202012.create_resource(modern(contents))

    def resolver(self) -> Any:
        """Return where the document's own references start from."""
        return self._registry.resolver(self._uri)

    def followed(self, node: Any, resolver: Any) -> tuple[Any, Any]:
        """Return what a node with `$ref` stands for, and where its own references start from.

        Raises UnknowableError for a reference that leads nowhere or in a circle.
        """
        from referencing.exceptions import Unresolvable

        for _ in range(_DEEPEST):
            if not isinstance(node, dict) or not isinstance(node.get("$ref"), str):
                return node, resolver
            beside = {key: value for key, value in node.items() if key != "$ref"}
            try:
                found = resolver.lookup(node["$ref"])
            except (Unresolvable, ValueError, AttributeError, TypeError, KeyError) as error:
                raise UnknowableError("a reference that leads nowhere") from error
            node, resolver = found.contents, found.resolver
            if isinstance(node, dict) and beside and "$ref" not in node:
                node = {**node, **beside}
        raise UnknowableError("references in a circle")

    def sample(self, schema: Any, resolver: Any) -> Any:
        """Return a value that is valid for a schema; raises UnknowableError."""
        self._nodes = 0
        value = self._made(schema, resolver, 0)
        if not self._is_valid(value, schema, resolver):
            raise UnknowableError("no value can be made up for it")
        return value

    def _is_valid(self, value: Any, schema: Any, resolver: Any) -> bool:
        from jsonschema import Draft202012Validator
        from jsonschema.exceptions import SchemaError, UnknownType
        from referencing.exceptions import Unresolvable

        if not isinstance(schema, dict | bool):
            return True
        try:
            validator = cast(Any, Draft202012Validator)(
                schema, registry=self._registry, _resolver=resolver
            )
            return bool(validator.is_valid(value))
        except (SchemaError, UnknownType, Unresolvable, RecursionError, re.error, *_ODD):
            return True  # the schema itself is not one of JSON Schema: the value may do

    def _made(self, schema: Any, resolver: Any, depth: int) -> Any:
        self._nodes += 1
        if depth > _DEEPEST or self._nodes > _MOST_NODES:
            raise UnknowableError("a schema without end")
        schema, resolver = self.followed(schema, resolver)
        if not isinstance(schema, dict):
            return {}
        found, value = stated(schema)
        if found:
            return value
        if isinstance(schema.get("anyOf"), list) and schema["anyOf"]:
            return self._any_of(schema, resolver, depth)
        if isinstance(schema.get("allOf"), list):
            return self._all_of(schema, resolver, depth)
        return self._typed(schema, resolver, depth)

    def _any_of(self, schema: dict[str, Any], resolver: Any, depth: int) -> Any:
        beside = {name: value for name, value in schema.items() if name != "anyOf"}
        why = UnknowableError("no alternative can be made up")
        for option in schema["anyOf"]:
            if isinstance(option, dict) and option.get("type") == "null":
                continue
            try:
                value = self._made(option, resolver, depth + 1)
            except UnknowableError as error:
                why = error
                continue
            if isinstance(value, dict) and "properties" in beside:
                value = {**self._made(beside, resolver, depth + 1), **value}
            return value
        raise why

    def _all_of(self, schema: dict[str, Any], resolver: Any, depth: int) -> Any:
        parts = [self._made(part, resolver, depth + 1) for part in schema["allOf"]]
        beside = {name: value for name, value in schema.items() if name != "allOf"}
        if "properties" in beside or not parts:
            parts.append(self._made(beside, resolver, depth + 1))
        if all(isinstance(part, dict) for part in parts):
            return {key: value for part in parts for key, value in part.items()}
        return parts[-1]

    def _typed(self, schema: dict[str, Any], resolver: Any, depth: int) -> Any:
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = next((each for each in kind if each != "null"), "null")
        kind = kind if isinstance(kind, str) else None
        if kind == "object" or (kind is None and "properties" in schema):
            return self._object(schema, resolver, depth)
        if kind == "array":
            least = schema.get("minItems")
            count = min(max(least, 1), _DEEPEST) if isinstance(least, int) else 1
            return [self._made(schema.get("items", {}), resolver, depth + 1) for _ in range(count)]
        if kind in {"integer", "number"}:
            return number(schema, whole=kind == "integer")
        if kind == "boolean":
            return True
        return None if kind == "null" else text(schema)

    def _object(self, schema: dict[str, Any], resolver: Any, depth: int) -> dict[str, Any]:
        """Return what is required, and what else has an example."""
        required = schema.get("required")
        wanted = [str(name) for name in required] if isinstance(required, list) else []
        found: dict[str, Any] = {}
        for name, part in _documents.keyed(schema.get("properties")).items():
            if isinstance(part, dict) and part.get("readOnly"):
                continue
            if name in wanted:
                found[name] = self._made(part, resolver, depth + 1)
            elif isinstance(part, dict) and ("example" in part or part.get("examples")):
                found[name] = stated(part)[1]
        for name in wanted:
            if name not in found and not _is_read_only(schema, name):
                found[name] = self._made(
                    schema.get("additionalProperties", {}), resolver, depth + 1
                )
        return found


def _is_read_only(schema: dict[str, Any], name: str) -> bool:
    part = _documents.keyed(schema.get("properties")).get(name)
    return isinstance(part, dict) and bool(part.get("readOnly"))
