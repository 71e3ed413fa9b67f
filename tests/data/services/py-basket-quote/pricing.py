"""The steps from a basket line to a quoted line."""
import datetime as dt
import unicodedata
import zlib
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
VAT = {"food": Decimal("0.07"), "book": Decimal("0.07"), "home": Decimal("0.19"), "toys": Decimal("0.19")}
BANDS = [(500, Decimal("0.90")), (2000, Decimal("1.80")), (5000, Decimal("3.20")), (31500, Decimal("6.40"))]
STEPS = [(50, Decimal("0.12")), (20, Decimal("0.08")), (10, Decimal("0.05")), (0, Decimal("0"))]
HOLIDAYS = {dt.date(2024, 5, 1), dt.date(2024, 5, 9), dt.date(2024, 5, 20)}


def normal_sku(sku: str) -> str:
    return "-".join(part.zfill(3) for part in sku.strip().upper().split("-"))


def slug(title: str) -> str:
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return "-".join("".join(c if c.isalnum() else " " for c in plain.lower()).split())


def net(line: dict) -> Decimal:
    return (Decimal(line["price"]) * line["quantity"]).quantize(CENT, ROUND_HALF_UP)


def rebate(line: dict, amount: Decimal) -> Decimal:
    for minimum, share in STEPS:
        if line["quantity"] >= minimum:
            return (amount * share).quantize(CENT, ROUND_HALF_UP)
    return Decimal("0")


def loyalty(customer: dict, amount: Decimal) -> Decimal:
    years = max(0, 2024 - customer["since"])
    return (amount * Decimal(min(years, 10)) / Decimal(400)).quantize(CENT, ROUND_HALF_UP)


def freight(line: dict) -> Decimal:
    grams = line["grams"] * line["quantity"]
    parcels, rest = divmod(grams, 31500)
    price = BANDS[-1][1] * parcels
    return price + next(amount for limit, amount in BANDS if rest <= limit)


def packing(line: dict) -> dict:
    sides = sorted(line["size"], reverse=True)
    girth = 2 * (sides[1] + sides[2])
    return {"girth": girth, "bulky": sides[0] + girth > 300, "litres": round(sides[0] * sides[1] * sides[2] / 1000, 2)}


def arrival(line: dict, start: dt.date) -> dt.date:
    day, left = start, line["lead_days"]
    while left:
        day += dt.timedelta(days=1)
        if day.weekday() < 5 and day not in HOLIDAYS:
            left -= 1
    return day


def tax(line: dict, amount: Decimal) -> Decimal:
    return (amount * VAT[line["group"]]).quantize(CENT, ROUND_HALF_UP)


def reference(sku: str, quantity: int) -> str:
    return f"{zlib.crc32(f'{sku}/{quantity}'.encode()):08x}"


def money(amount: Decimal) -> str:
    whole, cents = f"{amount:,.2f}".split(".")
    return f"{whole.replace(',', '.')},{cents} EUR"


def notes(line: dict, pack: dict) -> list[str]:
    found = []
    if pack["bulky"]:
        found.append("bulky goods, delivered by forwarder")
    if line["lead_days"] > 4:
        found.append(f"made to order, {line['lead_days']} working days")
    if line["quantity"] >= 10:
        found.append("graduated price")
    return [note[0].upper() + note[1:] + "." for note in found]


def quote_line(line: dict, customer: dict, start: dt.date) -> dict:
    sku = normal_sku(line["sku"])
    amount = net(line)
    off = rebate(line, amount)
    off += loyalty(customer, amount - off)
    pack = packing(line)
    due = amount - off
    return {"sku": sku, "slug": slug(line["title"]), "reference": reference(sku, line["quantity"]), "net": money(amount),
            "off": money(off), "freight": money(freight(line)), "tax": money(tax(line, due)), "due": due,
            "arrives": arrival(line, start), "packing": pack, "notes": notes(line, pack)}
