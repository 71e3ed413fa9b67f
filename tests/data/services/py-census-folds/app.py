"""Kinship in an old census: who lived with whom, parish by parish."""
import gc
import os
import random
from contextlib import contextmanager

import falcon
from waitress import serve

PARISHES = 24
HOUSEHOLDS = 900
SURNAMES = ["Berg", "Dahl", "Lund", "Moe", "Haug", "Vik", "Strand", "Bakke"]
GIVEN = ["Anna", "Ole", "Kari", "Per", "Marit", "Lars", "Ingrid", "Nils"]
ROLES = ["head", "spouse", "child", "child", "servant", "lodger"]


class Entry:
    """One line of the census."""

    __slots__ = ("name", "role", "born", "trades")

    def __init__(self, name: str, role: str, born: int, trades: list[str]):
        self.name = name
        self.role = role
        self.born = born
        self.trades = trades


class Household:
    __slots__ = ("number", "farm", "entries")

    def __init__(self, number: int, farm: str, entries: list[Entry]):
        self.number = number
        self.farm = farm
        self.entries = entries


class Census:
    def __init__(self, seed: int = 1865):
        dice = random.Random(seed)
        self.parishes = {number: self._parish(number, dice) for number in range(1, PARISHES + 1)}

    @staticmethod
    def _parish(parish: int, dice: random.Random) -> list[Household]:
        households = []
        for number in range(HOUSEHOLDS):
            surname = dice.choice(SURNAMES)
            entries = [Entry(f"{dice.choice(GIVEN)} {surname}", role, dice.randint(1790, 1864), [f"t{parish % 7}"])
                       for role in ROLES[:dice.randint(2, 6)]]
            households.append(Household(number, f"{surname}-{number % 90}", entries))
        return households

    def parish(self, number: int) -> list[Household]:
        if number not in self.parishes:
            raise falcon.HTTPNotFound(title="no such parish")
        return self.parishes[number]


class Node:
    """A person in a kinship graph; relations go both ways."""

    def __init__(self, entry: Entry):
        self.entry = entry
        self.parents: list["Node"] = []
        self.children: list["Node"] = []

    def adopt(self, child: "Node") -> None:
        self.children.append(child)
        child.parents.append(self)


@contextmanager
def scratch_graph():
    """A graph for the length of one answer; its cycles are given back at the end."""
    nodes: list[Node] = []
    try:
        yield nodes
    finally:
        for node in nodes:
            node.entry = None
        nodes.clear()
        gc.collect()


def link_household(nodes: list[Node], household: Household) -> None:
    heads = []
    for entry in household.entries:
        node = Node(entry)
        nodes.append(node)
        if entry.role in ("head", "spouse"):
            heads.append(node)
        elif entry.role == "child":
            for head in heads:
                head.adopt(node)


def age_gaps(nodes: list[Node]) -> dict[str, int]:
    gaps = {"under_20": 0, "20_to_40": 0, "over_40": 0}
    for node in nodes:
        for child in node.children:
            gap = child.entry.born - node.entry.born
            gaps["under_20" if gap < 20 else "20_to_40" if gap <= 40 else "over_40"] += 1
    return gaps


class Kinship:
    def __init__(self, census: Census):
        self._census = census

    def on_get(self, req: falcon.Request, resp: falcon.Response, parish: int) -> None:
        households = self._census.parish(parish)
        farms = req.get_param_as_int("households", default=600, min_value=1, max_value=HOUSEHOLDS)
        with scratch_graph() as nodes:
            for household in households[:farms]:
                link_household(nodes, household)
            parents = sum(1 for node in nodes if node.children)
            resp.media = {"parish": parish, "people": len(nodes), "parents": parents, "age_gaps": age_gaps(nodes)}


class HouseholdPage:
    def __init__(self, census: Census):
        self._census = census

    def on_get(self, req: falcon.Request, resp: falcon.Response, parish: int, number: int) -> None:
        households = self._census.parish(parish)
        if number >= len(households):
            raise falcon.HTTPNotFound()
        found = households[number]
        resp.media = {"farm": found.farm,
                      "people": [{"name": e.name, "role": e.role, "born": e.born} for e in found.entries]}


class Parishes:
    def __init__(self, census: Census):
        self._census = census

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        resp.media = {number: len(households) for number, households in self._census.parishes.items()}


class Health:
    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        resp.media = {"status": "ok"}


def make_app() -> falcon.App:
    census = Census()
    app = falcon.App()
    app.add_route("/parishes", Parishes(census))
    app.add_route("/parishes/{parish:int}/kinship", Kinship(census))
    app.add_route("/parishes/{parish:int}/households/{number:int}", HouseholdPage(census))
    app.add_route("/healthz", Health())
    return app


if __name__ == "__main__":
    serve(make_app(), host="127.0.0.1", port=int(os.environ["PORT"]), threads=8, _quiet=True)
