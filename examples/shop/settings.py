"""What the environment says."""

import os

DATABASE_URL = os.environ.get("DATABASE_URL", "postgresql://127.0.0.1/shop").replace(
    "postgresql://", "postgresql+psycopg://", 1
)
PAYMENTS_URL = os.environ.get("PAYMENTS_URL", "http://127.0.0.1:8001")
PORT = int(os.environ.get("PORT", "8000"))
THREADS = 8

_faults = frozenset(filter(None, os.environ.get("SHOP_FAULT", "").split(",")))


def fault(name: str) -> bool:
    """Tell whether one of the deliberate mistakes is switched on (see ../README.md)."""
    return name in _faults
