import os

import uvicorn
from fastapi import FastAPI
from psycopg_pool import ConnectionPool

pool = ConnectionPool(os.environ["DATABASE_URL"], open=True)
app = FastAPI()


@app.get("/healthz")
async def health():
    return {"ok": True}


@app.get("/tons/by-stone")
def by_stone():
    with pool.connection() as connection:
        rows = connection.execute(
            """
            SELECT stone, count(DISTINCT buyer) AS buyers, sum(kilos) / 1000.0 AS tons
            FROM loads GROUP BY stone ORDER BY tons DESC
            """
        ).fetchall()
    return [{"stone": r[0], "buyers": r[1], "tons": float(r[2])} for r in rows]


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
