"""Duty rosters of the depots: who drives what today, and is everybody allowed to."""
import os
from datetime import date
from typing import Annotated, Iterator

import uvicorn
from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session, sessionmaker

from models import Depot, Driver, Duty

engine = create_engine(os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://", 1),
                       pool_size=12, max_overflow=4)
sessions = sessionmaker(engine, expire_on_commit=False)
app = FastAPI(title="Rosters")


def open_session() -> Iterator[Session]:
    with sessions() as session:
        yield session


Db = Annotated[Session, Depends(open_session)]


class DutyOut(BaseModel):
    id: int
    line: str
    vehicle: str
    starts: str
    ends: str
    driver: str | None
    remarks: list[str]


class RosterOut(BaseModel):
    depot: str
    on: date
    hours: float
    uncovered: int
    duties: list[DutyOut]


class DriverOut(BaseModel):
    id: int
    name: str
    depot: str
    years: int
    licences: dict[str, date]


def clock(minutes: int) -> str:
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"


def remarks(duty: Duty) -> list[str]:
    if duty.driver is None:
        return ["uncovered"]
    found = []
    if not duty.driver.may_drive(duty.line.vehicle, duty.on_day):
        found.append(f"no licence for {duty.line.vehicle}")
    if duty.minutes > 480 and duty.driver.seniority(duty.on_day) < 1:
        found.append("too long for a beginner")
    return found


def duty_out(duty: Duty) -> DutyOut:
    return DutyOut(id=duty.id, line=duty.line.code, vehicle=duty.line.vehicle, starts=clock(duty.starts),
                   ends=clock(duty.starts + duty.minutes), driver=duty.driver.name if duty.driver else None,
                   remarks=remarks(duty))


def duties_of(db: Session, depot: int, on: date) -> list[Duty]:
    wanted = select(Duty).where(Duty.depot_id == depot, Duty.on_day == on).order_by(Duty.starts, Duty.id)
    return list(db.scalars(wanted))


@app.get("/depots/{depot}/roster")
def roster(depot: int, on: date, db: Db) -> RosterOut:
    found = db.get(Depot, depot)
    if found is None:
        raise HTTPException(404)
    duties = [duty_out(duty) for duty in duties_of(db, depot, on)]
    minutes = db.scalar(select(func.sum(Duty.minutes)).where(Duty.depot_id == depot, Duty.on_day == on)) or 0
    return RosterOut(depot=found.name, on=on, hours=round(minutes / 60, 1),
                     uncovered=sum(duty.driver is None for duty in duties), duties=duties)


@app.get("/drivers/{driver}")
def driver(driver: int, db: Db) -> DriverOut:
    found = db.get(Driver, driver)
    if found is None:
        raise HTTPException(404)
    return DriverOut(id=found.id, name=found.name, depot=found.depot.name, years=found.seniority(date.today()),
                     licences={licence.vehicle: licence.valid_until for licence in found.licences})


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning", access_log=False)
