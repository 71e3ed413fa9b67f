"""Queries on the messages of the pumps."""
import json
from datetime import datetime

import asyncpg

SELECT_MESSAGE = """
SELECT m.id, m.received, m.level, m.body, s.code AS station
FROM messages m JOIN stations s ON s.id = m.station_id
"""


async def _prepare(connection: asyncpg.Connection) -> None:
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads)


class Store:
    def __init__(self, pool: asyncpg.Pool):
        self._pool = pool

    @classmethod
    async def connect(cls, url: str) -> "Store":
        return cls(await asyncpg.create_pool(url, min_size=4, max_size=12, init=_prepare))

    async def close(self) -> None:
        await self._pool.close()

    async def station(self, code: str) -> asyncpg.Record | None:
        return await self._pool.fetchrow("SELECT id, code, name, catchment FROM stations WHERE code = $1", code)

    async def of_station(self, station_id: int, since: datetime, limit: int) -> list[asyncpg.Record]:
        return await self._pool.fetch(
            SELECT_MESSAGE + "WHERE m.station_id = $1 AND m.received >= $2 ORDER BY m.received DESC LIMIT $3",
            station_id, since, limit)

    async def of_pump(self, pump: str, level: int) -> list[asyncpg.Record]:
        return await self._pool.fetch(
            SELECT_MESSAGE + "WHERE m.body->>'pump' = $1 AND m.level >= $2 ORDER BY m.received", pump, level)

    async def newest(self, limit: int) -> list[asyncpg.Record]:
        return await self._pool.fetch(SELECT_MESSAGE + "ORDER BY m.received DESC LIMIT $1", limit)
