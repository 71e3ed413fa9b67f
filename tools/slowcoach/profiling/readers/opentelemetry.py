"""OpenTelemetry profiles (OTLP, profiles/v1development): what the Collector's file exporter, the
eBPF profiler and async-profiler (`-o otlp`) write, as protocol buffers, in gzip or not, or JSON.

The signal is still in development: the layouts of opentelemetry-proto 1.9 to 1.11 are read, and
of 1.7 in protocol buffers. 1.8 was between the two and is not.
"""

from itertools import islice

from slowcoach.core.errors import UnreadableError
from slowcoach.profiling import gzipped, protobuf
from slowcoach.profiling.model import Profile, Reader
from slowcoach.profiling.otlp import binary, json_text
from slowcoach.profiling.otlp.binary import DICTIONARY, RESOURCE_PROFILES
from slowcoach.profiling.otlp.export import profiles
from slowcoach.profiling.protobuf import BYTES, WireError
from slowcoach.profiling.text import opening, utf8

_KEYS = (b'"resourceProfiles"', b'"dictionary"')
_RESOURCE_FIELDS = frozenset({1, 2, 3, 1000})
_TABLES = frozenset(range(1, 8))
_LOOKED_AT = 50
_FIELDS = 100_000  # of the message, looked at to recognize it


def matches(data: bytes) -> bool:
    """Tell whether it is a ProfilesData message: profiles by resource, and a dictionary."""
    start = opening(data)
    if start.lstrip().startswith(b"{"):
        return all(key in data for key in _KEYS)
    first = data if not data.startswith(gzipped.MAGIC) else gzipped.head(data)
    seen: set[int] = set()
    try:
        for number, wire, a, b in islice(protobuf.fields(first, 0, len(first)), _FIELDS):
            if wire != BYTES or not _fits(first, number, a, b):
                return False
            seen.add(number)
    except WireError:
        return RESOURCE_PROFILES in seen or DICTIONARY in seen
    return {RESOURCE_PROFILES, DICTIONARY} <= seen


def _fits(data: bytes, number: int, start: int, end: int) -> bool:
    """Tell whether a field of the message begins as profiles of a resource or a dictionary."""
    expected = {RESOURCE_PROFILES: _RESOURCE_FIELDS, DICTIONARY: _TABLES}.get(number)
    if expected is None:
        return False
    inner = islice(protobuf.fields(data, start, end), _LOOKED_AT)
    return all(wire == BYTES and field in expected for field, wire, _, _ in inner)


def read(data: bytes, name: str) -> list[Profile]:
    """Return a profile for each value type of each process or service, times first.

    Raises UnreadableError saying what is wrong.
    """
    try:
        if opening(data).lstrip().startswith(b"{"):
            export = json_text.export_of(utf8(data, name))
        else:
            export = binary.export_of(gzipped.plain(data, name))
        made = profiles(export, name)
    except WireError as error:
        raise UnreadableError(
            f"{name}: expected OpenTelemetry profiles: {error}",
            hint="The file is cut, or of another version: opentelemetry-proto 1.9 to 1.11 is read",
        ) from None
    if not made:
        raise UnreadableError(
            f"{name}: expected at least one profile, got an export without any",
            hint="Export again while the program is profiled",
        )
    return made


READER = Reader("opentelemetry", matches, read)
