"""Weighs crates of fruit in; every crate is a line in the day's journal."""

import json
import os
import tempfile
import threading
import time

from flask import Flask, jsonify, request

app = Flask(__name__)
FOLDER = os.environ.get("JOURNAL_DIR") or tempfile.mkdtemp(prefix="journal-", dir=os.getcwd())


@app.get("/healthz")
def healthz():
    return jsonify(ok=True)


def write_line(name, line):
    path = os.path.join(FOLDER, name)
    out = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(out, json.dumps(line).encode() + b"\n")
        os.fsync(out)
    finally:
        os.close(out)


def write_total(name, kilos):
    path = os.path.join(FOLDER, name)
    with open(path + ".new", "w") as out:
        out.write(f"{kilos}\n")
        out.flush()
        os.fsync(out.fileno())
    os.replace(path + ".new", path)


@app.post("/crates")
def crates():
    delivery = request.get_json()
    at = time.time()
    for number, crate in enumerate(delivery["crates"]):
        write_line(f"{crate['kind']}.journal", {"at": at, "number": number, **crate})
        write_total(f"{crate['kind']}-{threading.get_ident()}-{os.getpid()}.total", crate["kg"])
    return jsonify(stored=len(delivery["crates"])), 201
