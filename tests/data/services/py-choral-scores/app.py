"""Sheet music of a choir: how long a programme is, how high and low each voice has to sing."""
import json
import os
import random
import tempfile
import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import falcon
from waitress import serve

VOICES = ("soprano", "mezzo", "alto", "tenor", "baritone", "bass")
LOWEST = {"soprano": 60, "mezzo": 57, "alto": 53, "tenor": 48, "baritone": 45, "bass": 40}
NAMES = ("c", "cis", "d", "dis", "e", "f", "fis", "g", "gis", "a", "ais", "b")
SHELF = Path(tempfile.mkdtemp(prefix="scores-"))


@dataclass(frozen=True, slots=True)
class Note:
    pitch: int
    start: float
    length: float


@dataclass(frozen=True)
class Part:
    piece: str
    voice: str
    tempo: int
    notes: tuple[Note, ...]

    @property
    def seconds(self) -> float:
        last = self.notes[-1]
        return (last.start + last.length) * 60 / self.tempo


PROGRAMMES = {
    "advent": [f"carol-{i:02}" for i in range(25)],
    "spring": [f"madrigal-{i:02}" for i in range(9)],
    "requiem": [f"movement-{i:02}" for i in range(7)],
}


def fill_shelf() -> None:
    """What the scanner of the library delivers: a packed file for each voice of a piece."""
    rng = random.Random(1685)
    for pieces in PROGRAMMES.values():
        for piece in pieces:
            tempo = rng.randrange(66, 132)
            for voice in VOICES:
                at, notes = 0.0, []
                for _ in range(rng.randrange(420, 600)):
                    length = rng.choice((0.5, 0.5, 1.0, 1.0, 2.0))
                    notes.append([LOWEST[voice] + rng.randrange(20), at, length])
                    at += length
                content = json.dumps({"tempo": tempo, "notes": notes}).encode()
                (SHELF / f"{piece}.{voice}").write_bytes(zlib.compress(content))


@lru_cache
def open_part(piece: str, voice: str) -> Part:
    packed = (SHELF / f"{piece}.{voice}").read_bytes()
    content = json.loads(zlib.decompress(packed))
    return Part(piece, voice, content["tempo"], tuple(Note(*note) for note in content["notes"]))


def pitch_name(pitch: int) -> str:
    return f"{NAMES[pitch % 12]}{pitch // 12 - 1}"


def pieces_of(programme: str) -> list[str]:
    try:
        return PROGRAMMES[programme]
    except KeyError:
        raise falcon.HTTPNotFound(description="no such programme") from None


def range_of(part: Part) -> tuple[int, int]:
    pitches = [note.pitch for note in part.notes]
    return min(pitches), max(pitches)


def piece_line(piece: str) -> dict:
    parts = [open_part(piece, voice) for voice in VOICES]
    ranges = {part.voice: range_of(part) for part in parts}
    return {
        "piece": piece,
        "seconds": round(max(part.seconds for part in parts)),
        "notes": sum(len(part.notes) for part in parts),
        "ranges": {voice: [pitch_name(low), pitch_name(high)] for voice, (low, high) in ranges.items()},
        "hard_for": [voice for voice, (low, high) in ranges.items() if high - low > 18],
    }


class Rehearsal:
    def on_get(self, req: falcon.Request, resp: falcon.Response, programme: str) -> None:
        lines = [piece_line(piece) for piece in pieces_of(programme)]
        pause = req.get_param_as_int("pause", default=20, min_value=0, max_value=120)
        total = sum(line["seconds"] for line in lines) + pause * (len(lines) - 1)
        resp.media = {"programme": programme, "minutes": round(total / 60, 1), "pieces": lines}


class PartPage:
    def on_get(self, req: falcon.Request, resp: falcon.Response, piece: str, voice: str) -> None:
        if voice not in VOICES or not any(piece in pieces for pieces in PROGRAMMES.values()):
            raise falcon.HTTPNotFound()
        part = open_part(piece, voice)
        resp.media = {"tempo": part.tempo, "notes": [[pitch_name(n.pitch), n.start, n.length] for n in part.notes]}


class Programmes:
    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        resp.media = {name: len(pieces) for name, pieces in PROGRAMMES.items()}


class Health:
    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        resp.media = {"status": "ok"}


def make_app() -> falcon.App:
    app = falcon.App()
    app.add_route("/programmes", Programmes())
    app.add_route("/programmes/{programme}/rehearsal", Rehearsal())
    app.add_route("/pieces/{piece}/{voice}", PartPage())
    app.add_route("/healthz", Health())
    return app


if __name__ == "__main__":
    fill_shelf()
    serve(make_app(), host="127.0.0.1", port=int(os.environ["PORT"]), threads=8, _quiet=True)
