"""What a program's own classes call, by their class files: does any take entries out of a map,
or ask peers?

Cost: one question to the JVM (its properties), and a read of the class files of the own classes
that have live objects, or were seen running, a few kilobytes each. The program is not touched.
"""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from slowcoach.core.errors import SlowcoachError
from slowcoach.profiling.recorders.java_attach import asked

_MAGIC, _HEADER = b"\xca\xfe\xba\xbe", 10
_UTF8, _CLASS, _NAME_AND_TYPE, _METHODS = 1, 7, 12, frozenset({10, 11})
_SIZES = {
    **dict.fromkeys((3, 4, 9, 10, 11, 12, 17, 18), 4),
    **dict.fromkeys((5, 6), 8),
    **dict.fromkeys((7, 8, 16, 19, 20), 2),
    15: 3,
}
_WIDE = frozenset({5, 6})  # they take two places
_MAP = re.compile(r"^java/util/(?:concurrent/)?(?:\w*Map|Iterator)$")
_TAKES_OUT = frozenset({"remove", "clear", "pollFirstEntry", "pollLastEntry", "removeEldestEntry"})
_PUTS = frozenset({"put", "putIfAbsent"})
_LARGEST, _MOST = 1 << 20, 400
_INSIDE_JARS = ("", "BOOT-INF/classes/", "WEB-INF/classes/")


def calls_of(data: bytes) -> frozenset[tuple[str, str]]:
    """Return the methods that a class file refers to: class and name. Raises ValueError and
    struct.error for what is no class file.
    """
    if data[:4] != _MAGIC:
        raise ValueError("a class file: expected its magic number")
    (count,) = struct.unpack_from(">H", data, 8)
    texts: dict[int, str] = {}
    pairs: dict[int, tuple[int, int, int]] = {}
    at, index = _HEADER, 1
    while index < count:
        tag = data[at]
        if tag == _UTF8:
            (size,) = struct.unpack_from(">H", data, at + 1)
            texts[index] = data[at + 3 : at + 3 + size].decode("utf-8", "replace")
            at += 3 + size
        else:
            if tag == _CLASS:
                pairs[index] = (tag, *struct.unpack_from(">H", data, at + 1), 0)
            elif tag in _METHODS or tag == _NAME_AND_TYPE:
                pairs[index] = (tag, *struct.unpack_from(">HH", data, at + 1))
            at += 1 + _SIZES[tag]
        index += 2 if tag in _WIDE else 1
    return frozenset(
        (texts.get(pairs[of][1], ""), texts.get(pairs[name][1], ""))
        for tag, of, name in pairs.values()
        if tag in _METHODS and of in pairs and name in pairs
    )


def takes_out(calls: Iterable[tuple[str, str]]) -> bool:
    """Tell whether a class puts into a map and takes out of one."""
    of_maps = {name for of_class, name in calls if _MAP.match(of_class)}
    return bool(of_maps & _PUTS) and bool(of_maps & _TAKES_OUT)


def evicts_by_hand(pid: int, classes: Iterable[str], seen: Iterable[str]) -> str | None:
    """Return whether one of a program's own classes puts into maps and takes out of them: empty
    where one of its functions is `seen`, or is called by such a class, else what speaks
    against it; None where no class does so.
    """
    near = {function.rpartition(".")[0] for function in seen}
    told = _calls_by_class(pid, _with_static(list(classes)[:_MOST], near))
    found = {_short(name): calls for name, calls in told.items()}
    if not found:
        return "unread"
    near |= {_short(of_class) for name in near for of_class, _ in found.get(name, ())}
    evicting = {name for name, calls in found.items() if takes_out(calls)}
    return None if not evicting else "" if evicting & near else "elsewhere"


def calling(
    pid: int, places: Iterable[tuple[str, str]], asks: Callable[[Iterable[str]], bool]
) -> frozenset[str]:
    """Return those functions, told with their files, whose classes call anything that `asks`."""
    of_class = {function: _class_of(function, file) for function, file in places}
    told = _calls_by_class(pid, list(dict.fromkeys(of_class.values())))
    asking = {
        name
        for name, calls in told.items()
        if asks(f"{called.replace('/', '.')}.{method}" for called, method in calls)
    }
    return frozenset(function for function, name in of_class.items() if name in asking)


def _class_of(function: str, file: str) -> str:
    """Return the class of an own function as the JVM names it: its package is the file's folder."""
    package = file.rpartition("/")[0].replace("/", ".")
    name = function.rpartition(".")[0].replace(".", "$")
    return f"{package}.{name}" if package else name


def _calls_by_class(pid: int, names: Iterable[str]) -> dict[str, frozenset[tuple[str, str]]]:
    """Return what classes call, of those whose files can be read."""
    found: dict[str, frozenset[tuple[str, str]]] = {}
    with ExitStack() as stack, suppress(SlowcoachError, OSError):
        reads = [_reader(path, stack) for path in _class_path(pid)]
        for name in names:
            with suppress(OSError, ValueError, KeyError, IndexError, struct.error):
                if data := next(filter(None, (read(name) for read in reads)), b""):
                    found[name] = calls_of(data)
    return found


def _with_static(classes: Sequence[str], near: Iterable[str]) -> list[str]:
    """Return classes with those of which there are no objects, in whichever package they are."""
    packages = {name[: name.rfind(".") + 1] for name in classes} | {""}
    nested = [of_class.replace(".", "$") for of_class in near]
    return list(dict.fromkeys([*classes, *(p + name for p in packages for name in nested)]))


def _short(of_class: str) -> str:
    """Return a class as own functions name theirs: without its package, nested ones by a dot."""
    return of_class.replace("/", ".").rpartition(".")[2].replace("$", ".")


def _class_path(pid: int) -> Iterator[Path]:
    told = dict(
        line.replace("\\:", ":").split("=", 1)
        for line in asked(pid, "VM.system_properties").splitlines()
        if "=" in line
    )
    for path in _expanded(told):
        yield Path(f"/proc/{pid}/root") / path.lstrip("/")


def _expanded(told: Mapping[str, str]) -> Iterator[str]:
    here = told.get("user.dir", "/")
    for path in told.get("java.class.path", "").split(":"):
        if path:
            yield path if path.startswith("/") else f"{here}/{path}"


def _reader(path: Path, stack: ExitStack) -> Callable[[str], bytes]:
    """Return what reads a class by its name from a folder or a jar; empty: not there."""
    if path.is_dir():
        return lambda name: _of_file(path / f"{name.replace('.', '/')}.class")
    if not path.is_file():
        return lambda _: b""
    with suppress(zipfile.BadZipFile):
        jar = stack.enter_context(zipfile.ZipFile(path))
        names = set(jar.namelist())
        return lambda name: _of_jar(jar, names, f"{name.replace('.', '/')}.class")
    return lambda _: b""


def _of_file(path: Path) -> bytes:
    if not path.is_file() or path.stat().st_size > _LARGEST:
        return b""
    return path.read_bytes()


def _of_jar(jar: zipfile.ZipFile, names: set[str], file: str) -> bytes:
    at = next((f"{begin}{file}" for begin in _INSIDE_JARS if f"{begin}{file}" in names), "")
    return jar.read(at) if at and jar.getinfo(at).file_size <= _LARGEST else b""
