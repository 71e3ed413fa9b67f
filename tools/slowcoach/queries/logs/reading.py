"""From a file to the workload that it tells of, whatever wrote it."""

from collections.abc import Callable
from functools import cache

from slowcoach.core.errors import UnreadableError
from slowcoach.core.registry import discover
from slowcoach.queries.logs import sources
from slowcoach.queries.logs.event import Source
from slowcoach.queries.logs.stream import Stream
from slowcoach.queries.logs.workload import Workload

_SHOWN = 60


@cache
def known() -> tuple[Source, ...]:
    """Return every kind of log, those that cannot be taken for another first."""
    found = discover(sources, "SOURCE", Source)
    return tuple(sorted(found, key=lambda source: not source.certain))


def source_of(head: str, path: str) -> Source:
    """Return the kind of log that begins like this; raises UnreadableError."""
    for source in known():
        if source.matches(head):
            return source
    first = " ".join(head.split())[:_SHOWN]
    raise UnreadableError(
        f"{path}: expected a log of statements or traces, got {first!r}",
        hint=f"Read today: {', '.join(source.title for source in known())}. "
        "A statement or a plan goes to explain_query",
    )


def read_log(
    path: str, on_bytes: Callable[[int, int], None] | None = None
) -> tuple[Workload, list[str]]:
    """Return what a log tells, and doubts about it. The file is streamed.

    `on_bytes` is called now and then with the bytes read and the file's size; what it raises
    ends the reading. Raises UnreadableError for what is no log, or has no statement in it.
    """
    stream = Stream(path, on_bytes)
    source = source_of(stream.head, path)
    workload = Workload(source)
    workload.take_all(source.read(stream))
    if not any(p.calls or p.errors or p.lock_waits for p in workload.patterns.by_key.values()):
        spans = workload.traces.spans if workload.traces is not None else 0
        if not spans:
            raise UnreadableError(
                f"{path}: {source.title}, but no statement is in it", hint=f"Turn on {source.more}"
            )
    return workload, stream.warnings
