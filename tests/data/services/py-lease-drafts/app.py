"""Drafts of leases, put together from the clauses of the legal department."""
import os
from dataclasses import dataclass, field

import waitress
from flask import Flask, abort, render_template
from jinja2 import FunctionLoader

import clauses


@dataclass
class Fee:
    topic: str
    name: str
    amount: float
    monthly: bool = True


@dataclass
class Lease:
    number: str
    tenant: str
    landlord: str
    street: str
    start: str
    months: int
    commercial: bool = False
    furnished: bool = False
    shared: bool = False
    fees: list[Fee] = field(default_factory=list)

    def clause_kinds(self) -> list[str]:
        return ["general", "commercial" if self.commercial else "private", "closing"]


LEASES = {lease.number: lease for lease in [
    Lease("L-2207", "ada brandt", "Hafen Wohnbau", "Kaistrasse 9", "2024-10-01", 36, furnished=True,
          fees=[Fee("heating", "Gas", 84.5), Fee("parking", "Bay 14", 55.0), Fee("keys", "Extra key", 35.0, False)]),
    Lease("L-2208", "Ofen & Brot", "Hafen Wohnbau", "Kaistrasse 11", "2024-11-01", 60, commercial=True),
]}

app = Flask(__name__)
app.jinja_options = {"cache_size": 25, "auto_reload": False, "trim_blocks": True, "lstrip_blocks": True}
app.jinja_loader = FunctionLoader(clauses.clause_text)


@app.get("/healthz")
def healthz():
    return "ok"


def draft_clauses(lease: Lease) -> list[str]:
    drafted = []
    for number, name in enumerate(clauses.names_for(lease.clause_kinds()), start=1):
        drafted.append(render_template(name, lease=lease, number=number))
    return drafted


@app.get("/leases/<number>/draft")
def lease_draft(number: str):
    lease = LEASES.get(number)
    if lease is None:
        abort(404)
    return render_template("frame", lease=lease, clauses=draft_clauses(lease))


@app.get("/leases/<number>/clauses/<kind>/<topic>")
def one_clause(number: str, kind: str, topic: str):
    if number not in LEASES or f"{kind}/{topic}" not in clauses.CLAUSES:
        abort(404)
    return render_template(f"{kind}/{topic}", lease=LEASES[number], number=1)


if __name__ == "__main__":
    waitress.serve(app, host="127.0.0.1", port=int(os.environ["PORT"]), threads=8)
