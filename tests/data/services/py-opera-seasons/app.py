"""Programme of the opera houses as a GraphQL service, for the houses' own pages and the ticket agents."""
import os
from contextlib import contextmanager
from datetime import date, datetime

import psycopg2
import strawberry
from flask import Flask, g, jsonify
from psycopg2.extras import NamedTupleCursor
from psycopg2.pool import ThreadedConnectionPool
from strawberry.flask.views import GraphQLView
from waitress import serve

pool = ThreadedConnectionPool(4, 12, os.environ["DATABASE_URL"], cursor_factory=NamedTupleCursor)
app = Flask(__name__)


def connection():
    """One connection for the whole request; taken when it is first needed."""
    if "connection" not in g:
        g.connection = pool.getconn()
        g.connection.autocommit = True
    return g.connection


@app.teardown_appcontext
def give_back(_error):
    taken = g.pop("connection", None)
    if taken is not None:
        pool.putconn(taken)


@contextmanager
def cursor():
    with connection().cursor() as cur:
        yield cur


def fetch_all(statement: str, *values) -> list:
    with cursor() as cur:
        cur.execute(statement, values)
        return cur.fetchall()


def fetch_one(statement: str, *values):
    rows = fetch_all(statement, *values)
    return rows[0] if rows else None


@strawberry.type
class Singer:
    id: strawberry.ID
    name: str
    voice: str


@strawberry.type
class Production:
    id: strawberry.ID
    title: str
    composer: str
    minutes: int


@strawberry.type
class Casting:
    role: str
    singer_id: strawberry.Private[int]

    @strawberry.field
    def singer(self) -> Singer:
        row = fetch_one("SELECT id, name, voice FROM singers WHERE id = %s", self.singer_id)
        return Singer(id=str(row.id), name=row.name, voice=row.voice)


@strawberry.type
class House:
    code: str
    name: str
    seats: int


def house_by_code(code: str) -> House | None:
    row = fetch_one("SELECT code, name, seats FROM houses WHERE code = %s", code)
    return row and House(code=row.code, name=row.name, seats=row.seats)


@strawberry.type
class Performance:
    id: strawberry.ID
    stage: str
    starts_at: datetime
    house_code: strawberry.Private[str]
    production_id: strawberry.Private[int]

    @strawberry.field
    def house(self) -> House:
        return house_by_code(self.house_code)

    @strawberry.field
    def production(self) -> Production:
        row = fetch_one("SELECT id, title, composer, minutes FROM productions WHERE id = %s", self.production_id)
        return Production(id=str(row.id), title=row.title, composer=row.composer, minutes=row.minutes)

    @strawberry.field
    def cast(self) -> list[Casting]:
        rows = fetch_all("SELECT role, singer_id FROM castings WHERE performance_id = %s ORDER BY position", int(self.id))
        return [Casting(role=row.role, singer_id=row.singer_id) for row in rows]

    @strawberry.field
    def seats_left(self) -> int:
        row = fetch_one(
            "SELECT h.seats - (SELECT count(*) FROM tickets t WHERE t.performance_id = %s) AS left FROM houses h WHERE h.code = %s",
            int(self.id), self.house_code,
        )
        return row.left


def to_performance(row) -> Performance:
    return Performance(id=str(row.id), stage=row.stage, starts_at=row.starts_at, house_code=row.house, production_id=row.production_id)


def first_of(month: str) -> date:
    try:
        return datetime.strptime(month, "%Y-%m").date()
    except ValueError:
        raise ValueError("a month is written as YYYY-MM") from None


@strawberry.type
class Query:
    @strawberry.field
    def performances(self, house: str, month: str) -> list[Performance]:
        begin = first_of(month)
        rows = fetch_all(
            "SELECT id, house, production_id, stage, starts_at FROM performances "
            "WHERE house = %s AND starts_at >= %s AND starts_at < %s::date + interval '1 month' ORDER BY starts_at",
            house, begin, begin,
        )
        return [to_performance(row) for row in rows]

    @strawberry.field
    def performance(self, id: strawberry.ID) -> Performance | None:
        row = fetch_one("SELECT id, house, production_id, stage, starts_at FROM performances WHERE id = %s", int(id))
        return row and to_performance(row)

    @strawberry.field
    def house(self, code: str) -> House | None:
        return house_by_code(code)


app.add_url_rule("/graphql", view_func=GraphQLView.as_view("graphql", schema=strawberry.Schema(query=Query), graphql_ide=None))


@app.get("/houses/<code>")
def house(code):
    found = house_by_code(code)
    return (jsonify(code=found.code, name=found.name, seats=found.seats), 200) if found else (jsonify(error="unknown"), 404)


@app.get("/status")
def status():
    return jsonify(status="ok")


if __name__ == "__main__":
    serve(app, host="127.0.0.1", port=int(os.environ["PORT"]), threads=10, _quiet=True)
