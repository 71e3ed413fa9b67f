"""Whose code a frame is: the user's, a library's, the standard library's."""

import re
from functools import lru_cache
from pathlib import PurePosixPath

from slowcoach.diagnosis.interpreter.stacks import PyFrame

_LIBRARY = re.compile(r"/(?:site|dist)-packages/(?P<inside>.+)$")
_STDLIB = re.compile(r"/(?:lib|lib64)/python\d+(?:\.\d+)*t?/(?P<inside>.+)$")
_INNER = re.compile(r"(?:\.<locals>)?\.?<(?:genexpr|listcomp|dictcomp|setcomp|lambda)>.*$")
_LOCALS = ".<locals>"


@lru_cache(maxsize=10_000)
def origin_of(file: str) -> tuple[str, str]:
    """Return (user, library or stdlib; the path inside the package's root)."""
    if found := _LIBRARY.search(file):
        return "library", found["inside"]
    if found := _STDLIB.search(file):
        return "stdlib", found["inside"]
    if file.startswith("<") or not file:
        return "stdlib", file
    if not file.endswith(".py") and ("/" not in file or file.endswith(".pyx")):
        return "library", file  # code that was compiled from Cython
    return "user", file


def is_user(frame: PyFrame) -> bool:
    """Tell whether a frame is the user's own code."""
    return origin_of(frame.file)[0] == "user"


def package_of(frame: PyFrame) -> str:
    """Return the top package of a library's or the standard library's frame."""
    return origin_of(frame.file)[1].split("/")[0].removesuffix(".py")


def function_of(frame: PyFrame) -> str:
    """Return a frame's function as people call it: comprehensions belong to their function."""
    name = _INNER.sub("", frame.name) or frame.name
    return name.replace(_LOCALS, "")


def short(file: str) -> str:
    """Return the last part of a path."""
    return PurePosixPath(file).name


def place_of(frame: PyFrame) -> str:
    """Return `function (file:line)` for texts."""
    return f"{function_of(frame)} ({short(frame.file)}:{frame.line})"
