"""The seed catalogue: varieties by month of sowing, light and shelf."""
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from memory import keep_memory_low

LIGHTS = ("sun", "half shade", "shade")
CROPS = ("tomato", "bean", "kale", "beet", "lettuce", "squash", "leek", "pea")


def load_varieties(count: int = 55000) -> list[dict]:
    varieties = []
    for n in range(count):
        varieties.append({"id": n, "name": f"{CROPS[n % 8]} no. {n}", "light": LIGHTS[n // 8 % 3], "sow": [1 + n % 12, 1 + (n + 1) % 12],
                          "packets": [{"grams": 1 + n % 4, "cents": 180 + n % 300}, {"grams": 10 + n % 9, "cents": 900 + n % 700}],
                          "supplier": {"number": n % 61, "lot": [n % 977, n % 13]}})
    return varieties


def index_varieties(varieties: list[dict]) -> dict[tuple[int, str], list[dict]]:
    index: dict[tuple[int, str], list[dict]] = {}
    for variety in varieties:
        for month in variety["sow"]:
            index.setdefault((month, variety["light"]), []).append(variety)
    return index


VARIETIES = load_varieties()
INDEX = index_varieties(VARIETIES)


def offer(variety: dict) -> dict:
    cheapest = min(variety["packets"], key=lambda packet: packet["cents"] / packet["grams"])
    return {"id": variety["id"], "name": variety["name"], "grams": cheapest["grams"], "price": cheapest["cents"] / 100}


def search(month: int, light: str, limit: int = 60) -> dict:
    found = INDEX.get((month, light), [])
    offers = sorted((offer(variety) for variety in found[:400]), key=lambda o: (o["price"], o["id"]))
    return {"found": len(found), "offers": offers[:limit]}


class Catalogue(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16

    def do_GET(self):
        url = urlsplit(self.path)
        if url.path == "/healthz":
            return self.answer(200, {"status": "ok"})
        if url.path == "/varieties/search":
            query = parse_qs(url.query)
            try:
                found = search(int(query["sow"][0]), query["light"][0])
            except (KeyError, ValueError):
                return self.answer(400, {"error": "sow and light are needed"})
            keep_memory_low()
            return self.answer(200, found)
        if url.path.startswith("/varieties/") and url.path[11:].isdigit() and int(url.path[11:]) < len(VARIETIES):
            return self.answer(200, VARIETIES[int(url.path[11:])])
        self.answer(404, {"error": "not found"})

    def answer(self, status: int, content: dict) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


if __name__ == "__main__":
    ThreadingHTTPServer.daemon_threads = True
    ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Catalogue).serve_forever()
