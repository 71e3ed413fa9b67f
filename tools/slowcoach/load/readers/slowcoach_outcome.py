"""What Slowcoach keeps of a test that it ran: everything, histograms included."""

from __future__ import annotations

from slowcoach.core.errors import UnreadableError
from slowcoach.load.outcome import Outcome
from slowcoach.load.outcome_file import decoded
from slowcoach.load.reader_kind import Reader, Source
from slowcoach.load.streams import LARGEST_DOCUMENT, Stream

_MARK = b'{"slowcoach_outcome":'


def _matches(source: Source) -> bool:
    return source.head.lstrip().startswith(_MARK)


def _read(source: Source) -> Outcome:
    data = bytearray()
    for part in Stream(source).parts():
        data += part
        if len(data) > LARGEST_DOCUMENT:
            raise UnreadableError(
                f"{source.path}: expected at most {LARGEST_DOCUMENT >> 20} MB of a kept test",
                hint="Give the results of the tool that ran it",
            )
    try:
        return decoded(bytes(data))
    except UnreadableError as error:
        raise UnreadableError(f"{source.path}: {error.message}", hint=error.hint) from None
    except (RecursionError, OverflowError):
        raise UnreadableError(
            f"{source.path}: expected a kept test, got something else", hint="Run the test again"
        ) from None


READER = Reader(
    name="slowcoach_outcome",
    title="Slowcoach (a kept test)",
    matches=_matches,
    read=_read,
    example="slowcoach call run_load_test '{...}' (outcome.json of the run)",
)
