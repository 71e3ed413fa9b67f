"""Exports: what other tools read, and that our readers give back what went in."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

import needs
from slowcoach.core import process
from slowcoach.profiling import readers
from slowcoach.profiling.calltree import tree_of_stacks
from slowcoach.profiling.exports import exports
from slowcoach.profiling.exports.pprof import varint
from slowcoach.profiling.model import SECONDS_IN, Frame, Profile
from slowcoach.profiling.values import one_view

DATA = Path(__file__).parent / "data" / "profiles"
FORMATS = {reader.format for reader in readers.readers()}
SAMPLES = sorted(file for file in DATA.glob("*/*") if file.parent.name in FORMATS)
SHOP = DATA / "speedscope" / "pyspy.speedscope.json"
CPU = DATA / "pprof" / "cpu.pb.gz"
NASTY = 'a;b <script>"&\n\x1b[31m\u202e'
View = tuple[str, str]
Weights = dict[tuple[str, str], tuple[float, float]]


def profiles_of(file: Path) -> list[Profile]:
    return readers.read(file.read_bytes(), file.name)


def written(profiles: Sequence[Profile], form: str) -> bytes:
    return exports()[form].write(profiles, "it")


def by_function(profiles: Sequence[Profile]) -> Weights:
    """Return self and total weight by function, times in seconds, threads added up."""
    found: Weights = {}
    for profile in profiles:
        scale = SECONDS_IN.get(profile.unit, 1.0)
        own, total = by_stacks(profile)
        rows = zip(profile.functions.frames, own, total, strict=True)
        for frame, mine, all_ in rows:
            key = (frame.name, frame.file or "")
            before = found.get(key, (0.0, 0.0))
            found[key] = (before[0] + float(mine) * scale, before[1] + float(all_) * scale)
    return {key: pair for key, pair in found.items() if pair[1] > 0}


def by_stacks(profile: Profile) -> tuple[list[float], list[float]]:
    """Return self and total by function as the stacks have it (some formats give other sums)."""
    keys = profile.functions.of_frame[profile.tree.frame]
    size = len(profile.functions.frames)
    return profile.self_by(keys, size).tolist(), profile.total_by(keys.copy(), size).tolist()


def dimension(profile: Profile) -> str:
    return "time" if profile.unit in SECONDS_IN else profile.unit


def views(profiles: Sequence[Profile]) -> list[list[Profile]]:
    """Return the profiles by what they measure, as one value type of pprof."""
    found: dict[View, list[Profile]] = {}
    for profile in profiles:
        found.setdefault((dimension(profile), profile.value), []).append(profile)
    return list(found.values())


def assert_same(before: Sequence[Profile], after: Sequence[Profile], rounding: float) -> None:
    old, new = by_function(before), by_function(after)
    assert new.keys() == old.keys()
    for key, (own, total) in old.items():
        assert new[key] == pytest.approx((own, total), rel=1e-6, abs=rounding), key


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: f"{file.parent.name}-{file.name}")
@pytest.mark.parametrize("form", ["speedscope", "firefox"])
def test_each_profile_reads_back_with_the_same_weights_and_unit(form: str, file: Path) -> None:
    before = [profile for profile in profiles_of(file) if sum(profile.tree.weight[1:]) > 0]
    if not before:
        pytest.skip("a profile without stacks of any weight")
    after = readers.read(written(before, form), "it")

    assert len(after) == len(before)
    for old, new in zip(before, after, strict=True):
        counts = {"none": "samples"} if form == "firefox" else {}
        assert dimension(new) == counts.get(old.unit, dimension(old))
        assert_same([old], [new], rounding=1e-9)


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: f"{file.parent.name}-{file.name}")
def test_each_value_type_reads_back_from_pprof(file: Path) -> None:
    before = [profile for profile in profiles_of(file) if sum(profile.tree.weight[1:]) > 0]
    if not before:
        pytest.skip("a profile without stacks of any weight")
    after = readers.read(written(before, "pprof"), "it")
    groups = views(before)
    by_value = {(dimension(profile), profile.value): profile for profile in after}

    for old in groups:
        kind = old[0].value or {"time": "time", "bytes": "space", "none": "weight"}.get(
            dimension(old[0]), "samples"
        )
        if (dimension(old[0]), kind) not in by_value:  # counts of the looks behind a time
            assert dimension(old[0]) in {"samples", "none"}
            continue
        nodes = sum(len(profile.tree.weight) for profile in old)
        step = 1e-9 if dimension(old[0]) == "time" else 1.0  # pprof's weights are whole numbers
        whole = all(float(w).is_integer() for p in old for w in p.tree.weight) and step == 1
        assert_same(old, [by_value[dimension(old[0]), kind]], 0 if whole else nodes * step)
    assert after[0].value == (before[0].value or after[0].value)


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: f"{file.parent.name}-{file.name}")
def test_the_first_view_reads_back_from_collapsed_stacks(file: Path) -> None:
    view = one_view(profiles_of(file))
    data = written(view, "collapsed")
    if not data:
        pytest.skip("a profile without stacks of any weight")
    after = readers.read(data, "it")

    scale = 1e6 * SECONDS_IN[view[0].unit] if view[0].unit in SECONDS_IN else 1.0
    total = sum(sum(profile.tree.weight[1:]) for profile in view) * scale
    assert after[0].total == pytest.approx(total, abs=len(data.splitlines()))
    assert after[0].unit == "samples"


def test_the_same_profiles_give_the_same_bytes() -> None:
    for form in exports():
        once, again = (written(profiles_of(SHOP), form) for _ in range(2))
        assert once == again, form


def test_threads_stay_apart_by_a_label_and_by_roots() -> None:
    profiles = profiles_of(SHOP)
    labels = dict(readers.read(written(profiles, "pprof"), "it")[0].labels)
    roots = {line.split(b";", 1)[0] for line in written(profiles, "collapsed").splitlines()}

    assert labels['thread=Thread 8015 "ticker"'] == pytest.approx(0.23e9)
    assert roots == {b'Thread 8013 "MainThread"', b'Thread 8015 "ticker"'}


def test_go_reads_the_pprof_and_names_the_same_function() -> None:
    go = needs.program("go")
    text = top(go, written(profiles_of(CPU), "pprof"))
    real = top(go, CPU.read_bytes())

    assert "Type: cpu" in text
    assert figures(text) == figures(real)


def top(go: str, data: bytes) -> str:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "it.pb.gz"
        file.write_bytes(data)
        argv = [go, "tool", "pprof", "-top", "-unit=ms", "-symbolize=none", str(file)]
        return process.run(argv, deadline_s=120).text


def figures(text: str) -> list[str]:
    """Return the rows of `go tool pprof -top`."""
    rows = [line.removesuffix(" (inline)") for line in text.splitlines()]
    return [row for row in rows if row.count("%") == 3 and row.strip()[0].isdigit()]


def test_times_survive_where_the_format_has_room_for_them() -> None:
    file = DATA / "firefox" / "gecko.json"
    before = profiles_of(file)[0].moments
    assert before is not None
    for form in ("speedscope", "firefox"):
        after = readers.read(written(profiles_of(file), form), "it")[0].moments
        assert after is not None
        assert after.at == pytest.approx(before.at - before.at[0] + after.at[0], abs=2e-3)
        assert after.weight.sum() == pytest.approx(before.weight.sum())


def nasty() -> Profile:
    tree = tree_of_stacks([[0, 1], [1]], np.array([3.0, 2.0]))
    return Profile(NASTY, "samples", (Frame(NASTY, NASTY, 1), Frame("\ud800")), tree, 5)


def test_names_that_mean_something_elsewhere_break_no_format() -> None:
    for form in exports():
        (after,) = readers.read(written([nasty()], form), "it")
        assert after.total == 5, form
        if form in {"firefox", "pprof", "speedscope"}:
            assert NASTY in {frame.name for frame in after.frames}, form


def test_numbers_are_written_as_the_wire_has_them() -> None:
    assert varint(0) == b"\0"
    assert varint(300) == b"\xac\x02"
    assert gzip.decompress(written([nasty()], "pprof"))


def test_firefox_gets_the_columns_that_its_format_has() -> None:
    file = json.loads(written(profiles_of(SHOP), "firefox"))

    assert file["meta"]["preprocessedProfileVersion"] == 57
    for thread in file["threads"]:
        for name in ("samples", "stackTable", "frameTable", "funcTable", "nativeSymbols"):
            table = thread[name]
            columns = [column for column in table.values() if isinstance(column, list)]
            assert {len(column) for column in columns} == {table["length"]}, name
