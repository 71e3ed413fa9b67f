"""A water laboratory's samples: what arrived, where it was drawn, what was measured."""
import json
import os
from datetime import date, datetime
from decimal import Decimal

import bottle
from peewee import BooleanField, CharField, DateField, DecimalField, ForeignKeyField, IntegerField, Model, TextField, fn
from playhouse.db_url import connect
from playhouse.shortcuts import model_to_dict
from waitress import serve

database = connect(os.environ["DATABASE_URL"].replace("postgresql://", "postgres+pool://") + "?max_connections=16")


class Base(Model):
    class Meta:
        database = database
        legacy_table_names = False


class Client(Base):
    name = TextField()
    city = TextField()

    class Meta:
        table_name = "clients"


class Site(Base):
    client = ForeignKeyField(Client, backref="sites")
    name = TextField()
    kind = CharField()

    class Meta:
        table_name = "sites"


class Analyst(Base):
    name = TextField()
    initials = CharField()

    class Meta:
        table_name = "analysts"


class Sample(Base):
    site = ForeignKeyField(Site, backref="samples")
    analyst = ForeignKeyField(Analyst, backref="samples")
    drawn = DateField()
    bottle_no = CharField()
    urgent = BooleanField()

    class Meta:
        table_name = "samples"


class Reading(Base):
    sample = ForeignKeyField(Sample, backref="readings")
    substance = CharField()
    amount = DecimalField()
    limit_value = DecimalField()
    run = IntegerField()

    class Meta:
        table_name = "readings"


def plain(value):
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(type(value).__name__)


def answer(content) -> str:
    bottle.response.content_type = "application/json"
    return json.dumps(content, default=plain)


def query_date(name: str) -> date:
    try:
        return date.fromisoformat(bottle.request.query.get(name) or date.today().isoformat())
    except ValueError:
        bottle.abort(400, f"{name} is not a date")


def samples_of(day: date, urgent_only: bool):
    samples = Sample.select().where(Sample.drawn == day).order_by(Sample.bottle_no)
    return samples.where(Sample.urgent) if urgent_only else samples


def label(sample: dict) -> str:
    return f"{sample['bottle_no']}/{sample['analyst']['initials']}/{sample['site']['kind'][:2].upper()}"


def worklist(day: date, urgent_only: bool) -> list[dict]:
    lines = []
    for sample in samples_of(day, urgent_only):
        line = model_to_dict(sample, recurse=True)
        line["label"] = label(line)
        lines.append(line)
    return lines


def exceeded(sample: Sample) -> list[dict]:
    rows = sample.readings.where(Reading.amount > Reading.limit_value).order_by(Reading.substance)
    return [model_to_dict(row, recurse=False) for row in rows]


app = bottle.Bottle()


@app.get("/worklist")
def get_worklist():
    day = query_date("day")
    with database.connection_context():
        lines = worklist(day, bottle.request.query.get("urgent") == "1")
    return answer({"day": day, "count": len(lines), "samples": lines})


@app.get("/samples/<number:int>")
def get_sample(number):
    with database.connection_context():
        sample = Sample.get_or_none(Sample.id == number) or bottle.abort(404)
        return answer({**model_to_dict(sample), "exceeded": exceeded(sample)})


@app.get("/sites/<number:int>/months")
def get_months(number):
    month = fn.date_trunc("month", Sample.drawn)
    with database.connection_context():
        rows = list(Sample.select(month.alias("month"), fn.count(Sample.id).alias("samples"))
                    .where(Sample.site == number).group_by(month).order_by(month).dicts())
    return answer(rows)


@app.get("/ready")
def ready():
    return {"ready": True}


if __name__ == "__main__":
    serve(app, host="127.0.0.1", port=int(os.environ["PORT"]), threads=8, _quiet=True)
