"""The start stays light, and works where POSIX is not."""

import re
import subprocess
import sys

import pytest

HEAVY = ["anthropic", "locust", "numpy", "playwright", "psycopg", "sqlalchemy", "sqlglot", "jinja2"]
# what only POSIX has: a server on Windows must start without them
POSIX_ONLY = ["fcntl", "grp", "posix", "pty", "pwd", "resource", "termios", "tty"]
START = """
import asyncio
from slowcoach_server.app import build_app
from slowcoach_server.settings import Settings
app = build_app(Settings())
asyncio.run(app.list_tools())
"""
BLOCKED = """
import importlib.abc, os, signal, sys

# what is imported by now belongs to the interpreter's own start
class Block(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name in {names}:
            caller = sys._getframe(1)
            while caller and "importlib" in caller.f_code.co_filename:
                caller = caller.f_back
            if caller and "slowcoach" in caller.f_code.co_filename:
                raise ModuleNotFoundError(f"No module named {{name!r}} (blocked)")
        return None

for name in {names}:
    if name != "posix":
        sys.modules.pop(name, None)
sys.meta_path.insert(0, Block())
for name in ("SIGKILL", "SIGHUP", "SIGUSR1"):
    delattr(signal, name)
for name in ("killpg", "fork", "geteuid", "getppid"):
    delattr(os, name)
"""


def imported(code: str, *words: str) -> set[str]:
    """Return the top-level packages that a program imports."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", code, *words],
        capture_output=True,
        text=True,
        timeout=120,
    )
    names = re.findall(r"\|\s+([\w.]+)$", done.stderr, re.MULTILINE)
    assert done.returncode == 0, done.stderr[-2000:]
    return {name.split(".")[0] for name in names}


@pytest.mark.parametrize("package", HEAVY)
def test_the_server_starts_without(package: str) -> None:
    assert package not in imported(START)


def test_help_does_not_import_mcp() -> None:
    code = "import sys; from slowcoach_server.cli import main; sys.argv[1:] = ['--help']\n"
    code += "try: main()\nexcept SystemExit: pass"
    names = imported(code)

    assert "cyclopts" in names
    assert not {"mcp", "mcp_types", *HEAVY} & names


def test_the_library_knows_no_mcp_and_no_terminal() -> None:
    names = imported("from slowcoach.catalogue import tools; tools()")

    assert not {"mcp", "cyclopts", "rich"} & names


def test_the_server_starts_without_what_only_posix_has() -> None:
    code = BLOCKED.format(names=POSIX_ONLY) + START
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)

    assert done.returncode == 0, done.stderr[-2000:]
