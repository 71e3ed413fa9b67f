"""A benchmark of ours for a Go function, which the compiler is given beside the package's own
files: nothing is written into the package.
"""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from slowcoach.core.errors import InputError

BENCHMARK: Final = "BenchmarkSlowcoachCalls"
TEST_FILE: Final = "slowcoach_calls_test.go"
_TYPES: Final = ((int, "int"), (float, "float64"), (str, "string"), (bool, "bool"))
_PACKAGE: Final = re.compile(r"^package\s+(\w+)", re.MULTILINE)
_CODE: Final = """package {package}

import "testing"

func {name}(b *testing.B) {{
	for b.Loop() {{
		{call}
	}}
}}
"""


def overlay(path: Path, package: Path, call: str, work: Path) -> Path:
    """Write the benchmark and the overlay that adds it to a package; return the overlay.

    `path` is the package's folder or one file of it. Raises InputError without Go files.
    """
    source = path if path.is_file() else next(iter(sorted(path.glob("*.go"))), None)
    text = "" if source is None else source.read_text(encoding="utf-8", errors="replace")
    named = _PACKAGE.search(text)
    if named is None:
        raise InputError(f"target: no Go files in {path}", hint="Name the package's folder")
    code = work / TEST_FILE
    code.write_text(_CODE.format(package=named[1], name=BENCHMARK, call=call), encoding="utf-8")
    file = work / "overlay.json"
    there = str(package.resolve() / TEST_FILE)
    file.write_text(json.dumps({"Replace": {there: str(code)}}), encoding="utf-8")
    return file


def in_module(folder: Path) -> bool:
    """Tell whether a folder belongs to a module (go.mod)."""
    here = folder.resolve()
    return any((each / "go.mod").is_file() for each in (here, *here.parents))


def call_of(name: str, arguments: Sequence[Any] | Mapping[str, Any] | None) -> str:
    """Return a call in Go's words; raises InputError for values that it has no literal for."""
    if isinstance(arguments, Mapping):
        raise InputError(
            "arguments: expected a list, got names: Go has arguments by position only",
            hint="Give a list such as [100]",
        )
    return f"{name}({', '.join(_literal(value) for value in arguments or ())})"


def _literal(value: Any) -> str:
    """Return a JSON value in Go's words. Raises InputError for a mapping."""
    if value is None:
        return "nil"
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list) and value:
        kinds = {type(item) for item in value}
        of = next((name for kind, name in _TYPES if kinds <= {kind}), "any")
        return f"[]{of}{{{', '.join(map(_literal, value))}}}"
    raise InputError(
        f"arguments: expected numbers, texts, booleans and lists of them, got {str(value)[:60]!r}",
        hint="Write a benchmark that makes the value, and name it as the target",
    )
