"""Prices of a bakery's loaves; each answer is signed."""

import hashlib
import hmac
import os

from flask import Flask, jsonify
from waitress import serve

app = Flask(__name__)
LOAVES = {f"loaf-{n}": 180 + n * 3 for n in range(60)}
KEY = b"bakery"


@app.get("/healthz")
def healthz():
    return jsonify(ok=True)


def signature(text):
    return hmac.new(KEY, hashlib.pbkdf2_hmac("sha256", text, KEY, 4000), "sha256").hexdigest()


@app.get("/prices")
def prices():
    listed = [{"loaf": name, "cents": cents} for name, cents in sorted(LOAVES.items())]
    return jsonify(prices=listed, signature=signature(repr(listed).encode()))


serve(app, host="127.0.0.1", port=int(os.environ["PORT"]), threads=64)
