"""Waiting lists of a dancing school."""
import os

import bottle
import psycopg2.pool

pool = psycopg2.pool.ThreadedConnectionPool(8, 12, os.environ["DATABASE_URL"])
app = bottle.Bottle()


class Entries:
    def __init__(self, connection):
        self.connection = connection

    def of(self, course: str) -> list[tuple]:
        with self.connection.cursor() as cur:
            cur.execute("SELECT id, course, person, state, entered_at FROM entries WHERE course = %s ORDER BY entered_at", (course,))
            return cur.fetchall()


def using_entries(work):
    connection = pool.getconn()
    try:
        connection.autocommit = True
        return work(Entries(connection))
    finally:
        pool.putconn(connection)


@app.get("/courses/<course>/waiting")
def waiting(course):
    rows = using_entries(lambda entries: entries.of(course))
    people = [row[2] for row in rows if row[3] == "waiting"]
    return {"course": course, "waiting": people, "count": len(people)}


@app.get("/healthz")
def healthz():
    return {"ok": True}


bottle.run(app, server="waitress", host="127.0.0.1", port=int(os.environ["PORT"]), threads=8, quiet=True)
