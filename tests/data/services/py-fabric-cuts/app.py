"""Fabric by the metre: shops order cuts from the warehouse's rolls through this service."""
import os
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Annotated

import httpx
import uvicorn
from fastapi import Depends, FastAPI, HTTPException, Path, Request
from pydantic import BaseModel, Field
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

engine = create_async_engine(os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+asyncpg://"),
                             pool_size=16, max_overflow=4)
Session = async_sessionmaker(engine, expire_on_commit=False)
CUTTING_FEE = Decimal("1.20")
DAILY_CALLS = 5_000_000


class CutOrder(BaseModel):
    fabric: int
    centimetres: int = Field(ge=10, le=2000)


class CuttingRoom:
    """The machines that cut; they say which roll and which table take an order."""

    def __init__(self, base: str):
        self._http = httpx.AsyncClient(base_url=base, timeout=5, limits=httpx.Limits(max_connections=40))

    async def reserve(self, fabric: int, centimetres: int) -> dict:
        answer = await self._http.post("/tables", params={"fabric": fabric, "cm": centimetres})
        if answer.status_code != 200:
            raise HTTPException(502, "the cutting room does not answer")
        return answer.json()

    async def close(self) -> None:
        await self._http.aclose()


async def session():
    async with Session() as opened, opened.begin():
        yield opened


Db = Annotated[AsyncSession, Depends(session)]


async def count_call(db: AsyncSession, shop: int) -> int:
    return (await db.execute(
        text("INSERT INTO api_usage (shop_id, day, calls) VALUES (:shop, current_date, 1) "
             "ON CONFLICT (shop_id, day) DO UPDATE SET calls = api_usage.calls + 1 RETURNING calls"),
        {"shop": shop},
    )).scalar_one()


async def metered(db: Db, shop: Annotated[int, Path(ge=1)]) -> int:
    """Every call of a shop counts towards what it may do in a day."""
    if await count_call(db, shop) > DAILY_CALLS:
        raise HTTPException(429, "no more calls today")
    return shop


Shop = Annotated[int, Depends(metered)]


async def fabric_by_id(db: AsyncSession, number: int):
    found = (await db.execute(text("SELECT id, name, price, width_cm FROM fabrics WHERE id = :id"), {"id": number})).first()
    if found is None:
        raise HTTPException(404, "no such fabric")
    return found


def price_of(fabric, centimetres: int) -> Decimal:
    return (fabric.price * centimetres / 100 + CUTTING_FEE).quantize(Decimal("0.01"))


async def store_cut(db: AsyncSession, shop: int, order: CutOrder, place: dict, price: Decimal) -> int:
    return (await db.execute(
        text("INSERT INTO cuts (shop_id, fabric_id, centimetres, roll, price) "
             "VALUES (:shop, :fabric, :cm, :roll, :price) RETURNING id"),
        {"shop": shop, "fabric": order.fabric, "cm": order.centimetres, "roll": place["roll"], "price": price},
    )).scalar_one()


@asynccontextmanager
async def lifespan(app: FastAPI):
    app.state.room = CuttingRoom(f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}")
    yield
    await app.state.room.close()
    await engine.dispose()


app = FastAPI(lifespan=lifespan)


@app.post("/shops/{shop}/cuts", status_code=201)
async def order_cut(shop: Shop, order: CutOrder, db: Db, request: Request):
    fabric = await fabric_by_id(db, order.fabric)
    place = await request.app.state.room.reserve(order.fabric, order.centimetres)
    price = price_of(fabric, order.centimetres)
    number = await store_cut(db, shop, order, place, price)
    return {"cut": number, "fabric": fabric.name, "roll": place["roll"], "table": place["table"], "price": str(price)}


@app.get("/shops/{shop}/cuts")
async def recent_cuts(shop: Shop, db: Db):
    rows = await db.execute(text("SELECT id, fabric_id, centimetres, price FROM cuts WHERE shop_id = :shop "
                                 "ORDER BY id DESC LIMIT 20"), {"shop": shop})
    return [{"cut": r.id, "fabric": r.fabric_id, "centimetres": r.centimetres, "price": str(r.price)} for r in rows]


@app.get("/fabrics/{number}")
async def fabric_page(number: int, db: Db):
    fabric = await fabric_by_id(db, number)
    return {"name": fabric.name, "price": str(fabric.price), "width": fabric.width_cm}


@app.get("/healthz")
async def healthz():
    return {"status": "ok"}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
