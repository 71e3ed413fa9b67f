"""Attacks on databases through the tools that ask them: all are refused, and nothing changes.

The servers are real, the user is a superuser, and that is permitted: nothing but the judgement
of the statement stands between an attack and its aim.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import needs
from attacks import DATA, Attack, attacks, files, filled, postgres_sessions, postgres_state
from slowcoach.api.advise_indexes import advise_indexes
from slowcoach.api.explain_query import explain_query
from slowcoach.core.errors import (
    InputError,
    MissingDependencyError,
    NotPermittedError,
    SlowcoachError,
    ToolFailedError,
    UnsupportedError,
)
from slowcoach.core.job import Job
from slowcoach.queries import grammar, live
from slowcoach.queries.advisor.measured import measured
from slowcoach.queries.advisor.workload import Query
from slowcoach.queries.embedded import embedded_postgres
from slowcoach.queries.roles import ALLOW_SUPERUSER
from slowcoach.queries.statement import only_select
from slowcoach.queries.timed import timed

_DEBIAN = Path("/usr/lib/postgresql/15/bin")
_ALL = attacks("postgresql")


@dataclass(frozen=True)
class Victim:
    """A server with traps: its URL, the folder it can write to, its data."""

    url: str
    folder: Path
    data: Path
    connection: Any
    newer: bool

    def sql(self, attack: Attack) -> str:
        """Return the statement of an attack, for this server."""
        return filled(attack.sql, folder=str(self.folder), url=self.url)

    def state(self) -> tuple[Any, ...]:
        """Return what must be the same before and after."""
        return postgres_state(self.connection), tuple(files(self.folder, self.data))


@pytest.fixture(scope="module", params=["15", "18"])
def victim(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Victim]:
    needs.module("psycopg")
    needs.module("embedded_postgres")
    import psycopg

    older = request.param == "15"
    if older and not _DEBIAN.is_dir():
        needs.missing("needs PostgreSQL 15 of Debian")
    with (
        embedded_postgres(
            settings={"autovacuum": "off", "max_replication_slots": "2"},
            binaries=_DEBIAN if older else None,
        ) as url,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        row = connection.execute("SHOW data_directory").fetchone()
        data = Path(row[0] if row else "")
        folder = data / "slowcoach-attacks"
        connection.execute(f"COPY (SELECT 1) TO PROGRAM 'mkdir {folder}'".encode())
        setup = (DATA / "postgresql.sql").read_text(encoding="utf-8")
        port = url.rpartition(":")[2].partition("/")[0]
        connection.execute(filled(setup, folder=str(folder), port=port).encode())
        yield Victim(url, folder, data, connection, newer=not older)


def _outcome(call: Callable[[], Any]) -> str:
    """Return what became of an attack; an error that is none of ours comes out as it is."""
    try:
        result = call()
    except ToolFailedError:
        return "late"
    except (InputError, NotPermittedError) as error:
        return "refused" if error.hint else "refused without a hint"
    return "run" if getattr(result, "analyzed", True) else "planned"


def _by_tool(url: str, sql: str, **arguments: Any) -> Any:
    return explain_query(Job(), sql=sql, database_url=url, **arguments)


def _by_library(url: str, sql: str, **arguments: Any) -> Any:
    with live.connect(url) as connection:
        return live.explain(connection, sql, **arguments)


def _wrong(victim: Victim, field: str, **arguments: Any) -> list[str]:
    """Try every attack; return those that ended otherwise than the list says, or did anything."""
    before = victim.state()
    wrong: list[str] = []
    ask = _by_tool if victim.newer else _by_library
    for attack in _ALL:
        expected = getattr(attack, field)
        if expected == "late":
            continue
        sql = victim.sql(attack)
        found = _outcome(partial(ask, victim.url, sql, **arguments))
        harm = "".join(path.name for path in victim.folder.iterdir())
        if found != expected or harm:
            wrong.append(f"{attack.name}: {found}, expected {expected} {harm}")
            (victim.folder / "harm").unlink(missing_ok=True)
    assert victim.state() == before
    return wrong


def test_the_traps_are_armed(victim: Victim) -> None:
    with victim.connection.transaction(force_rollback=True):
        victim.connection.execute("SET TRANSACTION READ ONLY")
        victim.connection.execute("EXPLAIN SELECT lie()")
    assert (victim.folder / "harm").exists()
    (victim.folder / "harm").unlink()


@pytest.mark.slow
def test_no_attack_passes_where_a_plan_is_asked_for(victim: Victim) -> None:
    assert _wrong(victim, "plain") == []


@pytest.mark.slow
def test_no_attack_passes_where_a_statement_is_to_be_run(victim: Victim) -> None:
    assert _wrong(victim, "analyze", analyze=True) == []


@pytest.mark.slow
def test_no_attack_passes_where_statements_are_timed_on_a_copy(victim: Victim) -> None:
    before = victim.state()
    index = "CREATE INDEX ON victim (name)"
    for number, attack in enumerate(_ALL):
        if attack.analyze == "late":
            continue
        sql = victim.sql(attack)
        alone = partial(timed, victim.url, sql, index)
        together = partial(measured, victim.url, [Query("x", sql)], [index], slower=0.1)
        assert _outcome(alone if number % 2 else together) == attack.analyze, attack.name
    after = victim.state()
    assert after[0] == before[0]  # the files of an index that was rolled back stay for a while
    assert not list(victim.folder.iterdir())


@pytest.mark.slow
def test_no_attack_passes_in_a_workload(victim: Victim, tmp_path: Path) -> None:
    before = victim.state()
    file = tmp_path / "workload.sql"
    parts = [victim.sql(attack).translate({0: None, 0xD800: None}) for attack in _ALL]
    file.write_text(";\n".join(["SELECT * FROM victim WHERE name = 'a'", *parts]), "utf-8")
    answer = advise_indexes(Job(), database_url=victim.url, workload=str(file))
    assert any("left out" in warning for warning in answer.warnings)
    assert victim.state() == before


def test_what_costs_without_end_is_ended(victim: Victim) -> None:
    before = victim.state()
    for attack in _ALL:
        if attack.analyze == "late":
            with (
                live.connect(victim.url, statement_timeout_s=0.5) as connection,
                pytest.raises(ToolFailedError, match="longer than"),
            ):
                live.explain(connection, attack.sql, analyze=True)
    assert victim.state() == before


def test_no_session_and_no_lock_is_left(victim: Victim) -> None:
    deadline = time.monotonic() + 60
    while postgres_sessions(victim.connection) and time.monotonic() < deadline:
        time.sleep(0.1)  # a backend ends a moment after its client
    assert postgres_sessions(victim.connection) == 0


def test_the_list_is_long_and_names_each_attack_once() -> None:
    assert len(_ALL) >= 120
    assert [name for name, count in Counter(a.name for a in _ALL).items() if count > 1] == []


@pytest.mark.parametrize("power", ["pg_execute_server_program", "pg_read_server_files", "super"])
def test_whoever_may_do_too_much_runs_nothing(
    victim: Victim, power: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(ALLOW_SUPERUSER)
    url = victim.url
    try:
        if power != "super":
            victim.connection.execute(f"GRANT {power} TO reader".encode())
            url = url.replace("postgres@", "reader@")
        with pytest.raises(NotPermittedError, match=r"superuser|has pg_") as error:
            explain_query(Job(), sql="SELECT 1", database_url=url, analyze=True)
        assert ALLOW_SUPERUSER in error.value.hint
        assert not explain_query(Job(), sql="SELECT 1", database_url=url).analyzed
    finally:
        if power != "super":
            victim.connection.execute(f"REVOKE {power} FROM reader".encode())


def test_who_may_only_read_runs_what_only_reads(
    victim: Victim, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(ALLOW_SUPERUSER)
    url = victim.url.replace("postgres@", "reader@")
    sql = "SELECT count(*) FROM victim"
    assert explain_query(Job(), sql=sql, database_url=url, analyze=True).analyzed


def test_a_superuser_runs_statements_on_a_copy_as_somebody_who_may_only_read(
    victim: Victim, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = victim.state()[0]
    monkeypatch.setattr("slowcoach.queries.timed.require_harmless", lambda *_: None)
    index = "CREATE INDEX ON victim (name)"
    for sql in ("SELECT pg_read_file('/etc/passwd')", "SELECT canary()"):
        with pytest.raises(InputError, match=r"denied|privileges"):
            timed(victim.url, sql, index)
    assert timed(victim.url, "SELECT * FROM victim WHERE name = 'a'", index).same_rows
    assert victim.state()[0] == before
    assert not list(victim.folder.iterdir())


def test_without_the_grammar_a_statement_is_planned_and_not_run(
    victim: Victim, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grammar, "parser", lambda: None)
    sql = "SELECT count(*) FROM pg_class"
    plain = victim.url.rpartition("/")[0] + "/template1"  # which has no traps
    assert not explain_query(Job(), sql=sql, database_url=plain).analyzed
    with pytest.raises(MissingDependencyError, match="grammar") as error:
        explain_query(Job(), sql=sql, database_url=plain, analyze=True)
    assert "slowcoach[postgres]" in error.value.hint


@pytest.mark.slow
@pytest.mark.parametrize("victim", ["15"], indirect=True)
def test_no_attack_passes_where_the_grammar_is_missing(
    victim: Victim, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grammar, "parser", lambda: None)
    before = victim.state()
    passed = [
        attack.name
        for attack in _ALL
        if attack.plain == "refused"
        and _outcome(partial(_by_library, victim.url, victim.sql(attack))) != "refused"
    ]
    assert passed == []
    assert victim.state() == before


def test_names_of_the_system_come_before_those_of_a_user(victim: Victim) -> None:
    url = f"{victim.url}?options=-c%20search_path%3Dpublic,pg_catalog"
    with live.connect(url) as connection:
        assert live.setting(connection, "search_path") == '"pg_catalog", "public", "pg_temp"'
    with live.connect(victim.url) as connection:
        assert live.setting(connection, "search_path") == '"$user", public'


@pytest.mark.parametrize("url", ["oracle://u@h/d", "file:///etc/passwd", "http://localhost/"])
def test_databases_that_are_not_asked_are_refused(url: str) -> None:
    with pytest.raises(UnsupportedError):
        explain_query(Job(), sql="SELECT 1", database_url=url)


@pytest.mark.parametrize("attack", _ALL, ids=lambda attack: attack.name)
def test_the_judgement_of_a_text_never_fails_in_another_way(
    attack: Attack, monkeypatch: pytest.MonkeyPatch
) -> None:
    for parser in (grammar.parser(), None):
        monkeypatch.setattr(grammar, "parser", lambda parser=parser: parser)
        with suppress(SlowcoachError):
            assert only_select(attack.sql).text
