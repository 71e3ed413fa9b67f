"""Freight bills: from consignments as the lorries report them to lines that a customer can check."""
import csv
import io
import logging
import random
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

log = logging.getLogger("billing")
CENT = Decimal("0.01")
ZONES = {"1": Decimal("0.118"), "2": Decimal("0.142"), "3": Decimal("0.187"), "7": Decimal("0.231")}
DISCOUNTS = ((5000, Decimal("0.90")), (1500, Decimal("0.95")), (0, Decimal("1")))
SURCHARGES = {"cold": Decimal("18.50"), "adr": Decimal("42"), "lift": Decimal("9.90")}


@dataclass(frozen=True)
class Consignment:
    number: str
    customer: str
    loaded: datetime
    unloaded: datetime
    postcode: str
    kilos: int
    pallets: int
    services: tuple[str, ...]
    note: str | None


@dataclass(frozen=True)
class Line:
    number: str
    day: str
    hours: str
    zone: str
    chargeable_kilos: int
    freight: Decimal
    surcharges: Decimal
    net: Decimal
    vat: Decimal
    gross: Decimal
    text: str
    note: str | None


def report(customers: int, each: int) -> dict[str, str]:
    """What the lorries sent, one CSV text for each customer."""
    rng = random.Random(56)
    texts = {}
    for c in range(customers):
        out = io.StringIO()
        writer = csv.writer(out, delimiter=";")
        for i in range(each):
            loaded = datetime(2026, 2, 1, 5) + timedelta(minutes=rng.randrange(38_000))
            writer.writerow([f"C{c:02d}-{i:05d}", f"K{c:02d}", loaded.isoformat(sep=" "),
                             (loaded + timedelta(minutes=rng.randrange(50, 900))).isoformat(sep=" "),
                             f"{rng.choice('1237')}{rng.randrange(9999):04d}", rng.randrange(40, 9000),
                             rng.randrange(1, 30), "+".join(rng.sample(list(SURCHARGES), rng.randrange(3))),
                             rng.choice(["", "", "call first", "rear gate"])])
        texts[f"K{c:02d}"] = out.getvalue()
    return texts


def parse(text: str) -> list[Consignment]:
    found = []
    for number, customer, loaded, unloaded, postcode, kilos, pallets, services, note in csv.reader(
            io.StringIO(text), delimiter=";"):
        found.append(Consignment(number, customer, datetime.fromisoformat(loaded), datetime.fromisoformat(unloaded),
                                 postcode, int(kilos), int(pallets), tuple(filter(None, services.split("+"))), note or None))
    return found


def checked(consignment: Consignment) -> Consignment:
    problems = []
    if consignment.unloaded <= consignment.loaded:
        problems.append("times")
    if consignment.postcode[0] not in ZONES or not consignment.postcode.isdigit():
        problems.append("postcode")
    if unknown := set(consignment.services) - SURCHARGES.keys():
        problems.append(f"services {sorted(unknown)}")
    if problems:
        raise ValueError(f"{consignment.number}: {', '.join(problems)}")
    return consignment


def chargeable(consignment: Consignment) -> Consignment:
    return replace(consignment, kilos=max(consignment.kilos, consignment.pallets * 250))


def rounded(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def freight(consignment: Consignment) -> Decimal:
    rate = ZONES[consignment.postcode[0]]
    share = next(share for kilos, share in DISCOUNTS if consignment.kilos >= kilos)
    return rounded(rate * consignment.kilos * share)


def surcharges(consignment: Consignment) -> Decimal:
    return rounded(sum((SURCHARGES[s] for s in consignment.services), Decimal(0)))


def hours(consignment: Consignment) -> str:
    minutes = int((consignment.unloaded - consignment.loaded).total_seconds() // 60)
    return f"{minutes // 60}:{minutes % 60:02d}"


def money(amount: Decimal) -> str:
    return f"{amount:,.2f} EUR".replace(",", " ")


def wording(consignment: Consignment, net: Decimal) -> str:
    extras = ", ".join(sorted(consignment.services)).upper() or "none"
    return f"{consignment.loaded:%d.%m.%Y} to {consignment.postcode}, {consignment.kilos} kg, extras: {extras}: {money(net)}"


def line(consignment: Consignment) -> Line:
    carried, extra = freight(consignment), surcharges(consignment)
    net = carried + extra
    vat = rounded(net * Decimal("0.19"))
    return Line(consignment.number, consignment.loaded.date().isoformat(), hours(consignment), consignment.postcode[0],
                consignment.kilos, carried, extra, net, vat, net + vat, wording(consignment, net), consignment.note)


def plain(entry: Line) -> dict:
    values = ((f.name, getattr(entry, f.name)) for f in fields(entry))
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in values}


def audit(entry: Line) -> None:
    log.info("billed %s of %s: %s, %s with tax", entry.number, entry.day, entry.net, entry.gross)


def bill(text: str) -> dict:
    lines = []
    for consignment in sorted(parse(text), key=lambda c: (c.loaded, c.number)):
        entry = line(chargeable(checked(consignment)))
        audit(entry)
        lines.append(entry)
    net = sum((entry.net for entry in lines), Decimal(0))
    return {"net": str(net), "gross": str(sum((entry.gross for entry in lines), Decimal(0))), "net_text": money(net),
            "lines": [plain(entry) for entry in lines]}
