"""The controller that stands at each locker site, as its maker's manual describes it."""
import json

import urllib3

HOLD = 5


class SiteError(Exception):
    pass


class Site:
    def __init__(self, name: str, base: str):
        self.name = name
        self._base = f"{base}/{name}"
        self._http = urllib3.PoolManager(maxsize=8, timeout=urllib3.Timeout(connect=2, read=HOLD + 5), retries=False)

    def _call(self, method: str, path: str, **options):
        try:
            answer = self._http.request(method, self._base + path, **options)
        except urllib3.exceptions.HTTPError as error:
            raise SiteError(f"{self.name}: {type(error).__name__}") from error
        if answer.status >= 400:
            raise SiteError(f"{self.name}: {answer.status}")
        return json.loads(answer.data)

    def free_compartments(self) -> list[dict]:
        return self._call("GET", "/compartments", fields={"state": "free"})

    def new_code(self, compartment: str, parcel: str) -> str:
        return self._call("POST", f"/compartments/{compartment}/codes", json={"parcel": parcel})["code"]

    def events(self, after: int) -> tuple[int, list[dict]]:
        """What happened after an event; the controller holds the answer back until there is something to tell."""
        found = self._call("GET", "/events", fields={"after": str(after), "hold": str(HOLD)})
        return found["last"], found["events"]
