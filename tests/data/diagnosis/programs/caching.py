"""A cache that loses what is asked for again, a record of what came last, and a filled cache."""

import itertools
import sys
import time
from collections import OrderedDict


class Kept:
    """Keeps the entries last asked for, as a library's object does."""

    def __init__(self, size):
        self.size = size
        self.held = OrderedDict()

    def get(self, key, make):
        if key in self.held:
            self.held.move_to_end(key)
        else:
            self.held[key] = make(key)
            if len(self.held) > self.size:
                self.held.popitem(last=False)
        return self.held[key]


class Sheets:
    """No module has a name for its only object: it is found while a method of it runs."""

    def __init__(self):
        self.tight, self.roomy, self.last = Kept(8), Kept(64), OrderedDict()

    def turn(self, number):
        for page in range(12):
            self.tight.get((number % 2, "page", page), len)
            self.roomy.get(("page", page), len)
        self.last[f"turn {number}"] = number
        if len(self.last) > 8:
            self.last.popitem(last=False)
        time.sleep(0.005)

    def run(self):
        for number in itertools.count():
            self.turn(number)


print("ready", 0, flush=True)
sys.exit(Sheets().run())
