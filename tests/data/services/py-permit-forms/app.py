"""Permits for works on public roads: the forms that an applicant gets."""
import datetime as dt
import itertools
import os
from collections import deque

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from workspace import Workspace

KINDS = {"scaffold": ("Scaffold on the pavement", 2.4), "crane": ("Crane on the carriageway", 9.5),
         "skip": ("Skip in a parking bay", 1.2), "event": ("Street event", 4.0)}
CLAUSES = [f"Clause {n}: the holder keeps the site {what}" for n in range(1, 101)
           for what in ("lit at night", "passable for wheelchairs", "free of rubble", "signed on both sides")]
numbers = itertools.count(2024001)
issued: deque = deque(maxlen=100)


def read_application(body: dict) -> tuple[str, str, int]:
    kind, street, days = body.get("kind"), str(body.get("street", "")).strip(), body.get("days")
    if kind not in KINDS:
        raise HTTPException(422, f"no permit of kind {kind}")
    if not street or not isinstance(days, int) or not 1 <= days <= 120:
        raise HTTPException(422, "street and days (1 to 120) are needed")
    return kind, street, days


def fill_form(workspace: Workspace, kind: str, street: str, days: int) -> float:
    title, rate = KINDS[kind]
    fee = round(35 + rate * days, 2)
    start = dt.date(2024, 6, 3)
    workspace.add_sheet("application", [title, street, f"{days} days from {start}", f"Fee {fee:.2f}"])
    workspace.add_sheet("conditions", CLAUSES)
    workspace.add_sheet("calendar", [f"{start + dt.timedelta(days=n)} {title}, {street}" for n in range(days)])
    workspace.add_sheet("copy for the police", CLAUSES[:120])
    return fee


async def new_permit(request: Request) -> Response:
    kind, street, days = read_application(await request.json())
    number = next(numbers)
    with Workspace(f"permit-{number}") as workspace:
        fee = fill_form(workspace, kind, street, days)
        packed = workspace.pack()
        issued.append({"number": number, "kind": kind, "fee": fee, "bytes": workspace.size()})
    return Response(packed, 201, {"x-permit": str(number), "x-fee": f"{fee:.2f}"}, media_type="application/octet-stream")


async def last_permits(request: Request) -> JSONResponse:
    return JSONResponse(list(issued)[-20:])


async def healthz(request: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"})


app = Starlette(routes=[Route("/permits", new_permit, methods=["POST"]), Route("/permits", last_permits), Route("/healthz", healthz)])

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
