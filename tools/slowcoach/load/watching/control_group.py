"""The control group that a process lives in: its limits, and how long it stood still at them.

Version 1 and 2, and the groups above it: the tightest limit counts.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
_UNLIMITED = 1 << 60  # version 1 writes about 2^63 for no limit
_MICRO, _NANO = 1e6, 1e9


@dataclass(frozen=True, slots=True)
class Group:
    """The files that tell of a process's control group and of those above it."""

    cpu: tuple[Path, ...]
    memory: tuple[Path, ...]

    def throttled(self) -> float | None:
        """Return the seconds for which it stood still at its CPU limit so far; None: not told."""
        found = [told for folder in self.cpu if (told := _throttled(folder)) is not None]
        return max(found, default=None)

    def cores(self) -> float | None:
        """Return the limit in cores; None without one."""
        found = [limit for folder in self.cpu if (limit := _quota(folder)) is not None]
        return min(found, default=None)

    def memory_limit(self) -> int | None:
        """Return the limit of memory in bytes; None without one."""
        found = [limit for folder in self.memory if (limit := _memory(folder)) is not None]
        return min(found, default=None)


def group_of(pid: int, root: Path = ROOT) -> Group:
    """Return the control group of a process; empty where there is none to see."""
    cpu: list[Path] = []
    memory: list[Path] = []
    with suppress(OSError, ValueError):
        for line in Path(f"/proc/{pid}/cgroup").read_text(encoding="utf-8").splitlines():
            _, controllers, path = line.split(":", 2)
            names = controllers.split(",") if controllers else []
            for name, found in (("cpu", cpu), ("memory", memory)):
                if not names:
                    found += _upwards(_unified(root), path)
                elif name in names:
                    found += _upwards(root / name, path)
    return Group(tuple(cpu), tuple(memory))


def _unified(root: Path) -> Path:
    beside = root / "unified"
    return beside if beside.is_dir() else root


def _upwards(top: Path, path: str) -> list[Path]:
    """Return the folder of a group and those above; the top alone where it is not in sight."""
    folder = top / path.lstrip("/")
    if ".." in folder.parts or not folder.is_dir():
        return [top]
    found = [folder]
    while folder != top:
        folder = folder.parent
        found.append(folder)
    return found


def _text(file: Path) -> str | None:
    with suppress(OSError, UnicodeDecodeError):
        return file.read_text(encoding="ascii").strip()
    return None


def _throttled(folder: Path) -> float | None:
    text = _text(folder / "cpu.stat")
    with suppress(ValueError):
        rows = dict(line.split() for line in (text or "").splitlines())
        if "throttled_usec" in rows:
            return int(rows["throttled_usec"]) / _MICRO
        if "throttled_time" in rows:
            return int(rows["throttled_time"]) / _NANO
    return None


def _quota(folder: Path) -> float | None:
    with suppress(ValueError, TypeError):
        if (text := _text(folder / "cpu.max")) is not None:
            quota, period = text.split()
            return None if quota == "max" else int(quota) / int(period)
        limit = int(_text(folder / "cpu.cfs_quota_us") or -1)
        period_us = int(_text(folder / "cpu.cfs_period_us") or 0)
        return limit / period_us if limit > 0 and period_us > 0 else None
    return None


def _memory(folder: Path) -> int | None:
    for name in ("memory.max", "memory.limit_in_bytes"):
        text = _text(folder / name)
        if text and text.isdigit() and int(text) < _UNLIMITED:
            return int(text)
    return None
