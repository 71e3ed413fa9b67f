"""Which function a line of a Python source belongs to, for tracers that know lines only."""

import ast
from functools import lru_cache
from pathlib import Path

_MODULE = "<module>"
_LIMIT = 5_000_000  # bytes of a source that is read


@lru_cache(maxsize=500)
def _functions(file: str) -> tuple[tuple[int, int, str], ...]:
    """Return (first line, last line, name) of the functions in a file, outer ones first."""
    try:
        if Path(file).stat().st_size > _LIMIT:
            return ()
        tree = ast.parse(Path(file).read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return ()
    found = [
        (node.lineno, node.end_lineno or node.lineno, node.name)
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]
    return tuple(sorted(found, key=lambda item: (item[0], -item[1])))


def function_at(file: str, line: int) -> str:
    """Return the innermost function around a line, or `<module>`."""
    name = _MODULE
    for first, last, function in _functions(file):
        if first <= line <= last:
            name = function
    return name
