"""Tree registers of the forest inventory, as the field office packs them: one compressed sheet a plot."""
import json
import random
import threading
import zlib
from collections import defaultdict
from dataclasses import dataclass

from cachetools import LRUCache, cached

SPECIES = ("spruce", "fir", "beech", "oak", "larch", "maple", "pine")
CELL = 10.0
PLOT_SIDE = 200.0


@dataclass(slots=True)
class Tree:
    tag: int
    species: str
    x: float
    y: float
    girth: int
    measured: int

    @property
    def volume(self) -> float:
        radius = self.girth / 628.3
        return 3.1416 * radius * radius * (self.girth * 0.11) * 0.47


@dataclass(slots=True)
class Register:
    plot: str
    trees: list[Tree]
    cells: dict[tuple[int, int], list[Tree]]

    def around(self, x: float, y: float) -> list[Tree]:
        column, row = int(x // CELL), int(y // CELL)
        return [t for dx in (-1, 0, 1) for dy in (-1, 0, 1) for t in self.cells.get((column + dx, row + dy), ())]


class Archive:
    """Holds the packed sheets; a sheet is some 60 KB."""

    def __init__(self, plots: int, trees: int):
        self._sheets: dict[str, bytes] = {}
        rng = random.Random(1871)
        for number in range(plots):
            rows = [[tag, rng.randrange(len(SPECIES)), round(rng.random() * PLOT_SIDE, 1),
                     round(rng.random() * PLOT_SIDE, 1), rng.randrange(20, 260), 2015 + rng.randrange(9)]
                    for tag in range(trees)]
            self._sheets[f"F{number:03d}"] = zlib.compress(json.dumps(rows).encode(), 1)

    def names(self) -> list[str]:
        return sorted(self._sheets)

    def sheet(self, plot: str) -> bytes:
        return self._sheets[plot]


archive = Archive(plots=70, trees=4000)
opened = LRUCache(maxsize=48)


def parse_rows(sheet: bytes) -> list[Tree]:
    return [Tree(tag, SPECIES[kind], x, y, girth, year)
            for tag, kind, x, y, girth, year in json.loads(zlib.decompress(sheet))]


def lay_out(trees: list[Tree]) -> dict[tuple[int, int], list[Tree]]:
    cells: dict[tuple[int, int], list[Tree]] = defaultdict(list)
    for tree in sorted(trees, key=lambda t: (-t.girth, t.tag)):
        cells[int(tree.x // CELL), int(tree.y // CELL)].append(tree)
    return dict(cells)


@cached(opened, lock=threading.Lock())
def open_register(plot: str) -> Register:
    trees = parse_rows(archive.sheet(plot))
    return Register(plot, trees, lay_out(trees))
