"""Quotes of a parcel broker: one consignment, three carriers, the cheapest first."""
import os

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPBadGateway, HTTPBadRequest, HTTPNotFound, HTTPUnprocessableEntity
from waitress import serve

from consignment import DIVISOR, Consignment, Piece, TollOfficeError

CARRIERS = {
    "yellow": {"base": 6.1, "kg": 0.62, "bulky": 19.0, "alpine": 4.0, "express": 1.7, "max_kg": 30},
    "falcon": {"base": 4.9, "kg": 0.81, "bulky": 24.5, "alpine": 6.5, "express": 1.55, "max_kg": 40},
    "northway": {"base": 9.8, "kg": 0.44, "bulky": 12.0, "alpine": 9.0, "express": 2.1, "max_kg": 120},
}
VAT = 0.081


def parse_piece(values) -> Piece:
    try:
        piece = Piece(*map(float, values))
    except (TypeError, ValueError):
        raise HTTPBadRequest("a piece is [length, width, height, kg]") from None
    if min(piece.length, piece.width, piece.height, piece.kg) <= 0:
        raise HTTPUnprocessableEntity("nothing may be zero")
    return piece


def parse_consignment(request) -> Consignment:
    try:
        body = request.json_body
        origin, target, pieces = str(body["from"]), str(body["to"]), body["pieces"]
        service = body.get("service", "standard")
    except (ValueError, KeyError, TypeError, AttributeError):
        raise HTTPBadRequest("from, to and pieces are needed") from None
    if service not in DIVISOR or not pieces or len(pieces) > 40:
        raise HTTPUnprocessableEntity("service or pieces")
    return Consignment(origin, target, [parse_piece(piece) for piece in pieces], service)


def price(carrier: dict, consignment: Consignment) -> float:
    amount = carrier["base"] + carrier["kg"] * consignment.billed_kg + carrier["bulky"] * consignment.bulky_pieces
    amount += consignment.toll["amount"] * (1.0 if consignment.billed_kg < 20 else 1.4)
    if consignment.alpine:
        amount += carrier["alpine"]
    if consignment.service == "express":
        amount *= carrier["express"]
    return amount


def offer(name: str, consignment: Consignment) -> dict:
    net = price(CARRIERS[name], consignment)
    days = consignment.toll["days"] + (0 if consignment.service == "express" else 1)
    return {"carrier": name, "net": round(net, 2), "gross": round(net * (1 + VAT), 2), "days": days}


def quotes(request):
    consignment = parse_consignment(request)
    able = [name for name, carrier in CARRIERS.items() if max(p.kg for p in consignment.pieces) <= carrier["max_kg"]]
    try:
        offers = sorted((offer(name, consignment) for name in able), key=lambda o: (o["gross"], o["days"]))
    except TollOfficeError as error:
        raise HTTPBadGateway(str(error)) from None
    return {"billed_kg": consignment.billed_kg, "offers": offers}


def weigh(request):
    consignment = parse_consignment(request)
    return {"billed_kg": consignment.billed_kg, "bulky": consignment.bulky_pieces, "pieces": len(consignment.pieces)}


def carrier(request):
    found = CARRIERS.get(request.matchdict["name"])
    if found is None:
        raise HTTPNotFound()
    return found


def make_app():
    with Configurator() as config:
        for name, path, view, method in (("quotes", "/quotes", quotes, "POST"), ("weigh", "/weigh", weigh, "POST"),
                                         ("carrier", "/carriers/{name}", carrier, "GET"),
                                         ("ok", "/ok", lambda request: {"ok": True}, "GET")):
            config.add_route(name, path)
            config.add_view(view, route_name=name, request_method=method, renderer="json")
        return config.make_wsgi_app()


if __name__ == "__main__":
    serve(make_app(), host="127.0.0.1", port=int(os.environ["PORT"]), threads=16, _quiet=True)
