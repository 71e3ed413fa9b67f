"""From the files of a log to its tally: each read in its own layout, all in the order of time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from slowcoach.core.errors import InputError, UnreadableError
from slowcoach.core.registry import discover
from slowcoach.load.access_logs import formats
from slowcoach.load.access_logs.files import HINT, WHAT, LogFile, files_of
from slowcoach.load.access_logs.layout import Columns, Layout, LogFormat
from slowcoach.load.access_logs.rows import Assembly, Rows
from slowcoach.load.access_logs.tally import Tally
from slowcoach.load.access_logs.times import Clock

_SHOWN = 80
_OTHER_HOSTS = "to other hosts"


@cache
def known() -> tuple[LogFormat, ...]:
    """Return every format, those that cannot be taken for another first."""
    found = discover(formats, "FORMAT", LogFormat)
    return tuple(sorted(found, key=lambda one: one.order))


def layout_of(head: str, form: str | None = None) -> Layout | None:
    """Return how the lines of a log that begins like this are read; None when it is no such log.

    `form` is its server's format string; raises InputError when that is none, or does not fit.
    """
    if form is None:
        return next((found for one in known() if (found := one.known(head)) is not None), None)
    made = next((found for one in known() if (found := one.made(form)) is not None), None)
    if made is None:
        raise InputError(
            f"format {form[:_SHOWN]!r}: expected nginx's $variables or Apache's %directives",
            hint="Copy it from log_format or LogFormat, or leave it out",
        )
    if not made.columns(head):
        first = head.split("\n", 1)[0]
        raise InputError(
            f"format {form[:_SHOWN]!r} does not fit the first line {first[:_SHOWN]!r}",
            hint="Copy the log_format or LogFormat that this log was written with",
        )
    return made


class _Stream:
    """One file on its way: `reached` is the time up to which it was read."""

    def __init__(self, file: LogFile, layout: Layout, first: float, width: float) -> None:
        self.file, self.layout, self.width = file, layout, width
        self.reached = self.first = first
        self._blocks: Iterator[str] | None = None
        self.assembly: Assembly | None = None

    def next_block(self) -> str | None:
        """Return the next block of lines, None at the end."""
        if self._blocks is None:
            self._blocks = self.file.blocks()
        return next(self._blocks, None)


class AccessLog:
    """The files of a log. After `read`, `tally` holds what was counted and `notes` the doubts."""

    def __init__(
        self,
        path: Path,
        *,
        form: str | None = None,
        host: str | None = None,
        on_block: Callable[[], None] | None = None,
    ) -> None:
        """Look at each file's beginning; raises UnreadableError for what is no access log.

        With `host` only its requests are taken where the log tells hosts, else those to the host
        that has the most.
        """
        self._form, self._on_block = form, on_block
        self._wanted = host
        self.host: str | None = None
        self.notes: list[str] = []
        paths = files_of(path)
        streams = [stream for file in paths if (stream := self._opened(file, len(paths) == 1))]
        if not streams:
            raise UnreadableError(
                f"{path}: expected {WHAT}, got {len(paths)} other files", hint=HINT
            )
        if len(streams) < len(paths):
            self.notes.append(
                f"{len(paths) - len(streams)} of {len(paths)} files are no access logs"
            )
        self._streams = sorted(streams, key=lambda stream: stream.first)
        self.layouts = tuple(dict.fromkeys(stream.layout.name for stream in self._streams))
        self.has_service = False
        self.tally = Tally(max(stream.width for stream in self._streams))

    def _opened(self, path: Path, is_only: bool) -> _Stream | None:
        file = LogFile(path, self._on_block)
        head = file.head()
        layout = layout_of(head, self._form)
        columns = layout.columns(head) if layout else {}
        times = Clock().times(columns) if columns else np.zeros(0)
        told = times[np.isfinite(times)]
        if layout is None or not len(told):
            if is_only:
                raise _no_log(path, head)
            return None
        width = 0.0 if (told % 1 != 0).any() else 1.0
        return _Stream(file, layout, float(told.min()), width)

    def read(self) -> None:
        """Read all files, always on with the one that is behind the others in time."""
        waiting, active = list(self._streams), list[_Stream]()
        while waiting or active:
            behind = min((stream.reached for stream in active), default=np.inf)
            if waiting and (not active or waiting[0].first <= behind):
                active.append(waiting.pop(0))
                continue
            stream = min(active, key=lambda one: one.reached)
            block = stream.next_block()
            if block is None:
                active.remove(stream)
                self._tell(stream)
                continue
            self._take(stream, block, [*active, *waiting[:1]])
        self.tally.close()

    def _take(self, stream: _Stream, block: str, unfinished: Sequence[_Stream]) -> None:
        tally = self.tally
        tally.lines += block.count("\n")
        columns = stream.layout.columns(block)
        count = len(next(iter(columns.values()))) if columns else 0
        tally.unread += block.count("\n") - count
        if not count:
            return
        if stream.assembly is None:
            stream.assembly = Assembly(stream.layout, tally.places, tally.clients)
        rows = self._of_host(columns, stream.assembly.rows(columns))
        tally.unread += count - len(rows) - self._elsewhere
        if not len(rows):
            return
        self.has_service = self.has_service or bool(np.isfinite(rows.service).any())
        stream.reached = float(rows.start.max())
        tally.add(rows, min(one.reached for one in unfinished))

    def _of_host(self, columns: Columns, rows: Rows) -> Rows:
        """Leave out requests to other hosts than the wanted one."""
        self._elsewhere = 0
        hosts = columns.get("host")
        if hosts is None or len(hosts) != len(rows):
            return rows
        if self.host is None:
            counts = Counter(_bare(host) for host in hosts)
            busiest = counts.most_common(1)[0][0]
            self.host = self._wanted if self._wanted in counts else busiest
        if len(set(hosts)) == 1 and _bare(hosts[0]) == self.host:
            return rows
        kept = np.fromiter((_bare(host) == self.host for host in hosts), np.bool_, len(hosts))
        self._elsewhere = int(len(rows) - kept.sum())
        self.tally.left_out[_OTHER_HOSTS] += self._elsewhere
        return rows.only(kept)

    def _tell(self, stream: _Stream) -> None:
        name = stream.file.path.name
        if stream.file.is_damaged:
            self.notes.append(f"{name} is cut or damaged: what came before is judged")
        if stream.file.long_lines:
            self.notes.append(f"{name}: {stream.file.long_lines} lines without an end left out")
        if stream.layout.note and stream.layout.note not in self.notes:
            self.notes.append(stream.layout.note)


def _bare(host: str) -> str:
    name, _, port = host.rpartition(":")
    return (name if port.isdigit() and name else host).lower()


def _no_log(path: Path, head: str) -> UnreadableError:
    text = head[:500].encode("latin-1").decode("utf-8", "replace")
    first = " ".join(text.split())[:_SHOWN]
    got = repr(first) if first else "an empty one"
    if "\ufffd" in first or any(sign < " " for sign in first):
        got = "binary data"
    names = ", ".join(one.name for one in known())
    return UnreadableError(f"{path}: expected {WHAT}, got {got}", hint=f"{HINT}. Known: {names}")
