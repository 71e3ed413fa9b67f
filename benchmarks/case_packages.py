"""The packages that a case's service needs, installed once and kept in the cache of the user."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "slowcoach-cases"
INSTALL_S = 600


class PackagesError(Exception):
    """Packages that cannot be had here."""


def python_of(packages: list[str]) -> Path:
    """Return an interpreter that has the packages; raises PackagesError."""
    if not packages:
        return Path(sys.executable)
    folder = _kept("python", packages, _make_environment)
    return folder / "bin" / "python"


def node_modules_of(packages: list[str]) -> Path:
    """Return a `node_modules` folder with the packages; raises PackagesError."""
    return _kept("node", packages, _make_modules) / "node_modules"


def _kept(kind: str, packages: list[str], make: Callable[[Path, list[str]], None]) -> Path:
    """Return the folder of these packages, made by the first who asks."""
    about = json.dumps([kind, sorted(packages), sys.version_info[:2]])
    folder = CACHE / f"{kind}-{hashlib.sha256(about.encode()).hexdigest()[:16]}"
    CACHE.mkdir(parents=True, exist_ok=True)
    done = folder / ".done"
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder, packages)
            done.touch()
    return folder


def _make_environment(folder: Path, packages: list[str]) -> None:
    venv.create(folder, with_pip=True)
    _install([str(folder / "bin" / "python"), "-m", "pip", "install", "-q", *packages], folder)


def _make_modules(folder: Path, packages: list[str]) -> None:
    if shutil.which("npm") is None:
        raise PackagesError(f"needs npm for {', '.join(packages)}")
    (folder / "package.json").write_text('{"name": "case", "version": "1.0.0", "private": true}\n')
    options = ["--no-audit", "--no-fund", "--ignore-scripts"]
    _install(["npm", "install", *options, *packages], folder)


def _install(argv: list[str], folder: Path) -> None:
    done = subprocess.run(
        argv, cwd=folder, capture_output=True, text=True, timeout=INSTALL_S, check=False
    )
    if done.returncode:
        raise PackagesError(f"{' '.join(argv[-2:])}: {done.stderr.strip()[-200:]}")
