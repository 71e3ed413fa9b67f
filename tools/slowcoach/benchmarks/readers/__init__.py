"""Benchmark files, one module for each tool that writes them; recognized by their content."""

import json
from functools import cache
from typing import Any, TypeGuard

from slowcoach.benchmarks.model import Metric, Reader
from slowcoach.core.errors import UnreadableError
from slowcoach.core.registry import discover

_SHOWN = 80


@cache
def all_readers() -> tuple[Reader, ...]:
    """Return the reader of each tool."""
    from slowcoach.benchmarks import readers

    return discover(readers, "READER", Reader)


def read(data: bytes, name: str) -> list[Metric]:
    """Return what a benchmark file holds; raises UnreadableError naming the formats."""
    for reader in all_readers():
        if reader.matches(data):
            metrics = [metric for metric in reader.read(data, name) if any(metric.runs)]
            if metrics:
                return metrics
            raise UnreadableError(
                f"{name}: {reader.title} without a measured value",
                hint="Check that the benchmark ran to its end",
            )
    known = ", ".join(reader.title for reader in all_readers())
    seen = data[:_SHOWN].decode("utf-8", "replace").strip().split("\n")[0] if data else "nothing"
    raise UnreadableError(
        f"{name}: expected benchmark results, got {seen!r}", hint=f"Known formats: {known}"
    )


def document(data: bytes) -> Any:
    """Return the JSON document, or None when it is none."""
    if data.lstrip()[:1] not in {b"{", b"["}:
        return None
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def member(value: Any, *keys: str | int) -> Any:
    """Return a nested member, or None when any step is not there."""
    for key in keys:
        if isinstance(key, str):
            value = mapping(value).get(key)
        else:
            found = items(value)
            value = found[key] if key < len(found) else None
    return value


def mapping(value: Any) -> dict[str, Any]:
    """Return a JSON object as it is; an empty one for anything else."""
    return value if _is_object(value) else {}


def items(value: Any) -> list[Any]:
    """Return a JSON array as it is; an empty one for anything else."""
    return value if _is_array(value) else []


def _is_object(value: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def _is_array(value: Any) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def numbers(value: Any) -> tuple[float, ...]:
    """Return the finite numbers of a list; an empty tuple when it is none."""
    return tuple(float(v) for v in items(value) if is_number(v))


def is_number(value: Any) -> bool:
    """Tell whether a JSON value is a finite number (a boolean is none)."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return value == value and abs(value) != float("inf")
