"""Whatever a file holds, each reader of load results answers with a sound outcome or a clear
error, in bounded time and memory; also when the user names the wrong format.
"""

import gzip
import resource
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fuzz.load_target import check, check_error
from slowcoach.core.errors import SlowcoachError, UnreadableError
from slowcoach.load.outcome import Outcome
from slowcoach.load.reader_kind import readers
from slowcoach.load.reading import read, recognize
from slowcoach.load.streams import source_of

RESULTS = Path(__file__).parent / "data" / "load" / "results"
NAMES = tuple(readers())
CPU_S = 10.0  # of one small file, on a machine that is busy with other things
MEMORY_MB = 300
LARGE = 5 << 18


def samples(name: str) -> list[Path]:
    """Return the samples of a format: a test of the registry demands one of each."""
    found = sorted(path for path in (RESULTS / name).iterdir() if path.name != "README.md")
    assert found, f"no sample in tests/data/load/results/{name}"
    return found


def judged(name: str, path: Path) -> Outcome | None:
    """Read a file as a format; an outcome must be sound, an error clear. Returns the outcome."""
    before, start = peak_mb(), time.process_time()
    found: Outcome | None = None
    try:
        source = source_of(path)
        found = readers()[name].read(source)
    except SlowcoachError as error:
        check_error(error)
    if found is not None:
        check(found)
    assert time.process_time() - start < CPU_S, path.name
    assert peak_mb() - before < MEMORY_MB, path.name
    return found


def peak_mb() -> int:
    """Return the most memory that this process has had."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit // 1_000_000


def head(name: str) -> bytes:
    """Return the beginning of a sample, which is enough to know the format."""
    return samples(name)[0].read_bytes()[:2_000]


def last_line(name: str) -> bytes:
    """Return the last whole line of a sample."""
    return samples(name)[0].read_bytes().strip().rsplit(b"\n", 1)[-1]


HOSTILE: dict[str, Callable[[str], bytes]] = {
    "spaces": lambda _: b" \n" * 1000,
    "binary": lambda _: bytes(range(256)) * 64,
    "zeros": lambda _: bytes(100_000),
    "a huge line": lambda name: head(name) + b"7" * LARGE,
    "a huge first line": lambda _: b"a" * LARGE,
    "a huge word after a good file": lambda name: samples(name)[0].read_bytes() + b"9" * LARGE,
    "deep brackets": lambda _: b'{"a":' * 50_000,
    "deep lists": lambda _: b"[" * 100_000,
    "endless numbers": lambda name: head(name) + (b"1" * 5_000 + b",") * 200,
    "the last line many times": lambda name: (
        samples(name)[0].read_bytes().strip() + (b"\n" + last_line(name)[:500]) * 3_000 + b"\n"
    ),
    "the file twice": lambda name: samples(name)[0].read_bytes() * 2,
    "lines backwards": lambda name: b"\n".join(
        reversed(samples(name)[0].read_bytes().split(b"\n"))
    ),
    "every digit a nine": lambda name: bytes(
        57 if 48 <= byte <= 57 else byte for byte in samples(name)[0].read_bytes()
    ),
    "every digit a zero": lambda name: bytes(
        48 if 48 <= byte <= 57 else byte for byte in samples(name)[0].read_bytes()
    ),
    "numbers below zero": lambda name: samples(name)[0].read_bytes().replace(b",", b",-"),
    "NaN and infinity": lambda name: (
        samples(name)[0].read_bytes().replace(b"1", b"NaN").replace(b"2", b"Infinity")
    ),
    "damaged gzip": lambda name: gzip.compress(samples(name)[0].read_bytes())[:-200] + b"x" * 200,
    "UTF-16": lambda name: samples(name)[0].read_bytes().decode("latin-1").encode("utf-16"),
    "CR LF": lambda name: samples(name)[0].read_bytes().replace(b"\n", b"\r\n"),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_file_is_refused_clearly_or_read_soundly(name: str, tmp_path: Path) -> None:
    for kind, made in HOSTILE.items():
        path = tmp_path / f"{kind}{samples(name)[0].suffix}"
        path.write_bytes(made(name))
        judged(name, path)


@pytest.mark.parametrize("name", NAMES)
def test_a_cut_file_is_refused_clearly_or_read_up_to_there(name: str, tmp_path: Path) -> None:
    path = tmp_path / samples(name)[0].name
    data = samples(name)[0].read_bytes()
    for share in (0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99):
        path.write_bytes(data[: int(len(data) * share) or 1])
        judged(name, path)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_of_another_format_is_refused_clearly_or_read_soundly(name: str) -> None:
    for other in NAMES:
        if other != name:
            judged(name, samples(other)[0])


def test_each_sample_is_known_as_its_own_format_and_no_other() -> None:
    for name in NAMES:
        for path in samples(name):
            assert recognize(source_of(path)).name == name, path


def nothing() -> Iterator[bytes]:
    """Yield files that are results of no load test."""
    yield b"\x7fELF\x02\x01\x01" + bytes(500)
    yield b"hello world\n" * 100
    yield b'{"hello": "world"}'
    yield b"a,b,c\n1,2,3\n"
    yield b"<html><body>Not found</body></html>"
    yield b"Running late\nRequests per second\n"


def test_what_is_no_result_is_refused_with_the_formats_that_are_read(tmp_path: Path) -> None:
    for number, data in enumerate(nothing()):
        path = tmp_path / f"file{number}"
        path.write_bytes(data)
        with pytest.raises(UnreadableError) as caught:
            read(path)
        check_error(caught.value)
        assert "wrk" in caught.value.hint


def test_a_long_file_of_requests_takes_little_memory(tmp_path: Path) -> None:
    header, *lines = (RESULTS / "hey_csv/rate.csv").read_bytes().splitlines(keepends=True)
    path = tmp_path / "long.csv"
    path.write_bytes(header + b"".join(lines) * 500)
    before = peak_mb()
    found = judged("hey_csv", path)
    assert found is not None
    assert found.whole.completed == len(lines) * 500 == 200_000
    assert peak_mb() - before < 100
