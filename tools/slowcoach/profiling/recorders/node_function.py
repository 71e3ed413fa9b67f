"""Time and profile one export of a JavaScript module, `path.js:function`, with repeats.

It runs in a Node.js of its own: first it is timed, undisturbed, until the 95 % interval of the mean
is narrow or the time is up; then it runs again while V8 samples it. ES modules and CommonJS,
promises and generators too (which are run to their end).
"""

import json
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import fmean, stdev
from typing import Any, Final

from slowcoach.core import process, scratch
from slowcoach.core.errors import InputError, MissingDependencyError, ToolFailedError
from slowcoach.core.job import Cancellation
from slowcoach.core.knowledge import rule
from slowcoach.core.stats import t_quantile
from slowcoach.core.units import share
from slowcoach.profiling.recorders import proc
from slowcoach.profiling.recorders.function import Timing
from slowcoach.profiling.recorders.node_inlined import give_back
from slowcoach.profiling.recorders.node_profiles import cpu_views
from slowcoach.profiling.recorders.node_waits import places, waits_profile
from slowcoach.profiling.recorders.recording import Recording
from slowcoach.profiling.session import Request, Session

_RUNNER: Final = Path(__file__).with_name("node_function.cjs")
_TARGET: Final = re.compile(r"(.+\.(?:js|cjs|mjs|ts|cts|mts)):([\w$.]+)")
_OWN_LINE: Final = re.compile(r"\(?((?:file://)?/[^():]+:\d+):\d+\)?$", re.MULTILINE)
_TIMING_PART: Final = 0.4  # of the time asked for; the rest is for the profile
_SLACK_S: Final = 60.0  # imports, and one call that began just before the end
_TWO_SIDED: Final = 0.975
_MICROSECONDS: Final = 1_000_000


def names(target: str) -> bool:
    """Tell whether a target is an export of a JavaScript module."""
    return _TARGET.fullmatch(target) is not None


def record(
    request: Request,
    target: str,
    cancellation: Cancellation | None,
    on_tick: Callable[[float], None],
) -> Session:
    """Time and profile a function. Raises InputError when it cannot be found or called."""
    answer = _answer(request, target, cancellation, on_tick)
    timing = _timing(answer)
    content = _cut(answer["profile"])
    give_back(content, answer["coverage"])
    on_cpu, wall = cpu_views(content, target)
    waits = timing.cpu_share is not None and 1 - timing.cpu_share > rule("profile.waiting").limit(
        "share"
    )
    by_wall = request.wall or waits
    views = (wall, on_cpu) if by_wall else (on_cpu, wall)
    if views[0].total <= 0:
        raise ToolFailedError(
            f"{target}: no sample fell into the function",
            hint="Give a longer duration_s, or arguments with which it has more to do",
        )
    warnings: list[str] = []
    if waits and not request.wall:
        warnings.append(
            f"{target} uses the processor only {share(timing.cpu_share or 0)} of its time: this is "
            "its wall-clock profile, and what it waits for"
        )
    awaited = waits_profile(answer["waits"], "waiting for", locks=False)
    return Session(
        name=target,
        views=views if awaited is None else (*views, awaited),
        judged=views[:1],
        on_wall=by_wall,
        cost=_cost(views[0].samples or 0, wall.samples or 0, answer["seconds"]),
        timing=timing,
        waiting=places(awaited, answer["seconds"]),
        warnings=tuple(warnings),
        format="v8",
    )


def _answer(
    request: Request,
    target: str,
    cancellation: Cancellation | None,
    on_tick: Callable[[float], None],
) -> dict[str, Any]:
    node, folder = shutil.which("node"), request.folder or Path.cwd()
    if node is None:
        raise MissingDependencyError("node: not on the PATH", hint="Install Node.js 18 or newer")
    file = _file(target, folder)
    if isinstance(request.arguments, Mapping):
        raise InputError(
            "arguments: expected a list (JavaScript has no arguments by name), got an object",
            hint='Give [{"name": "value"}] for one argument that is an object',
        )
    asked = {
        "target": f"{file}:{target.rpartition(':')[2]}",
        "args": list(request.arguments or ()),
        "timing_s": request.duration_s * _TIMING_PART,
        "profile_s": request.duration_s * (1 - _TIMING_PART),
        "wall": request.wall,
        "step": _MICROSECONDS // max(request.rate, 1),
    }
    with scratch.folder() as temporary:
        given, answered = Path(temporary) / "request.json", Path(temporary) / "answer.json"
        given.write_text(json.dumps(asked), encoding="utf-8")
        done = process.run(
            [node, "--no-warnings", str(_RUNNER), str(given), str(answered)],
            deadline_s=request.duration_s + _SLACK_S,
            cancellation=cancellation,
            cwd=folder,
            check=False,
            while_running=on_tick,
        )
        if not answered.is_file():
            raise ToolFailedError(
                f"{target}: its process ended with {done.returncode}: {done.complaint}",
                hint="Call the function by hand with the same arguments",
            )
        answer: dict[str, Any] = json.loads(answered.read_text(encoding="utf-8"))
    if "error" in answer:
        raise _refused(target, answer)
    return answer


