"""Foundry records: heats, what was cast from them, and the workers' remarks about either."""
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any

import uvicorn
from litestar import Controller, Litestar, get, post
from litestar.di import Provide
from litestar.exceptions import NotFoundException
from sqlalchemy import ForeignKey, func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, joinedload, mapped_column, relationship, selectinload


class Base(DeclarativeBase):
    pass


class Furnace(Base):
    __tablename__ = "furnaces"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    tonnes: Mapped[Decimal]


class Casting(Base):
    __tablename__ = "castings"
    id: Mapped[int] = mapped_column(primary_key=True)
    heat_id: Mapped[int] = mapped_column(ForeignKey("heats.id"))
    pattern: Mapped[str]
    kilograms: Mapped[Decimal]
    state: Mapped[str]


class Heat(Base):
    __tablename__ = "heats"
    id: Mapped[int] = mapped_column(primary_key=True)
    furnace_id: Mapped[int] = mapped_column(ForeignKey("furnaces.id"))
    alloy: Mapped[str]
    tapped_at: Mapped[datetime]
    celsius: Mapped[int]
    furnace: Mapped[Furnace] = relationship()
    castings: Mapped[list[Casting]] = relationship(order_by=Casting.id)


class Remark(Base):
    """A remark is about a heat, a casting or a pattern; about_type says which."""
    __tablename__ = "remarks"
    id: Mapped[int] = mapped_column(primary_key=True)
    about_type: Mapped[str]
    about_id: Mapped[int]
    author: Mapped[str]
    written_at: Mapped[datetime]
    body: Mapped[str]


class Records:
    def __init__(self, session: AsyncSession):
        self._session = session

    async def heat(self, number: int) -> Heat:
        heat = await self._session.get(Heat, number, options=[joinedload(Heat.furnace), selectinload(Heat.castings)])
        if heat is None:
            raise NotFoundException(f"no heat {number}")
        return heat

    async def heats_since(self, furnace: int, since: datetime, limit: int) -> list[Heat]:
        wanted = select(Heat).where(Heat.furnace_id == furnace, Heat.tapped_at >= since).order_by(Heat.tapped_at).limit(limit)
        return list((await self._session.scalars(wanted)).all())

    async def remarks_about(self, kind: str, number: int, limit: int = 10) -> list[Remark]:
        wanted = (
            select(Remark)
            .where(Remark.about_type == kind, Remark.about_id == number)
            .order_by(Remark.written_at.desc())
            .limit(limit)
        )
        return list((await self._session.scalars(wanted)).all())

    async def remarks_by(self, author: str, limit: int = 10) -> list[Remark]:
        wanted = select(Remark).where(Remark.author == author).order_by(Remark.written_at.desc()).limit(limit)
        return list((await self._session.scalars(wanted)).all())

    async def add_remark(self, kind: str, number: int, author: str, body: str) -> Remark:
        next_id = select(func.max(Remark.id) + 1).scalar_subquery()
        remark = Remark(id=next_id, about_type=kind, about_id=number, author=author, written_at=datetime.now(), body=body)
        self._session.add(remark)
        await self._session.commit()
        return remark


def remark_out(remark: Remark) -> dict[str, Any]:
    return {"author": remark.author, "at": remark.written_at.isoformat(), "text": remark.body}


def heat_out(heat: Heat) -> dict[str, Any]:
    return {"heat": heat.id, "alloy": heat.alloy, "tapped": heat.tapped_at.isoformat(), "celsius": heat.celsius}


def yield_of(heat: Heat) -> dict[str, Any]:
    good = sum((c.kilograms for c in heat.castings if c.state != "scrapped"), Decimal(0))
    poured = sum((c.kilograms for c in heat.castings), Decimal(0))
    return {"poured_kg": str(poured), "good_kg": str(good), "share": round(float(good / poured), 3) if poured else None}


class Heats(Controller):
    path = "/heats"

    @get("/{number:int}")
    async def one(self, records: Records, number: int) -> dict[str, Any]:
        heat = await records.heat(number)
        remarks = await records.remarks_about("heat", number)
        return {
            **heat_out(heat),
            "furnace": heat.furnace.name,
            "yield": yield_of(heat),
            "castings": [{"casting": c.id, "pattern": c.pattern, "kg": str(c.kilograms), "state": c.state} for c in heat.castings],
            "remarks": [remark_out(remark) for remark in remarks],
        }

    @post("/{number:int}/remarks")
    async def remark(self, records: Records, number: int, data: dict[str, str]) -> dict[str, Any]:
        heat = await records.heat(number)
        return remark_out(await records.add_remark("heat", heat.id, data["author"], data["text"]))


@get("/furnaces/{furnace:int}/heats")
async def furnace_heats(records: Records, furnace: int, since: datetime, limit: int = 20) -> list[dict[str, Any]]:
    return [heat_out(heat) for heat in await records.heats_since(furnace, since, min(limit, 100))]


@get("/workers/{author:str}/remarks")
async def worker_remarks(records: Records, author: str) -> list[dict[str, Any]]:
    return [remark_out(remark) for remark in await records.remarks_by(author)]


@get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


engine = create_async_engine(os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://"), pool_size=10, max_overflow=4)
sessions = async_sessionmaker(engine, expire_on_commit=False)


async def provide_records() -> AsyncIterator[Records]:
    async with sessions() as session:
        yield Records(session)


@asynccontextmanager
async def lifespan(_: Litestar) -> AsyncIterator[None]:
    yield
    await engine.dispose()


app = Litestar([Heats, furnace_heats, worker_remarks, health], dependencies={"records": Provide(provide_records)}, lifespan=[lifespan],
               openapi_config=None)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), access_log=False, log_level="warning")
