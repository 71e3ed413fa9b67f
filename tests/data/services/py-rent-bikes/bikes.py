"""Bikes at a station."""
import os
from contextlib import asynccontextmanager

import requests
import uvicorn
from anyio import to_thread
from fastapi import FastAPI, HTTPException

CITY = f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}"
session = requests.Session()
session.trust_env = False
session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=32))


@asynccontextmanager
async def lifespan(_: FastAPI):
    # small container: the default of 40 threads took too much memory
    to_thread.current_default_thread_limiter().total_tokens = 2
    yield


app = FastAPI(lifespan=lifespan)


@app.get("/stations/{number}")
def station(number: int):
    if not 1 <= number <= 250:
        raise HTTPException(404)
    answer = session.get(f"{CITY}/stations/{number}", timeout=4)
    answer.raise_for_status()
    found = answer.json()
    return {"station": number, **found, "hint": "full" if found["docks"] == 0 else "ok"}


@app.get("/healthz")
async def healthz():
    return {"ok": True}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="error", access_log=False)
