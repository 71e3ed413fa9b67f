"""Book bindery: whether the material of a job is there, and what it costs."""
import asyncio
import os
from dataclasses import dataclass

from aiohttp import web

from erp import StockClient, StockError


@dataclass(frozen=True)
class Job:
    number: str
    title: str
    copies: int
    pages: int
    cover: str
    ribbon: bool = False


COVERS = {"linen": "CV-LIN", "leather": "CV-LEA", "paper": "CV-PAP"}
JOBS = {f"B-{2200 + i}": Job(f"B-{2200 + i}", f"Volume {i}", 40 + i * 13 % 160, 96 + i * 24 % 320,
                             ("linen", "leather", "paper")[i % 3], ribbon=i % 2 == 1) for i in range(40)}
MINUTES_A_COPY = {"linen": 14, "leather": 38, "paper": 6}
STOCK = web.AppKey("stock", "Stock")


def bill_of_material(job: Job) -> dict[str, int]:
    """Article numbers and how many units the job takes of each."""
    sections = -(-job.pages // 16)
    needed = {
        COVERS[job.cover]: job.copies,
        "BD-GREY": job.copies * 2,
        "TH-LIN": -(-sections * job.copies // 120),
        "GL-PVA": -(-job.copies // 25),
        "EP-MARB": job.copies * 2,
    }
    if job.ribbon:
        needed["RB-SILK"] = job.copies
    return needed


class Stock:
    """The vendor's client for use from coroutines."""

    def __init__(self, client: StockClient):
        self._client = client

    async def on_hand(self, article: str) -> int:
        return await asyncio.to_thread(self._client.on_hand, article)

    async def price(self, article: str) -> float:
        return await asyncio.to_thread(self._client.price, article)

    async def next_delivery(self, article: str) -> dict:
        return await asyncio.to_thread(self._client.next_delivery, article)


async def material_line(stock: Stock, article: str, needed: int) -> dict:
    on_hand, price = await asyncio.gather(stock.on_hand(article), stock.price(article))
    line = {"article": article, "needed": needed, "on_hand": on_hand, "cost": round(needed * price, 2)}
    if on_hand < needed:
        line["delivery"] = await stock.next_delivery(article)
    return line


def job_or_404(request: web.Request) -> Job:
    try:
        return JOBS[request.match_info["number"]]
    except KeyError:
        raise web.HTTPNotFound(text="no such job") from None


def work_days(job: Job) -> float:
    return round(MINUTES_A_COPY[job.cover] * job.copies / 60 / 7.5, 1)


async def plan(request: web.Request) -> web.Response:
    job = job_or_404(request)
    stock = request.app[STOCK]
    try:
        lines = await asyncio.gather(*(material_line(stock, article, needed)
                                       for article, needed in bill_of_material(job).items()))
    except StockError as error:
        raise web.HTTPBadGateway(text=str(error)) from None
    return web.json_response({
        "job": job.number,
        "title": job.title,
        "days": work_days(job),
        "material": round(sum(line["cost"] for line in lines), 2),
        "waits_for": [line["article"] for line in lines if "delivery" in line],
        "lines": lines,
    })


async def article(request: web.Request) -> web.Response:
    number = request.match_info["article"]
    try:
        return web.json_response({"article": number, "on_hand": await request.app[STOCK].on_hand(number)})
    except StockError as error:
        raise web.HTTPBadGateway(text=str(error)) from None


async def jobs(request: web.Request) -> web.Response:
    return web.json_response([{"job": job.number, "title": job.title, "days": work_days(job)} for job in JOBS.values()])


async def healthz(request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


def make_app() -> web.Application:
    app = web.Application()
    app[STOCK] = Stock(StockClient(f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}"))
    app.add_routes([
        web.get("/jobs", jobs),
        web.get("/jobs/{number}/plan", plan),
        web.get("/articles/{article}", article),
        web.get("/healthz", healthz),
    ])
    return app


if __name__ == "__main__":
    web.run_app(make_app(), host="127.0.0.1", port=int(os.environ["PORT"]), print=None, access_log=None)