def _file(target: str, folder: Path) -> Path:
    match = _TARGET.fullmatch(target)
    if match is None:
        raise InputError(
            f"target: expected 'path.js:function', got {target[:80]!r}",
            hint="Name the file, a colon, and what it exports: ./orders.js:total",
        )
    file = folder / match[1]
    if not file.is_file():
        raise InputError(
            f"target: expected a file, got {match[1]!r}, which is not in {folder}",
            hint="Set `cwd` to the project's folder, or give the whole path",
        )
    return file.resolve()


def _refused(target: str, answer: dict[str, Any]) -> InputError:
    own = [place for place in _OWN_LINE.findall(answer["stack"]) if str(_RUNNER) not in place]
    where = f" at {own[0].removeprefix('file://')}" if own else ""
    hint = {
        "MissingExport": "Check the function's name; a method is path.js:object.method",
        "ERR_MODULE_NOT_FOUND": "Install its packages first (npm install in its folder)",
        "ERR_UNKNOWN_FILE_EXTENSION": "Give the JavaScript that is built from it",
    }.get(answer["error"], "The function itself failed: give arguments with which it works")
    return InputError(f"{target}: {answer['error']}: {answer['message'][:200]}{where}", hint=hint)


def _timing(answer: dict[str, Any]) -> Timing:
    means = [1000 * mean for mean in answer["means_s"]]
    mean, half = fmean(means), None
    if len(means) > 1:
        half = t_quantile(_TWO_SIDED, len(means) - 1) * stdev(means) / len(means) ** 0.5
    return Timing(
        mean_ms=mean,
        low_ms=None if half is None else max(mean - half, 0.0),
        high_ms=None if half is None else mean + half,
        first_ms=1000 * answer["first_s"],
        repeats=len(means),
        calls=answer["calls"],
        cpu_share=answer["cpu_share"],
    )


def _cut(content: dict[str, Any]) -> dict[str, Any]:
    """Take the runner's frames and what stands above them out of a profile: what they called
    stands at the root, and their own samples are nobody's.
    """
    nodes = {node["id"]: node for node in content["nodes"]}
    root = content["nodes"][0]
    ours = {n["id"] for n in content["nodes"] if _is_ours(n["callFrame"])}
    above = {child: node["id"] for node in content["nodes"] for child in node.get("children", ())}
    outside = set(ours)
    for each in ours:
        while (each := above.get(each, root["id"])) != root["id"]:
            outside.add(each)
    kept = [
        child
        for each in (root["id"], *sorted(outside))
        for child in nodes[each].get("children", ())
        if child not in outside
    ]
    content["nodes"] = [n for n in content["nodes"] if n["id"] not in outside]
    root["children"] = kept
    content["samples"] = [root["id"] if s in outside else s for s in content["samples"]]
    return content


def _is_ours(called: dict[str, Any]) -> bool:
    """Tell whether a frame is of the runner, or of the inspector that it asks."""
    url = called.get("url", "")
    return (
        _RUNNER.name in url
        or url == "node:inspector"
        or (not url and called["functionName"] == "dispatch")
    )


def _cost(samples: int, looks: int, seconds: float) -> Recording:
    return Recording(
        profiles=(),
        samples=samples,
        lost=0,
        seconds=seconds,
        rate=round(looks / max(seconds, 1e-3)),
        blocking=False,
        threads=None,
        behind=False,
        target_cpu_before=None,
        target_cpu_while=None,
        profiler_cpu=None,
        cpu_pressure=proc.cpu_pressure(),
    )
