"""pprof: what Go's runtime/pprof and net/http/pprof, gperftools, Parca, Pyroscope, pprof-rs,
Datadog and Google's profilers write; protocol buffers, plain or in gzip.

The format: github.com/google/pprof, proto/profile.proto.
"""

from slowcoach.core.errors import UnreadableError
from slowcoach.profiling import gzipped, protobuf
from slowcoach.profiling.model import Profile, Reader
from slowcoach.profiling.pprof.message import VALUE_TYPE, Pprof
from slowcoach.profiling.pprof.values import profiles
from slowcoach.profiling.protobuf import BYTES, VARINT, WireError

_LAST_FIELD = 15
_VARINTS = frozenset({7, 8, 9, 10, 12, 13, 14, 15})
_VALUE_TYPE_FIELDS = frozenset({1, 2})


def matches(data: bytes) -> bool:
    """Tell whether its first fields are a profile's: known numbers of the right kinds, and a
    sample type of two varints among them.
    """
    start = gzipped.head(data)
    typed = False
    try:
        for number, wire, a, b in protobuf.fields(start, 0, len(start)):
            if number > _LAST_FIELD or not _fits(number, wire):
                return False
            if number == VALUE_TYPE:
                inner = list(protobuf.fields(start, a, b))
                if any(n not in _VALUE_TYPE_FIELDS or w != VARINT for n, w, _, _ in inner):
                    return False
                typed = typed or bool(inner)
    except WireError:
        return typed  # cut by our look, or in truth
    return typed


def _fits(number: int, wire: int) -> bool:
    return wire == BYTES if number not in _VARINTS else wire in {VARINT, BYTES}


def read(data: bytes, name: str) -> list[Profile]:
    """Return a profile for each value type, the default one first.

    Counts that only say how often the others were looked at become the others' `samples`.
    Raises UnreadableError for cut or damaged files and for differences (negative weights).
    """
    try:
        return profiles(Pprof(gzipped.plain(data, name)), name)
    except WireError as error:
        raise UnreadableError(
            f"{name}: expected a pprof profile: {error}",
            hint="The file is cut or damaged: save it again, or check it with `go tool pprof -raw`",
        ) from None


READER = Reader("pprof", matches, read)
