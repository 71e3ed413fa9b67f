from flask import Flask, abort

import ratings

GRAPES = ("Riesling", "Silvaner", "Pinot noir", "Merlot")


def describe(number: int) -> dict:
    year = 2001 + number % 20
    return {"number": number, "grape": GRAPES[number % 4], "year": year, "drink_until": year + 6 + number % 9}


def create_app() -> Flask:
    app = Flask(__name__)

    @app.get("/bottles/<int:number>")
    def bottle(number: int):
        if not 0 < number < 5000:
            abort(404)
        known = describe(number)
        known["critics"] = ratings.critics_score(number)
        return known

    @app.get("/bottles")
    def bottles():
        return {"bottles": [describe(n) for n in range(1, 50)]}

    @app.get("/healthz")
    def healthz():
        return {"ok": True}

    return app
