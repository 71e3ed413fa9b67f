"""Parcel lockers: gives a courier a compartment and the code that opens it."""
import asyncio
import json
import logging
import os
import re
from concurrent.futures import ThreadPoolExecutor

import tornado.web

from sites import Site, SiteError

SITES = ("harbour", "station", "campus")
SIZES = ("S", "M", "L")
PARCEL = re.compile(r"[A-Z]{2}-\d{3,8}")

workers = ThreadPoolExecutor(max_workers=4, thread_name_prefix="site")


class Board:
    """What happened at the sites lately, for the wall in the depot."""

    def __init__(self) -> None:
        self.last: dict[str, dict] = {}
        self.openings: dict[str, int] = {}
        self.trouble: dict[str, str] = {}

    def note(self, site: str, events: list[dict]) -> None:
        for event in events:
            self.last[site] = event
            if event["kind"] == "opened":
                self.openings[site] = self.openings.get(site, 0) + 1
        self.trouble.pop(site, None)

    def as_rows(self) -> list[dict]:
        return [{"site": name, "openings": self.openings.get(name, 0), "last": self.last.get(name),
                 "trouble": self.trouble.get(name)} for name in SITES]


async def in_worker(call, *args):
    return await asyncio.get_running_loop().run_in_executor(workers, call, *args)


async def watch(site: Site, board: Board) -> None:
    """Follows the events of one site for as long as the service runs."""
    seen = 0
    while True:
        try:
            seen, events = await in_worker(site.events, seen)
            board.note(site.name, events)
        except SiteError as error:
            board.trouble[site.name] = str(error)
            await asyncio.sleep(2)


class Base(tornado.web.RequestHandler):
    def initialize(self, sites: dict[str, Site], board: Board) -> None:
        self.sites = sites
        self.board = board

    def site(self, name: str) -> Site:
        if name not in self.sites:
            raise tornado.web.HTTPError(404, reason="no such site")
        return self.sites[name]

    def body(self) -> dict:
        try:
            body = json.loads(self.request.body)
        except ValueError:
            raise tornado.web.HTTPError(400, reason="the body is not JSON") from None
        if not isinstance(body, dict):
            raise tornado.web.HTTPError(400, reason="an object is needed")
        return body

    def write_error(self, status_code: int, **kwargs) -> None:
        self.finish({"error": self._reason})


class Parcels(Base):
    async def post(self, name: str) -> None:
        site, body = self.site(name), self.body()
        parcel, size = str(body.get("parcel")), body.get("size")
        if size not in SIZES or not PARCEL.fullmatch(parcel):
            raise tornado.web.HTTPError(422, reason="parcel or size is wrong")
        try:
            free = await in_worker(site.free_compartments)
            compartment = self.choose(free, size)
            code = await in_worker(site.new_code, compartment, parcel)
        except SiteError as error:
            raise tornado.web.HTTPError(502, reason=str(error)) from None
        self.set_status(201)
        self.write({"parcel": parcel, "site": name, "compartment": compartment, "code": code})

    @staticmethod
    def choose(free: list[dict], size: str) -> str:
        fitting = [c for c in free if SIZES.index(c["size"]) >= SIZES.index(size)]
        if not fitting:
            raise tornado.web.HTTPError(409, reason="the site is full")
        return min(fitting, key=lambda c: (SIZES.index(c["size"]), c["uses"], c["id"]))["id"]


class Free(Base):
    async def get(self, name: str) -> None:
        site = self.site(name)
        try:
            free = await in_worker(site.free_compartments)
        except SiteError as error:
            raise tornado.web.HTTPError(502, reason=str(error)) from None
        self.write({size: sum(c["size"] == size for c in free) for size in SIZES})


class Wall(Base):
    def get(self) -> None:
        self.write({"sites": self.board.as_rows()})


class Health(tornado.web.RequestHandler):
    def get(self) -> None:
        self.write({"status": "ok"})


async def main() -> None:
    base = f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}"
    shared = {"sites": {name: Site(name, base) for name in SITES}, "board": Board()}
    app = tornado.web.Application([
        (r"/sites/(\w+)/parcels", Parcels, shared),
        (r"/sites/(\w+)/free", Free, shared),
        (r"/wall", Wall, shared),
        (r"/healthz", Health),
    ], log_function=lambda handler: None)
    app.listen(int(os.environ["PORT"]), address="127.0.0.1")
    watchers = [asyncio.create_task(watch(site, shared["board"])) for site in shared["sites"].values()]
    await asyncio.gather(*watchers)


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    asyncio.run(main())
