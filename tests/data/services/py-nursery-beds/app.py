"""What stands in the beds of a plant nursery, and what it is worth."""
import asyncio
import os
import time
from collections import deque

from hypercorn.asyncio import serve
from hypercorn.config import Config
from quart import Quart, abort, jsonify, request

from store import Store

app = Quart(__name__)
store = Store(os.environ["DATABASE_URL"])
recent = deque(maxlen=2000)


@app.before_serving
async def connect():
    await store.pool.open(wait=True)


@app.after_serving
async def disconnect():
    await store.pool.close()


@app.get("/healthz")
async def healthz():
    return "ok"


def write_visit(bed: int, pot_cm: int, rows: int) -> None:
    with open("visits.log", "a") as log:
        log.write(f"{time.time():.3f} bed={bed} pot={pot_cm} rows={rows}\n")


@app.get("/beds/<int:number>/stock")
async def bed_stock(number: int):
    pot_cm = request.args.get("size", 12, type=int)
    bed = await store.bed(number)
    if bed is None:
        abort(404)
    plants = await store.plants(number, pot_cm)
    prices = await store.price_list(pot_cm)
    total = await store.house_total(bed["house"])
    lines = []
    for plant in plants:
        price = prices.get(plant["species"], 0.0)
        lines.append({**plant, "price": price, "worth": round(price * plant["count"], 2)})
    recent.append((number, pot_cm, lines))
    await asyncio.to_thread(write_visit, number, pot_cm, len(lines))
    return jsonify(bed=bed, plants=lines, worth=round(sum(line["worth"] for line in lines), 2), house_total=total)


@app.get("/beds/recent")
async def recent_visits():
    return jsonify([{"bed": bed, "size": size, "rows": len(lines)} for bed, size, lines in list(recent)[-50:]])


if __name__ == "__main__":
    config = Config()
    config.bind = [f"127.0.0.1:{os.environ['PORT']}"]
    config.accesslog = None
    config.errorlog = None
    asyncio.run(serve(app, config))
