"""Names made readable, where a profiler left them as the linker, the compiler or the runtime has
them: one place for all readers.

C++ (Itanium), Rust (both manglings), Go, Java and its kin, Python. What the rules here cannot read
(and Swift, Objective-C, Microsoft C++, D) is left to the package `demangle` when it is installed;
what it cannot read either stays as it is.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from importlib import import_module
from importlib.util import find_spec
from typing import Final

from slowcoach.profiling.demangling import itanium, rust
from slowcoach.profiling.model import Frame, Profile

_REMEMBERED: Final = 200_000
_LONGEST: Final = 10_000
_MANGLED: Final = ("_Z", "__Z", "_R", "__R")  # the second of each as macOS writes it
_FOREIGN: Final = ("$s", "_$s", "$S", "_$S", "_T0", "?", "_D")  # Swift, Microsoft C++, D
# what a name must hold for any rule to change it: found in a whole table of frames at once
_SIGNS: Final = (
    *("_Z", "_R", "_T0", "_D", "?", "$", "%2", "·", "go.shape.", "-fm", ".abi"),
    *(")L", "(L", "([", "<locals>"),
)
_SIGN: Final = re.compile("|".join(map(re.escape, _SIGNS)))
_PLAIN: Final = re.compile(r"_Z\d+[A-Za-z]\w*v")  # one word without parameters: it can be read

_GO_ESCAPE: Final = re.compile(r"%([0-9a-f]{2})")
_GO: Final = re.compile(r"^[\w./~-]+\.[\w.()*\[\]·,{} /~-]+$")
_GO_WRAPPER: Final = re.compile(r"(-fm|\.abi[0-9A-Za-z]*)$")
_JVM_KIND: Final = re.compile(r"_\[[jikK01]\]$")
_JVM_CLASS: Final = re.compile(r"^[\w$]+(/[\w$+]+)+(\.[\w$<>]+)?")
_JVM_SIGNATURE: Final = re.compile(
    r"\(((?:\[*(?:[BCDFIJSZ]|L[\w/$]+;))*)\)(?:\[*(?:[BCDFIJSZV]|L[\w/$]+;))?$"
)
_JVM_TYPE: Final = re.compile(r"(\[*)(?:([BCDFIJSZ])|L([\w/$]+);)")
_JVM_BASIC: Final = {
    "B": "byte", "C": "char", "D": "double", "F": "float", "I": "int", "J": "long", "S": "short",
    "Z": "boolean",
}  # fmt: skip
_HIDDEN: Final = re.compile(
    r"\$\$(Lambda|FastClassBy\w+?|EnhancerBy\w+?)\$?[$/+.\dx0-9a-f]*(?=[.]|$)"
)
_LAMBDA: Final = re.compile(r"\blambda\$(\w+?)\$(\d+)\b")
_ANONYMOUS: Final = re.compile(r"\$anonfun\$([\w$]+?)\$(\d+)(?=$|[.(])")
_MODULE: Final = re.compile(r"(?<=\w)\$(?:\.MODULE\$)?(?=\.)")
_SCALA: Final = {
    "$plus": "+", "$minus": "-", "$times": "*", "$div": "/", "$colon": ":", "$eq": "=",
    "$less": "<", "$greater": ">", "$bang": "!", "$percent": "%", "$amp": "&", "$bar": "|",
    "$up": "^", "$tilde": "~", "$qmark": "?", "$at": "@",
}  # fmt: skip
_SCALA_SIGN: Final = re.compile("|".join(map(re.escape, _SCALA)))
_SCALA_METHOD: Final = re.compile(rf"^\w+(\.[\w$]+)+\.(?:{_SCALA_SIGN.pattern}){{1,4}}$|\w_\$eq$")


def named(profiles: Sequence[Profile]) -> list[Profile]:
    """Return profiles with all their names readable."""
    return [_named(profile) for profile in profiles]


def _named(profile: Profile) -> Profile:
    frames, lines = _frames(profile.frames), _frames(profile.lines)
    if frames is profile.frames and lines is profile.lines:
        return profile
    return replace(profile, frames=frames, lines=lines)


def _frames(frames: tuple[Frame, ...]) -> tuple[Frame, ...]:
    """Return frames with readable names; the same object when there is nothing to do, which is
    found out in the text of all names at once.
    """
    text = "\n".join([frame.name for frame in frames])
    if not any(sign in text for sign in _SIGNS):
        return frames
    found, sign = list(frames), _SIGN.search
    for index, frame in enumerate(frames):
        if sign(frame.name) and (name := _shown(frame.name)) != frame.name:
            found[index] = frame._replace(name=name)
    return tuple(found)


def _shown(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else readable(name)


@lru_cache(_REMEMBERED)
def readable(name: str) -> str:
    """Return a name as its source has it, or as it is."""
    if len(name) > _LONGEST:
        return name
    if name.startswith(_MANGLED):
        return _demangled(name)
    if name.startswith(_FOREIGN):
        return _by_package(name) or name
    if "<locals>" in name:
        return name.replace(".<locals>", "")
    return _of_java(_of_go(name))


def of_jvm(name: str) -> str:
    """Return async-profiler's `java/util/HashMap.get_[j]` as `java.util.HashMap.get`."""
    name = _JVM_KIND.sub("", name)
    match = _JVM_CLASS.match(name)
    return match[0].replace("/", ".") + name[match.end() :] if match else name


def _demangled(name: str) -> str:
    """Rust's older mangling is a kind of C++'s, and is tried before it."""
    return rust.demangled(name) or itanium.demangled(name) or _by_package(name) or name


def _of_go(name: str) -> str:
    """`main.Map[go.shape.int]` is compiled once for all types like it; `-fm` is a method's value,
    `.abi0` a function by its older convention; `%2e` is a dot of an import path.
    """
    if "%" in name and "/" in name:
        name = _GO_ESCAPE.sub(lambda match: chr(int(match[1], 16)), name)
    if "go.shape." in name:
        name = name.replace("go.shape.", "")
    return _GO_WRAPPER.sub("", name) if _GO.match(name) else name.replace("·", ".")


def _of_java(name: str) -> str:
    """Lambdas are named after the method that holds them, hidden classes without their address;
    Scala's operators and objects as they are written.
    """
    if "$" not in name and ")" not in name:
        return name
    if ":" not in name:  # `Class:method` is how recordings of the JVM are read: kept whole
        name = _HIDDEN.sub(r"$$\1", name)
        name = _LAMBDA.sub(r"\1.lambda$\2", name)
        name = _ANONYMOUS.sub(r"\1.anonymous$\2", name)
        if _SCALA_METHOD.search(name) or "MODULE$" in name:
            name = _SCALA_SIGN.sub(lambda match: _SCALA[match[0]], _MODULE.sub("", name))
    match = _JVM_SIGNATURE.search(name)
    if match and ("/" in match[1] or name[match.end() - 1] != ")"):
        kinds = ", ".join(_kinds(match[1]))
        return of_jvm(name[: match.start()]) + f"({kinds})"
    return name


def _kinds(text: str) -> Iterable[str]:
    """Yield the types of a signature by their simple names."""
    for array, basic, owner in _JVM_TYPE.findall(text):
        name = _JVM_BASIC[basic] if basic else owner.rpartition("/")[2]
        yield name + "[]" * len(array)


def _by_package(name: str) -> str | None:
    known = _package()
    if known is None:
        return None
    found = known(name)
    return found if found != name else None


@cache
def _package() -> Callable[[str], str] | None:
    if find_spec("demangle") is None:
        return None
    found: Callable[[str], str] = import_module("demangle").demangle
    return found
