"""Where the quay's state lives, and who is told when it changes."""
import asyncio
import itertools
import random
from dataclasses import dataclass, replace

LINES = ("Isle", "Sound", "Cape", "Fjord", "Night")
STATES = ("on time", "boarding", "delayed", "departed")


@dataclass(frozen=True, slots=True)
class Sailing:
    number: int
    line: str
    berth: int
    leaves: int
    state: str
    free: int


class Subscriber:
    """One viewer: what changed since it last looked, and what it was shown then."""

    def __init__(self, berths: frozenset[int]):
        self.berths = berths
        self.changes: asyncio.Queue[Sailing] = asyncio.Queue()
        self.shown: dict[int, tuple[str, str]] = {}

    def wants(self, sailing: Sailing) -> bool:
        return sailing.berth in self.berths

    def knows(self, row: dict) -> bool:
        return self.shown.get(row["sailing"]) == (row["state"], row["seats"])

    def remember(self, rows: list[dict]) -> None:
        self.shown.update((row["sailing"], (row["state"], row["seats"])) for row in rows)


class Hub:
    def __init__(self, sailings: int):
        rng = random.Random(4)
        self.sailings = {
            n: Sailing(n, LINES[n % len(LINES)], 1 + n % 12, 300 + n * 2 % 1100, "on time", rng.randrange(0, 180))
            for n in range(1, sailings + 1)
        }
        self._rng = rng
        self._subscribers: dict[int, Subscriber] = {}
        self._tickets = itertools.count(1)

    def subscribe(self, berths: frozenset[int]) -> tuple[int, Subscriber]:
        ticket, subscriber = next(self._tickets), Subscriber(berths)
        self._subscribers[ticket] = subscriber
        return ticket, subscriber

    def unsubscribe(self, ticket: int) -> None:
        self._subscribers.pop(ticket, None)

    def resume(self, ticket: int) -> Subscriber | None:
        return self._subscribers.get(ticket)

    def publish(self, sailing: Sailing) -> None:
        self.sailings[sailing.number] = sailing
        for subscriber in self._subscribers.values():
            if subscriber.wants(sailing):
                subscriber.changes.put_nowait(sailing)

    async def follow_the_quay(self) -> None:
        """The harbour office's feed: a change every now and then."""
        while True:
            await asyncio.sleep(0.5)
            sailing = self.sailings[self._rng.randrange(1, len(self.sailings) + 1)]
            self.publish(replace(sailing, state=self._rng.choice(STATES), free=self._rng.randrange(0, 180)))
