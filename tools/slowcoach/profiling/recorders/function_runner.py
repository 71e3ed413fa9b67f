"""Runs in the target's interpreter: calls one function again and again, and times it.

Only the standard library, and nothing newer than Python 3.8: it is started by its path, with the
file of a request and the file for the answer. `main` is what Slowcoach's own tests call.
"""

import asyncio
import cProfile
import importlib
import importlib.util
import inspect
import json
import math
import os
import sys
import time
import traceback
from typing import Any, Callable, Dict, List  # noqa: UP035 - Python 3.8

_REPEAT_S = 0.02  # so long are the calls between two looks at the clock
_LEAST = 10
_NARROW = 0.01  # half of the 95 % interval of the mean, relative
_Z = 1.96


def slowcoach_calls(function: Callable[[], Any], times: int) -> None:
    """Call the function so often; the profile is what stands above this frame."""
    for _ in range(times):
        function()


def load(target: str) -> Callable[..., Any]:
    """Return the function that `module:function` or `path.py:function` names."""
    module_name, _, path = target.rpartition(":")
    if module_name.endswith(".py"):
        folder, name = os.path.split(os.path.abspath(module_name))  # noqa: PTH100
        sys.path.insert(0, folder)
        spec = importlib.util.spec_from_file_location(name[: -len(".py")], module_name)
        if spec is None or spec.loader is None or not os.path.exists(module_name):  # noqa: PTH110
            raise ModuleNotFoundError("no file " + module_name)
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
    else:
        sys.path.insert(0, os.getcwd())  # noqa: PTH109
        module = importlib.import_module(module_name)
    found: Any = module
    for part in path.split("."):
        found = getattr(found, part)
    if not callable(found):
        raise TypeError(target + " is not callable")
    return found  # type: ignore[no-any-return]


def bound(function: Callable[..., Any], args: List[Any], kwargs: Dict[str, Any]) -> Any:  # noqa: UP006
    """Return a call without arguments: coroutines are run, generators drained."""

    def call() -> Any:
        result = function(*args, **kwargs)
        if inspect.iscoroutine(result):
            return asyncio.run(result)
        if inspect.isgenerator(result):
            for _ in result:
                pass
        return result

    return call


def timed(call: Callable[[], Any], seconds: float) -> Dict[str, Any]:  # noqa: UP006
    """Call for at most `seconds` and return the mean time of a call in each repeat, in seconds."""
    begun, cpu, queued = time.perf_counter(), time.process_time(), ready()
    slowcoach_calls(call, 1)
    first = time.perf_counter() - begun
    calls = 1
    per_repeat = max(1, int(_REPEAT_S / max(first, 1e-9)))
    means: List[float] = []  # noqa: UP006
    while time.perf_counter() - begun + first * per_repeat < seconds or not means:
        start = time.perf_counter()
        slowcoach_calls(call, per_repeat)
        took = time.perf_counter() - start
        calls += per_repeat
        means.append(took / per_repeat)
        if took < _REPEAT_S / 4:
            per_repeat *= 2
        if len(means) >= _LEAST and narrow(means):
            break
        if first > seconds:
            break
    wall = time.perf_counter() - begun
    return {
        "first_s": first,
        "means_s": means,
        "calls": calls,
        "cpu_share": (time.process_time() - cpu + ready() - queued) / wall if wall else None,
    }


def ready() -> float:
    """Return the seconds in which this thread was ready to run and had no processor, or 0."""
    try:
        with open("/proc/thread-self/schedstat", encoding="ascii") as file:  # noqa: PTH123
            return int(file.read().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


def narrow(means: List[float]) -> bool:  # noqa: UP006
    """Tell whether the interval of the mean is narrow already."""
    mean = math.fsum(means) / len(means)
    spread = math.sqrt(math.fsum((m - mean) ** 2 for m in means) / (len(means) - 1))
    return _Z * spread / math.sqrt(len(means)) <= _NARROW * mean


def looped(call: Callable[[], Any], seconds: float) -> Dict[str, Any]:  # noqa: UP006
    """Call for `seconds`, for a profiler that looks from outside."""
    end = time.monotonic() + seconds
    calls = 0
    while time.monotonic() < end:
        slowcoach_calls(call, 1)
        calls += 1
    return {"calls": calls}


def traced(call: Callable[[], Any], seconds: float, out: str) -> Dict[str, Any]:  # noqa: UP006
    """Call under cProfile and dump it to `out`."""
    profiler = cProfile.Profile()
    end = time.monotonic() + seconds
    calls = 0
    while time.monotonic() < end or not calls:
        profiler.runcall(call)
        calls += 1
    profiler.dump_stats(out)
    return {"calls": calls}


def tracer() -> Any:
    """Return the module beside this one that traces allocations."""
    file = os.path.join(os.path.dirname(os.path.abspath(__file__)), "allocation_runner.py")  # noqa: PTH100, PTH118, PTH120
    spec = importlib.util.spec_from_file_location("slowcoach_allocations", file)
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _measured(request: Dict[str, Any]) -> Dict[str, Any]:  # noqa: UP006
    sys.argv[:] = [request["target"]]  # a script that reads its arguments must not find ours
    call = bound(load(request["target"]), request["args"], request["kwargs"])
    seconds = float(request["seconds"])
    if request["mode"] == "alloc":
        os.mkdir(request["dump"])  # noqa: PTH102
        return tracer().called(lambda: slowcoach_calls(call, 1), seconds, request["dump"])  # type: ignore[no-any-return]
    if request["mode"] == "loop":
        return looped(call, seconds)
    if request["mode"] == "trace":
        return traced(call, seconds, request["dump"])
    return timed(call, seconds)


def main(request_file: str, answer_file: str) -> None:
    """Do what the request says and write the answer, or the error, as JSON."""
    with open(request_file, encoding="utf-8") as file:  # noqa: PTH123
        request = json.load(file)
    try:
        answer = _measured(request)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the target's code may raise anything
        frames = traceback.extract_tb(error.__traceback__)
        where = [
            "%s:%s" % (frame.filename, frame.lineno)  # noqa: UP031
            for frame in frames
            if frame.filename != __file__ and "importlib" not in frame.filename
        ]
        answer = {
            "error": type(error).__name__,
            "message": str(error),
            "where": where[-1] if where else "",
        }
    with open(answer_file, "w", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
        json.dump(answer, file)


if __name__ == "__main__":
    del sys.path[0]  # the modules beside this one must not stand in for the target's
    main(sys.argv[1], sys.argv[2])
