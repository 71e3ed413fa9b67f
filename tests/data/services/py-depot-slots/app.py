import os

import httpx
import uvicorn
from fastapi import FastAPI, HTTPException
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool

UPSTREAM = f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}"
pool = ConnectionPool(
    os.environ["DATABASE_URL"], min_size=2, max_size=2, kwargs={"row_factory": dict_row}, open=True
)
traffic = httpx.Client(base_url=UPSTREAM, timeout=10)
app = FastAPI()


@app.get("/healthz")
async def health():
    return {"ok": True}


def delay_of(carrier):
    return traffic.get("/delays", params={"carrier": carrier}).json()["late_min"]


@app.get("/slots/{number}")
def slot(number: int):
    with pool.connection() as connection:
        row = connection.execute(
            "SELECT id, dock, opens, carrier FROM slots WHERE id = %s", (number,)
        ).fetchone()
        if row is None:
            raise HTTPException(404)
        row["late_min"] = delay_of(row["carrier"])
        row["opens"] = row["opens"].isoformat()
    return row


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
