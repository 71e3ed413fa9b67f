"""The insurer's interface for partner shops."""
import threading
import time
from urllib.parse import urljoin

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

TIMEOUT = (2, 8)
MARGIN = 60                    # a token is renewed this much before it ends


class InsurerError(Exception):
    pass


class InsurerAuth(AuthBase):
    """Puts the bearer token onto each request and gets a new one when it comes to its end."""

    def __init__(self, base: str, client_id: str, secret: str):
        self._url = urljoin(base, "/oauth/token")
        self._credentials = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
        self._session = plain_session()
        self._lock = threading.Lock()
        self._token = ""
        self._ends = 0.0

    def fetch_token(self) -> tuple[str, float]:
        answer = self._session.post(self._url, data=self._credentials, timeout=TIMEOUT)
        if answer.status_code != 200:
            raise InsurerError(f"no token: {answer.status_code}")
        granted = answer.json()
        return granted["access_token"], time.time() + granted["expires_in"] / 1000

    def current(self) -> str:
        with self._lock:
            if time.time() < self._ends - MARGIN:
                return self._token
        token, ends = self.fetch_token()
        with self._lock:
            if ends >= self._ends:
                self._token, self._ends = token, ends
        return token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.current()}"
        return request


def plain_session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.mount("http://", HTTPAdapter(pool_connections=4, pool_maxsize=16))
    return session


class Insurer:
    def __init__(self, base: str, client_id: str, secret: str):
        self._base = base
        self._session = plain_session()
        self._session.auth = InsurerAuth(base, client_id, secret)

    def _get(self, path: str) -> dict:
        try:
            answer = self._session.get(urljoin(self._base, path), timeout=TIMEOUT)
        except requests.RequestException as error:
            raise InsurerError(f"insurer: {type(error).__name__}") from error
        if answer.status_code != 200:
            raise InsurerError(f"insurer: {answer.status_code} for {path}")
        return answer.json()

    def cover(self, policy: str) -> dict:
        return self._get(f"/policies/{policy}/cover")

    def stage(self, policy: str, claim: str) -> str:
        return self._get(f"/policies/{policy}/claims/{claim}")["stage"]
