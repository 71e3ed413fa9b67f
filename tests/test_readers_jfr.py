"""Recordings of two JDKs, with the figures that `jfr print` gives, and bad input."""

import json
import struct
from pathlib import Path

import numpy as np
import pytest

from slowcoach.core.errors import UnreadableError
from slowcoach.profiling.jfr import chunk
from slowcoach.profiling.jfr.methods import class_name, source_file
from slowcoach.profiling.model import Profile
from slowcoach.profiling.readers.jfr import READER

DATA = Path(__file__).parent / "data" / "profiles"
EXPECTED = json.loads((DATA / "jfr_print.json").read_text(encoding="utf-8"))
SIZE = 8  # where a chunk's header holds its size


def recording(name: str) -> bytes:
    """Return a sample."""
    return (DATA / "jfr" / name).read_bytes()


def views(data: bytes) -> dict[str, Profile]:
    """Return the profiles of a recording by what they measure."""
    return {profile.value: profile for profile in READER.read(data, "it.jfr")}


def weights(profile: Profile) -> dict[str, tuple[float, float]]:
    """Return (self, total) by method."""
    own, total = profile.self_weights.tolist(), profile.total_weights.tolist()
    return {profile.frames[i].name: (own[i], total[i]) for i in profile.present.tolist()}


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_every_view_has_the_weights_of_jfr_print(name: str) -> None:
    found = views(recording(name))

    assert list(found) == list(EXPECTED[name])
    for view, expected in EXPECTED[name].items():
        assert found[view].total == pytest.approx(expected["total"])
        mine = weights(found[view])
        for method, (own, total) in expected["rows"].items():
            assert mine[method] == pytest.approx((own, total), abs=1e-6 * expected["total"])


def test_the_hottest_line_is_that_of_the_source() -> None:
    profile = views(recording("jdk17.jfr"))["execution"]
    hottest = profile.hottest(int(profile.present[0]))
    source = (DATA / "Shop.java").read_text(encoding="utf-8").splitlines()

    assert (hottest.name, hottest.file) == ("Shop:price", "Shop.java")
    assert hottest.line is not None
    assert "sum" in source[hottest.line - 1] or "i++" in source[hottest.line - 1]


def test_recursion_counts_once() -> None:
    found = weights(views(recording("jdk17.jfr"))["execution"])
    assert found["Shop:discount"][1] == found["Shop:price"][1]


def test_spans_are_nanoseconds_of_the_recorders_clock() -> None:
    found = views(recording("jdk25.jfr"))
    profile = found["monitor enter"]

    assert profile.unit == "nanoseconds"
    assert profile.samples == 33
    assert 1e9 < profile.total < 12e9  # two of three threads wait for four seconds
    assert found["allocation"].unit == "bytes"
    assert found["execution"].unit == "samples"


def test_what_events_were_about_is_summed() -> None:
    found = views(recording("jdk25.jfr"))

    assert found["allocation"].labels[0][0] == "objectClass=byte[]"
    assert found["socket"].labels == (("host=localhost", found["socket"].total),)
    assert found["file"].labels[0][0] == "path=/tmp/shop.log"


def test_wall_clock_samples_count_the_looks_that_async_profiler_put_together() -> None:
    profile = views(recording("async-wall.jfr"))["wall"]

    assert profile.samples == profile.total
    assert profile.total > 590  # events


def test_chunks_are_added_up() -> None:
    both = views(recording("jdk17.jfr") + recording("jdk25.jfr"))
    parts = [views(recording(name))["execution"] for name in ("jdk17.jfr", "jdk25.jfr")]

    assert both["execution"].total == sum(part.total for part in parts)
    own = [weights(part)["Shop:price"][0] for part in parts]
    assert weights(both["execution"])["Shop:price"][0] == sum(own)


def test_a_cut_last_chunk_is_left_out_and_said_so() -> None:
    whole = views(recording("jdk17.jfr"))["execution"]
    cut = views(recording("jdk17.jfr") + recording("jdk25.jfr")[:-50])["execution"]

    assert cut.total == whole.total
    assert "left out" in cut.warnings[0]


def with_size(size: int) -> bytes:
    """Return a recording whose chunk claims another size."""
    data = bytearray(recording("jdk17.jfr"))
    data[SIZE : SIZE + 8] = struct.pack(">q", size)
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (recording("jdk17.jfr")[:5000], "cut"),
        (b"FLR\0", "header"),
        (with_size(1 << 40), "cut"),
        (with_size(0), "not finished"),
        (with_size(-1), "not finished"),
        (with_size(68), "metadata"),
        (recording("jdk17.jfr")[:4] + b"\0\0" + recording("jdk17.jfr")[6:], "JDK 9"),
        (recording("jdk17.jfr")[:64] + bytes(4) + recording("jdk17.jfr")[68:], "fixed width"),
        (recording("jdk17.jfr")[:68] + bytes(2000) + recording("jdk17.jfr")[2068:], "an event"),
    ],
)
def test_bad_input_is_refused_saying_what_is_wrong(data: bytes, message: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        READER.read(data, "it.jfr")

    assert "it.jfr" in caught.value.message
    assert message in caught.value.message


def test_flipped_bytes_are_read_or_refused() -> None:
    data = recording("jdk25.jfr")
    for at in range(68, len(data), 5003):
        damaged = bytearray(data)
        damaged[at] ^= 0xFF
        try:
            READER.read(bytes(damaged), "x")
        except UnreadableError:
            continue


def test_numbers_of_nine_bytes_keep_their_last_byte_whole() -> None:
    data = b"\xff" * 9 + b"\x05"
    raw = np.frombuffer(data, dtype=np.uint8)

    assert chunk.varint(data, 0, 10) == ((1 << 64) - 1, 9)
    values, after = chunk.varints_at(raw, np.array([0, 9]), np.array([10, 10]))
    assert values.tolist() == [-1, 5]
    assert after.tolist() == [9, 10]
    assert chunk.ends_from(raw, 0, 10).tolist() == [0]


@pytest.mark.parametrize(
    ("internal", "name"),
    [
        ("[B", "byte[]"),
        ("[[J", "long[][]"),
        ("[Ljava/lang/String;", "java.lang.String[]"),
        ("java.util.HashMap$Node", "java.util.HashMap$Node"),
    ],
)
def test_classes_are_named_as_in_source(internal: str, name: str) -> None:
    assert class_name(internal) == name


def test_inner_and_hidden_classes_belong_to_their_outer_classs_file() -> None:
    assert source_file("com.shop.Cart$Line$1") == "com/shop/Cart.java"
    assert source_file("Shop$$Lambda+0x1.2") == "Shop.java"
    assert source_file("libc.so.6") == "libc.so.6"
