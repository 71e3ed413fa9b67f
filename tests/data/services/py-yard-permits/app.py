import json
import os
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from psycopg2.pool import ThreadedConnectionPool

pool = ThreadedConnectionPool(4, 20, os.environ["DATABASE_URL"])


@contextmanager
def transaction():
    connection = pool.getconn()
    try:
        with connection, connection.cursor() as cursor:
            yield cursor
    finally:
        pool.putconn(connection)


def next_number(cursor, name):
    cursor.execute("SELECT value FROM counters WHERE name = %s FOR UPDATE", (name,))
    (value,) = cursor.fetchone()
    cursor.execute("UPDATE counters SET value = %s WHERE name = %s", (value + 1, name))
    return value + 1


def rules_of(cursor, yard):
    cursor.execute("SELECT count(*), max(length(rule)) FROM yard_rules WHERE yard = %s", (yard,))
    return cursor.fetchone()[0]


def stamp(number, vehicle):
    time.sleep(0.025)
    return f"{number:08d}-{vehicle.replace(' ', '')}"


def issue(yard, vehicle):
    with transaction() as cursor:
        number = next_number(cursor, "permit")
        rules = rules_of(cursor, yard)
        code = stamp(number, vehicle)
        cursor.execute(
            "INSERT INTO permits (number, yard, vehicle) VALUES (%s, %s, %s)",
            (number, yard, vehicle),
        )
    return {"permit": code, "rules": rules}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, body):
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        self.answer({"ok": True})

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        self.answer(issue(int(asked.get("yard", 1)), asked.get("vehicle", "none")))


class Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


if __name__ == "__main__":
    Server(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
