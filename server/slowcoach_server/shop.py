"""The slow shop of the demonstration: its database, its payment service, and itself."""

import http.client
import importlib.util
import json
import os
import socket
import sys
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import yaml
from pydantic import BaseModel, ConfigDict

from slowcoach.core import process, scratch
from slowcoach.core.errors import InputError, MissingDependencyError, ToolFailedError
from slowcoach.core.knowledge import DATA
from slowcoach.load.model import Request
from slowcoach.queries.embedded import HOST, embedded_postgres

EXAMPLES = Path(str(DATA)) / "examples"
_SHOP = EXAMPLES / "shop"
_SCRIPTS = ("schema.sql", "seed.sql", "indexes.sql", "reviews_index.sql")
_PACKAGES = {"flask": "flask", "sqlalchemy": "sqlalchemy", "waitress": "waitress"}
_SEEDED = 700_000  # reviews in seed.sql
_FELT_S = 0.12  # a page's statement alone, beyond what people do not notice
_MOST_GROWTH = 6.0
_PAGE = "SELECT * FROM reviews WHERE product_id = 17 ORDER BY written_at DESC LIMIT 20"
_MORE_REVIEWS = """
INSERT INTO reviews (product_id, stars, written_at, body)
SELECT 1 + (i::bigint * 104729 % 600)::int, 1 + (i * 7 % 5),
       timestamptz '2026-06-01 10:00+00' + i * interval '1 second', 'Arrived well packed. ' || i % 9
"""
_READY_S = 30.0
_POLL_S = 0.05
_OK = 200
_TAIL = 600


class Asked(BaseModel):
    """The request that people complain about."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: str
    path: str
    body: dict[str, Any] | None = None


class Fault(BaseModel):
    """One deliberate mistake of the shop, as examples/faults.yaml describes it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    complaint: str
    request: Asked
    concurrency: int
    cause: str
    places: tuple[str, ...]
    mistake: str
    fix: str
    without: str | None = None


def faults() -> dict[str, Fault]:
    """Return the faults by name."""
    text = (EXAMPLES / "faults.yaml").read_text(encoding="utf-8")
    return {name: Fault.model_validate(data) for name, data in yaml.safe_load(text).items()}


def fault(name: str) -> Fault:
    """Return a fault by name (hyphens do too); raises InputError that names them all."""
    known = faults()
    found = known.get(name.replace("-", "_"))
    if found is None:
        raise InputError(f"the shop has no fault {name!r}", hint=f"There are: {', '.join(known)}")
    return found


@dataclass
class Shop:
    """A running shop: where it answers, its process, and its database."""

    name: str
    fault: Fault
    port: int
    database_url: str
    _admin_url: str
    _environment: Mapping[str, str]
    _log: Path
    _stack: ExitStack
    pid: int = 0

    @property
    def url(self) -> str:
        """Return the address of the page that people complain about."""
        return f"http://{HOST}:{self.port}{self.fault.request.path}"

    @property
    def request(self) -> Request:
        """Return that request as the load generator sends it."""
        body = self.fault.request.body
        return Request(
            self.fault.request.method,
            self.url,
            {} if body is None else {"content-type": "application/json"},
            None if body is None else json.dumps(body).encode(),
        )

    def mend(self) -> None:
        """Apply the fix: run the statement that was left out, or start without the mistake."""
        if self.fault.without is not None:
            _script(self._admin_url, self.fault.without)
            return
        self._stack.close()
        self.start("")

    def start(self, mistakes: str) -> Self:
        """Start the service with these mistakes, and wait until it answers."""
        environment = {**self._environment, "SHOP_FAULT": mistakes}
        child = self._stack.enter_context(
            process.running([sys.executable, "app.py"], log=self._log, env=environment, cwd=_SHOP)
        )
        self.pid = child.pid
        _wait("the shop", child, self._log, lambda: _answers(self.port))
        return self


