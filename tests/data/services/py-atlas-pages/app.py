"""Pages of an atlas, drawn at start and handed out as they are."""

import json
import os

import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

PAGES = {
    str(page): json.dumps([[x * page % 997, x // 3, "shore"] for x in range(110_000)]).encode()
    for page in range(1, 4)
}


async def healthz(request):
    return JSONResponse({"ok": True})


async def page(request):
    found = PAGES.get(request.path_params["page"])
    if found is None:
        return Response(status_code=404)
    return Response(found, media_type="application/json")


app = Starlette(routes=[Route("/healthz", healthz), Route("/pages/{page}", page)])

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
