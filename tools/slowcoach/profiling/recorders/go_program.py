"""How a program that Go built is told from others, and by which version."""

import shutil
from collections.abc import Sequence
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Final

_ELF: Final = b"\x7fELF"
_BUILD_INFO: Final = b"\xff Go buildinf:"  # Go's debug/buildinfo
_VERSION_AT: Final = 32  # in it, from Go 1.18 on: a length, and the version
_ENDPOINT: Final = b"net/http/pprof.Index"
_TOOLS: Final = "/pkg/tool/"


def is_go(pid: int) -> bool:
    """Tell whether a process runs a program that Go built."""
    return built_by_go(Path(f"/proc/{pid}/exe"))


def starts_go(command: Sequence[str]) -> bool:
    """Tell whether a command starts a program that Go built (`go run` is one too)."""
    found = shutil.which(command[0]) if command else None
    return found is not None and built_by_go(Path(found))


def built_by_go(file: Path) -> bool:
    """Tell whether a program holds Go's build information; stripped ones do too."""
    return holds(file, _BUILD_INFO)


def holds(file: Path, text: bytes) -> bool:
    """Tell whether a program of ELF's format holds these bytes."""
    try:
        with file.open("rb") as opened, mmap(opened.fileno(), 0, access=ACCESS_READ) as data:
            return data[: len(_ELF)] == _ELF and data.find(text) >= 0
    except (OSError, ValueError):  # an empty file cannot be mapped
        return False


def version(pid: int) -> str:
    """Return the version of Go that built a process's program."""
    try:
        with (
            Path(f"/proc/{pid}/exe").open("rb") as opened,
            mmap(opened.fileno(), 0, access=ACCESS_READ) as data,
        ):
            at = data.find(_BUILD_INFO) + _VERSION_AT
            return data[at + 1 : at + 1 + data[at]].decode("ascii")
    except (OSError, ValueError, IndexError):
        return "Go"


def can_have_endpoint(pid: int) -> bool:
    """Tell whether a program has the handlers of net/http/pprof in it."""
    return holds(Path(f"/proc/{pid}/exe"), _ENDPOINT)


def is_toolchain(pid: int) -> bool:
    """Tell whether a process is Go's own command, compiler or linker, or has just ended."""
    try:
        program = Path(f"/proc/{pid}/exe").readlink()
    except OSError:
        return True
    return _TOOLS in str(program) or program.name == "go"
