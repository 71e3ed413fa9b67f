"""Desks that are told when a berth changes; each has a queue of its own."""
import queue
import time

DESKS = ("pilots", "tugs", "customs", "crane", "gate")
BOXES: dict[str, queue.Queue] = {desk: queue.Queue() for desk in DESKS}
DELIVERED = dict.fromkeys(DESKS, 0)


def announce(change: dict) -> None:
    for box in BOXES.values():
        box.put(change)


def listen(desk: str) -> None:
    while True:
        change = BOXES[desk].get()
        if change is None:
            return
        DELIVERED[desk] += 1
        change.setdefault("seen", {})[desk] = time.time()
