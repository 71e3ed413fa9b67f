"""The figures of speedscope's own tests, for the public samples beside the checkout."""

import json
from typing import Any

import pytest

import needs
from slowcoach.api.analyze_profile import TOOL
from slowcoach.core.job import Job
from slowcoach.profiling import readers

TOLERANCE = 0.005
FORMATS = ("stackcollapse", "speedscope", "pstats")


def samples() -> list[str]:
    """Return the names of the samples in the formats that are read, or none without them."""
    expected = needs.SHARED / "corpus" / "profiles" / "expected.json"
    if not expected.exists():
        return ["(none)"]
    names = json.loads(expected.read_text(encoding="utf-8"))
    return [name for name in names if name.startswith(FORMATS)]


@pytest.mark.parametrize("name", samples())
def test_a_public_sample_gives_speedscopes_figures(name: str) -> None:
    folder = needs.shared("corpus/profiles")
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))[name]
    arguments = TOOL.validate({"path": str(folder / name), "top": 1000})
    answer: Any = TOOL.call(arguments, Job()).model_dump(mode="json")

    assert len(answer["profiles"]) == len(expected)
    for ours, theirs in zip(answer["profiles"], expected, strict=True):
        whole = theirs["sum_self"]
        assert ours["total"] == pytest.approx(whole)
        assert ours["n_frames"] == theirs["n_frames"]
        mine = {(row["name"], row["file"], row["line"]): row for row in ours["frames"]}
        for row in theirs["frames"]:
            found = mine[(row["name"], row["file"], row["line"])]
            for figure in ("self", "total"):
                assert abs(found[figure] - row[figure]) <= TOLERANCE * whole


def test_no_reader_takes_a_public_sample_of_another_format() -> None:
    folder = needs.shared("corpus/profiles")
    for file in folder.iterdir():
        data = file.read_bytes()
        found = [reader.format for reader in readers.readers() if reader.matches(data)]
        assert len(found) <= 1, file.name
        if found == ["collapsed"]:
            assert file.name.startswith("stackcollapse")
