"""Waybill lines as the carriers send them: one segment string a line."""
import random
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass
class Waybill:
    number: str
    sender: str
    postcode: str
    picked_up: datetime
    weight: Decimal
    value: Decimal
    currency: str
    flags: frozenset


def raw_lines(depot: str, count: int) -> list[str]:
    rng = random.Random(depot)
    lines = []
    for _ in range(count):
        body = f"{rng.randrange(10**10, 10**11)}"
        check = sum((3 if i % 2 else 1) * int(d) for i, d in enumerate(body)) % 10
        lines.append(
            f"WB+{body}{check}+{rng.choice(['müller gmbh', 'Novak & Co', 'ATELIER ROUX', 'kern  ag'])}"
            f"+{rng.choice(['04159', '1010', 'SW1A 1AA', '75008'])}"
            f"+2024{rng.randint(1, 12):02}{rng.randint(1, 28):02}T{rng.randint(6, 21):02}{rng.randint(0, 59):02}"
            f"+{rng.randint(1, 320)},{rng.randint(0, 9)}{rng.choice(['KG', 'LB'])}"
            f"+{rng.choice(['EUR', 'GBP', 'CHF'])}{rng.randint(10, 9000)}.{rng.randint(0, 99):02}"
            f"+{rng.choice(['F', 'F:H', 'D', 'D:I:F', ''])}'")
    return lines


def split_segment(line: str) -> list[str]:
    text = line.rstrip("'").strip()
    head, *fields = text.split("+")
    if head != "WB" or len(fields) != 7:
        raise ValueError(f"unknown segment {head}")
    return [field.strip() for field in fields]


def has_valid_check(number: str) -> bool:
    total = 0
    for position, digit in enumerate(number[:-1]):
        total += int(digit) * (3 if position % 2 else 1)
    return total % 10 == int(number[-1])


def tidy_name(name: str) -> str:
    words = [w for w in name.replace("&", " & ").split(" ") if w]
    return " ".join(w.upper() if w.lower() in ("ag", "gmbh", "co") else w.capitalize() for w in words)


def tidy_postcode(code: str) -> str:
    code = "".join(ch for ch in code.upper() if ch.isalnum())
    return f"{code[:-3]} {code[-3:]}" if not code.isdigit() else code.zfill(5)


def parse_stamp(text: str) -> datetime:
    return datetime(int(text[:4]), int(text[4:6]), int(text[6:8]), int(text[9:11]), int(text[11:13]))


def parse_weight(text: str) -> Decimal:
    amount, unit = Decimal(text[:-2].replace(",", ".")), text[-2:]
    return (amount * Decimal("0.45359237")).quantize(Decimal("0.1")) if unit == "LB" else amount


def parse_flags(text: str) -> frozenset:
    names = {"F": "fragile", "H": "heavy", "D": "documents", "I": "insured"}
    return frozenset(names[part] for part in text.split(":") if part)


def parse_line(line: str) -> Waybill:
    number, sender, postcode, stamp, weight, value, flags = split_segment(line)
    if not has_valid_check(number):
        raise ValueError(f"check digit of {number}")
    return Waybill(number, tidy_name(sender), tidy_postcode(postcode), parse_stamp(stamp),
                   parse_weight(weight), Decimal(value[3:]), value[:3], parse_flags(flags))
