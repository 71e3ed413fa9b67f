"""Panel for a trip: the weather at each stop."""
import contextlib
import os

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

BASE = f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}"


class Weather:
    def __init__(self, client: httpx.AsyncClient):
        self._client = client

    async def forecast(self, place: str) -> dict:
        answer = await self._client.get("/forecast", params={"place": place})
        answer.raise_for_status()
        return {"place": place, **answer.json()}


def advice(stops: list[dict]) -> str:
    coldest = min(stops, key=lambda s: s["celsius"])
    wet = sum(s["rain"] > 1 for s in stops)
    return f"coat for {coldest['place']}" + (", umbrella" if wet else "")


async def panel(request):
    places = [p for p in request.query_params.get("places", "").split(",") if p][:12]
    if not places:
        return JSONResponse({"error": "places"}, status_code=422)
    weather = request.app.state.weather
    stops = [await weather.forecast(place) for place in places]
    return JSONResponse({"stops": stops, "advice": advice(stops)})


async def one(request):
    return JSONResponse(await request.app.state.weather.forecast(request.path_params["place"]))


async def livez(_):
    return PlainTextResponse("ok")


@contextlib.asynccontextmanager
async def lifespan(app):
    async with httpx.AsyncClient(base_url=BASE, timeout=5, trust_env=False) as client:
        app.state.weather = Weather(client)
        yield


app = Starlette(lifespan=lifespan, routes=[Route("/panel", panel), Route("/places/{place}", one), Route("/livez", livez)])

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="error", access_log=False)
