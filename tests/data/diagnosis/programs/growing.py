"""A list that gains an entry again and again; prints `ready` when it has begun."""

import time

KEPT: list[int] = []
print("ready", 0, flush=True)
while True:
    KEPT.append(len(KEPT))
    time.sleep(0.002)
