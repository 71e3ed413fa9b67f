"""Floor sketches for estate agents: takes measured rooms, lays them out and gives back a preview."""
import itertools
import math
import os
import tempfile
import weakref
from collections import OrderedDict

import uvicorn
from fastapi import APIRouter, FastAPI, HTTPException
from pydantic import BaseModel, Field

SCALES = {"small": 24, "medium": 40, "large": 64}
MAX_KEPT = 50


class Room(BaseModel):
    name: str = Field(max_length=40)
    width: float = Field(gt=0, le=30)
    depth: float = Field(gt=0, le=30)
    doors: int = Field(default=1, ge=0, le=6)


class Sketch(BaseModel):
    address: str
    size: str = "medium"
    rooms: list[Room] = Field(min_length=1, max_length=40)


class Canvas:
    """A drawing surface: rows of pixels, and a scratch file for what the pen drew."""

    _numbers = itertools.count(1)

    def __init__(self, width: int, height: int):
        self.number = next(self._numbers)
        self.width, self.height = width, height
        self.rows = [bytearray(width) for _ in range(height)]
        self.strokes: list[tuple[int, int, int, int]] = []
        self.scratch = os.path.join(tempfile.gettempdir(), f"sketch-{os.getpid()}-{self.number}.pen")
        self._finalizer = weakref.finalize(self, self.remove_scratch)

    def remove_scratch(self) -> None:
        if os.path.exists(self.scratch):
            os.remove(self.scratch)

    def line(self, x0: int, y0: int, x1: int, y1: int) -> None:
        self.strokes.append((x0, y0, x1, y1))
        if y0 == y1:
            self.rows[y0][x0:x1 + 1] = b"\x01" * (x1 - x0 + 1)
        else:
            for y in range(y0, y1 + 1):
                self.rows[y][x0] = 1

    def box(self, x: int, y: int, width: int, height: int) -> None:
        self.line(x, y, x + width, y)
        self.line(x, y + height, x + width, y + height)
        self.line(x, y, x, y + height)
        self.line(x + width, y, x + width, y + height)

    def spill(self) -> None:
        with open(self.scratch, "w") as pen:
            pen.writelines(f"{x0} {y0} {x1} {y1}\n" for x0, y0, x1, y1 in self.strokes)

    def ink(self) -> float:
        return sum(row.count(1) for row in self.rows) / (self.width * self.height)

    def packed(self) -> list[str]:
        lines = []
        for row in self.rows[::2]:
            runs = [f"{'#' if value else '.'}{sum(1 for _ in group)}" for value, group in itertools.groupby(row)]
            lines.append("".join(runs))
        return lines


class Planner:
    """Puts rooms on shelves, widest first, and draws them."""

    def __init__(self, sketch: Sketch):
        self.sketch = sketch
        self.scale = SCALES[sketch.size]

    def shelves(self) -> list[list[Room]]:
        limit = max(12.0, math.sqrt(sum(room.width * room.depth for room in self.sketch.rooms)) * 1.3)
        shelves: list[list[Room]] = [[]]
        for room in sorted(self.sketch.rooms, key=lambda room: (-room.depth, room.name)):
            if shelves[-1] and sum(r.width for r in shelves[-1]) + room.width > limit:
                shelves.append([])
            shelves[-1].append(room)
        return shelves

    def draw(self) -> tuple[Canvas, list[dict]]:
        shelves = self.shelves()
        width = int(max(sum(room.width for room in shelf) for shelf in shelves) * self.scale) + 2
        height = int(sum(max(room.depth for room in shelf) for shelf in shelves) * self.scale) + 2
        canvas, placed, top = Canvas(width, height), [], 0
        for shelf in shelves:
            left = 0
            for room in shelf:
                wide, deep = int(room.width * self.scale), int(room.depth * self.scale)
                canvas.box(left, top, wide, deep)
                for door in range(room.doors):
                    canvas.line(left + 4 + door * 8, top + deep, left + 8 + door * 8, top + deep)
                placed.append({"room": room.name, "x": left, "y": top, "area": round(room.width * room.depth, 1)})
                left += wide
            top += int(max(room.depth for room in shelf) * self.scale)
        return canvas, placed


router = APIRouter()
recent: OrderedDict[str, dict] = OrderedDict()


def remember(address: str, summary: dict) -> None:
    recent[address] = summary
    recent.move_to_end(address)
    while len(recent) > MAX_KEPT:
        recent.popitem(last=False)


@router.post("/sketches/preview")
def preview(sketch: Sketch):
    if sketch.size not in SCALES:
        raise HTTPException(422, "no such size")
    canvas, placed = Planner(sketch).draw()
    canvas.spill()
    summary = {"address": sketch.address, "pixels": [canvas.width, canvas.height], "ink": round(canvas.ink(), 4),
               "total": round(sum(entry["area"] for entry in placed), 1)}
    answer = {**summary, "rooms": placed, "image": canvas.packed()}
    canvas.remove_scratch()
    remember(sketch.address, summary)
    return answer


@router.get("/sketches/recent")
def recently():
    return list(reversed(recent.values()))


@router.get("/sizes")
def sizes():
    return SCALES


@router.get("/health")
async def health():
    return {"status": "ok"}


app = FastAPI(title="Floor sketches")
app.include_router(router)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
