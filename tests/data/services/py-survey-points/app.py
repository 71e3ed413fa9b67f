"""Hands survey crews the packages that they load onto their tablets."""
import os

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse
from starlette.routing import Route

import package


async def healthz(request: Request):
    return PlainTextResponse("ok")


async def make_package(request: Request):
    wanted = await request.json()
    count = int(wanted.get("points", 0))
    if not 1 <= count <= 2000:
        return JSONResponse({"error": "between 1 and 2000 points"}, status_code=422)
    survey = request.path_params["survey"]
    path, written = await run_in_threadpool(package.write_package, survey, wanted["crew"], count)
    await run_in_threadpool(package.remove_older)
    return JSONResponse({"survey": survey, "file": path.name, "points": written, "bytes": path.stat().st_size}, 201)


async def download(request: Request):
    path = package.FOLDER / os.path.basename(request.path_params["name"])
    if not path.is_file():
        return JSONResponse({"error": "no such package"}, status_code=404)
    return FileResponse(path, media_type="application/geopackage+sqlite3")


app = Starlette(routes=[
    Route("/healthz", healthz),
    Route("/surveys/{survey}/package", make_package, methods=["POST"]),
    Route("/packages/{name}", download),
])

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning", access_log=False)
