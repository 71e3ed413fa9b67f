"""Java Flight Recorder: recordings of the JDK (jcmd JFR.dump, -XX:StartFlightRecording) and of
async-profiler, of format 1 and 2 (JDK 9 and later, async-profiler).

Frames are methods (`java.util.HashMap:get`); the line of each that holds most weight is in
`lines`, its file guessed from the class as Java's compiler would have it.
"""

from slowcoach.core.errors import UnreadableError
from slowcoach.profiling.jfr.chunk import MAGIC, JfrError, chunks
from slowcoach.profiling.jfr.recording import profiles
from slowcoach.profiling.model import Profile, Reader

_HINT = "Save the recording again: `jcmd PID JFR.dump filename=FILE`, and copy the whole file"


def matches(data: bytes) -> bool:
    """Tell whether it begins with a chunk of a recording."""
    return data.startswith(MAGIC)


def read(data: bytes, name: str) -> list[Profile]:
    """Return a profile for each kind of event with stacks that the recording holds: execution
    samples, processor time, allocations, monitors, parking, sockets, files, exceptions.

    A last chunk that is cut is left out with a warning. Raises UnreadableError saying where.
    """
    try:
        found, wrong = chunks(data)
        said = () if wrong is None else (f"the last part of the recording is left out: {wrong}",)
        made = profiles(data, found, said)
    except (JfrError, RecursionError) as error:
        raise UnreadableError(
            f"{name}: expected a recording of Java Flight Recorder: {error}", hint=_HINT
        ) from None
    if not made:
        raise UnreadableError(
            f"{name}: expected events with stacks, got a recording without any",
            hint="Record with settings=profile, while the program is under load",
        )
    return made


READER = Reader("jfr", matches, read)
