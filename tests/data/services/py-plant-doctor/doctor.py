"""Tells gardeners what ails a plant; a model service classifies."""
import os

import aiohttp
from sanic import Request, Sanic, json
from sanic.exceptions import BadRequest, SanicException

app = Sanic("doctor")
MODEL = f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}/classify"
REMEDIES = {"blight": "remove leaves, keep dry", "mildew": "more air", "rust": "sulphur"}


@app.before_server_start
async def connect(app: Sanic) -> None:
    app.ctx.http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=6))


@app.after_server_stop
async def disconnect(app: Sanic) -> None:
    await app.ctx.http.close()


async def classify(http: aiohttp.ClientSession, plant: str, symptoms: list[str]) -> dict:
    async with http.post(MODEL, json={"plant": plant, "symptoms": symptoms}) as answer:
        if answer.status != 200:
            raise SanicException("the model is away", 502)
        return await answer.json()


@app.post("/diagnoses")
async def diagnose(request: Request):
    sent = request.json or {}
    if not isinstance(sent.get("plant"), str) or not sent.get("symptoms"):
        raise BadRequest("plant and symptoms")
    found = await classify(request.app.ctx.http, sent["plant"], sent["symptoms"])
    return json({**found, "remedy": REMEDIES.get(found["illness"], "ask a gardener")})


@app.get("/remedies")
async def remedies(_: Request):
    return json(REMEDIES)


@app.get("/healthz")
async def healthz(_: Request):
    return json({"ok": True})


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(os.environ["PORT"]), single_process=True, access_log=False, motd=False)
