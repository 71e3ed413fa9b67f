"""Imports the timetables that schools send at the start of a term."""
from flask import Flask, abort, jsonify, request

import timetable
from protocol import protocol_for

app = Flask(__name__)


@app.get("/healthz")
def healthz():
    return "ok"


@app.post("/schools/<int:school>/timetable")
def import_timetable(school: int):
    sent = request.get_json()
    forms, term = sent.get("classes"), sent.get("term")
    if not forms or not term:
        abort(422)
    protocol = protocol_for(school)
    placed, clashes = timetable.plan(forms, term, protocol.log)
    protocol.log.warning("%d lessons placed, %d clashes", len(placed), clashes)
    by_class: dict[str, int] = {}
    for lesson in placed:
        by_class[lesson.form] = by_class.get(lesson.form, 0) + 1
    return jsonify(number=protocol.number, placed=by_class, clashes=clashes, warnings=protocol.warnings(), protocol=protocol.lines())
