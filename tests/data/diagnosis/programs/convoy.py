"""Four threads compute, and pass through one short lock again and again."""

import threading

LOCK = threading.Lock()
COUNTS: dict[int, int] = {}


def counted(number: int) -> None:
    with LOCK:
        COUNTS[number] = COUNTS.get(number, 0) + 1


def step(number: int) -> None:
    counted(sum(i * i for i in range(40)) % 7 + number)


def work(number: int) -> None:
    while True:
        step(number)


for each in range(4):
    threading.Thread(target=work, args=(each,), daemon=True).start()
print("ready 0", flush=True)
threading.Event().wait()
