"""Day sheets for the reception desks of a veterinary practice."""
import os
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Annotated

import uvicorn
from fastapi import Depends, FastAPI, HTTPException, Query
from pydantic import BaseModel, ConfigDict, computed_field
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session, joinedload, sessionmaker

from models import Animal, Appointment, Owner, Shot, Vet

engine = create_engine(os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://"),
                       pool_size=12, max_overflow=4)
SessionLocal = sessionmaker(engine, expire_on_commit=False)
app = FastAPI(title="Day sheets")


def session() -> Iterator[Session]:
    with SessionLocal() as opened:
        yield opened


Db = Annotated[Session, Depends(session)]


class View(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class OwnerView(View):
    id: int
    name: str
    phone: str


class AnimalView(View):
    id: int
    name: str
    species: str
    born_on: date
    owner: OwnerView


class VetView(View):
    id: int
    name: str


class SlotView(View):
    id: int
    starts_at: datetime
    minutes: int
    reason: str
    animal: AnimalView
    vet: VetView
    boosters_due: list[str]

    @computed_field
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)


class DaySheet(View):
    site: int
    day: date
    slots: list[SlotView]
    booked_minutes: int
    gaps: list[tuple[datetime, int]]


class ShotView(View):
    vaccine: str
    given_on: date


class Appointments:
    def __init__(self, db: Session):
        self.db = db

    def of_day(self, site: int, day: date) -> list[Appointment]:
        begin = datetime.combine(day, time.min)
        query = (
            select(Appointment)
            .where(Appointment.site_id == site, Appointment.starts_at >= begin,
                   Appointment.starts_at < begin + timedelta(days=1))
            .options(joinedload(Appointment.vet), joinedload(Appointment.animal).joinedload(Animal.owner))
            .order_by(Appointment.starts_at, Appointment.id)
        )
        return list(self.db.scalars(query))

    def load_of_vets(self, site: int, day: date) -> list[tuple[str, int]]:
        begin = datetime.combine(day, time.min)
        query = (
            select(Vet.name, func.sum(Appointment.minutes))
            .join(Vet, Vet.id == Appointment.vet_id)
            .where(Appointment.site_id == site, Appointment.starts_at >= begin,
                   Appointment.starts_at < begin + timedelta(days=1))
            .group_by(Vet.name)
            .order_by(Vet.name)
        )
        return [(name, int(minutes)) for name, minutes in self.db.execute(query)]


def free_gaps(slots: list[Appointment], at_least: int = 15) -> list[tuple[datetime, int]]:
    gaps, busy_until = [], None
    for slot in slots:
        if busy_until and slot.starts_at > busy_until:
            minutes = int((slot.starts_at - busy_until).total_seconds() // 60)
            if minutes >= at_least:
                gaps.append((busy_until, minutes))
        ends = slot.starts_at + timedelta(minutes=slot.minutes)
        busy_until = max(busy_until, ends) if busy_until else ends
    return gaps


@app.get("/sites/{site}/days/{day}", response_model=DaySheet)
def day_sheet(site: int, day: date, db: Db):
    slots = Appointments(db).of_day(site, day)
    return {
        "site": site,
        "day": day,
        "slots": slots,
        "booked_minutes": sum(slot.minutes for slot in slots),
        "gaps": free_gaps(slots),
    }


@app.get("/sites/{site}/days/{day}/vets")
def vets_of_day(site: int, day: date, db: Db) -> dict[str, int]:
    return dict(Appointments(db).load_of_vets(site, day))


@app.get("/animals/{animal_id}/shots", response_model=list[ShotView])
def shots(animal_id: int, db: Db):
    return list(db.scalars(select(Shot).where(Shot.animal_id == animal_id).order_by(Shot.given_on)))


@app.get("/owners", response_model=list[OwnerView])
def find_owners(name: Annotated[str, Query(min_length=3)], db: Db):
    return list(db.scalars(select(Owner).where(Owner.name.like(name + "%")).order_by(Owner.name).limit(20)))


@app.get("/owners/{owner_id}", response_model=OwnerView)
def owner(owner_id: int, db: Db):
    found = db.get(Owner, owner_id)
    if found is None:
        raise HTTPException(404)
    return found


@app.get("/healthz")
async def healthz():
    return {"status": "ok"}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning", access_log=False)
