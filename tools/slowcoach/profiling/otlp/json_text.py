"""An export as JSON: protocol buffers' names in camel case, 64-bit numbers as texts or numbers."""

import json
from typing import Any

from slowcoach.profiling.otlp.export import Export, Location, OneProfile, Sample, resource_name
from slowcoach.profiling.protobuf import WireError

_LARGEST = 1 << 63


def export_of(data: bytes) -> Export:
    """Return the export in a ProfilesData object. Raises WireError."""
    try:
        whole = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise WireError(f"expected JSON, got {error}") from None
    tables = _object(_object(whole).get("dictionary"))
    export = Export(strings=[str(text) for text in _list(tables, "stringTable")])
    for item in _objects(tables, "functionTable"):
        name = _int(item, "nameStrindex") or _int(item, "systemNameStrindex")
        export.functions.append((name, _int(item, "filenameStrindex")))
    export.mappings += [_int(m, "filenameStrindex") for m in _objects(tables, "mappingTable")]
    export.locations += [_location(item) for item in _objects(tables, "locationTable")]
    export.attributes += [_attribute(export, a) for a in _objects(tables, "attributeTable")]
    stacks = [_ints(item, "locationIndices") for item in _objects(tables, "stackTable")]
    for resource in _objects(_object(whole), "resourceProfiles"):
        attributes = _objects(_object(resource.get("resource")), "attributes")
        of = resource_name(_attribute(export, attribute) for attribute in attributes)
        for scope in _objects(resource, "scopeProfiles"):
            export.profiles += [_profile(of, item, stacks) for item in _objects(scope, "profiles")]
    return export


def _location(item: dict[str, Any]) -> Location:
    lines = [(_int(line, "functionIndex"), _int(line, "line")) for line in _objects(item, "lines")]
    return Location(_int(item, "mappingIndex"), _int(item, "address"), lines)


def _attribute(export: Export, item: dict[str, Any]) -> str:
    """Return `key=value` of a text or an integer, otherwise an empty text."""
    key = item.get("key") or export.text(_int(item, "keyStrindex"))
    value = _object(item.get("value"))
    text = value.get("stringValue", value.get("intValue"))
    if text is None and "stringValueStrindex" in value:
        text = export.text(_int(value, "stringValueStrindex"))
    return f"{key}={text}" if key and text not in (None, "") else ""


def _profile(of: str, item: dict[str, Any], stacks: list[list[int]]) -> OneProfile:
    kind = _object(item.get("sampleType"))
    samples: list[Sample] = []
    for index, sample in enumerate(_objects(item, "samples")):
        stack = _int(sample, "stackIndex")
        if not 0 <= stack < len(stacks):
            raise WireError(f"sample {index}: expected one of {len(stacks)} stacks, got {stack}")
        values = _ints(sample, "values") or [len(_list(sample, "timestampsUnixNano"))]
        samples.append(Sample(stacks[stack], values, _ints(sample, "attributeIndices")))
    types = [(_int(kind, "typeStrindex"), _int(kind, "unitStrindex"))]
    return OneProfile(of, types, samples, max(_int(item, "period"), 0))


def _object(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise WireError(f"expected an object, got {str(value)[:60]!r}")
    return value


def _list(parent: dict[str, Any], key: str) -> list[Any]:
    value = parent.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise WireError(f"{key}: expected a list, got {str(value)[:60]!r}")
    return value


def _objects(parent: dict[str, Any], key: str) -> list[dict[str, Any]]:
    return [_object(item) for item in _list(parent, key)]


def _int(parent: dict[str, Any], key: str) -> int:
    return _number(parent.get(key, 0), key)


def _ints(parent: dict[str, Any], key: str) -> list[int]:
    return [_number(item, key) for item in _list(parent, key)]


def _number(value: Any, key: str) -> int:
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        raise WireError(f"{key}: expected a number, got {str(value)[:60]!r}") from None
    if not -_LARGEST <= number < 2 * _LARGEST:
        raise WireError(f"{key}: expected a number of 64 bits, got one beyond")
    return number
