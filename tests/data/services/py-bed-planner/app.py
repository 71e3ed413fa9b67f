"""Kitchen garden planner: suggests what grows in which bed from week to week, and keeps the draft while it is edited."""
import os
from dataclasses import dataclass, field

import cherrypy

SOILS = {"sand": 0.8, "loam": 1.0, "clay": 0.9}
FIRST_WEEK = 9
# name: (family, weeks in the bed, earliest week, latest week, rows a bed takes, grams a row)
CROPS = {
    "spinach": ("goosefoot", 7, 9, 34, 6, 900),
    "radish": ("cabbage", 5, 10, 36, 8, 700),
    "lettuce": ("daisy", 8, 11, 32, 4, 1500),
    "peas": ("legume", 12, 11, 18, 3, 1100),
    "carrot": ("umbel", 16, 12, 26, 5, 2600),
    "beetroot": ("goosefoot", 13, 16, 26, 5, 2400),
    "beans": ("legume", 11, 20, 28, 4, 1900),
    "tomato": ("nightshade", 20, 20, 23, 2, 6800),
    "kale": ("cabbage", 18, 22, 31, 3, 2900),
    "leek": ("onion", 22, 16, 27, 5, 2100),
    "lamb's lettuce": ("valerian", 10, 32, 39, 9, 600),
    "garlic": ("onion", 16, 38, 42, 6, 800),
}


@dataclass
class Cell:
    """One row of one bed in one week."""
    bed: int
    week: int
    row: int
    crop: str | None
    family: str | None
    grams: int = 0
    notes: list = field(default_factory=list)


@dataclass
class Draft:
    beds: int
    weeks: int
    soil: str
    cells: list[Cell]
    pinned: dict = field(default_factory=dict)

    def harvest(self) -> dict[str, int]:
        total: dict[str, int] = {}
        for cell in self.cells:
            if cell.grams:
                total[cell.crop] = total.get(cell.crop, 0) + cell.grams
        return total

    def week(self, number: int) -> list[Cell]:
        return [cell for cell in self.cells if cell.week == number]


def candidates(week: int, last_family: str | None, end: int) -> list[str]:
    fitting = [name for name, (family, stays, first, last, *_) in CROPS.items()
               if first <= week <= last and family != last_family and week + stays <= end]
    return sorted(fitting, key=lambda name: CROPS[name][5] * CROPS[name][4] / CROPS[name][1], reverse=True)


def fill_beds(beds: int, weeks: int, soil: str) -> list[Cell]:
    cells, end = [], FIRST_WEEK + weeks
    for bed in range(1, beds + 1):
        week, family, turn = FIRST_WEEK + bed % 3, None, bed
        while week < end:
            fitting = candidates(week, family, end)
            if not fitting:
                cells.append(Cell(bed, week, 1, None, None))
                week += 1
                continue
            crop = fitting[turn % len(fitting)]
            turn += 1
            family, stays, _, _, rows, grams = CROPS[crop]
            for at in range(week, week + stays):
                for row in range(1, rows + 1):
                    gives = int(grams * SOILS[soil]) if at == week + stays - 1 else 0
                    cells.append(Cell(bed, at, row, crop, family, gives, [f"thin out row {row}"] if at == week + 2 else []))
            week += stays
    return cells


def number(text: str, low: int, high: int) -> int:
    if not text.isdigit() or not low <= int(text) <= high:
        raise cherrypy.HTTPError(400, f"{text!r} is not between {low} and {high}")
    return int(text)


def cell_view(cell: Cell) -> dict:
    return {"bed": cell.bed, "row": cell.row, "crop": cell.crop, "grams": cell.grams, "notes": cell.notes}


class Plans:
    def _draft(self) -> Draft:
        draft = cherrypy.session.get("draft")
        if draft is None:
            raise cherrypy.HTTPError(409, "no draft yet")
        return draft

    @cherrypy.expose("draft")
    @cherrypy.tools.json_out()
    def suggest(self, beds="4", weeks="30", soil="loam"):
        if soil not in SOILS:
            raise cherrypy.HTTPError(400, "soil")
        size, span = number(beds, 1, 12), number(weeks, 4, 43)
        draft = Draft(size, span, soil, fill_beds(size, span, soil))
        cherrypy.session["draft"] = draft
        harvest = draft.harvest()
        return {"beds": size, "weeks": span, "soil": soil, "harvest_g": harvest, "total_kg": round(sum(harvest.values()) / 1000, 1),
                "first_week": [cell_view(cell) for cell in draft.week(FIRST_WEEK + 2)]}

    @cherrypy.expose
    @cherrypy.tools.json_out()
    def week(self, nr):
        return [cell_view(cell) for cell in self._draft().week(number(nr, 1, 53))]

    @cherrypy.expose
    @cherrypy.tools.json_out()
    def pin(self, bed, crop):
        if crop not in CROPS:
            raise cherrypy.HTTPError(404, crop)
        draft = self._draft()
        draft.pinned[number(bed, 1, draft.beds)] = crop
        return {"pinned": draft.pinned}


class Root:
    def __init__(self):
        self.plans = Plans()

    @cherrypy.expose
    @cherrypy.tools.json_out()
    def crops(self):
        return [{"name": name, "family": crop[0], "weeks": crop[1], "from": crop[2], "to": crop[3]} for name, crop in CROPS.items()]

    @cherrypy.expose
    def alive(self):
        return "alive"


if __name__ == "__main__":
    cherrypy.config.update({
        "server.socket_host": "127.0.0.1", "server.socket_port": int(os.environ["PORT"]), "server.thread_pool": 8,
        "engine.autoreload.on": False, "log.screen": False, "log.access_file": "", "checker.on": False,
    })
    cherrypy.quickstart(Root(), "/", {"/plans": {
        "tools.sessions.on": True, "tools.sessions.timeout": 240, "tools.sessions.secure": True,
        "tools.sessions.httponly": True,
    }})
