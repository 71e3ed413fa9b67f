import os
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI, HTTPException, Query

from . import store


@asynccontextmanager
async def lifespan(_: FastAPI):
    store.pool.open(wait=True)
    yield
    store.pool.close()


app = FastAPI(lifespan=lifespan)


@app.get("/plots/free")
def free(size: int = Query(20, ge=1), limit: int = Query(25, le=100)):
    return [{**plot, "rent": round(plot["m2"] * 0.42, 2)} for plot in store.free_plots(size, limit)]


@app.get("/tenants/{tenant}/plots")
def tenant_plots(tenant: int):
    found = store.plots_of(tenant)
    if not found:
        raise HTTPException(404)
    return found


@app.get("/health")
async def health():
    return {"ok": True}


uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
