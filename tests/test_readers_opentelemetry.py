"""OpenTelemetry's and Pyroscope's profiles give what the pprof profile behind them gives."""

import json
from pathlib import Path
from typing import Any

import pytest

from slowcoach.core.errors import UnreadableError
from slowcoach.profiling.model import Profile
from slowcoach.profiling.readers.opentelemetry import READER
from slowcoach.profiling.readers.pprof import READER as PPROF
from slowcoach.profiling.readers.pyroscope import READER as PYROSCOPE

DATA = Path(__file__).parent / "data" / "profiles"


def sample(name: str) -> bytes:
    """Return an export."""
    return (DATA / "opentelemetry" / name).read_bytes()


def weights(profile: Profile) -> dict[str, tuple[float, float]]:
    """Return (self, total) by function."""
    own, total = profile.self_weights.tolist(), profile.total_weights.tolist()
    return {profile.frames[i].name: (own[i], total[i]) for i in profile.present.tolist()}


def of_pprof() -> Profile:
    """Return the profile that the samples were made of."""
    return PPROF.read((DATA / "pprof" / "cpu.pb.gz").read_bytes(), "cpu.pb.gz")[0]


@pytest.mark.parametrize("name", ["go.otlp.pb", "go.otlp.json"])
def test_both_encodings_hold_the_profile_that_was_converted(name: str) -> None:
    times, samples = READER.read(sample(name), name)

    assert weights(times) == weights(of_pprof())
    assert (times.unit, times.samples) == ("nanoseconds", of_pprof().samples)
    assert (samples.unit, samples.total) == ("samples", of_pprof().samples)
    assert times.labels == of_pprof().labels
    assert times.name == "shop: cpu"


def test_async_profilers_older_layout_is_read() -> None:
    (profile,) = READER.read(sample("async-profiler.otlp.pb"), "x")

    assert profile.unit == "nanoseconds"
    assert profile.samples == 73  # of 10 ms each
    assert profile.total == 730_000_000
    assert weights(profile)["Shop.price"][0] > 0.5 * profile.total


def broken(change: dict[str, Any]) -> bytes:
    """Return the JSON sample with parts of its first profile or its dictionary replaced."""
    whole = json.loads(sample("go.otlp.json"))
    first = whole["resourceProfiles"][0]["scopeProfiles"][0]["profiles"][0]
    for key, value in change.items():
        part = first if key in first else whole["dictionary"]
        part[key] = value
    return json.dumps(whole).encode()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (sample("go.otlp.pb")[:-40], "left"),
        (sample("go.otlp.json")[:-40], "JSON"),
        (broken({"samples": [{"stackIndex": 999, "values": ["1"]}]}), "stacks, got 999"),
        (broken({"samples": [{"stackIndex": 1, "values": ["x"]}]}), "expected a number"),
        (broken({"samples": [{"stackIndex": 1, "values": [-1]}]}), "0 or more"),
        (broken({"samples": {}}), "samples: expected a list"),
        (broken({"stringTable": ["", "a"]}), "strings, got number"),
        (broken({"functionTable": [{}]}), "functions, got number"),
        (broken({"locationTable": [{}]}), "locations"),
        (broken({"attributeTable": []}), "attributes, got number"),
        (b'{"resourceProfiles": [], "dictionary": {}}', "without any"),
        (b'{"resourceProfiles": [3], "dictionary": {}}', "expected an object"),
    ],
)
def test_bad_exports_are_refused_saying_what_is_wrong(data: bytes, message: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        READER.read(data, "it.otlp")

    assert "it.otlp" in caught.value.message
    assert message in caught.value.message


@pytest.mark.parametrize("name", ["go.otlp.pb", "async-profiler.otlp.pb"])
def test_flipped_bytes_are_read_or_refused(name: str) -> None:
    data = sample(name)
    for at in range(0, len(data), 23):
        damaged = bytearray(data)
        damaged[at] ^= 0xFF
        try:
            READER.read(bytes(damaged), "x")
        except UnreadableError:
            continue


def test_exports_and_pprof_profiles_are_told_apart() -> None:
    pprof = (DATA / "pprof" / "cpu.pb.gz").read_bytes()

    assert not READER.matches(pprof)
    assert not PPROF.matches(sample("go.otlp.pb"))
    assert not PPROF.matches(sample("async-profiler.otlp.pb"))


def flame(levels: object, **about: object) -> bytes:
    """Return a flame graph of Pyroscope with three names."""
    bars = {"names": ["total", "main", "work"], "levels": levels, "numTicks": 9, "maxSelf": 1}
    metadata = {"format": "single", "units": "samples", "sampleRate": 100, **about}
    return json.dumps({"version": 1, "flamebearer": bars, "metadata": metadata}).encode()


def test_pyroscopes_bars_are_the_stacks_that_they_show() -> None:
    (profile,) = PYROSCOPE.read((DATA / "pyroscope" / "render.json").read_bytes(), "render.json")

    assert weights(profile) == weights(of_pprof())
    assert (profile.unit, profile.samples) == ("nanoseconds", of_pprof().samples)


def test_a_bar_belongs_to_the_bar_that_it_stands_below() -> None:
    levels = [[0, 9, 0, 0], [0, 4, 1, 1, 0, 5, 5, 2], [1, 3, 3, 2]]
    (profile,) = PYROSCOPE.read(flame(levels), "x")

    assert weights(profile) == {"work": (8.0, 8.0), "main": (1.0, 4.0)}


def test_both_sides_of_a_comparison_are_profiles() -> None:
    levels = [[0, 4, 0, 0, 6, 0, 0], [0, 4, 4, 0, 5, 5, 1, 0, 0, 0, 0, 1, 1, 2]]
    left, right = PYROSCOPE.read(flame(levels, format="double"), "x")

    assert weights(left) == {"main": (4.0, 4.0)}
    assert weights(right) == {"main": (5.0, 5.0), "work": (1.0, 1.0)}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (flame([[0, 9, 0]]), "4 numbers to a bar"),
        (flame([[0, 9, 0, 0], [0, 10, 10, 1]]), "below those"),
        (flame([[0, 9, -1, 0]]), "0 or more"),
        (flame([[0, 9, 0, 0], [0, 9, 9, 7]]), "3 names"),
        (flame([]), "levels: expected a list"),
        (flame([[0, 9, 0, 0]])[:-5], "JSON"),
    ],
)
def test_bad_flame_graphs_are_refused_saying_where(data: bytes, message: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        PYROSCOPE.read(data, "it.json")

    assert "it.json" in caught.value.message
    assert message in caught.value.message
