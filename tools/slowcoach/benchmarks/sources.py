"""Where measurements come from: benchmark files, and runs that left latencies. The edge."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from slowcoach.benchmarks import readers
from slowcoach.benchmarks.compare import merged
from slowcoach.benchmarks.model import Metric
from slowcoach.benchmarks.readers import latency
from slowcoach.core.errors import InputError, UnknownRunError, UnreadableError
from slowcoach.core.files import read_bytes
from slowcoach.core.runs import Runs

if TYPE_CHECKING:
    from slowcoach.profiling.model import Profile

LATENCY = "latency.json"
PROFILE = "profile.speedscope.json"
OUTCOME = "outcome-"  # what load tests keep, one for each scenario
_RUN_ID = re.compile(r"[a-z][a-z0-9-]{0,60}-[a-z0-9]{8}")
_NAMED = 3
_LARGEST = 1_000_000_000  # bytes: beyond this it is neither benchmark result nor profile


@dataclass(frozen=True, slots=True)
class Side:
    """What one side of a comparison holds; `latency` is the document of a single such source.

    `profiles` has the lists that the profiles' readers gave: of sources that are profiles and
    nothing else, and (beside metrics) of runs that kept one with their latencies.
    """

    metrics: tuple[Metric, ...]
    latency: bytes | None = None
    profiles: tuple[tuple["Profile", ...], ...] = ()


def side(sources: list[str], runs: Callable[[], Runs]) -> Side:
    """Return the metrics of one side, from files and run ids; raises InputError."""
    if not sources:
        raise InputError("nothing to compare", hint="Give a run id or the path of a benchmark file")
    tests = [_load_test(source, runs) for source in sources]
    if all(tests):
        return Side(tuple(merged(tests)))
    found = [_content(source, runs) for source in sources]
    profiles = [_profiles(data, name) for data, name in found]
    if all(profiles):
        return Side((), profiles=tuple(profiles))
    metrics = merged([readers.read(data, name) for data, name in found])
    first = found[0][0]
    drawn = len(found) == 1 and latency.READER.matches(first)
    return Side(tuple(metrics), first if drawn else None, _kept_profiles(sources, runs))


def _load_test(source: str, runs: Callable[[], Runs]) -> list[Metric]:
    """Return the metrics of a load test: results of any tool, or a run that kept its outcome; none
    when it is something else.
    """
    from slowcoach.benchmarks import load_results

    path = Path(source).expanduser()
    if _is_there(path):
        return load_results.metrics_of(path) if load_results.is_load_result(path) else []
    return _kept_load_test(source, runs) if _RUN_ID.fullmatch(source) else []


def _kept_load_test(run_id: str, runs: Callable[[], Runs]) -> list[Metric]:
    """Return the metrics of each scenario that a run kept; none when it was no load test."""
    from slowcoach.benchmarks import load_results
    from slowcoach.load.outcome_file import decoded

    store = runs().store
    names = [each.name for each in store.artefacts(run_id) if each.name.startswith(OUTCOME)]
    found: list[Metric] = []
    for name in names:
        metrics = load_results.metrics(decoded(store.artefact(run_id, name)[0]))
        scenario = name.removeprefix(OUTCOME).removesuffix(".json")
        if len(names) > 1:
            metrics = [replace(each, name=f"{scenario}: {each.name}") for each in metrics]
        found += metrics
    return found


def _kept_profiles(
    sources: list[str], runs: Callable[[], Runs]
) -> tuple[tuple["Profile", ...], ...]:
    """Return the profiles that these runs kept; none unless every source is a run with one."""
    found: list[tuple[Profile, ...]] = []
    for source in sources:
        if _is_there(Path(source).expanduser()) or not _RUN_ID.fullmatch(source):
            return ()
        try:
            data, _ = runs().store.artefact(source, PROFILE)
        except UnknownRunError:
            return ()
        found.append(_profiles(data, f"{source}/{PROFILE}"))
    return tuple(found) if all(found) else ()


def _profiles(data: bytes, name: str) -> tuple["Profile", ...]:
    """Return the profiles of a file; none when it is no profile."""
    from slowcoach.profiling import readers as profile_readers

    if profile_readers.is_profile(data):
        return tuple(profile_readers.read(data, name))
    return ()


def demand_common(before: Side, after: Side) -> None:
    """Raise InputError, naming some of each, unless both sides share a metric."""
    only = [bool(side.profiles) and not side.metrics for side in (before, after)]
    if only[0] != only[1]:
        kinds = ["a profile" if alone else "no profile" for alone in only]
        raise InputError(
            f"expected two results of one kind, got {kinds[0]} before and {kinds[1]} after",
            hint="Compare two profiles, or two runs of investigate, or two benchmark files",
        )
    if only[0]:
        return
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
    return read_bytes(
        path,
        what="a file of results",
        limit=_LARGEST,
        smaller="Export fewer benchmarks, or without the raw rounds",
    )


def _of_run(run_id: str, runs: Runs) -> tuple[bytes, str]:
    stored = runs.get(run_id)
    if stored.status != "done":
        raise InputError(
            f"run {run_id} is {stored.status}", hint="Wait with get_run, or start it again"
        )
    for name in (LATENCY, PROFILE):
        try:
            return runs.store.artefact(run_id, name)[0], f"{run_id}/{name}"
        except UnknownRunError:
            continue
    raise InputError(
        f"run {run_id} of {stored.tool} left no {LATENCY} or {PROFILE} to compare",
        hint="Compare two runs of investigate, record_profile or analyze_profile, or two files",
    )
