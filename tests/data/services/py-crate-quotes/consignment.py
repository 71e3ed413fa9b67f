"""What is sent: pieces, their weights and what the carriers' toll office says about the way."""
import http.client
import json
import os
import threading
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

TOLL_OFFICE = ("127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
DIVISOR = {"standard": 5000, "express": 4000}
_line = threading.local()


class TollOfficeError(Exception):
    pass


def ask(path: str, **query) -> dict:
    """Each worker keeps its own connection to the toll office."""
    for attempt in (1, 2):
        link = getattr(_line, "link", None)
        if link is None:
            link = _line.link = http.client.HTTPConnection(*TOLL_OFFICE, timeout=5)
        try:
            link.request("GET", f"{path}?{urlencode(query)}")
            answer = link.getresponse()
            content = answer.read()
        except (http.client.HTTPException, OSError) as error:
            link.close()
            _line.link = None
            if attempt == 2:
                raise TollOfficeError(str(error)) from error
            continue
        if answer.status != 200:
            raise TollOfficeError(f"{path}: {answer.status}")
        return json.loads(content)


@dataclass(frozen=True)
class Piece:
    length: float
    width: float
    height: float
    kg: float

    def volume_kg(self, divisor: int) -> float:
        return self.length * self.width * self.height / divisor

    @property
    def girth(self) -> float:
        sides = sorted((self.length, self.width, self.height))
        return sides[2] + 2 * (sides[0] + sides[1])

    @property
    def bulky(self) -> bool:
        return self.girth > 300 or max(self.length, self.width, self.height) > 120


class Consignment:
    def __init__(self, origin: str, target: str, pieces: list[Piece], service: str):
        self.origin, self.target, self.pieces, self.service = origin, target, pieces, service

    @cached_property
    def billed_kg(self) -> float:
        divisor = DIVISOR[self.service]
        return round(sum(max(piece.kg, piece.volume_kg(divisor)) for piece in self.pieces), 2)

    @cached_property
    def toll(self) -> dict:
        return ask("/toll", origin=self.origin, target=self.target, kg=self.billed_kg)

    @cached_property
    def bulky_pieces(self) -> int:
        return sum(piece.bulky for piece in self.pieces)

    @property
    def alpine(self) -> bool:
        return "alpine" in self.toll["tags"]
