"""Start the small services under tests/data/services, with what they depend on."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

import needs

FOLDER = Path(__file__).parent / "data" / "services"
_READY_S = 60.0
_PROGRAMS = {"node": ("node",), "go": ("go",), "java": ("java", "javac"), "python": ()}


@dataclass(frozen=True)
class Service:
    """A service that is up. `given` is what a diagnoser is told, `ready` a URL that answers."""

    pid: int
    upstream: int | None
    folder: Path
    ready: str
    given: dict[str, Any] = field(default_factory=dict[str, Any])

    def serves(self) -> bool:
        """Tell whether it answers."""
        with suppress(OSError), urllib.request.urlopen(self.ready, timeout=5) as answer:
            return bool(answer.status)
        return False


def free_port() -> int:
    """Return a port of loopback that nobody listens at now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _process(argv: list[str], folder: Path, environment: dict[str, str]) -> Iterator[int]:
    with (folder / "output.log").open("ab") as log:
        child = subprocess.Popen(argv, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        yield child.pid
    finally:
        child.kill()
        child.wait()


@contextmanager
def running(name: str, place: Path) -> Iterator[Service]:
    """Run a service from a copy in an empty folder `place` beside the block."""
    case = yaml.safe_load((FOLDER / name / "case.yaml").read_text())
    for program in _PROGRAMS[case["language"]]:
        needs.program(program)
    shutil.copytree(FOLDER / name, place, dirs_exist_ok=True)
    port, upstream = free_port(), free_port()
    environment = {**os.environ, "PORT": str(port), "UPSTREAM_PORT": str(upstream)}
    environment |= {"CASE_BUILD_DIR": str(place / "build")}
    if (place / "build.sh").exists():
        subprocess.run(
            ["sh", "build.sh"], cwd=place, env=environment, check=True, capture_output=True
        )
    origin, behind = f"http://127.0.0.1:{port}", None
    with ExitStack() as stack:
        if script := case.get("upstream"):
            runner = sys.executable if script.endswith(".py") else "node"
            behind = stack.enter_context(_process([runner, script], place, environment))
        words = [w.replace("${CASE_BUILD_DIR}", str(place / "build")) for w in case["start"]]
        pid = stack.enter_context(_process(words, place, environment))
        given = {
            "url": origin + case["request"]["path"],
            "method": case["request"]["method"],
            "pid": pid,
            "concurrency": 4,
            "duration_s": 2,
            "diagnostics": case.get("diagnostics") or None,
        }
        service = Service(pid, behind, place, origin + case["ready"], given)
        until = time.monotonic() + _READY_S
        while not service.serves():
            assert time.monotonic() < until, (place / "output.log").read_text()[-500:]
            time.sleep(0.1)
        yield service
