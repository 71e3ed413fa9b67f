"""Where measurements come from: benchmark files, and runs that left latencies. The edge."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from slowcoach.benchmarks import readers
from slowcoach.benchmarks.compare import merged
from slowcoach.benchmarks.model import Metric
from slowcoach.benchmarks.readers import latency
from slowcoach.core.errors import InputError, UnknownRunError, UnreadableError
from slowcoach.core.runs import Runs

LATENCY = "latency.json"
_RUN_ID = re.compile(r"[a-z][a-z0-9-]{0,60}-[a-z0-9]{8}")
_NAMED = 3
_LARGEST = 200_000_000  # bytes: beyond this it is no benchmark result


@dataclass(frozen=True, slots=True)
class Side:
    """What one side of a comparison holds; `latency` is the document of a single such source."""

    metrics: tuple[Metric, ...]
    latency: bytes | None = None


def side(sources: list[str], runs: Callable[[], Runs]) -> Side:
    """Return the metrics of one side, from files and run ids; raises InputError."""
    if not sources:
        raise InputError("nothing to compare", hint="Give a run id or the path of a benchmark file")
    found = [_content(source, runs) for source in sources]
    metrics = merged([readers.read(data, name) for data, name in found])
    first = found[0][0]
    drawn = len(found) == 1 and latency.READER.matches(first)
    return Side(tuple(metrics), first if drawn else None)


def demand_common(before: Side, after: Side) -> None:
    """Raise InputError, naming some of each, unless both sides share a metric."""
    old, new = ([metric.name for metric in side.metrics] for side in (before, after))
    if not set(old) & set(new):
        raise InputError(
            f"no metric in common: before has {', '.join(old[:_NAMED])}, "
            f"after has {', '.join(new[:_NAMED])}",
            hint="Compare two results of the same benchmarks",
        )


def _content(source: str, runs: Callable[[], Runs]) -> tuple[bytes, str]:
    """Return the data of a file or a run, and what to call it."""
    path = Path(source).expanduser()
    if _is_there(path):
        return _of_file(path), path.name
    if _RUN_ID.fullmatch(source) and runs().known(source):
        return _of_run(source, runs())
    raise UnreadableError(
        f"{source[:120]!r}: expected a benchmark file or a run's id, found neither",
        hint="Check the path, or call list_runs for the ids of runs",
    )


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _of_file(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise UnreadableError(f"{path}: expected a file, got a folder", hint="Name one file")
        size = path.stat().st_size if path.is_file() else None
        if size is None:
            raise UnreadableError(f"{path}: expected a file, got a device", hint="Name one file")
        if size > _LARGEST:
            raise UnreadableError(
                f"{path}: expected at most {_LARGEST // 1_000_000} MB of results, got {size:,} B",
                hint="Export fewer benchmarks, or without the raw rounds",
            )
        return path.read_bytes()
    except OSError as error:
        raise UnreadableError(
            f"{path}: {error.strerror}", hint="Check the path and its permissions"
        ) from None


def _of_run(run_id: str, runs: Runs) -> tuple[bytes, str]:
    stored = runs.get(run_id)
    if stored.status != "done":
        raise InputError(
            f"run {run_id} is {stored.status}", hint="Wait with get_run, or start it again"
        )
    try:
        data, _ = runs.store.artefact(run_id, LATENCY)
    except UnknownRunError:
        raise InputError(
            f"run {run_id} of {stored.tool} left no {LATENCY} to compare",
            hint="Compare two runs of investigate, or two files of benchmark results",
        ) from None
    return data, f"{run_id}/{LATENCY}"
