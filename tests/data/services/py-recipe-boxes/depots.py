"""Client of the depots' stock servers; the packing scripts use it too."""
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import urllib3

BASE = f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}"
DEPOTS = ("leuven", "gent", "hasselt", "mons")


class DepotError(Exception):
    pass


@dataclass(frozen=True)
class Stock:
    goods: str
    on_hand: int
    reserved: int

    @property
    def free(self) -> int:
        return max(0, self.on_hand - self.reserved)


def parse(text: str) -> dict[str, Stock]:
    found = {}
    for line in text.splitlines():
        goods, on_hand, reserved = line.split(";")
        found[goods] = Stock(goods, int(on_hand), int(reserved))
    return found


class DepotClient:
    def __init__(self, base: str = BASE, timeout: float = 5.0):
        self._base = base
        self._http = urllib3.PoolManager(maxsize=16, timeout=timeout, retries=False)

    def in_depot(self, depot: str, goods: list[str]) -> dict[str, Stock]:
        try:
            answer = self._http.request("GET", f"{self._base}/{depot}/stock", fields={"goods": ",".join(goods)})
        except urllib3.exceptions.HTTPError as error:
            raise DepotError(f"{depot}: {error}") from error
        if answer.status != 200:
            raise DepotError(f"{depot}: {answer.status}")
        return parse(answer.data.decode())

    def everywhere(self, goods: list[str]) -> dict[str, dict[str, Stock]]:
        """What each depot has, asked of all of them at once."""
        with ThreadPoolExecutor(max_workers=len(DEPOTS)) as threads:
            answers = threads.map(lambda depot: self.in_depot(depot, goods), DEPOTS)
            return dict(zip(DEPOTS, answers))
