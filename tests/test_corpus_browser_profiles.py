"""The figures of speedscope's own tests for browsers', native and Ruby profiles, for the public
samples beside the checkout.
"""

import json
from typing import Any

import pytest

import needs
from slowcoach.profiling import readers
from slowcoach.profiling.model import Profile

TOLERANCE = 0.005
FORMATS = {
    "Chrome": {"chrome-cpuprofile", "chrome-trace", "v8-heapprofile"},
    "node": {"chrome-cpuprofile"},
    "trace-event": {"trace-event"},
    "Firefox": {"firefox"},
    "Safari": {"safari"},
    "callgrind": {"callgrind"},
    "linux-perf": {"perf"},
    "stackprof": {"stackprof"},
}


def samples() -> list[str]:
    """Return the names of the samples in these formats, or none without them."""
    expected = needs.SHARED / "corpus" / "profiles" / "expected.json"
    if not expected.exists():
        return ["(none)"]
    names = json.loads(expected.read_text(encoding="utf-8"))
    return [name for name in names if name.split("__")[0] in FORMATS]


@pytest.mark.parametrize("name", samples())
def test_a_public_sample_gives_speedscopes_figures(name: str) -> None:
    folder = needs.shared("corpus/profiles")
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))[name]
    data = (folder / name).read_bytes()

    found = [reader.format for reader in readers.readers() if reader.matches(data)]
    assert len(found) == 1
    assert found[0] in FORMATS[name.split("__")[0]]
    profiles = readers.read(data, name.split("__")[-1])
    assert [profile.name for profile in profiles] == [theirs["name"] for theirs in expected]
    for ours, theirs in zip(profiles, expected, strict=True):
        compare(ours, theirs)


def compare(ours: Profile, theirs: dict[str, Any]) -> None:
    """Hold one profile against speedscope's: whole, number of frames, self and total of each."""
    whole = theirs["sum_self"]
    assert ours.total == pytest.approx(whole)
    assert len(ours.present) == theirs["n_frames"]
    mine: dict[tuple[str, str | None, int | None], list[tuple[float, float]]] = {}
    for index in ours.present:
        figures = (float(ours.self_weights[index]), float(ours.total_weights[index]))
        mine.setdefault(tuple(ours.frames[index]), []).append(figures)
    for row in theirs["frames"]:
        wanted = (row["self"], row["total"])
        close = [
            figures
            for figures in mine[row["name"], row["file"], row["line"]]
            if all(abs(a - b) <= TOLERANCE * whole for a, b in zip(figures, wanted, strict=True))
        ]
        assert close, row
