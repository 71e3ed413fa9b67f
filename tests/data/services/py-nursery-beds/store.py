"""Reads beds and plants; prices change once a day and are kept for a short while."""
import asyncio
import time
from collections import OrderedDict

from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool


class Store:
    def __init__(self, url: str):
        self.pool = AsyncConnectionPool(url, min_size=2, max_size=2, open=False, kwargs={"row_factory": dict_row})
        self.guard = asyncio.Lock()
        self.prices: OrderedDict[tuple, tuple] = OrderedDict()
        self.keep_prices = 32
        self.price_seconds = 20.0

    async def rows(self, statement: str, values: tuple) -> list[dict]:
        async with self.pool.connection() as connection:
            cursor = await connection.execute(statement, values)
            return await cursor.fetchall()

    async def bed(self, bed: int) -> dict | None:
        found = await self.rows("SELECT id, name, house FROM beds WHERE id = %s", (bed,))
        return found[0] if found else None

    async def plants(self, bed: int, pot_cm: int) -> list[dict]:
        return await self.rows("SELECT id, species, pot_cm, count FROM plants WHERE bed_id = %s AND pot_cm = %s "
                               "ORDER BY species", (bed, pot_cm))

    async def house_total(self, house: str) -> int:
        found = await self.rows("SELECT coalesce(sum(p.count), 0) AS total FROM plants p JOIN beds b ON b.id = p.bed_id "
                                "WHERE lower(b.house) = lower(%s)", (house,))
        return found[0]["total"]

    async def price_list(self, pot_cm: int) -> dict[str, float]:
        async with self.guard:
            kept = self.prices.get(pot_cm)
            if kept and kept[0] > time.monotonic():
                return kept[1]
            found = await self.rows("SELECT species, price FROM prices WHERE pot_cm = %s", (pot_cm,))
            listed = {row["species"]: float(row["price"]) for row in found}
            self.prices[pot_cm] = (time.monotonic() + self.price_seconds, listed)
            if len(self.prices) > self.keep_prices:
                self.prices.popitem(last=False)
            return listed
