"""Certified copies of deeds: collects the deeds of a parcel of land and says what their copies cost."""
import hashlib
import hmac
import os
import time
from decimal import Decimal

import uvicorn
from asgiref.sync import sync_to_async
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from archive import ArchiveError, DeedArchive

PAGE_FEE, SEAL_FEE = Decimal("1.40"), Decimal("12.50")
KEY = b"registry-of-deeds"
DISTRICTS = {"AB": "Abbey", "CK": "Castle", "MR": "Moor"}

archive = DeedArchive("127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
orders: dict[str, dict] = {}

deeds_of = sync_to_async(archive.deeds_of)
fetch = sync_to_async(archive.fetch)


def check_parcel(parcel: str) -> str:
    district, _, number = parcel.upper().partition("-")
    if district not in DISTRICTS or not number.isdigit():
        raise HTTPException(404, "no such parcel")
    return f"{district}-{number}"


def copy_fee(scan: dict, sealed: bool) -> Decimal:
    return PAGE_FEE * scan["pages"] + (SEAL_FEE if sealed else 0)


def seal(parcel: str, scans: list[dict]) -> str:
    text = parcel + "".join(f"{s['deed']}:{s['bytes']}" for s in scans)
    return hmac.new(KEY, text.encode(), hashlib.sha256).hexdigest()[:24]


def remember(order: dict) -> None:
    orders[order["seal"]] = order
    while len(orders) > 2000:
        orders.pop(next(iter(orders)))


async def order_copies(request: Request) -> JSONResponse:
    parcel = check_parcel(request.path_params["parcel"])
    body = await request.json()
    sealed = bool(body.get("sealed", False))
    try:
        numbers = (await deeds_of(parcel))[-1:] if body.get("latest") else await deeds_of(parcel)
        scans = [await fetch(number) for number in numbers]
    except (ArchiveError, OSError) as error:
        raise HTTPException(502, str(error)) from error
    lines = [{**scan, "fee": str(copy_fee(scan, sealed))} for scan in scans]
    order = {"parcel": parcel, "district": DISTRICTS[parcel[:2]], "seal": seal(parcel, scans), "lines": lines,
             "total": str(sum(copy_fee(scan, sealed) for scan in scans)), "ordered": round(time.time())}
    remember(order)
    return JSONResponse(order, 201)


async def parcel_deeds(request: Request) -> JSONResponse:
    parcel = check_parcel(request.path_params["parcel"])
    return JSONResponse({"parcel": parcel, "deeds": await deeds_of(parcel)})


async def one_order(request: Request) -> JSONResponse:
    order = orders.get(request.path_params["seal"])
    if order is None:
        raise HTTPException(404, "no such order")
    return JSONResponse(order)


async def fees(request: Request) -> JSONResponse:
    return JSONResponse({"page": str(PAGE_FEE), "seal": str(SEAL_FEE)})


async def healthz(request: Request) -> PlainTextResponse:
    return PlainTextResponse("ok")


app = Starlette(routes=[
    Route("/parcels/{parcel}/copies", order_copies, methods=["POST"]),
    Route("/parcels/{parcel}/deeds", parcel_deeds),
    Route("/orders/{seal}", one_order),
    Route("/fees", fees),
    Route("/healthz", healthz),
])

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
