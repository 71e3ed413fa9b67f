"""Compares what banks ask for a loan."""
import os
from dataclasses import dataclass

import falcon
import requests
from cheroot.wsgi import Server

BROKER = f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}"
BANKS = ("aster", "birch", "cedar", "dahlia")


@dataclass
class Offer:
    bank: str
    rate: float
    monthly: float


def monthly(amount: float, months: int, rate: float) -> float:
    r = rate / 1200
    return round(amount * r / (1 - (1 + r) ** -months), 2)


class Bank:
    def __init__(self, name: str):
        self.name = name

    def ask(self, amount: float, months: int) -> Offer | None:
        try:
            answer = requests.post(f"{BROKER}/{self.name}/quote", json={"amount": amount, "months": months}, timeout=4)
            answer.raise_for_status()
        except requests.RequestException:
            return None
        rate = answer.json()["rate"]
        return Offer(self.name, rate, monthly(amount, months, rate))


class Offers:
    def __init__(self):
        self.banks = [Bank(name) for name in BANKS]

    def on_post(self, req, resp):
        asked = req.get_media()
        try:
            amount, months = float(asked["amount"]), int(asked["months"])
        except (KeyError, TypeError, ValueError):
            raise falcon.HTTPBadRequest() from None
        found = []
        for bank in self.banks:
            offer = bank.ask(amount, months)
            if offer is not None:
                found.append(offer)
        found.sort(key=lambda offer: offer.monthly)
        resp.media = [vars(offer) for offer in found]


class Status:
    def on_get(self, req, resp):
        resp.media = {"ok": True}


app = falcon.App()
app.add_route("/offers", Offers())
app.add_route("/status", Status())

if __name__ == "__main__":
    server = Server(("127.0.0.1", int(os.environ["PORT"])), app, numthreads=12)
    server.safe_start()
