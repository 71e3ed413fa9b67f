"""Prints admission tickets: the seat is reserved, then the stamping office signs the ticket."""

import asyncio
import json
import os
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

OFFICE = f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}"
app = FastAPI()
stampers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="stamper")


class Order(BaseModel):
    show: str
    seats: list[str]


def stamp(seat: str, show: str) -> dict:
    body = json.dumps({"seat": seat, "show": show}).encode()
    asked = urllib.request.Request(OFFICE + "/stamp", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(asked, timeout=10) as answer:
        return json.load(answer)


@app.get("/healthz")
async def healthz():
    return {"ok": True}


@app.post("/tickets")
async def tickets(order: Order):
    loop = asyncio.get_running_loop()
    signed = await loop.run_in_executor(stampers, stamp, order.seats[0], order.show)
    return {"show": order.show, "seats": order.seats, "signature": signed["signature"]}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
