"""The notary's office: drafts of wills from the form that clients fill in at home."""
import os
import tempfile
from datetime import date
from pathlib import Path

from flask import Blueprint, Flask, abort, current_app, jsonify, request

from .clauses import CLAUSES, age, duty, wording
from .drafts import Draft, DraftFolder

PLACE = "Saint-Malo"
bp = Blueprint("wills", __name__)


def drafts() -> DraftFolder:
    return current_app.extensions["drafts"]


def checked(form) -> dict:
    try:
        shares = sum(heir["share"] for heir in form["heirs"])
        date.fromisoformat(form["born"])
        if shares != 100 or set(form["clauses"]) - set(CLAUSES) or not form["estate"]:
            abort(422)
    except (KeyError, TypeError, ValueError):
        abort(400)
    return form


def person(draft: Draft, form: dict) -> None:
    born = date.fromisoformat(form["born"])
    draft["testator"] = form["testator"].strip()
    draft["born"] = born.isoformat()
    draft["age"] = age(born, date.today())
    draft["place"] = PLACE


def estate(draft: Draft, form: dict) -> float:
    for item, value in form["estate"].items():
        draft[f"estate.{item}"] = float(value)
    total = sum(value for key, value in draft.items() if key.startswith("estate."))
    draft["total"] = total
    return total


def heirs(draft: Draft, form: dict, total: float) -> None:
    for number, heir in enumerate(form["heirs"], start=1):
        inherits = total * heir["share"] / 100
        draft[f"heir.{number}.name"] = heir["name"]
        draft[f"heir.{number}.share"] = heir["share"]
        draft[f"heir.{number}.inherits"] = round(inherits, 2)
        draft[f"heir.{number}.duty"] = duty(inherits)


def clauses(draft: Draft, form: dict) -> None:
    names = [heir["name"] for heir in form["heirs"]]
    for position, clause in enumerate(form["clauses"], start=1):
        draft[f"clause.{position}"] = clause
        draft[f"text.{position}"] = wording(clause, place=PLACE, first=names[0], names=" and ".join(names),
                                            testator=draft["testator"])


@bp.post("/wills")
def new_will():
    form = checked(request.get_json(silent=True))
    draft = drafts().new()
    person(draft, form)
    heirs(draft, form, estate(draft, form))
    clauses(draft, form)
    draft["state"] = "draft"
    return jsonify(number=draft.number, pages=1 + len(form["clauses"]) // 3,
                   duty=sum(v for k, v in draft.items() if k.endswith(".duty"))), 201


@bp.get("/wills/<number>")
def will(number):
    try:
        return jsonify(drafts().open(number))
    except (OSError, ValueError):
        abort(404)


@bp.post("/wills/<number>/signed")
def signed(number):
    try:
        draft = drafts().open(number)
    except (OSError, ValueError):
        abort(404)
    draft["state"] = "signed"
    return jsonify(number=number, state="signed")


@bp.delete("/wills/<number>")
def discard(number):
    try:
        drafts().discard(number)
    except ValueError:
        abort(404)
    return "", 204


@bp.get("/clauses")
def all_clauses():
    return jsonify(CLAUSES)


@bp.get("/ok")
def ok():
    return jsonify(ok=True)


def create_app() -> Flask:
    app = Flask(__name__)
    app.extensions["drafts"] = DraftFolder(Path(os.environ.get("DRAFTS") or tempfile.mkdtemp(prefix="wills-")))
    app.register_blueprint(bp)
    return app
