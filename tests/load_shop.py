"""A small shop that gives nothing away: each visit must hand on what the answers gave it."""

import json
import re
import secrets
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

USER, PASSWORD, API_KEY = "anna@example.com", "hunter2-Planted", "key-Planted-99"


class Shop:
    """The address of a running shop, and what was asked of it."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.answers: Counter[tuple[str, int]] = Counter()
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        self.orders: dict[int, int] = {}
        self.read: list[int] = []
        self.lock = threading.Lock()

    @property
    def statuses(self) -> set[int]:
        """Return the statuses that were answered."""
        return {status for _, status in self.answers}

    def paths(self) -> Counter[str]:
        """Return how often each path was asked."""
        return Counter(path for _, path, _, _ in self.asked)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    shop: ClassVar[Shop]
    csrf: ClassVar[dict[str, str]] = {}
    users: ClassVar[dict[str, int]] = {}

    def _any(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        parts = urlsplit(self.path)
        with self.shop.lock:
            told = dict(self.headers.items())
            self.shop.asked.append((self.command, self.path, told, body))
            known = {"/login": self._login, "/me": self._me, "/orders": self._orders}
            act = known.get(parts.path, self._order if "/orders/" in parts.path else self._other)
            status, answer, headers = act(parse_qs(parts.query), body)
            place = re.sub(r"\d+", "{id}", parts.path)
            self.shop.answers[(f"{self.command} {place}", status)] += 1
        data = answer.encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_HEAD = _any  # noqa: N815

    def _sid(self) -> str:
        found = re.findall(r"sid=([^;]+)", self.headers.get("Cookie") or "")
        return found[0] if len(found) == 1 else ""

    def _user(self) -> int | None:
        return self.users.get((self.headers.get("Authorization") or "").removeprefix("Bearer "))

    def _login(self, _: dict[str, list[str]], body: bytes) -> tuple[int, str, dict[str, str]]:
        if self.command == "GET":
            sid, csrf = secrets.token_hex(8), secrets.token_urlsafe(12)
            self.csrf[sid] = csrf
            page = f'<form><input type="hidden" name="csrf_token" value="{csrf}"></form>'
            return 200, page, {"Content-Type": "text/html", "Set-Cookie": f"sid={sid}; Path=/"}
        form = parse_qs(body.decode())
        right = [USER], [PASSWORD], [self.csrf.get(self._sid(), "")]
        if (form.get("username"), form.get("password"), form.get("csrf_token")) != right:
            return 403, "{}", {}
        token, user = secrets.token_urlsafe(24), 1000 + len(self.users)
        self.users[token] = user
        return 200, json.dumps({"access_token": token, "user": {"id": user}}), _JSON

    def _me(self, query: dict[str, list[str]], _: bytes) -> tuple[int, str, dict[str, str]]:
        right = self._user() and query.get("api_key") == [API_KEY]
        return (200, json.dumps({"name": "Anna"}), _JSON) if right else (401, "{}", _JSON)

    def _orders(self, _: dict[str, list[str]], body: bytes) -> tuple[int, str, dict[str, str]]:
        user = self._user()
        if user is None or json.loads(body)["user"] != user:
            return 401, "{}", _JSON
        number = 70_000 + len(self.shop.orders)
        self.shop.orders[number] = user
        return 201, json.dumps({"id": number, "state": "new"}), _JSON

    def _order(self, _: dict[str, list[str]], __: bytes) -> tuple[int, str, dict[str, str]]:
        number = int(urlsplit(self.path).path.rsplit("/", 1)[1])
        if self.shop.orders.get(number) != self._user():
            return 404, "{}", _JSON
        self.shop.read.append(number)
        return 200, json.dumps({"id": number}), _JSON

    def _other(self, _: dict[str, list[str]], __: bytes) -> tuple[int, str, dict[str, str]]:
        return 200, "ok", {"Set-Cookie": "seen=1"}

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


_JSON = {"Content-Type": "application/json"}


@contextmanager
def shop() -> Iterator[Shop]:
    """Run a shop on a free port of this machine."""

    class Handler(_Handler):
        csrf: ClassVar[dict[str, str]] = {}
        users: ClassVar[dict[str, int]] = {}

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Handler.shop = Shop(server.server_port)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Handler.shop
    finally:
        server.shutdown()
        server.server_close()
        thread.join(20)


def recorded(shop: Shop, *, style: str = "chrome") -> tuple[dict[str, Any], list[str]]:
    """Visit the shop, and return the visit as a HAR with the secrets that it holds."""
    entries: list[dict[str, Any]] = []
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    at = 0.0

    def ask(method: str, path: str, headers: dict[str, str], body: str = "") -> tuple[str, str]:
        nonlocal at
        link = HTTPConnection("127.0.0.1", urlsplit(shop.url).port or 0, timeout=20)
        link.request(method, path, body.encode() or None, headers)
        answer = link.getresponse()
        text = answer.read().decode()
        entries.append(
            _entry(at, method, shop.url + path, headers, body, answer.status, answer.headers, text)
        )
        link.close()
        at += 4.0 if len(entries) % 2 else 0.2
        return text, (answer.headers["Set-Cookie"] or "").split(";")[0]

    page, cookie = ask("GET", "/login", {})
    csrf = re.findall(r'value="([^"]+)"', page)[0]
    fields = f"username={USER.replace('@', '%40')}&password={PASSWORD}&csrf_token={csrf}"
    text, _ = ask("POST", "/login", {**form, "Cookie": cookie}, fields)
    token, user = json.loads(text)["access_token"], json.loads(text)["user"]["id"]
    signed = {"Authorization": f"Bearer {token}", "Cookie": cookie}
    ask("GET", f"/me?api_key={API_KEY}", signed)
    order = json.dumps({"user": user, "items": [7]})
    text, _ = ask("POST", "/orders", {**signed, "Content-Type": "application/json"}, order)
    ask("GET", f"/orders/{json.loads(text)['id']}", signed)
    log: dict[str, Any] = {"version": "1.2", "creator": {"name": style}, "entries": entries}
    return {"log": log}, [csrf, token, cookie.partition("=")[2], USER, PASSWORD, API_KEY]


def _entry(
    at: float,
    method: str,
    url: str,
    headers: dict[str, str],
    body: str,
    status: int,
    answered: Any,
    text: str,
) -> dict[str, Any]:
    request: dict[str, Any] = {
        "method": method,
        "url": url,
        "headers": [{"name": k, "value": v} for k, v in headers.items()],
    }
    if body:
        request["postData"] = {"mimeType": headers["Content-Type"], "text": body}
    return {
        "startedDateTime": f"2026-11-26T16:36:{at:06.3f}Z",
        "time": 10,
        "request": request,
        "response": {
            "status": status,
            "headers": [{"name": k, "value": v} for k, v in answered.items()],
            "content": {"mimeType": answered["Content-Type"] or "", "text": text},
        },
    }
