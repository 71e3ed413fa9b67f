"""async-profiler, where it is installed: it sees native code and the JVM's own threads too, and
looks at threads anywhere, not only where the JVM knows its stack.

Its library is loaded into the JVM through the attach socket, without its launcher. It is found
beside `asprof` on the PATH, or by the variable ASYNC_PROFILER (the library or its folder).
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from slowcoach.core import caretaker, scratch
from slowcoach.core.errors import SlowcoachError, ToolFailedError
from slowcoach.profiling.recorders import proc
from slowcoach.profiling.recorders.go_java_recording import lives
from slowcoach.profiling.recorders.java_attach import loaded

VARIABLE: Final = "ASYNC_PROFILER"
_LIBRARY: Final = "libasyncProfiler.so"
_PLACES: Final = ("", "lib", "../lib", "build/lib")
_STOP: Final = (
    "import sys; from pathlib import Path; "
    "from slowcoach.profiling.recorders.java_attach import loaded; "
    "loaded(int(sys.argv[1]), Path(sys.argv[2]), 'stop')"
)


def library() -> Path | None:
    """Return async-profiler's library, None where there is none."""
    named, launcher = os.environ.get(VARIABLE), shutil.which("asprof")
    if named and Path(named).is_file():
        return Path(named).resolve()
    homes = [Path(named)] if named else []
    homes += [Path(launcher).resolve().parent] if launcher else []
    files = (home / place / _LIBRARY for home in homes for place in _PLACES)
    return next((file.resolve() for file in files if file.is_file()), None)


def usable(pid: int) -> Path | None:
    """Return the library if this process can load it: a container has files of its own."""
    found = library()
    try:
        same = Path(f"/proc/{pid}/root").stat() == Path("/").stat()
    except OSError:
        return None
    return found if same else None


class Flight:
    """A recording under way, to be landed as a file of Java Flight Recorder's format."""

    def __init__(self, pid: int, agent: Path, file: Path) -> None:
        self.landed = False
        self._pid, self._agent, self._file = pid, agent, file

    def land(self) -> bytes:
        """Stop it and return what was recorded. Raises ToolFailedError when nothing is left."""
        if lives(self._pid):
            loaded(self._pid, self._agent, f"stop,jfr,file={self._file}")
            self.landed = True
        try:
            return self._file.read_bytes()
        except OSError:
            raise ToolFailedError(
                f"{proc.name(self._pid)}: async-profiler left no recording",
                hint=f"Unset {VARIABLE} to record with the JDK's own recorder",
            ) from None


@contextmanager
def flight(pid: int, agent: Path, every_ms: int) -> Iterator[Flight]:
    """Sample what runs on the processor, by a timer that needs no right of the kernel's."""
    with scratch.folder() as folder:
        owner = Path(f"/proc/{pid}").stat()
        if os.geteuid() != owner.st_uid:
            os.chown(folder, owner.st_uid, owner.st_gid)
        file = Path(folder) / "recording.jfr"
        options = f"start,event=itimer,interval={every_ms}ms,jfr,file={file}"
        under_way = Flight(pid, agent, file)
        order = caretaker.command_at_end(caretaker.python(_STOP, pid, agent))
        try:
            loaded(pid, agent, options)
            yield under_way
        finally:
            with suppress(SlowcoachError):
                if not under_way.landed and lives(pid):
                    loaded(pid, agent, "stop")
                caretaker.settled(order)  # not before: this process may be killed meanwhile
