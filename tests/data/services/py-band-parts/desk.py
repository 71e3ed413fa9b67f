"""The copyist's desk: takes a score from the archive and writes out one player's part."""
import io
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import httpx

NAMES = ["C", "^C", "D", "^D", "E", "F", "^F", "G", "^G", "A", "^A", "B"]
STEPS = {name: i for i, name in enumerate(NAMES)}
INSTRUMENTS = {"flute": (0, 60, 96), "clarinet": (2, 52, 91), "altosax": (9, 49, 80), "horn": (7, 41, 77)}
NOTE = re.compile(r"(\^?[A-G])(\d)(?:/(\d+))?|\|")


class UnknownScore(LookupError):
    pass


@dataclass
class Note:
    bar: int
    pitch: int
    length: float
    tied: bool = False


@dataclass
class Worksheet:
    """What lies on the desk while one part is written."""
    score: str
    source: str = ""
    notes: list[Note] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    paper: io.StringIO = field(default_factory=io.StringIO)

    def read(self) -> None:
        bar = 1
        for match in NOTE.finditer(self.source):
            if match[0] == "|":
                bar += 1
                continue
            pitch = 12 * int(match[2]) + STEPS[match[1]]
            length = 1 / int(match[3] or 4)
            self.notes.append(Note(bar, pitch, length))

    def fit(self, shift: int, low: int, high: int) -> None:
        for note in self.notes:
            note.pitch += shift
            while note.pitch < low:
                note.pitch += 12
            while note.pitch > high:
                note.pitch -= 12

    def tie(self) -> None:
        for before, after in zip(self.notes, self.notes[1:]):
            before.tied = before.pitch == after.pitch and before.bar != after.bar

    def write(self) -> str:
        bar = 1
        for note in self.notes:
            if note.bar != bar:
                self.paper.write(" |\n" if note.bar % 4 == 1 else " |")
                bar = note.bar
            octave, step = divmod(note.pitch, 12)
            self.paper.write(f" {NAMES[step]}{octave}/{round(1 / note.length)}{'-' if note.tied else ''}")
        return self.paper.getvalue()

    def clear(self) -> None:
        self.notes.clear()
        self.paper.close()


class Desk:
    def __init__(self, archive: str):
        self._archive = archive
        self._resources = AsyncExitStack()
        self._http: httpx.AsyncClient | None = None
        self.written = 0

    async def open(self) -> None:
        limits = httpx.Limits(max_connections=32, max_keepalive_connections=32)
        self._http = await self._resources.enter_async_context(
            httpx.AsyncClient(base_url=self._archive, limits=limits, timeout=5, trust_env=False))

    async def close(self) -> None:
        await self._resources.aclose()

    @asynccontextmanager
    async def _worksheet(self, score: str) -> AsyncIterator[Worksheet]:
        sheet = Worksheet(score)
        answer = await self._http.get(f"/scores/{score}")
        if answer.status_code == 404:
            raise UnknownScore(score)
        answer.raise_for_status()
        sheet.source = answer.text
        try:
            yield sheet
        finally:
            sheet.clear()

    async def part(self, score: str, instrument: str, shift: int = 0) -> dict:
        transposes, low, high = INSTRUMENTS[instrument]
        sheet = await self._resources.enter_async_context(self._worksheet(score))
        sheet.read()
        sheet.fit(transposes + shift, low, high)
        sheet.tie()
        self.written += 1
        return {"score": score, "instrument": instrument, "bars": sheet.notes[-1].bar, "abc": sheet.write()}

    async def range_of(self, score: str) -> tuple[int, int]:
        async with self._worksheet(score) as sheet:
            sheet.read()
            pitches = [note.pitch for note in sheet.notes]
            return min(pitches), max(pitches)
