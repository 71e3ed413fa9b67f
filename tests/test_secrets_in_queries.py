"""Passwords of databases: in no result, message, log, progress, kept run or argument list.

Each case leaves behind what it leaves (the store on disk among it), and all of it is searched.
"""

import json
import logging
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

import needs
from slowcoach import api
from slowcoach.core import process
from slowcoach.core.errors import SlowcoachError, ToolFailedError
from slowcoach.core.job import Progress
from slowcoach.core.registry import discover
from slowcoach.core.runs import Runs
from slowcoach.core.tool import Tool
from slowcoach.queries.clone import source
from slowcoach.queries.connection import conninfo, without_passwords
from slowcoach.queries.embedded import embedded_postgres, programs

_SECRET = "s3cr3t-Zq"
_SQL = "SELECT * FROM orders WHERE customer_id = 7"
_SCHEMA = f"""
CREATE TABLE orders (id int, customer_id int, note text);
INSERT INTO orders SELECT i, i % 2000, repeat('x', 50) FROM generate_series(1, 40000) i;
ANALYZE orders;
CREATE TABLE hidden (id int);
CREATE ROLE keeper LOGIN PASSWORD '{_SECRET}';
GRANT SELECT ON orders TO keeper;
CREATE ROLE full_reader LOGIN PASSWORD '{_SECRET}';
GRANT pg_read_all_data TO full_reader;
"""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    needs.module("psycopg")
    needs.module("embedded_postgres")
    import psycopg

    with embedded_postgres() as address, psycopg.connect(address, autocommit=True) as connection:
        connection.execute(_SCHEMA.encode())
        row = connection.execute("SHOW hba_file").fetchone()
        hba = Path(row[0] if row else "")
        rule = "host all keeper,full_reader 127.0.0.1/32 scram-sha-256\n"
        hba.write_text(rule + hba.read_text(encoding="utf-8"), encoding="utf-8")
        connection.execute("SELECT pg_reload_conf()")
        yield address


def _tool(name: str) -> Tool:
    return next(t for t in discover(api, "TOOL", Tool) if t.name == name)


