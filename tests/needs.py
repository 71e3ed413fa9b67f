"""What a test needs beyond Python: skipped with the reason on a user's machine, failed in CI."""

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


def missing(reason: str) -> None:
    """Skip with the reason; in CI (environment variable CI) fail instead."""
    if os.environ.get("CI"):
        pytest.fail(f"CI lacks what a test needs: {reason}")
    pytest.skip(reason)


def program(*names: str) -> str:
    """Return the path of the first of these programs that is installed."""
    for name in names:
        if found := shutil.which(name):
            return found
    missing(f"needs {' or '.join(names)} on the PATH")
    raise AssertionError


def node(major: int) -> str:
    """Return the path of Node.js, of at least this major version."""
    path = program("node")
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
    if int(said.strip().removeprefix("v").split(".")[0]) < major:
        missing(f"needs Node.js {major}, found {said.strip()}")
    return path


def npm(*packages: str) -> Path:
    """Return the node_modules folder of the PATH that has these packages."""
    for folder in map(Path, os.get_exec_path()):
        if folder.name == ".bin" and all((folder.parent / each).is_dir() for each in packages):
            return folder.parent
    missing(f"needs the npm packages {', '.join(packages)}, and their .bin on the PATH")
    raise AssertionError


def module(name: str) -> None:
    """Demand an optional Python package."""
    if importlib.util.find_spec(name) is None:
        missing(f"needs the Python package {name}")


def shared(part: str) -> Path:
    """Return a folder of public samples beside the checkout; skipped everywhere without it."""
    folder = SHARED / part
    if not folder.exists():
        pytest.skip(f"needs the sample collection {part} beside the checkout")
    return folder
