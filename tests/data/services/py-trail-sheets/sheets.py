"""Map sheets with the heights of their grid points, kept as compressed files."""
import functools
import gzip
import json
import math
import os
from pathlib import Path

FOLDER = Path("sheets")
COUNT, SIDE = 96, 64


def height(sheet: int, x: int, y: int) -> float:
    return round(600 + 240 * math.sin((sheet * SIDE + x) / 140) + 90 * math.cos(y / 31) + (x * y % 17) / 3, 1)


def write_sheets() -> None:
    FOLDER.mkdir(exist_ok=True)
    for number in range(COUNT):
        rows = [[height(number, x, y) for x in range(SIDE)] for y in range(SIDE)]
        with gzip.open(FOLDER / f"{number:03d}.json.gz", "wt", compresslevel=1) as file:
            json.dump({"sheet": number, "rows": rows}, file)


@functools.lru_cache(maxsize=64)
def map_sheet(number: int) -> list[list[float]]:
    with gzip.open(FOLDER / f"{number:03d}.json.gz", "rt") as file:
        return json.load(file)["rows"]


def heights_along(first: int, last: int, step: float) -> list[float]:
    heights = []
    for number in range(first, last):
        rows = map_sheet(number % COUNT)
        for n in range(int(SIDE / step)):
            x, y = int(n * step), int(30 + 20 * math.sin((number * 3 + n) / 25))
            heights.append((rows[y][x] + rows[y][min(x + 1, SIDE - 1)]) / 2)
    return heights
