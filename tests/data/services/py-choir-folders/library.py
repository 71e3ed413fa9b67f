"""The music library: scores lie compressed in one archive file and are opened on demand."""
import io
import json
import random
import threading
import zipfile

from cachetools import LRUCache

VOICES = ("soprano", "alto", "tenor", "bass")
COMPOSERS = ("Byrd", "Schuetz", "Lassus", "Mendelssohn", "Rheinberger", "Stanford", "Part", "Whitacre")


def written_score(number: int) -> dict:
    """What the engraver delivers: the notes of each voice, bar by bar."""
    dice = random.Random(number)
    bars = 56 + number % 40
    return {
        "id": f"s{number:03}", "title": f"Motet {number}", "composer": COMPOSERS[number % len(COMPOSERS)],
        "voices": {voice: [{"bar": bar, "notes": [{"pitch": dice.randint(41, 81), "beats": dice.choice((0.5, 1, 1, 2)),
                                                   "syllable": dice.choice(("a", "men", "glo", "ri", "do", "mi", "ne"))}
                                                  for _ in range(4)], "breath": dice.random() < 0.1}
                           for bar in range(1, bars + 1)] for voice in VOICES},
    }


class Archive:
    def __init__(self, scores: int):
        self._file = io.BytesIO()
        with zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED) as zipped:
            for number in range(scores):
                score = written_score(number)
                zipped.writestr(f"{score['id']}.json", json.dumps(score))
        self._zip = zipfile.ZipFile(self._file)
        self._reading = threading.Lock()

    def names(self) -> list[str]:
        return [name.removesuffix(".json") for name in self._zip.namelist()]

    def read(self, score_id: str) -> bytes:
        with self._reading:
            return self._zip.read(f"{score_id}.json")


archive = Archive(150)


class Desk(threading.local):
    """The scores that lie open before a worker."""

    def __init__(self):
        self.opened: LRUCache = LRUCache(maxsize=32)


desk = Desk()


def parsed(score_id: str) -> dict:
    score = json.loads(archive.read(score_id))
    score["range"] = {voice: span(bars) for voice, bars in score["voices"].items()}
    return score


def open_score(score_id: str) -> dict:
    score = desk.opened.get(score_id)
    if score is None:
        score = desk.opened[score_id] = parsed(score_id)
    return score


def span(bars: list[dict]) -> tuple[int, int]:
    pitches = [note["pitch"] for bar in bars for note in bar["notes"]]
    return min(pitches), max(pitches)
