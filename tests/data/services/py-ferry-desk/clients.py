"""Clients of the other systems, made once."""
import os

import httpx

RESERVATIONS = f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}"


class Reservations:
    def __init__(self):
        self.client = httpx.AsyncClient(base_url=RESERVATIONS, trust_env=False, timeout=httpx.Timeout(5.0, pool=None),
                                        limits=httpx.Limits(max_connections=3, max_keepalive_connections=3))

    async def seat_count(self, line: str, sailing: str) -> dict:
        answer = await self.client.get(f"/lines/{line}/sailings/{sailing}")
        answer.raise_for_status()
        return answer.json()

    async def close(self) -> None:
        await self.client.aclose()
