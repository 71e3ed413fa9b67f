"""A server may offer a part of the tools, and read a part of the files."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from mcp import Client

from slowcoach.catalogue import tools
from slowcoach.core import files
from slowcoach.core.errors import InputError, NotPermittedError, UnreadableError
from slowcoach.core.knowledge import page
from slowcoach_server.app import build_app
from slowcoach_server.settings import Settings, from_environment
from slowcoach_server.toolsets import check, offered, toolsets


@pytest.fixture(autouse=True)
def unconfined() -> Iterator[None]:
    """Leave the folders of other tests alone."""
    yield
    files.confine([])


def test_every_tool_is_in_one_toolset_or_always_there() -> None:
    told = [name for names in toolsets().values() for name in names]
    told += page("toolsets").data["always"]

    assert sorted(told) == sorted(tools())


@pytest.mark.anyio
async def test_the_toolsets_that_were_asked_for_are_offered_in_the_stable_order() -> None:
    settings = Settings(toolsets=frozenset({"profiling", "queries"}))
    async with Client(build_app(settings)) as client:
        listed = [tool.name for tool in (await client.list_tools()).tools]
        refused = await client.call_tool("run_load_test", {"url": "http://127.0.0.1:1/"})

    assert "record_profile" in listed
    assert "get_run" in listed
    assert "run_load_test" not in listed
    assert listed == [name for name in tools() if name in listed]
    assert refused.is_error


def test_read_only_leaves_out_whatever_changes_something() -> None:
    given = offered(Settings(allow_exec=True, allow_load=True, read_only=True))

    assert "explain_query" in given
    assert all(tool.read_only for tool in given.values())
    assert not Settings(allow_exec=True, read_only=True).permissions().execute


def test_the_environment_says_the_same() -> None:
    given = {
        "SLOWCOACH_TOOLSETS": "load, capacity",
        "SLOWCOACH_READ_ONLY": "1",
        "SLOWCOACH_ALLOW_DIRS": os.pathsep.join(["/srv/a", "/srv/b"]),
    }
    settings = from_environment(given)

    assert settings.toolsets == {"load", "capacity"}
    assert settings.read_only
    assert settings.folders == (Path("/srv/a"), Path("/srv/b"))


def test_an_unknown_toolset_is_told_with_those_there_are() -> None:
    with pytest.raises(InputError, match="nothing") as refused:
        check({"nothing", "load"})
    assert "profiling" in (refused.value.hint or "")


def test_files_outside_of_the_folders_are_not_read(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    for folder in (inside, outside):
        folder.mkdir()
        (folder / "plan.txt").write_text("Seq Scan on t")
    (inside / "link.txt").symlink_to(outside / "plan.txt")
    files.confine([inside])
    what = {"what": "a plan", "limit": 100, "smaller": ""}

    assert files.read_bytes(inside / "plan.txt", **what)  # type: ignore[arg-type]
    for path in (outside / "plan.txt", inside / ".." / "out" / "plan.txt", inside / "link.txt"):
        with pytest.raises(NotPermittedError, match="outside"):
            files.read_bytes(path, **what)  # type: ignore[arg-type]
    with pytest.raises(UnreadableError):
        files.read_bytes(inside / "none.txt", **what)  # type: ignore[arg-type]


@pytest.mark.slow
def test_the_flags_are_taken(tmp_path: Path) -> None:
    refused = subprocess.run(
        [sys.executable, "-m", "slowcoach_server", "serve", "--toolsets", "everything"],
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
        check=False,
    )

    assert refused.returncode == 2
    assert "profiling" in refused.stderr
