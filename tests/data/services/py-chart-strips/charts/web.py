"""Strips of neighbouring cells for the plotter, and single depths."""
from fastapi import FastAPI, HTTPException, Query

from charts.soundings import SIDE, Soundings

app = FastAPI()
app.state.soundings = Soundings()
COASTS = {"north": 40, "south": 64}


def shallowest(rows: list[list[float]]) -> float:
    return min(min(row) for row in rows)


@app.get("/healthz")
def healthz() -> str:
    return "ok"


@app.get("/charts/{coast}/strip")
def strip(coast: str, start: int = Query(0, alias="from"), end: int = Query(3, alias="to")) -> dict:
    if coast not in COASTS or not 0 <= start <= end < COASTS[coast]:
        raise HTTPException(404)
    soundings = app.state.soundings
    cells = [soundings.cell(coast, column) for column in range(start, end + 1)]
    return {
        "coast": coast,
        "columns": len(cells) * SIDE,
        "shallowest": round(min(shallowest(cell) for cell in cells), 2),
        "profile": [round(sum(row[x] for row in cell) / SIDE, 2) for cell in cells for x in range(0, SIDE, 4)],
    }


@app.get("/charts/{coast}/depth/{column}/{x}/{y}")
def depth(coast: str, column: int, x: int, y: int) -> dict:
    if coast not in COASTS or not 0 <= column < COASTS[coast]:
        raise HTTPException(404)
    return {"depth": round(app.state.soundings.cell(coast, column)[y % SIDE][x % SIDE], 2)}