@contextmanager
def running_shop(name: str) -> Generator[Shop, None, None]:
    """Run the shop with one of its faults for the block; nothing of it is left afterwards.

    Raises InputError for an unknown fault, MissingDependencyError without slowcoach[demo],
    ToolFailedError when a part does not start.
    """
    chosen = fault(name)
    _require_packages()
    name = name.replace("-", "_")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(scratch.folder("slowcoach-shop-")))
        admin = stack.enter_context(embedded_postgres())
        database = _fill(admin, chosen.without)
        payments = _start_payments(stack, folder)
        port = _free_port()
        environment = _plain_environment() | {
            "PORT": str(port),
            "DATABASE_URL": database,
            "PAYMENTS_URL": f"http://{HOST}:{payments}",
        }
        shop = Shop(
            name=name,
            fault=chosen,
            port=port,
            database_url=database,
            _admin_url=_beside(admin, "postgres"),
            _environment=environment,
            _log=folder / "shop.log",
            _stack=stack.enter_context(ExitStack()),
        )
        yield shop.start("" if chosen.without is not None else name)


def _require_packages() -> None:
    lacking = [pip for module, pip in _PACKAGES.items() if not importlib.util.find_spec(module)]
    if lacking:
        raise MissingDependencyError(
            f"not installed: {', '.join(lacking)}", hint="install slowcoach[demo]"
        )


def _fill(admin: str, without: str | None) -> str:
    """Make and fill the database `shop`; return its URL for a role without special rights."""
    for statement in (
        "CREATE ROLE shop LOGIN",
        "GRANT pg_monitor TO shop",
        "CREATE DATABASE shop",
    ):
        _execute(admin, statement)
    own = _beside(admin, "postgres")
    _execute(own, "CREATE EXTENSION pg_stat_statements")
    for script in _SCRIPTS:
        if script != without:
            _script(own, script)
    if without is not None:
        _grow_until_felt(own)
    _execute(own, "GRANT ALL ON ALL TABLES IN SCHEMA public TO shop")
    _execute(own, "GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO shop")
    _execute(own, "VACUUM (ANALYZE)")
    _execute(own, "SELECT pg_stat_statements_reset()")
    return _beside(admin, "shop")


def _grow_until_felt(url: str) -> None:
    """Add reviews until a page that reads them all is slow on this machine too.

    A fast one reads the seed's rows within any budget, and a diagnosis rightly finds no fault.
    """
    took = min(_timed(url, _PAGE) for _ in range(3))
    count = int(_SEEDED * (min(_MOST_GROWTH, _FELT_S / took) - 1))
    if count > 0:
        _execute(url, f"{_MORE_REVIEWS} FROM generate_series(1, {count}) i")


def _timed(url: str, statement: str) -> float:
    import psycopg

    with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
        begun = time.monotonic()
        connection.execute(statement.encode())
        return time.monotonic() - begun


def _beside(admin: str, role: str) -> str:
    """Return the URL of the database `shop` on the same server."""
    server = admin.rpartition("@")[2].partition("/")[0]
    return f"postgresql://{role}@{server}/shop"


def _script(url: str, name: str) -> None:
    _execute(url, (_SHOP / name).read_text(encoding="utf-8"))


def _execute(url: str, statements: str) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
        connection.execute(statements.encode())


def _start_payments(stack: ExitStack, folder: Path) -> int:
    port, log = _free_port(), folder / "payments.log"
    environment = _plain_environment() | {"PORT": str(port)}
    argv = [sys.executable, str(EXAMPLES / "payments" / "service.py")]
    child = stack.enter_context(process.running(argv, log=log, env=environment))
    _wait("the payment service", child, log, lambda: _listens(port))
    return port


def _plain_environment() -> dict[str, str]:
    """Return our environment without what would change a Python program or its requests."""
    dropped = ("PYTHON", "PG", "SHOP_")
    kept = {n: v for n, v in os.environ.items() if not n.startswith(dropped)}
    return kept | {"PYTHONDONTWRITEBYTECODE": "1", "NO_PROXY": HOST, "no_proxy": HOST}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(what: str, child: process.Child, log: Path, ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _READY_S
    while not ready():
        if child.ended() is not None or time.monotonic() > deadline:
            said = " ".join(log.read_text(encoding="utf-8", errors="replace")[-_TAIL:].split())
            raise ToolFailedError(f"{what} did not start: {said}", hint="Try again")
        time.sleep(_POLL_S)


def _listens(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), 1).close()
    except OSError:
        return False
    return True


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == _OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
