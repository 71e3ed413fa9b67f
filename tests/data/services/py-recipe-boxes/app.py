"""Recipe boxes: what is in them, and how many can be packed in each depot this week."""
import asyncio
import os
from collections import Counter

from hypercorn.asyncio import serve
from hypercorn.config import Config
from quart import Quart, abort, jsonify, request

from depots import DEPOTS, DepotClient, DepotError, Stock

RECIPES = {
    "lentil-pot": {"lentils": 2, "carrots": 3, "leek": 1, "stock-cube": 1},
    "gnocchi": {"gnocchi": 2, "spinach": 1, "cream": 1, "nutmeg": 1},
    "shakshuka": {"eggs": 6, "tomatoes": 4, "peppers": 2, "cumin": 1},
    "fish-pie": {"cod": 2, "potatoes": 5, "leek": 1, "cream": 1},
    "ramen": {"noodles": 2, "eggs": 2, "pak-choi": 2, "miso": 1},
    "moussaka": {"aubergine": 3, "potatoes": 3, "tomatoes": 3, "nutmeg": 1},
}
BOXES = {
    "family-veg": ("lentil-pot", "gnocchi", "shakshuka"),
    "family-all": ("fish-pie", "ramen", "moussaka", "lentil-pot"),
    "couple": ("gnocchi", "ramen"),
}
SAFETY = 0.95

app = Quart(__name__)
depots = DepotClient()


def goods_of(box: str) -> Counter:
    needed: Counter = Counter()
    for recipe in BOXES[box]:
        needed.update(RECIPES[recipe])
    return needed


def packable(needed: Counter, stock: dict[str, Stock]) -> tuple[int, str]:
    """How many boxes the stock is enough for, and which of the goods runs out first."""
    limits = {goods: int(stock[goods].free * SAFETY) // amount for goods, amount in needed.items()}
    scarce = min(limits, key=limits.get)
    return limits[scarce], scarce


def season(week: int) -> str:
    return ("winter", "spring", "summer", "autumn")[(week + 3) % 53 // 13 % 4]


async def box_availability(box: str, week: int) -> dict:
    needed = goods_of(box)
    rows = []
    for depot, stock in depots.everywhere(sorted(needed)).items():
        count, scarce = packable(needed, stock)
        rows.append({"depot": depot, "boxes": count, "runs_out_first": scarce})
    return {"box": box, "week": week, "season": season(week), "boxes": sum(row["boxes"] for row in rows), "depots": rows}


@app.get("/boxes")
async def boxes():
    return jsonify({box: list(recipes) for box, recipes in BOXES.items()})


@app.get("/boxes/<box>/availability")
async def availability(box: str):
    if box not in BOXES:
        abort(404)
    week = request.args.get("week", default=1, type=int)
    if not 1 <= week <= 53:
        abort(400)
    return jsonify(await box_availability(box, week))


@app.get("/boxes/<box>/goods")
async def goods(box: str):
    if box not in BOXES:
        abort(404)
    return jsonify(goods_of(box))


@app.get("/depots/<depot>/goods/<name>")
async def goods_in_depot(depot: str, name: str):
    if depot not in DEPOTS:
        abort(404)
    stock = await asyncio.to_thread(depots.in_depot, depot, [name])
    return jsonify({"depot": depot, "goods": name, "free": stock[name].free})


@app.get("/recipes/<recipe>")
async def recipe_card(recipe: str):
    if recipe not in RECIPES:
        abort(404)
    return jsonify({"recipe": recipe, "goods": RECIPES[recipe], "boxes": [b for b, r in BOXES.items() if recipe in r]})


@app.errorhandler(DepotError)
async def no_depot(error: DepotError):
    return jsonify({"error": str(error)}), 502


@app.get("/healthz")
async def healthz():
    return jsonify(status="ok")


if __name__ == "__main__":
    config = Config()
    config.bind = [f"127.0.0.1:{os.environ['PORT']}"]
    config.accesslog = None
    asyncio.run(serve(app, config))
