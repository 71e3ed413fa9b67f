"""Allotment gardens: free plots and their yearly rent."""
import gc
import itertools
import json
import os
import queue
import re
import threading
import time

import uvicorn
from fastapi import FastAPI, HTTPException

from store import RecentSearches, fee_of, free_plots

SOIL = re.compile(r"^(?:[a-z]+[ -]?)+$")
recent = RecentSearches()
numbers = itertools.count(1)
audit: queue.Queue = queue.Queue(maxsize=2000)
app = FastAPI(title="gardens")


def write_audit() -> None:
    with open("audit.log", "a", encoding="utf-8") as file:
        while True:
            entries = [audit.get()]
            time.sleep(0.5)
            while not audit.empty():
                entries.append(audit.get())
            file.writelines(json.dumps(entry) + "\n" for entry in entries)
            file.flush()
            os.fsync(file.fileno())


def tidy() -> None:
    while True:
        time.sleep(30)
        gc.collect()


def note(entry: dict) -> None:
    try:
        audit.put_nowait(entry)
    except queue.Full:
        pass


def rent(plot: dict, fee: float) -> dict:
    return {"plot": plot["id"], "garden": plot["garden"], "area": plot["area"], "rent": round(plot["area"] * fee + 25, 2)}


@app.get("/plots/free")
def free(soil: str, min_area: int = 0):
    soil = soil.strip().lower()
    if len(soil) > 20 or not SOIL.match(soil):
        raise HTTPException(422, "bad soil")
    plots = [rent(plot, fee_of(soil)) for plot in free_plots(soil, min_area)[:5]]
    entry = {"number": next(numbers), "soil": soil, "min_area": min_area, "found": len(plots)}
    recent.add(f"search-{entry['number']}", entry)
    note(entry)
    return {"plots": plots, "cheapest": min((p["rent"] for p in plots), default=None)}


@app.get("/searches")
def searches():
    return recent.last(20)


@app.get("/healthz")
async def healthz():
    return {"status": "ok"}


if __name__ == "__main__":
    for job in (write_audit, tidy):
        threading.Thread(target=job, name=job.__name__, daemon=True).start()
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
