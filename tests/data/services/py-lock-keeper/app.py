import os

from flask import Flask, jsonify
from psycopg_pool import ConnectionPool
from waitress import serve

pool = ConnectionPool(os.environ["DATABASE_URL"], min_size=4, max_size=12, open=True)
app = Flask(__name__)


@app.get("/healthz")
def health():
    return jsonify(ok=True)


@app.post("/boats/<int:number>/pass")
def let_pass(number):
    with pool.connection() as connection:
        row = connection.execute(
            "UPDATE boats SET passes = passes + 1 WHERE id = %s RETURNING name, passes", (number,)
        ).fetchone()
    return jsonify(boat=row[0], passes=row[1])


if __name__ == "__main__":
    serve(app, host="127.0.0.1", port=int(os.environ["PORT"]), threads=16)
