"""What birdwatchers have seen."""
import os

import uvicorn
from fastapi import FastAPI, Query
from sqlalchemy import Boolean, Column, DateTime, ForeignKey, Integer, MetaData, String, Table, create_engine, select

engine = create_engine(os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://", 1), pool_size=12)
metadata = MetaData()
species = Table("species", metadata, Column("id", Integer, primary_key=True), Column("name", String))
sightings = Table(
    "sightings", metadata, Column("id", Integer, primary_key=True), Column("species_id", ForeignKey("species.id")),
    Column("place", String), Column("seen_at", DateTime(timezone=True)), Column("count", Integer), Column("note", String),
    Column("checked", Boolean))
app = FastAPI()


@app.get("/sightings/latest")
def latest(limit: int = Query(20, ge=1, le=100)):
    newest = (select(sightings.c.id, species.c.name, sightings.c.place, sightings.c.seen_at, sightings.c.count)
              .join(species).where(sightings.c.checked).order_by(sightings.c.seen_at.desc(), sightings.c.id).limit(limit))
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(newest).mappings()]


@app.get("/species/{number}/sightings")
def of_species(number: int):
    query = select(sightings.c.place, sightings.c.seen_at).where(sightings.c.species_id == number)
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(query.order_by(sightings.c.seen_at.desc()).limit(50)).mappings()]


@app.get("/healthz")
async def healthz():
    return {"ok": True}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="error", access_log=False)
