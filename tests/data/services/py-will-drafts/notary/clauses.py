"""The wording of a will."""
from datetime import date

CLAUSES = {
    "burial": "I wish to be buried according to the custom of my parish.",
    "executor": "I name the notary of {place} as the executor of this will.",
    "guardian": "Should a child of mine be under age, {first} shall be its guardian.",
    "residue": "What is left goes to {names} by the shares named above.",
    "revocation": "I revoke all wills that I, {testator}, made before this one.",
}
ALLOWANCE = 100_000
BANDS = ((0.05, 8_000), (0.10, 12_000), (0.20, 550_000), (0.30, 900_000), (0.40, None))


def age(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def duty(inheritance: float) -> float:
    left, below, total = max(0.0, inheritance - ALLOWANCE), 0, 0.0
    for rate, limit in BANDS:
        part = left if limit is None else min(left, limit - below)
        total += part * rate
        left -= part
        below = limit or below
    return round(total, 2)


def wording(clause: str, **names: str) -> str:
    return CLAUSES[clause].format(**names)
