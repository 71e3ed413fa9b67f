"""A parent with three forked workers, of which one spins: for the tests of the recorders."""

import os
import signal
import sys
import time


def spins():
    while True:
        sum(i * i for i in range(500))  # SPINS


def rests():
    while True:
        time.sleep(1)


def main(seconds):
    workers = []
    for number in range(3):
        worker = os.fork()
        if worker == 0:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.alarm(int(seconds))
            spins() if number == 1 else rests()
        workers.append(worker)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    try:
        time.sleep(seconds)
    finally:
        for worker in workers:
            os.kill(worker, signal.SIGKILL)


if __name__ == "__main__":
    main(float(sys.argv[1]))
