"""Files and lines of addresses in programs, with what the compiler inlined there.

perf does it one address at a time, which takes minutes; here the hot addresses of each file go to
llvm-symbolizer or addr2line in one run.
"""

import re
import shutil
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from slowcoach.core import process
from slowcoach.core.errors import CancelledError, SlowcoachError
from slowcoach.core.job import Cancellation
from slowcoach.profiling.model import Frame
from slowcoach.profiling.recorders import elf
from slowcoach.profiling.recorders.perf_script import UNKNOWN, Place

MOST_ADDRESSES: Final = 2_000
_DEADLINE_S: Final = 20.0
_NOWHERE: Final = "??"
_KERNEL: Final = "["
_SYSTEM: Final = ("/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/", "/nix/store/")
_STANDARD: Final = ("/rustc/", "/usr/include/", "/usr/lib/gcc/")
_RUST_HASH: Final = re.compile(r"::h[0-9a-f]{16}$")
_RUST_CODE: Final = re.compile(r"\$u([0-9a-f]{1,5})\$")
_JIT_NAME: Final = re.compile(r"^[A-Za-z]+:[*~^+]?(\S+) (\S+?):(\d+)(?::\d+)?$")

# the frames of a place, innermost first; the other argument: whether a call returns to it
Told = Callable[[Place, bool], tuple[Frame, ...]]


@dataclass(slots=True)
class Symbols:
    """Frames by place, innermost first; `warnings` say what is missing for names and lines."""

    frames: dict[int, tuple[Frame, ...]] = field(default_factory=dict[int, tuple[Frame, ...]])
    warnings: list[str] = field(default_factory=list[str])


def resolve(
    places: Sequence[Place],
    weights: Mapping[int, float],
    leaves: frozenset[int],
    *,
    root: Path | None = None,
    cancellation: Cancellation | None = None,
    told: Told | None = None,
) -> Symbols:
    """Return frames of every place, with file and line for the ones that weigh most.

    `weights` by the place's index; `leaves` are addresses of the next instruction themselves,
    others are where a call returns to. `root`: where the program's own file system is seen.
    `told` knows some places better than debugging information does.
    """
    found = Symbols()
    for index, place in enumerate(places if told is not None else ()):
        if told is not None and (frames := told(place, index not in leaves)):
            found.frames[index] = frames
    wanted = sorted(weights, key=lambda index: -weights[index])[:MOST_ADDRESSES]
    by_module: dict[str, list[int]] = defaultdict(list)
    for index in wanted:
        if index in found.frames or places[index].module.startswith((_KERNEL, *_SYSTEM)):
            continue  # those of the system say no more
        by_module[places[index].module].append(index)
    if by_module:
        _Lines(places, leaves, root, cancellation, found).look_up(by_module)
    for index, place in enumerate(places):
        found.frames.setdefault(index, (_plain(place),))
    return found


def _tool() -> list[str] | None:
    llvm = shutil.which("llvm-symbolizer")
    if llvm:
        return [llvm, "--output-style=GNU"]
    gnu = shutil.which("addr2line")
    return [gnu] if gnu else None


@dataclass(frozen=True, slots=True)
class _Lines:
    """Looks up addresses, file by file, and puts the answers into `found`."""

    places: Sequence[Place]
    leaves: frozenset[int]
    root: Path | None
    cancellation: Cancellation | None
    found: Symbols

    def look_up(self, by_module: Mapping[str, list[int]]) -> None:
        tool = _tool()
        if tool is None:
            text = "No files and lines: install llvm (llvm-symbolizer) or binutils (addr2line)"
            self.found.warnings.append(text)
            return
        late = time.monotonic() + _DEADLINE_S
        for module, indexes in by_module.items():
            left = late - time.monotonic()
            file = seen(module, self.root)
            program = elf.read(file) if file else None
            if file is not None and program is not None and left > 0:
                self._of_file(tool, file, self._addresses(program, indexes), left)

    def _addresses(self, program: elf.Elf, indexes: list[int]) -> dict[int, list[int]]:
        asked: dict[int, list[int]] = defaultdict(list)
        for index in indexes:
            address = program.address(self.places[index].address)
            if address is not None:
                asked[address - (0 if index in self.leaves else 1)].append(index)
        return asked

    def _of_file(
        self, tool: list[str], file: Path, asked: Mapping[int, list[int]], left: float
    ) -> None:
        text = "".join(f"{address:#x}\n" for address in asked)
        argv = [*tool, "-a", "-f", "-i", "-C", "-e", str(file)]
        try:
            done = process.run(
                argv,
                deadline_s=left,
                stdin=text.encode(),
                cancellation=self.cancellation,
                check=False,
            )
        except CancelledError:
            raise
        except SlowcoachError as error:
            self.found.warnings.append(f"Lines of {file.name} are missing: {error.message}")
            return
        for address, frames in _answers(done.text):
            for index in asked.get(address, ()):
                shown = _shown(self.places[index], frames)
                if shown:
                    self.found.frames[index] = shown


def seen(module: str, root: Path | None) -> Path | None:
    """Return where we can read a module that the program names, in its own file system."""
    places = [Path(f"{root}{module}")] if root is not None else []
    return next((file for file in [*places, Path(module)] if file.is_file()), None)


def _answers(text: str) -> list[tuple[int, list[Frame]]]:
    """Return each address with its frames, innermost first: name and place take turns."""
    found: list[tuple[int, list[Frame]]] = []
    name: str | None = None
    for line in text.splitlines():
        if line.startswith("0x") and name is None:
            found.append((int(line, 16), []))
        elif name is None:
            name = line
        elif found:
            found[-1][1].append(_frame(name, line))
            name = None
    return found


def _frame(name: str, place: str) -> Frame:
    file, _, line = place.partition(" (")[0].rpartition(":")
    number = int(line) if line.isdigit() else 0
    return Frame(_rust(name), None if file in {"", _NOWHERE} else file, number or None)


def _rust(name: str) -> str:
    """Return a name of Rust whose escapes the symbolizer left as its source has it."""
    if not _RUST_HASH.search(name):
        return name
    text = _RUST_HASH.sub("", name).replace("..", "::")
    text = _RUST_CODE.sub(lambda match: chr(int(match[1], 16)), text)
    return text.replace("::_{{", "::{{")


def _shown(place: Place, frames: list[Frame]) -> tuple[Frame, ...]:
    """Return the frames if they say more than perf; the outermost keeps perf's name.

    Of the standard library only what was really called counts: an addition that was inlined is
    work of the line that wrote it.
    """
    if not frames or frames[-1].file is None:
        return ()
    *inlined, outermost = frames
    if place.symbol != UNKNOWN:
        outermost = outermost._replace(name=place.symbol)
    return (*(f for f in inlined if f.name != _NOWHERE and not _standard(f)), outermost)


def _standard(frame: Frame) -> bool:
    return (frame.file or "").startswith(_STANDARD)


def _plain(place: Place) -> Frame:
    if place.symbol == UNKNOWN:
        return Frame(f"??? ({place.module})", place.module)
    script = _JIT_NAME.match(place.symbol)  # as Node.js writes it with --perf-basic-prof
    if script:
        return Frame(script[1], script[2], int(script[3]))
    return Frame(place.symbol, place.module)
