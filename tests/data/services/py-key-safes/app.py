"""Key safes of a facilities firm: who may take which key, who has it, and the trail of every key."""
import json
import logging
import os
import threading
import time
import urllib.request
from dataclasses import dataclass, field

import bottle
from cheroot import wsgi

TRAIL_HOST = f"127.0.0.1:{os.environ['UPSTREAM_PORT']}"
GRADES = {"guard": 3, "caretaker": 2, "cleaner": 1}

log = logging.getLogger("keysafe")


class TrailHandler(logging.Handler):
    """Sends what happens to keys to the firm's trail collector, one document for each record."""

    def __init__(self, host: str, level: int = logging.INFO):
        super().__init__(level)
        self.url = f"http://{host}/trail"

    def document(self, record: logging.LogRecord) -> bytes:
        return json.dumps({
            "at": record.created,
            "event": record.getMessage(),
            "key": getattr(record, "key", None),
            "who": getattr(record, "who", None),
            "source": record.name,
        }).encode()

    def emit(self, record: logging.LogRecord) -> None:
        try:
            post = urllib.request.Request(self.url, self.document(record), {"Content-Type": "application/json"})
            with urllib.request.urlopen(post, timeout=4) as answer:
                answer.read()
        except Exception:
            self.handleError(record)


def configure_logging() -> None:
    console = logging.StreamHandler()
    console.setLevel(logging.WARNING)
    console.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log.setLevel(logging.INFO)
    log.addHandler(console)
    log.addHandler(TrailHandler(TRAIL_HOST))
    log.propagate = False


@dataclass
class Key:
    number: str
    site: str
    grade: int
    holder: str | None = None
    since: float = 0.0
    moves: int = 0


@dataclass
class Person:
    badge: str
    name: str
    role: str
    sites: set[str] = field(default_factory=set)

    def may_take(self, key: Key) -> bool:
        return key.site in self.sites and GRADES[self.role] >= key.grade


class Safe:
    def __init__(self, keys: list[Key]):
        self._keys = {key.number: key for key in keys}
        self._guard = threading.Lock()

    def find(self, number: str) -> Key | None:
        return self._keys.get(number)

    def hand_over(self, key: Key, person: Person) -> str | None:
        with self._guard:
            before, key.holder = key.holder, person.badge
            key.since = time.time()
            key.moves += 1
        return before

    def give_back(self, key: Key) -> None:
        with self._guard:
            key.holder = None

    def out(self) -> list[Key]:
        with self._guard:
            return [key for key in self._keys.values() if key.holder]


def load_keys() -> list[Key]:
    sites = ["north", "south", "tower", "yard"]
    return [Key(f"K{n:04d}", sites[n % 4], 1 + n % 3) for n in range(1, 801)]


def load_people() -> dict[str, Person]:
    roles = list(GRADES)
    people = [Person(f"B{n:03d}", f"Person {n}", roles[n % 3], {"north", "south", "tower", "yard"}) for n in range(1, 121)]
    return {person.badge: person for person in people}


safe = Safe(load_keys())
people = load_people()
app = bottle.Bottle()


def key_or_404(number: str) -> Key:
    return safe.find(number) or bottle.abort(404, "no such key")


def person_of(badge: str | None) -> Person:
    return people.get(badge or "") or bottle.abort(401, "unknown badge")


@app.post("/keys/<number>/handover")
def handover(number):
    body = bottle.request.json or {}
    person, key = person_of(body.get("badge")), key_or_404(number)
    if not person.may_take(key):
        log.warning("refused", extra={"key": key.number, "who": person.badge})
        bottle.abort(403, "not allowed")
    before = safe.hand_over(key, person)
    log.info("handed over by %s", before or "the safe", extra={"key": key.number, "who": person.badge})
    bottle.response.status = 201
    return {"key": key.number, "holder": person.name, "before": before, "moves": key.moves}


@app.delete("/keys/<number>/handover")
def give_back(number):
    key = key_or_404(number)
    log.info("given back", extra={"key": key.number, "who": key.holder})
    safe.give_back(key)
    return {"key": key.number}


@app.get("/keys/out")
def keys_out():
    return {"keys": [{"key": k.number, "site": k.site, "holder": k.holder, "since": k.since} for k in safe.out()]}


@app.get("/people/<badge>")
def person(badge):
    found = person_of(badge)
    return {"badge": found.badge, "name": found.name, "role": found.role, "sites": sorted(found.sites)}


@app.get("/health")
def health():
    return {"status": "ok"}


if __name__ == "__main__":
    configure_logging()
    server = wsgi.Server(("127.0.0.1", int(os.environ["PORT"])), app, numthreads=24, request_queue_size=64)
    try:
        server.start()
    except KeyboardInterrupt:
        server.stop()
