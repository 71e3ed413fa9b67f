"""Client of the stock system, as its vendor delivers it."""
import requests


class StockError(RuntimeError):
    pass


class StockClient:
    def __init__(self, base: str):
        self._base = base
        self._session = requests.Session()
        self._session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=64))

    def _call(self, path: str, **params) -> dict:
        answer = self._session.get(f"{self._base}{path}", params=params, timeout=10)
        if answer.status_code != 200:
            raise StockError(f"{path}: {answer.status_code}")
        return answer.json()

    def on_hand(self, article: str) -> int:
        return self._call(f"/stock/{article}")["on_hand"]

    def next_delivery(self, article: str) -> dict:
        return self._call(f"/deliveries/{article}")

    def price(self, article: str) -> float:
        return self._call(f"/prices/{article}")["price"]
