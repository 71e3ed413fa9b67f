"""Returns that customers put into a parcel locker."""
import os

import uvicorn
from fastapi import BackgroundTasks, FastAPI, HTTPException
from pydantic import BaseModel

import shops
from lockers import Lockers

app = FastAPI(title="locker returns")
lockers = Lockers()


class ReturnIn(BaseModel):
    parcel: str
    size: str = "M"


class ReturnOut(BaseModel):
    number: int
    locker: str
    door: int
    pin: str


@app.get("/healthz")
async def healthz():
    return {"ok": True}


@app.get("/lockers/{locker}")
def locker_state(locker: str):
    return {"locker": locker, "free": lockers.free(locker)}


@app.post("/lockers/{locker}/returns", response_model=ReturnOut)
def open_return(locker: str, wanted: ReturnIn, background: BackgroundTasks):
    if wanted.size not in ("S", "M", "L"):
        raise HTTPException(422, "no such size")
    entry = lockers.assign(locker, wanted.parcel, wanted.size)
    background.add_task(shops.tell_shop, entry.parcel, entry.locker, entry.number)
    return ReturnOut(number=entry.number, locker=entry.locker, door=entry.door, pin=entry.pin)


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning", access_log=False)
