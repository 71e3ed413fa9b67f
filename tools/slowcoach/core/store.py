"""The run store: SQLite and plain files by default, PostgreSQL by URL for a team.

One table of runs; artefacts are files beside the SQLite file, or rows in PostgreSQL. Every
change is one transaction, so a kill loses nothing that was finished.
"""

import json
import os
import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.schema import CreateTable

from slowcoach.core.errors import (
    InputError,
    MissingDependencyError,
    UnknownRunError,
    UnreachableError,
)
from slowcoach.core.files import data_folder

T = TypeVar("T")
_TRIES = 6
_BUSY_S = 30.0
_STALE_S = 30.0  # a run whose process has not been heard of for this long is over
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}")
_META = sa.MetaData()
_RUNS = sa.Table(
    "slowcoach_runs",
    _META,
    sa.Column("id", sa.String(80), primary_key=True),
    sa.Column("tool", sa.String(80), nullable=False, index=False),
    sa.Column("started", sa.Float, nullable=False),
    sa.Column("finished", sa.Float),
    sa.Column("heartbeat", sa.Float, nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("cancel_asked", sa.Boolean, nullable=False),
    sa.Column("host", sa.String(255), nullable=False),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("arguments", sa.Text, nullable=False),
    sa.Column("progress", sa.Text, nullable=False),
    sa.Column("result", sa.Text),
    sa.Column("versions", sa.Text, nullable=False),
)
_ARTEFACTS = sa.Table(
    "slowcoach_artefacts",
    _META,
    sa.Column("run_id", sa.String(80), primary_key=True),
    sa.Column("name", sa.String(120), primary_key=True),
    sa.Column("media_type", sa.String(120), nullable=False),
    sa.Column("bytes", sa.Integer, nullable=False),
    sa.Column("data", sa.LargeBinary),
)


@dataclass(frozen=True)
class StoredRun:
    """One run as it stands in the store. Times are seconds since the epoch."""

    id: str
    tool: str
    started: float
    finished: float | None
    status: str
    arguments: dict[str, Any]
    progress: str
    result: dict[str, Any] | None
    versions: dict[str, str]
    cancel_asked: bool


@dataclass(frozen=True)
class Artefact:
    """What a run left: a named piece of data. `size` is in bytes."""

    name: str
    media_type: str
    size: int


def default_url() -> str:
    """Return SLOWCOACH_STORE, or SQLite in the user's data folder ($XDG_DATA_HOME)."""
    if url := os.environ.get("SLOWCOACH_STORE"):
        return url
    return f"sqlite:///{data_folder() / 'runs.db'}"


class Store:
    """Reads and writes runs. Safe for several threads and several processes at once."""

    def __init__(self, url: str | None = None) -> None:
        """Open the store, making it when it is new.

        Raises InputError for an address that is none, UnreachableError when it cannot be opened.
        """
        address = url or default_url()
        try:
            self._url = sa.make_url(address)
        except ArgumentError:
            raise InputError(
                "the run store's address is not a database URL",
                hint="Set SLOWCOACH_STORE to sqlite:///PATH or postgresql://USER@HOST/DATABASE",
            ) from None
        if self._url.drivername in {"postgresql", "postgres"}:
            self._url = self._url.set(drivername="postgresql+psycopg")
        self._files = self._folder()
        try:
            self._engine = self._connect()
            self._again(self._create)
        except ModuleNotFoundError as error:
            raise MissingDependencyError(
                f"the run store needs {error.name}", hint="Install slowcoach[postgres]"
            ) from None
        except (SQLAlchemyError, OSError) as error:
            said = str(getattr(error, "orig", error)).strip().splitlines()[0]
            raise UnreachableError(
                f"run store {self._url.render_as_string(hide_password=True)}: {said}",
                hint="Check that it is there and may be written, or set SLOWCOACH_STORE",
            ) from None

    def _folder(self) -> Path | None:
        if self._url.get_backend_name() != "sqlite" or not self._url.database:
            return None
        folder = Path(self._url.database).resolve().parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UnreachableError(
                f"run store {folder}: {error.strerror}",
                hint="Set XDG_DATA_HOME or SLOWCOACH_STORE to a place that may be written",
            ) from None
        return folder / "artefacts"

    def _connect(self) -> sa.Engine:
        if self._url.get_backend_name() != "sqlite":
            return sa.create_engine(self._url, pool_pre_ping=True)
        engine = sa.create_engine(self._url, connect_args={"timeout": _BUSY_S})

        def on_connect(connection: Any, _record: Any) -> None:
            connection.execute(f"PRAGMA busy_timeout={int(_BUSY_S * 1000)}")
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")

        event.listen(engine, "connect", on_connect)
        return engine

    def _create(self) -> None:
        # IF NOT EXISTS alone still races in PostgreSQL (and a second process may be first)
        with self._engine.begin() as connection:
            for table in _META.sorted_tables:
                connection.execute(CreateTable(table, if_not_exists=True))

    def _again(self, work: Callable[[], T]) -> T:
        """Do one transaction; once more when another process was in the way."""
        for attempt in range(_TRIES):
            try:
                return work()
            except (DBAPIError, IntegrityError) as error:
                said = str(error.orig).lower()
                passing = any(w in said for w in ("locked", "busy", "already exists", "duplicate"))
                if not passing or attempt == _TRIES - 1:
                    raise
                time.sleep(0.05 * 2**attempt)
        raise AssertionError("unreachable")

    @contextmanager
    def _begin(self) -> Iterator[sa.Connection]:
        with self._engine.begin() as connection:
            yield connection

    def begin(
        self, run_id: str, tool: str, arguments: dict[str, Any], versions: dict[str, str]
    ) -> None:
        """Record that a run has started, in this process."""
        now = time.time()
        row = {
            "id": run_id, "tool": tool, "started": now, "heartbeat": now, "status": "running",
            "cancel_asked": False, "host": socket.gethostname(), "pid": os.getpid(),
            "arguments": json.dumps(arguments), "progress": "", "versions": json.dumps(versions),
        }  # fmt: skip
        self._write(_RUNS.insert().values(**row))

    def finish(self, run_id: str, status: str, result: dict[str, Any]) -> None:
        """Record how a run ended; after this it survives any kill."""
        now = time.time()
        self._write(
            _RUNS.update()
            .where(_RUNS.c.id == run_id)
            .values(status=status, result=json.dumps(result), finished=now, heartbeat=now)
        )

    def beat(self, run_id: str, progress: str) -> bool:
        """Say that a run is alive; return whether someone asked for its end."""
        self._write(
            _RUNS.update()
            .where(_RUNS.c.id == run_id)
            .values(heartbeat=time.time(), progress=progress)
        )
        query = sa.select(_RUNS.c.cancel_asked).where(_RUNS.c.id == run_id)
        with self._begin() as connection:
            return bool(connection.execute(query).scalar())

    def ask_cancel(self, run_id: str) -> None:
        """Ask the process that works on a run to stop it; raises UnknownRunError."""
        self.get(run_id)
        self._write(_RUNS.update().where(_RUNS.c.id == run_id).values(cancel_asked=True))

    def _write(self, statement: Any) -> None:
        def once() -> None:
            with self._begin() as connection:
                connection.execute(statement)

        self._again(once)

    def get(self, run_id: str) -> StoredRun:
        """Return one run; raises UnknownRunError naming the newest ones."""
        with self._begin() as connection:
            row = (
                connection.execute(sa.select(_RUNS).where(_RUNS.c.id == run_id)).mappings().first()
            )
        if row is None:
            known = ", ".join(run.id for run in self.newest(limit=5)) or "none yet"
            raise UnknownRunError(
                f"no run {run_id[:80]!r}", hint=f"Call list_runs. The newest: {known}"
            )
        return self._stored(dict(row))

    def newest(self, tool: str | None = None, limit: int = 20) -> list[StoredRun]:
        """Return the newest runs first."""
        query = sa.select(_RUNS).order_by(_RUNS.c.started.desc()).limit(limit)
        if tool:
            query = query.where(_RUNS.c.tool == tool)
        with self._begin() as connection:
            rows = connection.execute(query).mappings().all()
        return [self._stored(dict(row)) for row in rows]

    def _stored(self, row: dict[str, Any]) -> StoredRun:
        status = row["status"]
        result = json.loads(row["result"]) if row["result"] else None
        if status == "running" and _is_over(row):
            status = "failed"
            result = {"summary": "The process that worked on this run ended before it was done."}
        return StoredRun(
            id=row["id"],
            tool=row["tool"],
            started=row["started"],
            finished=row["finished"],
            status=status,
            arguments=json.loads(row["arguments"]),
            progress=row["progress"],
            result=result,
            versions=json.loads(row["versions"]),
            cancel_asked=bool(row["cancel_asked"]),
        )

    def save(self, run_id: str, name: str, data: bytes, media_type: str) -> None:
        """Keep an artefact; `name` is a plain file name."""
        if not _NAME.fullmatch(name):
            raise InputError(f"artefact name {name!r}", hint="Use letters, digits, '.', '_', '-'")
        if self._files is not None:
            folder = self._files / run_id
            folder.mkdir(parents=True, exist_ok=True)
            part = folder / f"{name}.part"
            part.write_bytes(data)
            part.replace(folder / name)
        key = (_ARTEFACTS.c.run_id == run_id) & (_ARTEFACTS.c.name == name)
        row = {
            "run_id": run_id, "name": name, "media_type": media_type, "bytes": len(data),
            "data": None if self._files is not None else data,
        }  # fmt: skip

        def once() -> None:
            with self._begin() as connection:
                connection.execute(_ARTEFACTS.delete().where(key))
                connection.execute(_ARTEFACTS.insert().values(**row))

        self._again(once)

    def artefacts(self, run_id: str) -> list[Artefact]:
        """Return what a run left, by name."""
        c = _ARTEFACTS.c
        query = sa.select(c.name, c.media_type, c.bytes).where(c.run_id == run_id).order_by(c.name)
        with self._begin() as connection:
            return [Artefact(*row) for row in connection.execute(query).all()]

    def artefact(self, run_id: str, name: str) -> tuple[bytes, str]:
        """Return an artefact's data and media type; raises UnknownRunError when not there."""
        c = _ARTEFACTS.c
        query = sa.select(c.data, c.media_type).where((c.run_id == run_id) & (c.name == name))
        with self._begin() as connection:
            row = connection.execute(query).first()
        if row is None:
            known = ", ".join(a.name for a in self.artefacts(run_id)) or "none"
            raise UnknownRunError(
                f"run {run_id[:80]!r} has no {name[:120]!r}", hint=f"It has: {known}"
            )
        if self._files is not None:
            return (self._files / run_id / name).read_bytes(), row.media_type
        return bytes(row.data), row.media_type

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()


def _is_over(row: dict[str, Any]) -> bool:
    """Tell whether the process of a running run is gone."""
    if row["host"] == socket.gethostname() and os.name == "posix":
        try:
            os.kill(row["pid"], 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            pass
    return bool(time.time() - row["heartbeat"] > _STALE_S)
