"""Payslips of a plant's shift workers for a month."""
import hashlib
import html
import json
import logging
import os
import random
import string
import textwrap
from collections import defaultdict
from datetime import date
from decimal import Decimal

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPBadRequest, HTTPNotFound
from waitress import serve

from payroll import Worker, clock_file, pay_of, read_lines, taxes

log = logging.getLogger("payslips")
LINE = string.Template("$day  $from-$to  $hours h  $base EUR $extra")
PLANTS = {"kiel": 100, "emden": 20, "husum": 12}


def staff(plant: str, count: int) -> list[Worker]:
    rng = random.Random(plant)
    return [Worker(badge=f"{plant[:2].upper()}-{rng.choice('ABC')}{i:03}", name=f"{rng.choice('ABEJKLMST')}. Worker {i} & Co",
                   born=date(1962 + rng.randrange(44), 1 + rng.randrange(12), 1 + rng.randrange(28)),
                   iban=f"DE{rng.randrange(10**19, 10**20)}") for i in range(1, count + 1)]


STAFF = {plant: staff(plant, count) for plant, count in PLANTS.items()}


def money(amount: Decimal) -> str:
    whole, _, cents = f"{amount:,.2f}".partition(".")
    return f"{whole.replace(',', '.')},{cents}"


def masked(iban: str) -> str:
    groups = [iban[i:i + 4] for i in range(0, len(iban), 4)]
    return " ".join(groups[:1] + ["****"] * (len(groups) - 2) + groups[-1:])


def line_text(pay: dict) -> str:
    line = pay["line"]
    extra = ", ".join(f"{kind} {money(amount)}" for kind, amount in pay["extra"].items())
    return LINE.substitute(day=line.came.strftime("%a %d.%m."), to=line.left.strftime("%H:%M"), hours=line.hours.normalize(),
                           base=money(pay["base"]), extra=f"({extra})" if extra else "", **{"from": line.came.strftime("%H:%M")})


def letter(worker: Worker, gross: Decimal, net: Decimal, remarks: list[str]) -> str:
    text = (f"Dear {worker.name}, for your work this month we pay {money(net)} EUR to your account {masked(worker.iban)}. "
            f"Before deductions these were {money(gross)} EUR. " + " ".join(f"Note: {remark}." for remark in remarks))
    return "<p>" + "<br>".join(html.escape(part) for part in textwrap.wrap(text, 72)) + "</p>"


def payslip(worker: Worker, pays: list[dict]) -> dict:
    gross = sum((pay["sum"] for pay in pays), Decimal(0))
    deductions = taxes(gross, worker.born)
    net = gross - sum(deductions.values())
    slip = {
        "worker": worker.model_dump(mode="json", exclude={"iban"}),
        "account": masked(worker.iban),
        "lines": [line_text(pay) for pay in pays],
        "deductions": {name: money(amount) for name, amount in deductions.items()},
        "gross": money(gross),
        "net": money(net),
        "letter": letter(worker, gross, net, sorted({pay["line"].remark for pay in pays} - {""})),
    }
    slip["seal"] = hashlib.sha256(json.dumps(slip, sort_keys=True).encode()).hexdigest()
    log.info("payslip of %s: %s", worker.badge, slip["net"])
    return slip


def month_of(request) -> date:
    try:
        return date.fromisoformat(request.params["month"] + "-01")
    except (KeyError, ValueError):
        raise HTTPBadRequest("month?") from None


def staff_of(request) -> tuple[str, list[Worker]]:
    plant = request.matchdict["plant"]
    if plant not in STAFF:
        raise HTTPNotFound()
    return plant, STAFF[plant]


def payslips(request):
    (plant, workers), month = staff_of(request), month_of(request)
    pays = defaultdict(list)
    for line in read_lines(clock_file(plant, month, workers)):
        pays[line.badge].append(pay_of(line))
    return {"plant": plant, "month": month.isoformat(), "payslips": [payslip(w, pays[w.badge]) for w in workers]}


def workers(request):
    _, found = staff_of(request)
    return {"workers": [worker.model_dump(mode="json", include={"badge", "name"}) for worker in found]}


def healthz(request):
    return {"status": "ok"}


def signed(handler, registry):
    def tween(request):
        response = handler(request)
        response.headers["X-Checksum"] = hashlib.blake2b(response.body, digest_size=12).hexdigest()
        return response
    return tween


def compact(handler, registry):
    """Older clients choke on empty fields."""
    def without_empty(value):
        if isinstance(value, dict):
            return {key: without_empty(v) for key, v in value.items() if v not in ("", None, [])}
        return [without_empty(v) for v in value] if isinstance(value, list) else value

    def tween(request):
        response = handler(request)
        if response.content_type == "application/json":
            response.body = json.dumps(without_empty(response.json_body), indent=1).encode()
        return response
    return tween


def make_app():
    with Configurator() as config:
        config.add_tween("__main__.compact")
        config.add_tween("__main__.signed")
        for name, path, view in (("payslips", "/plants/{plant}/payslips", payslips), ("workers", "/plants/{plant}/workers", workers),
                                 ("healthz", "/healthz", healthz)):
            config.add_route(name, path)
            config.add_view(view, route_name=name, renderer="json")
        return config.make_wsgi_app()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, filename=os.devnull, format="%(asctime)s %(levelname)s %(message)s")
    serve(make_app(), host="127.0.0.1", port=int(os.environ["PORT"]), threads=6, _quiet=True)
