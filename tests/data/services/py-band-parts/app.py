"""Parts for the players of a wind band."""
import os

from sanic import Request, Sanic, json
from sanic.exceptions import NotFound, SanicException

from desk import INSTRUMENTS, Desk, UnknownScore

app = Sanic("bandparts")
app.config.ACCESS_LOG = False
app.config.FALLBACK_ERROR_FORMAT = "json"


@app.before_server_start
async def open_desk(app: Sanic) -> None:
    app.ctx.desk = Desk(f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}")
    await app.ctx.desk.open()


@app.after_server_stop
async def close_desk(app: Sanic) -> None:
    await app.ctx.desk.close()


@app.exception(UnknownScore)
async def unknown_score(request: Request, error: UnknownScore):
    return json({"error": f"no score {error}"}, status=404)


@app.get("/scores/<score:str>/parts/<instrument:str>")
async def part(request: Request, score: str, instrument: str):
    if instrument not in INSTRUMENTS:
        raise NotFound(f"no parts for {instrument}")
    try:
        shift = int(request.args.get("shift", 0))
    except ValueError:
        raise SanicException("shift is a number of semitones", status_code=400) from None
    return json(await request.app.ctx.desk.part(score, instrument, shift))


@app.get("/scores/<score:str>/range")
async def range_of(request: Request, score: str):
    low, high = await request.app.ctx.desk.range_of(score)
    fits = [name for name, (shift, bottom, top) in INSTRUMENTS.items() if low + shift >= bottom and high + shift <= top]
    return json({"low": low, "high": high, "fits": fits})


@app.get("/instruments")
async def instruments(request: Request):
    return json({name: {"transposes": t, "low": low, "high": high} for name, (t, low, high) in INSTRUMENTS.items()})


@app.get("/healthz")
async def healthz(request: Request):
    return json({"status": "ok", "written": request.app.ctx.desk.written})


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(os.environ["PORT"]), single_process=True, motd=False, access_log=False)
