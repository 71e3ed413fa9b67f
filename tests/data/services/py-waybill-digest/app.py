"""The morning digest of a depot: every waybill on hand, priced and labelled."""
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

import falcon

import waybills

ON_HAND = {depot: waybills.raw_lines(depot, 3000) for depot in ("LEJ", "VIE", "BRU")}
RATES = {"EUR": Decimal(1), "GBP": Decimal("1.17"), "CHF": Decimal("1.04")}
BANDS = [(Decimal(5), Decimal("4.90")), (Decimal(20), Decimal("9.50")),
         (Decimal(70), Decimal("21.00")), (Decimal(400), Decimal("58.00"))]
SURCHARGES = {"fragile": Decimal("2.10"), "heavy": Decimal("6.00"), "insured": Decimal("1.25")}
CENT = Decimal("0.01")


def freight(weight: Decimal) -> Decimal:
    for limit, price in BANDS:
        if weight <= limit:
            return price
    return BANDS[-1][1]


def surcharge(flags: frozenset) -> Decimal:
    return sum((SURCHARGES.get(flag, Decimal(0)) for flag in sorted(flags)), Decimal(0))


def in_euro(value: Decimal, currency: str) -> Decimal:
    return (value * RATES[currency]).quantize(CENT, ROUND_HALF_UP)


def next_departure(picked_up):
    day = picked_up + timedelta(hours=9)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return day.replace(hour=18, minute=30)


def zone(postcode: str) -> str:
    first = postcode[0]
    if first.isdigit():
        return f"D{int(first) // 3 + 1}"
    return "X" + first


def money(amount: Decimal) -> str:
    return f"{amount:,.2f} EUR".replace(",", " ")


def label(bill: waybills.Waybill) -> str:
    number = bill.number
    return f"{number[:3]}-{number[3:7]}-{number[7:]}/{zone(bill.postcode)}"


def digest_line(line: str) -> dict:
    bill = waybills.parse_line(line)
    price = freight(bill.weight) + surcharge(bill.flags)
    return {"label": label(bill), "sender": bill.sender, "to": bill.postcode, "flags": sorted(bill.flags),
            "leaves": next_departure(bill.picked_up).isoformat(timespec="minutes"),
            "price": money(price), "value": money(in_euro(bill.value, bill.currency)), "weight": float(bill.weight)}


class DepotDigest:
    def on_get(self, req, resp, depot):
        if depot not in ON_HAND:
            raise falcon.HTTPNotFound()
        lines = [digest_line(line) for line in ON_HAND[depot]]
        by_zone: dict[str, int] = {}
        for line in lines:
            key = line["label"].rsplit("/", 1)[1]
            by_zone[key] = by_zone.get(key, 0) + 1
        resp.media = {"depot": depot, "count": len(lines), "zones": by_zone,
                      "weight": round(sum(line["weight"] for line in lines), 1), "first": lines[:25]}


class Health:
    def on_get(self, req, resp):
        resp.text = "ok"


application = falcon.App()
application.add_route("/depots/{depot}/digest", DepotDigest())
application.add_route("/healthz", Health())
