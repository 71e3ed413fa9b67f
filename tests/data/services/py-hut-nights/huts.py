"""The booking system of the alpine clubs, as far as it is needed here."""
import asyncio
from datetime import date

import aiohttp
import msgspec


class Beds(msgspec.Struct):
    hut: str
    night: str
    free: int
    dormitory: int


class Notice(msgspec.Struct):
    level: str
    text: str


class HutsUnavailable(Exception):
    pass


class HutClient:
    def __init__(self, base: str, at_once: int = 120):
        self._base = base
        self._http = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=4.0),
            connector=aiohttp.TCPConnector(limit=at_once),
            headers={"accept": "application/json"},
        )
        self._turns = asyncio.Semaphore(at_once)

    async def aclose(self) -> None:
        await self._http.close()

    async def _get(self, path: str, kind: type, **query):
        async with self._turns:
            try:
                async with self._http.get(self._base + path, params=query, raise_for_status=True) as answer:
                    content = await answer.read()
            except (aiohttp.ClientError, TimeoutError) as error:
                raise HutsUnavailable(path) from error
        return msgspec.json.decode(content, type=kind)

    async def beds(self, hut: str, night: date) -> Beds:
        return await self._get(f"/huts/{hut}/beds", Beds, night=night.isoformat())

    async def notices(self, hut: str) -> list[Notice]:
        return await self._get(f"/huts/{hut}/notices", list[Notice])
