"""Kilns, what stands in them, and the board that tells how full they are."""
import itertools
import threading
from dataclasses import dataclass, field
from datetime import datetime
from typing import Callable

GLAZES = {"celadon": 1280, "tenmoku": 1280, "shino": 1260, "majolica": 1060, "raku": 980}
tickets = itertools.count(5001)


@dataclass
class Piece:
    potter: str
    what: str
    glaze: str
    litres: float
    ticket: int = field(default_factory=lambda: next(tickets))


@dataclass
class Kiln:
    name: str
    degrees: int
    litres: float
    pieces: list[Piece] = field(default_factory=list)
    firings: int = 0

    @property
    def used(self) -> float:
        return sum(piece.litres for piece in self.pieces)

    def takes(self, piece: Piece) -> bool:
        return abs(self.degrees - GLAZES[piece.glaze]) <= 20 and piece.litres <= self.litres

    def has_room_for(self, piece: Piece) -> bool:
        return self.used + piece.litres <= self.litres


class Journal:
    """Who brought what, one line a piece."""

    def __init__(self, path: str):
        self._file = open(path, "a", encoding="utf-8")

    def write(self, kiln: Kiln, piece: Piece) -> None:
        now = datetime.now().isoformat(timespec="seconds")
        self._file.write(f"{now}\t{kiln.name}\t{piece.ticket}\t{piece.potter}\t{piece.what}\t{piece.glaze}\n")
        self._file.flush()


class Studio:
    def __init__(self, journal: Journal):
        self._lock = threading.RLock()
        self._journal = journal
        self._listeners: list[Callable[[str], None]] = []
        self._kilns = {k.name: k for k in (Kiln("north", 1280, 240), Kiln("south", 1270, 180), Kiln("small", 1060, 60),
                                           Kiln("drum", 980, 40), Kiln("long", 1280, 320))}

    def on_change(self, listener: Callable[[str], None]) -> None:
        self._listeners.append(listener)

    def names(self) -> list[str]:
        return list(self._kilns)

    def place(self, piece: Piece) -> str:
        with self._lock:
            kiln = self._best_for(piece)
            if not kiln.has_room_for(piece):
                kiln.pieces.clear()
                kiln.firings += 1
            kiln.pieces.append(piece)
            self._journal.write(kiln, piece)
            for listener in self._listeners:
                listener(kiln.name)
            return kiln.name

    def _best_for(self, piece: Piece) -> Kiln:
        fitting = [kiln for kiln in self._kilns.values() if kiln.takes(piece)]
        return min(fitting, key=lambda k: (not k.has_room_for(piece), k.litres - k.used, k.name))

    def contents(self, name: str) -> dict:
        with self._lock:
            kiln = self._kilns[name]
            return {"kiln": name, "degrees": kiln.degrees, "firings": kiln.firings,
                    "pieces": [{"ticket": p.ticket, "potter": p.potter, "what": p.what} for p in kiln.pieces]}

    def summary(self, name: str) -> dict:
        with self._lock:
            kiln = self._kilns[name]
            share = kiln.used / kiln.litres
            glazes = sorted({piece.glaze for piece in kiln.pieces})
            return {"kiln": name, "pieces": len(kiln.pieces), "filled": round(share, 2), "glazes": glazes,
                    "fires_next": share > 0.85}


class Board:
    """A row a kiln, kept until something in that kiln changes."""

    def __init__(self, studio: Studio):
        self._lock = threading.Lock()
        self._studio = studio
        self._rows: dict[str, dict] = {}
        studio.on_change(self.mark_changed)

    def mark_changed(self, name: str) -> None:
        with self._lock:
            self._rows.pop(name, None)

    def rows(self) -> list[dict]:
        with self._lock:
            for name in self._studio.names():
                if name not in self._rows:
                    self._rows[name] = self._studio.summary(name)
            return [self._rows[name] for name in self._studio.names()]