class _Leavings:
    """Runs a tool as a server does and gathers everything that it leaves behind."""

    def __init__(self, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
        self._folder, self._caplog = folder, caplog
        self.said: list[str] = []

    def call(self, name: str, arguments: dict[str, object]) -> None:
        """Run a tool to whatever end."""
        self._folder.mkdir(exist_ok=True)
        runs = Runs(f"sqlite:///{self._folder / 'runs.db'}")

        def heard(progress: Progress) -> None:
            self.said.append(progress.message)

        try:
            with self._caplog.at_level(logging.DEBUG):
                result = runs.call(_tool(name), arguments, heard)
            self.said.append(result.model_dump_json())
        except SlowcoachError as error:
            self.said += [str(error), error.message, error.hint, repr(error.__cause__)]
        finally:
            runs.close()

    def text(self) -> bytes:
        """Return all of it: what was said, logged, and written."""
        files = [path.read_bytes() for path in self._folder.rglob("*") if path.is_file()]
        said = "\n".join([*self.said, self._caplog.text]).encode("utf-8", "replace")
        return b"\n".join([said, *files])


@pytest.fixture
def leavings(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> _Leavings:
    return _Leavings(tmp_path / "kept", caplog)


def _forms(place: str, secret: str) -> dict[str, str]:
    """Return URLs that have the password in every place and spelling."""
    escaped = "".join(f"%{byte:02X}" for byte in secret.encode())
    return {
        "plain": f"postgresql://keeper:{secret}@{place}",
        "escaped": f"postgresql://keeper:{escaped}@{place}",
        "sqlalchemy": f"postgresql+psycopg://keeper:{secret}@{place}",
        "capitals": f"POSTGRES://keeper:{secret}@{place}",
        "query": f"postgresql://{place}?user=keeper&password={secret}",
        "query escaped": f"postgresql://keeper@{place}?password={escaped}",
        "key of a certificate": f"postgresql://keeper@{place}?sslpassword={secret}",
        "sign @": f"postgresql://keeper:a@{secret}@{place}",
        "sign /": f"postgresql://keeper:a/{secret}@{place}",
        "sign : and /": f"postgresql://keeper:5432/{secret}@{place}",
        "sign ?": f"postgresql://keeper:a?{secret}@{place}",
        "sign #": f"postgresql://keeper:a#{secret}@{place}",
        "sign %": f"postgresql://keeper:%zz{secret}@{place}",
        "space": f"postgresql://keeper:a {secret}@{place}",
        "words": f"host={place.partition(':')[0]} user=keeper password={secret}",
        "words quoted": f"host=h user=keeper password='a b {secret}'",
        "mysql": f"mysql://keeper:{secret}@127.0.0.1:1/db",
        "mariadb with a sign": f"mariadb+pymysql://keeper:a/{secret}@127.0.0.1:1/db",
        "sqlite": f"sqlite://keeper:{secret}@host/db",
        "duckdb": f"duckdb://keeper:{secret}@host/db",
        "oracle": f"oracle://keeper:a@{secret}@host/db",
        "unknown": f"nosuch://keeper:{secret}@host/db",
        "no scheme": f"keeper:{secret}@{place}",
        "new line": f"postgresql://keeper:{secret}@{place}\n",
    }


@pytest.mark.parametrize("form", _forms("x", "y"))
@pytest.mark.parametrize("secret", [_SECRET, "wr0ng-Zq"])
def test_no_form_of_a_url_shows_its_password(
    url: str, leavings: _Leavings, form: str, secret: str
) -> None:
    given = _forms(url.rpartition("@")[2], secret)[form]
    leavings.call("explain_query", {"sql": "SELECT 1", "database_url": given})
    leavings.call("advise_indexes", {"database_url": given})
    found = leavings.text()
    assert len(leavings.said) >= 4
    assert secret.encode() not in found
    assert "".join(f"%{byte:02X}" for byte in secret.encode()).encode() not in found


@pytest.mark.parametrize(
    "arguments",
    [
        {"sql": "SELECT * FROM hidden"},
        {"sql": "SELECT nope FROM orders"},
        {"sql": "SELEC"},
        {"sql": f"SELECT * FROM dblink('host=h password={_SECRET}', 'x') AS t (i int)"},
        {"sql": f"SELECT 'postgresql://u:{_SECRET}@h/d'::int"},
        {"sql": "SELECT 1", "analyze": True, "copy_url": f"postgresql://u:{_SECRET}@127.0.0.1:1/d"},
        {"sql": _SQL, "copy_url": f"postgresql://u:{_SECRET}@127.0.0.1:1/d"},
        {"sql": "SELECT 1", "databse_url": f"postgresql://u:{_SECRET}@h/d"},
        {"sql": "SELECT 1", "detail": f"postgresql://u:{_SECRET}@h/d"},
        {"path": f"postgresql://u:{_SECRET}@h/d"},
        {"plan": f"postgresql://u:{_SECRET}@h/d"},
    ],
    ids=str,
)
def test_no_answer_and_no_error_shows_a_password(
    url: str, leavings: _Leavings, arguments: dict[str, object]
) -> None:
    given = url.replace("postgres@", f"keeper:{_SECRET}@")
    database = {"database_url": given} if "sql" in arguments else {}
    leavings.call("explain_query", {**database, **arguments})
    assert leavings.said
    assert _SECRET.encode() not in leavings.text()


def test_a_password_of_the_environment_is_used_and_not_shown(
    url: str, leavings: _Leavings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", _SECRET)
    given = url.replace("postgres@", "keeper@")
    leavings.call("explain_query", {"sql": "SELECT count(*) FROM orders", "database_url": given})
    assert any('"status":"done"' in said for said in leavings.said)
    assert _SECRET.encode() not in leavings.text()


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="needs /proc")
def test_no_argument_list_shows_the_password_while_a_clone_is_made(
    url: str, leavings: _Leavings
) -> None:
    given = url.replace("postgres@", f"full_reader:{_SECRET}@")
    seen: set[bytes] = set()
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            for pid in process.children():
                try:
                    seen.add(Path(f"/proc/{pid}/cmdline").read_bytes())
                except OSError:
                    continue
            done.wait(0.005)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        leavings.call("explain_query", {"sql": _SQL, "database_url": given})
    finally:
        done.set()
        watcher.join()
    assert any(b"pg_dump" in words for words in seen)
    assert all(_SECRET.encode() not in words for words in seen)
    assert b"clone of schema" in leavings.text()
    assert _SECRET.encode() not in leavings.text()


def test_what_pg_dump_says_is_shown_without_the_password(url: str, tmp_path: Path) -> None:
    place = url.rpartition("@")[2].rpartition("/")[0]
    echoed = f"postgresql://{_SECRET}:{quote(_SECRET)}@{place}/no"  # the user has the same name
    with pytest.raises(ToolFailedError) as error:
        source.dump(programs() / "pg_dump", echoed, tmp_path / "dump")
    assert '"***" does not exist' in str(error.value)
    assert _SECRET not in str(error.value)
    assert without_passwords(f"x {_SECRET}", conninfo(f"postgresql://u:{_SECRET}@h/d")) == "x ***"


@pytest.mark.slow
def test_the_command_line_shows_no_password(url: str, tmp_path: Path) -> None:
    given = url.replace("postgres@", f"keeper:wrong-{_SECRET}@")
    done = process.run(
        [sys.executable, "-m", "slowcoach_server", "call", "explain_query", "-"],
        deadline_s=120,
        stdin=json.dumps({"sql": "SELECT 1", "database_url": given}).encode(),
        env={**os.environ, "XDG_DATA_HOME": str(tmp_path), "SLOWCOACH_DEBUG": "0"},
        check=False,
    )
    assert done.returncode == 2
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert kept
    for text in (done.stdout, done.stderr, kept):
        assert _SECRET.encode() not in text
