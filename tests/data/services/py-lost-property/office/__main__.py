import os

from flask import Flask, jsonify, request
from waitress import serve

from . import matching, shelf

app = Flask("office")


@app.post("/claims/match")
def match():
    claim = request.get_json()
    if claim.get("station") not in shelf.STATIONS:
        return jsonify(error="unknown station"), 422
    return jsonify(matching.best_matches(claim["station"], claim.get("description", "")))


@app.get("/stations/<name>")
def station(name):
    return jsonify(count=len(shelf.at(name)))


@app.get("/ping")
def ping():
    return "pong"


serve(app, listen=f"127.0.0.1:{os.environ['PORT']}", threads=6, _quiet=True)
