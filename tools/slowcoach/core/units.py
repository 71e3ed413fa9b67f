"""Numbers with units, written as a person would read them."""

import math

_BYTES = ("B", "kB", "MB", "GB", "TB")
_KILO = 1000.0
_TIME_IN_S = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}
_STEPS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))
_MINUTE_S = 120.0


def number(value: float, digits: int = 3) -> str:
    """Return about `digits` significant digits: 1234.5 -> '1,234', 0.01234 -> '0.0123'."""
    if not math.isfinite(value):
        return "unknown"
    if value == 0:
        return "0"
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{min(decimals, 9)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def duration(seconds: float) -> str:
    """Return a time: 0.0123 -> '12.3 ms', 340 -> '5.67 min'."""
    if not math.isfinite(seconds):
        return "unknown"
    if abs(seconds) >= _MINUTE_S:
        return f"{number(seconds / 60)} min"
    for size, name in _STEPS:
        if abs(seconds) >= size:
            return f"{number(seconds / size)} {name}"
    return "0 s" if seconds == 0 else f"{number(seconds * 1e9)} ns"


def size(count: float) -> str:
    """Return a size in decimal units: 1500 -> '1.5 kB'."""
    value = float(count)
    for name in _BYTES[:-1]:
        if abs(value) < _KILO:
            return f"{number(value)} {name}"
        value /= _KILO
    return f"{number(value)} {_BYTES[-1]}"


def share(value: float) -> str:
    """Return a share of one as per cent: 0.4567 -> '45.7 %'."""
    return f"{number(value * 100)} %"


def quantity(value: float, unit: str) -> str:
    """Return a value with its unit; times and sizes are scaled, shares become per cent."""
    if unit in _TIME_IN_S:
        return duration(value * _TIME_IN_S[unit])
    if unit == "bytes":
        return size(value)
    if unit == "share":
        return share(value)
    if unit in {"", "count"}:
        return number(value)
    return f"{number(value)} {unit}"
