"""Time and profile one static Java method: `com.shop.Cart:total`, `Cart.total`, `Cart.java:total`.

A small runner (one source file, started by `java SlowcoachRunner.java`) calls it in a JVM of its
own: warm first, then in repeats until the interval of the mean is narrow, then on and on while
the JDK's recorder looks. No library such as JMH is needed, but the JDK's compiler is.
"""

import base64
import os
import re
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from slowcoach.core import process, scratch
from slowcoach.core.errors import InputError, MissingDependencyError, ToolFailedError
from slowcoach.core.job import Cancellation
from slowcoach.profiling.model import Frame
from slowcoach.profiling.recorders import java
from slowcoach.profiling.recorders.function import timing_of
from slowcoach.profiling.recorders.go_java_recording import (
    POLL_S,
    FunctionTaken,
    below,
    mostly_waits,
)
from slowcoach.profiling.recorders.java_attach import takes_questions
from slowcoach.profiling.recorders.node_recording import pause

_RUNNER: Final = Path(__file__).with_name("SlowcoachRunner.java")
_MARK = "SlowcoachRunner:calls"
_TIMING_PART = 0.4
_START_S = 60.0  # the JVM, and the compiler
_COMPILE_S = 300.0
_LOOKS_A_SECOND = 50
_TAIL = 400
_CLASS = r"(?:[a-z_]\w*\.)*[A-Z]\w*(?:[$.][A-Z]\w*)*"
_TARGET = re.compile(rf"(?P<type>{_CLASS})[:.#](?P<method>[A-Za-z_$][\w$]*)")
_FILE = re.compile(r"(?P<file>.+\.java):(?:(?P<type>[A-Z][\w$.]*)[.#])?(?P<method>[\w$]+)")
_PACKAGE = re.compile(r"^\s*package\s+([\w.]+)\s*;", re.MULTILINE)
_CLASSES: Final = ("", "target/classes", "build/classes/java/main", "out/production", "bin", "out")
_JARS: Final = ("lib", "libs", "target/dependency", "build/libs")
_SOURCES: Final = ("", "src/main/java", "src", "app/src/main/java")


def is_java_target(target: str) -> bool:
    """Tell whether a target names a method of Java, by its class or its source file."""
    return bool(_FILE.fullmatch(target) or _TARGET.fullmatch(target))


def record(
    target: str,
    duration_s: float,
    *,
    kind: str = "cpu",
    arguments: Sequence[Any] | Mapping[str, Any] | None = None,
    folder: Path | None = None,
    cancellation: Cancellation | None = None,
    on_tick: Callable[[float], None] | None = None,
) -> FunctionTaken:
    """Time and profile a static method; `arguments` is a list of JSON values.

    Raises InputError when it cannot be found or called, with what it threw and where.
    """
    if isinstance(arguments, Mapping):
        raise InputError(
            "arguments: expected a list, got names: Java has arguments by position only",
            hint="Give a list such as [100]",
        )
    place = folder or Path.cwd()
    program = shutil.which("java")
    if program is None:
        raise MissingDependencyError("java is not on the PATH", hint="Install a JDK, 11 or later")
    with scratch.folder() as temporary:
        work = Path(temporary)
        of_class, method, classpath = _found(target, place, work, cancellation)
        request, answer = work / "request", work / "answer"
        lines = [of_class, method, str(duration_s * _TIMING_PART), str(len(arguments or ()))]
        lines += [line for value in arguments or () for line in _encoded(value)]
        request.write_text("\n".join(lines) + "\n", encoding="utf-8")
        left = max(duration_s * (1 - _TIMING_PART), 1.0)
        command = [program, "-cp", classpath, str(_RUNNER), str(request), str(answer)]
        command.append(str(left + _START_S))
        with process.running(command, log=work / "log", cwd=place) as child:
            _until_timed(child, answer, duration_s, target, work / "log", cancellation, on_tick)
            timing = timing_of(_answer(answer, target, classpath))
            if kind == "cpu" and mostly_waits(timing):
                kind = "wall"
            taken = java.attach(
                child.pid,
                left,
                kind=kind,
                cancellation=cancellation,
                on_tick=on_tick,
                looks_a_second=_LOOKS_A_SECOND,
            )
    profiles = tuple(below(profile, _is_mark, _is_ours) for profile in taken.profiles)
    running = None if taken.running is None else below(taken.running, _is_mark, _is_ours)
    return FunctionTaken(timing, replace(taken, profiles=profiles, running=running), kind)


def _is_mark(frame: Frame) -> bool:
    return frame.name == _MARK


def _is_ours(frame: Frame) -> bool:
    return frame.name == "thread main" or frame.name.startswith("com.sun.tools.javac.")


