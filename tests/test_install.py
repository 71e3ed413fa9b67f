"""slowcoach install: a client's configuration is changed safely, and back."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from mcp import Client as McpClient
from mcp import StdioServerParameters

from slowcoach.core.errors import InputError, UnreadableError, UnsupportedError
from slowcoach_server.install.change import planned
from slowcoach_server.install.clients import NAME, client, clients

SLOWCOACH = Path(sys.executable).with_name("slowcoach")
OTHERS = """{
    "mcpServers": {
        "other": {"command": "x", "args": ["ä"]}
    },
    "theme": "dark"
}
"""
ENTRY = {"command": "slowcoach", "args": ["serve"]}


def run(home: Path, *words: str, said: str = "") -> "subprocess.CompletedProcess[str]":
    """Run `slowcoach install` with a home folder of its own."""
    return subprocess.run(
        [SLOWCOACH, "install", *words],
        input=said,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "HOME": str(home)},
    )


@pytest.mark.parametrize("name", list(clients()))
def test_every_client_gets_an_entry_and_loses_it_again(name: str, tmp_path: Path) -> None:
    chosen = client(name)
    file = tmp_path / Path(chosen.user.get("any") or chosen.user["linux"]).name
    added = planned(chosen, file, chosen.entry(["slowcoach", "serve"], {"A": "b"}))
    added.make()
    again = planned(chosen, file, chosen.entry(["slowcoach", "serve"], {"A": "b"}))
    whole: Any = (tomlkit.parse if file.suffix == ".toml" else json.loads)(file.read_text())

    assert whole[chosen.under][NAME]["args"] == ["serve"]
    assert whole[chosen.under][NAME]["env"] == {"A": "b"}
    assert not again.is_one

    planned(chosen, file, None).make()
    assert NAME not in file.read_text()


def test_what_else_stands_in_the_file_stays_and_a_copy_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "mcp.json"
    file.write_text(OTHERS, encoding="utf-8")
    file.chmod(0o600)
    change = planned(client("cursor"), file, ENTRY)
    copy = change.make()
    whole = json.loads(file.read_text(encoding="utf-8"))

    assert whole["theme"] == "dark"
    assert whole["mcpServers"]["other"] == {"command": "x", "args": ["ä"]}
    assert "ä" in file.read_text(encoding="utf-8")
    assert '\n    "theme"' in file.read_text(encoding="utf-8")
    assert file.stat().st_mode & 0o777 == 0o600
    assert copy is not None
    assert copy.read_text(encoding="utf-8") == OTHERS
    assert '+        "slowcoach": {' in change.shown()

    planned(client("cursor"), file, None).make()
    assert json.loads(file.read_text(encoding="utf-8")) == json.loads(OTHERS)


def test_comments_of_toml_stay(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('# mine\nmodel = "x" # here\n')
    planned(client("codex"), file, ENTRY).make()

    assert file.read_text().startswith('# mine\nmodel = "x" # here\n')
    assert tomlkit.parse(file.read_text())["mcp_servers"][NAME]["command"] == "slowcoach"


def test_a_file_with_comments_is_left_alone_and_the_entry_shown(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    file.write_text('{\n  // my theme\n  "theme": "dark",\n}\n')

    with pytest.raises(UnsupportedError) as refused:
        planned(client("zed"), file, ENTRY)
    assert '"context_servers"' in (refused.value.hint or "")
    assert "// my theme" in file.read_text()


@pytest.mark.parametrize("text", ["[]", '{"mcpServers": []}', "\x00\xff"])
def test_a_file_that_is_no_configuration_is_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "mcp.json"
    file.write_bytes(text.encode("latin-1"))

    with pytest.raises((UnreadableError, UnsupportedError)):
        planned(client("cursor"), file, ENTRY)


def test_an_unknown_client_is_told_with_those_there_are() -> None:
    with pytest.raises(InputError, match="claude-code"):
        client("emacs")
    with pytest.raises(InputError, match="of a project"):
        client("claude-desktop").file(Path())


def test_without_a_terminal_nothing_is_changed_unless_said(tmp_path: Path) -> None:
    asked = run(tmp_path, "cursor")
    assert asked.returncode == 1
    assert '"slowcoach"' in asked.stdout
    assert "--yes" in asked.stdout
    assert not (tmp_path / ".cursor").exists()

    done = run(tmp_path, "cursor", "--yes", "--no-allow-load")
    entry = json.loads((tmp_path / ".cursor/mcp.json").read_text())["mcpServers"][NAME]
    assert done.returncode == 0
    assert entry["args"] == ["serve", "--allow-exec"]
    assert run(tmp_path, "cursor", "--undo", "--yes").returncode == 0
    assert NAME not in (tmp_path / ".cursor/mcp.json").read_text()


@pytest.mark.slow
@pytest.mark.anyio
async def test_what_is_installed_starts_the_server(tmp_path: Path) -> None:
    assert run(tmp_path, "claude-code", "--yes", "--project", str(tmp_path)).returncode == 0
    entry = json.loads((tmp_path / ".mcp.json").read_text())["mcpServers"][NAME]

    assert entry["type"] == "stdio"
    async with McpClient(
        StdioServerParameters(command=entry["command"], args=entry["args"])
    ) as asked:
        assert (await asked.list_tools()).tools
