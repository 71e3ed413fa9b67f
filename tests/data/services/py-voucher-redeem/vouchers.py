import threading
import time
from dataclasses import dataclass, field


class Refused(Exception):
    pass


@dataclass
class Voucher:
    code: str
    balance: float
    valid_until: float
    used: int = 0
    guard: threading.Lock = field(default_factory=threading.Lock)


class Vouchers:
    def __init__(self):
        year = 365 * 86_400
        self._known = {f"V-{n}": Voucher(f"V-{n}", 5_000_000.0, time.time() + year) for n in range(7700, 7800)}

    def redeem(self, code: str, amount: float) -> Voucher:
        voucher = self._known.get(code)
        if voucher is None:
            raise Refused("unknown")
        if voucher.valid_until < time.time():
            raise Refused("lapsed")
        with voucher.guard:
            if voucher.balance < amount:
                raise Refused("not enough left")
            voucher.balance = round(voucher.balance - amount, 2)
            voucher.used += 1
        return voucher

    def balance(self, code: str) -> float | None:
        voucher = self._known.get(code)
        return voucher.balance if voucher else None
