"""Frames of Go programs: which are the program's own, and of which package. Pure."""

from __future__ import annotations

import re

from slowcoach.diagnosis.eyes import StackFrame
from slowcoach.profiling.frames import kind
from slowcoach.profiling.model import Frame

# the first element of the import paths of Go's own packages; a program built with -trimpath
# tells no folder by which they would be known
_STANDARD = frozenset(
    [
        *("archive", "bufio", "bytes", "cmp", "compress", "container", "context", "crypto"),
        *("database", "debug", "embed", "encoding", "errors", "expvar", "flag", "fmt", "go"),
        *("hash", "html", "image", "index", "internal", "io", "iter", "log", "maps", "math"),
        *("mime", "net", "os", "path", "plugin", "reflect", "regexp", "runtime", "slices"),
        *("sort", "strconv", "strings", "structs", "sync", "syscall", "testing", "text", "time"),
        *("type:", "unicode", "unique", "vendor", "weak"),
    ]
)
_MODULE = re.compile(r"@v\d|/vendor/|/usr/share/gocode/|/go/src/(?:github|gopkg|golang)\.")
# libraries that a program may have beside its own code, without a version in their path
_KNOWN = re.compile(
    r"^(?:golang\.org/x|google\.golang\.org|gopkg\.in|go\.uber\.org|go\.opentelemetry\.io|gorm\.io"
    r"|xorm\.io|modernc\.org|k8s\.io|cloud\.google\.com|github\.com/(?:lib/pq|jackc|go-sql-driver"
    r"|mattn|jmoiron|denisenkom|gorilla|go-chi|gin-gonic|labstack|gofiber|valyala|julienschmidt"
    r"|redis|go-redis|gomodule|bradfitz|allegro|patrickmn|hashicorp|sirupsen|rs/zerolog|prometheus"
    r"|grpc-ecosystem|segmentio|rabbitmq|streadway|nats-io|aws|Azure|googleapis|google"
    r"|json-iterator|mailru|goccy|klauspost|golang|pkg/errors|spf13|uber-go|panjf2000))\b"
)
_PRIMITIVE = re.compile(r"(?:runtime|sync|internal|syscall|time|context|golang\.org/x/sync)[./]")


def is_primitive(name: str) -> bool:
    """Tell whether a function is a means to wait of the language's, or of its runtime."""
    return bool(_PRIMITIVE.match(name))


def frame_of(frame: Frame) -> StackFrame:
    """Return a frame as eyes keep it."""
    file = frame.file or ""
    first = re.split(r"[./\[]", frame.name, maxsplit=1)[0]
    library = (
        first in _STANDARD
        or not file
        or "." not in frame.name  # the runtime's assembly: aeshashbody, memeqbody
        or bool(_MODULE.search(file) or _KNOWN.match(frame.name))
        or kind(frame).library
    )
    return StackFrame(frame.name, file, frame.line or 0, not library)


def is_of_a_module(frame: StackFrame) -> bool:
    """Tell whether a frame is a library's that does not come with Go."""
    return not frame.own and "." in frame.name.partition("/")[0] and "/" in frame.name


def package_of(name: str) -> str:
    """Return the import path of a function: `net/http.(*conn).serve` -> `net/http`."""
    folder, slash, rest = name.split("[", 1)[0].rpartition("/")
    return f"{folder}{slash}{rest.split('.', 1)[0]}"
