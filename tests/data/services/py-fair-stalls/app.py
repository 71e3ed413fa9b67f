import os

from flask import Flask, jsonify, request
from psycopg_pool import ConnectionPool
from waitress import serve

pool = ConnectionPool(os.environ["DATABASE_URL"], min_size=4, max_size=8, open=True)
app = Flask(__name__)

REPORT = """
    SELECT f.town, s.trade, count(*) AS stalls, sum(s.metres) AS metres, sum(s.rent) AS rent,
           rank() OVER (ORDER BY sum(s.rent) DESC) AS place
    FROM stalls s JOIN fairs f ON f.id = s.fair
    WHERE s.fair = %s
    GROUP BY f.town, s.trade
    ORDER BY place
"""


@app.get("/healthz")
def health():
    return jsonify(ok=True)


@app.get("/stalls/report")
def report():
    fair = request.args.get("fair", 1, type=int)
    with pool.connection() as connection:
        rows = connection.execute(REPORT, (fair,)).fetchall()
    return jsonify(
        [
            {
                "town": r[0],
                "trade": r[1],
                "stalls": r[2],
                "metres": float(r[3]),
                "rent": float(r[4]),
            }
            for r in rows
        ]
    )


if __name__ == "__main__":
    serve(app, host="127.0.0.1", port=int(os.environ["PORT"]), threads=8)
