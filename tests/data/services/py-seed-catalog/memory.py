"""Keeps the process within what the host gives it."""
import gc
import os

SOFT_LIMIT_MB = int(os.environ.get("SOFT_LIMIT_MB", "64"))
PAGE = os.sysconf("SC_PAGE_SIZE")


def resident_mb() -> float:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * PAGE / 2**20


def keep_memory_low() -> bool:
    if resident_mb() < SOFT_LIMIT_MB:
        return False
    gc.collect()
    return True
