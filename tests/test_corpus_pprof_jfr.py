"""The figures of speedscope's own tests for its pprof profile and its recording."""

import json

import pytest

import needs
from slowcoach.profiling.model import Profile, Reader
from slowcoach.profiling.readers import jfr, pprof

TOLERANCE = 0.005


@pytest.mark.parametrize("reader", [pprof.READER, jfr.READER], ids=lambda reader: reader.format)
def test_a_public_sample_gives_speedscopes_figures(reader: Reader) -> None:
    folder = needs.shared("corpus/profiles")
    prefix = {"pprof": "pprof__", "jfr": "java-flight-recorder__"}[reader.format]
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    names = [name for name in expected if name.startswith(prefix)]

    assert names
    for name in names:
        found = reader.read((folder / name).read_bytes(), name)
        for ours, theirs in zip(found, expected[name], strict=False):  # it reads one value type
            agrees(ours, theirs)


def agrees(ours: Profile, theirs: dict[str, object]) -> None:
    """Demand the same frames, and weights within the tolerance."""
    rows = theirs["frames"]
    whole = theirs["sum_self"]
    assert isinstance(rows, list)
    assert isinstance(whole, float)
    assert ours.total == pytest.approx(whole)
    assert len(ours.present) == theirs["n_frames"]
    mine = {
        tuple(ours.frames[i]): (ours.self_weights[i], ours.total_weights[i]) for i in ours.present
    }
    for row in rows:
        own, total = mine[row["name"], row["file"], row["line"]]
        assert abs(own - row["self"]) <= TOLERANCE * whole
        assert abs(total - row["total"]) <= TOLERANCE * whole


@pytest.mark.parametrize("reader", [pprof.READER, jfr.READER], ids=lambda reader: reader.format)
def test_no_public_sample_of_another_format_is_taken(reader: Reader) -> None:
    folder = needs.shared("corpus/profiles")
    prefix = {"pprof": "pprof__", "jfr": "java-flight-recorder__"}[reader.format]
    taken = [file.name for file in folder.iterdir() if reader.matches(file.read_bytes())]

    assert taken
    assert all(name.startswith(prefix) for name in taken)
