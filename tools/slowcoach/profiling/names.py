"""Symbols made readable, where a profiler left them as the linker has them.

Done by plain rules: Rust's older mangling, C++ functions and methods without templates (their
parameters are left out), Go's escaped import paths, the JVM's internal class names. Done when
the package cpp-demangle is installed: all of C++. Not done: Rust's newer mangling (`_R...`),
Swift, Objective-C, Microsoft C++.
"""

import re
from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.util import find_spec

_MANGLED = ("_Z", "__Z")  # the second as macOS writes it
_RUST_HASH = re.compile(r"h[0-9a-f]{16}")
_RUST_ESCAPES = {
    **{"$SP$": "@", "$BP$": "*", "$RF$": "&", "$LT$": "<", "$GT$": ">"},
    **{"$LP$": "(", "$RP$": ")", "$C$": ",", "..": "::"},
}
_RUST_ESCAPE = re.compile("|".join(map(re.escape, _RUST_ESCAPES)))
_RUST_UNICODE = re.compile(r"\$u([0-9a-f]{1,6})\$")
_GO_ESCAPE = re.compile(r"%([0-9a-f]{2})")
_JVM_KIND = re.compile(r"_\[[jikK01]\]$")
_JVM_CLASS = re.compile(r"^[\w$]+(/[\w$+]+)+(\.[\w$<>]+)?")
_NESTED = re.compile(r"N[rVK]*[RO]?")
_PART = re.compile(r"(\d{1,4})")


def readable(name: str) -> str:
    """Return a symbol as its source has it, or the name as it is."""
    if name.startswith(_MANGLED):
        return _demangled(name)
    if "%" in name and "/" in name:
        return _GO_ESCAPE.sub(lambda match: chr(int(match[1], 16)), name)
    return name


def of_jvm(name: str) -> str:
    """Return async-profiler's `java/util/HashMap.get_[j]` as `java.util.HashMap.get`."""
    name = _JVM_KIND.sub("", name)
    match = _JVM_CLASS.match(name)
    return match[0].replace("/", ".") + name[match.end() :] if match else name


@cache
def _demangled(name: str) -> str:
    parts = _nested(name[name.index("_Z") + 2 :])
    if parts and _RUST_HASH.fullmatch(parts[-1]):
        return "::".join(map(_rust, parts[:-1]))
    known = _cpp()
    if known is not None:
        try:
            return known(name[name.index("_Z") :])
        except ValueError:
            return name
    return "::".join(parts) if parts else name


def _nested(text: str) -> list[str]:
    """Return the parts of `N4main3fooE` or `4beta`; none for templates, operators and so on."""
    opening = _NESTED.match(text)
    nested = opening is not None
    at, parts = opening.end() if opening else 0, list[str]()
    while match := _PART.match(text, at):
        size = int(match[1])
        at = match.end() + size
        if size == 0 or at > len(text):
            return []
        parts.append(text[match.end() : at])
        if not nested:
            break
    if nested and text[at : at + 1] != "E":
        return []
    return parts if text[at : at + 1] != "I" else []


def _rust(part: str) -> str:
    part = part.removeprefix("_") if part.startswith("_$") else part
    part = _RUST_UNICODE.sub(_unicode, part)
    return _RUST_ESCAPE.sub(lambda match: _RUST_ESCAPES[match[0]], part)


def _unicode(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return chr(code) if code < 0xD800 else match[0]  # noqa: PLR2004 - surrogates begin there


@cache
def _cpp() -> Callable[[str], str] | None:
    if find_spec("cpp_demangle") is None:
        return None
    found: Callable[[str], str] = import_module("cpp_demangle").demangle
    return found
