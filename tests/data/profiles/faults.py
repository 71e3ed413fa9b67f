"""A program with one known hot function, lock, wait, allocation site and asyncio lock.

Written for the tests of the Python recorders; the comments mark the lines they look for.
"""

import asyncio
import sys
import threading
import time

LOCK = threading.Lock()
KEPT = []
TEXT = "banana" * 3_000


def hot():  # allocates nothing: small numbers and letters are there already
    count = 0
    for letter in TEXT:
        count = (count + (letter == "a")) % 200  # HOT
    return count


def holds():
    while True:
        with LOCK:
            time.sleep(0.05)  # HELD
        time.sleep(0.002)


def stands():
    while True:
        with LOCK:  # STANDS
            pass
        time.sleep(0.001)


def sleeps():
    while True:
        time.sleep(0.5)  # SLEEPS


def allocates():
    KEPT.append(bytearray(5_000_000))  # ALLOCATES
    del KEPT[:-3]


async def tasks():
    lock = asyncio.Lock()

    async def keeps():
        while True:
            async with lock:
                await asyncio.sleep(0.2)  # KEEPS

    async def wants():
        while True:
            async with lock:  # WANTS
                pass

    await asyncio.gather(keeps(), wants())


def main(seconds):
    for function in (holds, stands, sleeps):
        threading.Thread(target=function, name=function.__name__, daemon=True).start()
    threading.Thread(target=lambda: asyncio.run(tasks()), name="loop", daemon=True).start()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        hot()
        allocates()
        time.sleep(0.005)


if __name__ == "__main__":
    main(float(sys.argv[1]))
