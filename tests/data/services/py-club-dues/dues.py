"""What a member of the club still has to pay."""
import asyncio
import contextlib
import os

import httpx
from hypercorn.asyncio import serve
from hypercorn.config import Config
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Route

BANK = f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}"
FEES = {"adult": 100, "child": 35}


class Bank:
    """The bank's interface; they ask us to be gentle with it."""

    def __init__(self):
        limits = httpx.Limits(max_connections=2, max_keepalive_connections=2)
        self.client = httpx.AsyncClient(base_url=BANK, limits=limits, timeout=httpx.Timeout(5, pool=30), trust_env=False)

    async def account(self, member: int) -> dict:
        answer = await self.client.get(f"/accounts/{member}")
        answer.raise_for_status()
        return answer.json()


async def dues(request):
    member = request.path_params["member"]
    if member > 900:
        raise HTTPException(404)
    account = await request.app.state.bank.account(member)
    kind = "child" if member % 4 == 0 else "adult"
    return JSONResponse({"member": member, "fee": FEES[kind], "open": max(0, FEES[kind] - account["paid"])})


async def fees(_):
    return JSONResponse(FEES)


async def healthz(_):
    return JSONResponse({"ok": True})


@contextlib.asynccontextmanager
async def lifespan(app):
    app.state.bank = Bank()
    yield
    await app.state.bank.client.aclose()


app = Starlette(lifespan=lifespan, routes=[Route("/members/{member:int}/dues", dues), Route("/fees", fees), Route("/healthz", healthz)])

if __name__ == "__main__":
    config = Config.from_mapping(bind=[f"127.0.0.1:{os.environ['PORT']}"], accesslog=None, errorlog=None)
    asyncio.run(serve(app, config))
