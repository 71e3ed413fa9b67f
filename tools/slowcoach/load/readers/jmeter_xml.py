"""JMeter's results as XML (.jtl): samples within samples, streamed; entities are refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn
from xml.parsers import expat

from slowcoach.core.errors import UnreadableError
from slowcoach.load.outcome import Outcome
from slowcoach.load.reader_kind import Reader, Source
from slowcoach.load.reading_jmeter import NOT_A_NUMBER, Gathered
from slowcoach.load.streams import Stream

_SAMPLES = frozenset({"sample", "httpSample"})
_DEEPEST = 200  # elements within elements
_PIECE = 1 << 16
_LONGEST_TAG = 4 << 20
_LONGEST_WHY = 500
_OFTEN = 1 << 14


@dataclass(slots=True)
class _Open:
    """A sample whose end has not come yet."""

    attributes: dict[str, str]
    why: str = ""
    has_parts: bool = False


def matches(source: Source) -> bool:
    """Know the root element."""
    head = source.head[:2048].lstrip()
    return head.startswith(b"<") and b"<testResults" in head


def read(source: Source) -> Outcome:
    """Return what the samples tell; a cut end is a warning.

    Raises UnreadableError for another document, or one that declares entities.
    """
    stream = Stream(source)
    document = _Document(source)
    try:
        document.feed(stream)
    except expat.ExpatError as error:
        if not document.count:
            raise UnreadableError(
                f"{source.path}, line {error.lineno}: expected JMeter's XML, got "
                f"{expat.ErrorString(error.code)}",
                hint="Give the file that jmeter -l wrote",
            ) from None
        stream.warnings.append(
            f"the XML ends or breaks in line {error.lineno} ({expat.ErrorString(error.code)}): "
            "what came before is read"
        )
    if document.gathered.first_unread is not None:
        document.gathered.first_unread = document.first_line
    return document.gathered.outcome(source, stream.warnings)


class _Document:
    """Takes the elements as they come."""

    def __init__(self, source: Source) -> None:
        self.gathered, self.count, self.first_line = Gathered(), 0, 0
        self._source = source
        self._open: list[_Open] = []
        self._depth = 0
        self._text: list[str] | None = None
        parser = self._parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        parser.EntityDeclHandler = self._refuse_doctype
        parser.StartElementHandler = self._begin
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters

    def feed(self, stream: Stream) -> None:
        """Parse the whole stream; raises ExpatError, UnreadableError."""
        fed = 0
        for part in stream.parts():
            for at in range(0, len(part), _PIECE):
                piece = part[at : at + _PIECE]
                self._parser.Parse(piece, False)
                fed += len(piece)
                if fed - self._parser.CurrentByteIndex > _LONGEST_TAG:
                    self._refuse("a tag of more than four megabytes")
        self._parser.Parse(b"", True)

    def _refuse_doctype(self, *_: object) -> NoReturn:
        self._refuse("a document type or entities, which JMeter never writes")

    def _refuse(self, got: str) -> NoReturn:
        raise UnreadableError(
            f"{self._source.path}, line {self._parser.CurrentLineNumber}: expected JMeter's XML, "
            f"got {got}",
            hint="Give the file that jmeter -l wrote",
        )

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            self._refuse(f"more than {_DEEPEST} elements within one another")
        if self._depth == 1 and name != "testResults":
            self._refuse(f"<{name[:60]}>")
        if name in _SAMPLES:
            if self._open:
                self._open[-1].has_parts = True
            self._open.append(_Open(attributes))
        elif name == "failureMessage":
            self._text = []

    def _characters(self, text: str) -> None:
        if self._text is not None and len(self._text) < _LONGEST_WHY:
            self._text.append(text[:_LONGEST_WHY])

    def _end(self, name: str) -> None:
        self._depth -= 1
        if name == "failureMessage" and self._text is not None:
            if self._open and not self._open[-1].why:
                self._open[-1].why = "".join(self._text)[:_LONGEST_WHY].strip()
            self._text = None
        elif name in _SAMPLES:
            self._take(self._open.pop())

    def _take(self, sample: _Open) -> None:
        given, gathered = sample.attributes, self.gathered
        try:
            sent_s, elapsed = int(given["ts"][:20]) / 1000, float(given["t"])
        except (KeyError, ValueError):
            gathered.unread += 1
            if gathered.first_unread is None:
                gathered.first_unread = self.first_line = self._parser.CurrentLineNumber
            return
        label, success = given.get("lb", "all"), given.get("s", "true").lower() == "true"
        self.count += 1
        if sample.has_parts:
            gathered.add_group(sent_s, elapsed, label, success=success)
        else:
            message = given.get("rm") or (given.get("dt", "-") and "-")
            key = (label, given.get("rc", ""), message, str(success), sample.why)
            meaning = gathered.meaning(key)
            if meaning.is_transaction:
                gathered.grouped.add(sent_s, elapsed, meaning, NOT_A_NUMBER)
            else:
                gathered.columns.add(sent_s, elapsed, meaning, self._extras(given))
        if not self.count % _OFTEN:
            gathered.flush()

    def _extras(self, given: dict[str, str]) -> float:
        """Count the bytes; return the users, NaN where they are not told."""
        users, size = given.get("na", ""), given.get("by", "")
        if size.isdecimal():
            self.gathered.bytes += int(size[:15])
        return float(users[:9]) if users.isdecimal() else NOT_A_NUMBER


READER = Reader(
    name="jmeter_xml",
    title="JMeter results (XML)",
    matches=matches,
    read=read,
    example="jmeter -n -t plan.jmx -l results.jtl -Jjmeter.save.saveservice.output_format=xml",
)