def _found(
    target: str, place: Path, work: Path, cancellation: Cancellation | None
) -> tuple[str, str, str]:
    """Return class, method and class path; a class that is there as source only is compiled."""
    classpath = _classpath(place)
    if by_file := _FILE.fullmatch(target):
        source = place / by_file["file"]
        if not source.is_file():
            raise InputError(f"target: no such file: {source}", hint="Give its path from `cwd`")
        package = _PACKAGE.search(source.read_text(encoding="utf-8", errors="replace"))
        prefix = f"{package[1]}." if package else ""
        roots = [source.parents[prefix.count(".")]]
        of_class = by_file["type"] or source.stem
        _compiled(source, roots, classpath, work, cancellation)
        return prefix + of_class, by_file["method"], os.pathsep.join([str(work), *classpath])
    named = _TARGET.fullmatch(target)
    if named is None:
        raise InputError(
            f"target: expected 'com.shop.Cart:total' or 'Cart.java:total', got {target[:80]!r}",
            hint="Name the class with its package, a colon, and a static method",
        )
    relative = named["type"].replace(".", "/")
    compiled = any((Path(each) / f"{relative}.class").is_file() for each in classpath)
    sources = [place / root / f"{relative}.java" for root in _SOURCES]
    written = next((each for each in sources if each.is_file()), None)
    if not compiled and written is not None:
        roots = [place / root for root in _SOURCES]
        _compiled(written, roots, classpath, work, cancellation)
        classpath = [str(work), *classpath]
    return named["type"], named["method"], os.pathsep.join(classpath)


def _classpath(place: Path) -> list[str]:
    found = [str(place / part) for part in _CLASSES if (place / part).is_dir()]
    found += [str(place / part / "*") for part in _JARS if (place / part).is_dir()]
    given = os.environ.get("CLASSPATH", "")
    return [*found, *([given] if given else [])]


def _compiled(
    source: Path,
    roots: Sequence[Path],
    classpath: Sequence[str],
    work: Path,
    cancellation: Cancellation | None,
) -> None:
    compiler = shutil.which("javac")
    if compiler is None:
        raise MissingDependencyError(
            f"{source.name} is not compiled, and javac is not on the PATH",
            hint="Install a JDK, or compile it and give the folder of the classes as `cwd`",
        )
    path = os.pathsep.join(str(root) for root in roots if root.is_dir())
    argv = [compiler, "-g", "-d", str(work), "-cp", os.pathsep.join(classpath)]
    done = process.run(
        [*argv, "-sourcepath", path, str(source)],
        deadline_s=_COMPILE_S,
        cancellation=cancellation,
        check=False,
    )
    if done.returncode != 0:
        raise InputError(
            f"{source.name}: javac: {done.complaint[:_TAIL]}",
            hint="Compile it by hand, and give the folder of the project as `cwd`",
        )


def _encoded(value: Any) -> list[str]:
    """Return a JSON value as lines for the runner. Raises InputError for a mapping."""
    if value is None:
        return ["n"]
    if isinstance(value, bool):
        return [f"b{str(value).lower()}"]
    if isinstance(value, int | float):
        return [f"{'i' if isinstance(value, int) else 'd'}{value!r}"]
    if isinstance(value, str):
        return [f"s{base64.b64encode(value.encode()).decode()}"]
    if isinstance(value, list | tuple):
        return [f"[{len(value)}", *(line for item in value for line in _encoded(item))]
    raise InputError(
        f"arguments: expected numbers, texts, booleans and lists, got {type(value).__name__}",
        hint="Write a static method without arguments that makes the object and calls it",
    )


def _until_timed(
    child: process.Child,
    answer: Path,
    duration_s: float,
    target: str,
    log: Path,
    cancellation: Cancellation | None,
    on_tick: Callable[[float], None] | None,
) -> None:
    """Wait until the timing is done. Raises ToolFailedError with what the JVM said."""
    begun = time.monotonic()
    while not (answer.is_file() and (child.ended() is not None or takes_questions(child.pid))):
        elapsed = time.monotonic() - begun
        if child.ended() is not None and not answer.is_file():
            said = " ".join(log.read_text(encoding="utf-8", errors="replace").split())
            no_compiler = "jdk.compiler" in said
            raise ToolFailedError(
                f"{target}: java ended with {child.ended()}: {said[-_TAIL:]}",
                hint="This Java has no compiler: install a JDK (javac belongs to it)"
                if no_compiler
                else "Call the method by hand with the same arguments",
            )
        if elapsed > duration_s + _START_S:
            raise ToolFailedError(
                f"{target}: not one call was timed within {elapsed:.0f} s",
                hint="Give arguments with which it has less to do, or a longer duration_s",
            )
        if on_tick is not None:
            on_tick(min(elapsed, duration_s * _TIMING_PART))
        pause(POLL_S, cancellation)


def _answer(file: Path, target: str, classpath: str) -> dict[str, Any]:
    text = file.read_text(encoding="utf-8", errors="replace")
    said = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    if "error" not in said:
        return {
            "means_s": [float(word) for word in said["means_s"].split()],
            "first_s": float(said["first_s"]),
            "calls": int(said["calls"]),
            "cpu_share": float(said["cpu_share"]),
        }
    name = said["error"].rpartition(".")[2]
    hint = "The method itself failed: give arguments with which it works"
    if name in {"ClassNotFoundException", "NoClassDefFoundError"}:
        hint = f"It was looked for in {classpath[:_TAIL]}: set `cwd` to the project's folder"
    elif name == "NoSuchMethodException":
        hint = "Name a static method, and give its `arguments` as a JSON list"
    where = f" at {said['where']}" if said.get("where") and "NoSuch" not in name else ""
    raise InputError(f"{target}: {name}: {said['message'][:_TAIL]}{where}", hint=hint)
