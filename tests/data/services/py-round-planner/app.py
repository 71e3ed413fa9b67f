"""Plans the rounds of a bakery's delivery vans."""
import os
import random
import threading

import cherrypy

from streets import SIDE, leg

BAKERY = 5 * SIDE + 6
UNLOADING = {"cafe": 240.0, "shop": 420.0, "school": 600.0}
KINDS = list(UNLOADING)
IMPROVEMENTS = 20


class Customers:
    def __init__(self, count: int = 60):
        dice = random.Random(4)
        crossings = dice.sample([n for n in range(SIDE * SIDE) if n != BAKERY], count)
        self.by_id = {f"c{i:02d}": (crossing, KINDS[i % 3]) for i, crossing in enumerate(crossings)}

    def crossing(self, customer: str) -> int:
        return self.by_id[customer][0]

    def unloading(self, customer: str) -> float:
        return UNLOADING[self.by_id[customer][1]]

    def of_round(self, name: str) -> list[str]:
        """Rounds share customers: the early one has most, the late one those that ordered again."""
        share = {"early": 3, "noon": 2, "late": 1}.get(name)
        if share is None:
            raise cherrypy.NotFound()
        return [customer for i, customer in enumerate(self.by_id) if i % 3 < share]


def duration(stops: list[int]) -> float:
    way = [BAKERY, *stops, BAKERY]
    return sum(leg(a, b) for a, b in zip(way, way[1:]))


def nearest_first(stops: list[int], dice: random.Random) -> list[int]:
    left, order, here = stops[:], [], BAKERY
    while left:
        few = dice.sample(left, min(4, len(left)))
        here = min(few, key=lambda stop: leg(here, stop))
        left.remove(here)
        order.append(here)
    return order


def swap_gain(order: list[int], i: int, j: int) -> float:
    """What turning round the stops i..j saves."""
    before = order[i - 1] if i else BAKERY
    after = order[j + 1] if j + 1 < len(order) else BAKERY
    return leg(before, order[i]) + leg(order[j], after) - leg(before, order[j]) - leg(order[i], after)


def improved(order: list[int], dice: random.Random) -> tuple[list[int], int]:
    changes = 0
    for _ in range(IMPROVEMENTS):
        i, j = sorted(dice.sample(range(len(order)), 2))
        if swap_gain(order, i, j) > 1.0:
            order[i : j + 1] = reversed(order[i : j + 1])
            changes += 1
    return order, changes


class Board:
    """The best plan so far of each round."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._best: dict[str, dict] = {}

    def offer(self, name: str, plan: dict) -> dict:
        with self._guard:
            known = self._best.get(name)
            if known is None or plan["driving"] < known["driving"]:
                self._best[name] = plan
            return self._best[name]

    def get(self, name: str) -> dict | None:
        with self._guard:
            return self._best.get(name)


class Rounds:
    def __init__(self) -> None:
        self.customers = Customers()
        self.board = Board()

    def _plan(self, name: str) -> dict:
        dice = random.Random()
        customers = self.customers.of_round(name)
        by_crossing = {self.customers.crossing(c): c for c in customers}
        order, changes = improved(nearest_first(list(by_crossing), dice), dice)
        driving = duration(order)
        unloading = sum(self.customers.unloading(c) for c in customers)
        return {"round": name, "driving": round(driving), "total": round(driving + unloading), "changes": changes,
                "stops": [by_crossing[crossing] for crossing in order]}

    @cherrypy.expose
    @cherrypy.tools.allow(methods=["POST"])
    @cherrypy.tools.json_out()
    def plan(self, name: str = "early"):
        plan = self._plan(name)
        best = self.board.offer(name, plan)
        return {"plan": plan, "best": best["driving"]}

    @cherrypy.expose
    @cherrypy.tools.json_out()
    def best(self, name: str = "early"):
        found = self.board.get(name)
        if found is None:
            raise cherrypy.NotFound()
        return found

    @cherrypy.expose
    @cherrypy.tools.json_out()
    def eta(self, customer: str):
        if customer not in self.customers.by_id:
            raise cherrypy.NotFound()
        return {"customer": customer, "seconds": round(leg(BAKERY, self.customers.crossing(customer)))}


class Root:
    def __init__(self) -> None:
        self.rounds = Rounds()

    @cherrypy.expose
    @cherrypy.tools.json_out()
    def healthz(self):
        return {"status": "ok"}


if __name__ == "__main__":
    cherrypy.config.update({
        "environment": "production",
        "server.socket_host": "127.0.0.1",
        "server.socket_port": int(os.environ["PORT"]),
        "server.thread_pool": 8,
        "log.screen": False,
    })
    cherrypy.quickstart(Root(), "/")
