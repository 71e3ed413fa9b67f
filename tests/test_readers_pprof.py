"""pprof profiles from Go's runtime, figures as `go tool pprof -top` gives them, and bad input."""

import gzip
import json
import random
from pathlib import Path

import numpy as np
import pytest

from slowcoach.core.errors import UnreadableError
from slowcoach.profiling import gzipped, protobuf
from slowcoach.profiling.columns import Stacks, shape_of
from slowcoach.profiling.export import stacks as stacks_of
from slowcoach.profiling.model import Profile
from slowcoach.profiling.names import of_jvm, readable
from slowcoach.profiling.protobuf import WireError
from slowcoach.profiling.protobuf_columns import columns
from slowcoach.profiling.readers.pprof import READER

DATA = Path(__file__).parent / "data" / "profiles"
GO = DATA / "pprof"


def profiles(name: str) -> dict[str, Profile]:
    """Return the profiles of a sample by what they measure."""
    return {p.value: p for p in READER.read((GO / name).read_bytes(), name)}


def weights(profile: Profile) -> dict[str, tuple[float, float]]:
    """Return (self, total) by function."""
    own, total = profile.self_weights.tolist(), profile.total_weights.tolist()
    return {profile.frames[i].name: (own[i], total[i]) for i in profile.present.tolist()}


@pytest.mark.parametrize("name", sorted(file.name for file in GO.glob("*")))
def test_self_and_total_weights_are_those_of_gos_own_tool(name: str) -> None:
    expected = json.loads((DATA / "go_tool_pprof.json").read_text(encoding="utf-8"))[name]
    found = profiles(name)

    assert next(iter(found)) == expected["default"]
    for value, rows in expected["rows"].items():
        mine = weights(found[value])
        for function, (own, total) in rows.items():
            assert mine[function] == (own, total), (value, function)


def test_a_cpu_profile_is_one_profile_of_time_and_knows_its_number_of_samples() -> None:
    (profile,) = READER.read((GO / "cpu.pb.gz").read_bytes(), "cpu.pb.gz")

    assert profile.unit == "nanoseconds"
    assert profile.samples == profile.total / 10_000_000
    assert profile.name == "cpu.pb.gz"


def test_inlined_functions_are_frames_of_their_own() -> None:
    own, total = weights(profiles("cpu.pb.gz")["cpu"])["main.step"]

    assert own > 0.5 * profiles("cpu.pb.gz")["cpu"].total
    assert own <= total


def test_the_hottest_line_of_a_function_is_known() -> None:
    profile = profiles("cpu.pb.gz")["cpu"]
    place = [frame.name for frame in profile.frames].index("main.step")
    source = (DATA / "shop.go").read_text(encoding="utf-8").splitlines()

    line = profile.hottest(place).line
    assert line is not None
    assert source[line - 1].startswith("func step")


def test_recursion_counts_once() -> None:
    profile = profiles("cpu.pb.gz")["cpu"]
    assert weights(profile)["main.discount"][1] <= profile.total


def test_labels_are_summed() -> None:
    profile = profiles("cpu.pb.gz")["cpu"]
    (label, weight), *_ = profile.labels

    assert label == "endpoint=/checkout"
    assert 0.5 * profile.total < weight <= profile.total


def test_allocated_and_kept_bytes_are_told_apart() -> None:
    found = profiles("heap.pb.gz")

    assert list(found) == ["inuse_space", "alloc_objects", "alloc_space", "inuse_objects"]
    assert [profile.unit for profile in found.values()] == ["bytes", "none", "bytes", "none"]
    assert weights(found["inuse_space"])["main.receipts"][0] > 20e6


def test_plain_and_packed_files_are_the_same_profile() -> None:
    packed = (GO / "cpu.pb.gz").read_bytes()
    plain = gzip.decompress(packed)
    twice = gzip.compress(plain[:300], mtime=0) + gzip.compress(plain[300:])

    wanted = weights(READER.read(packed, "x")[0])
    assert weights(READER.read(plain, "x")[0]) == wanted
    assert weights(READER.read(twice, "x")[0]) == wanted


def number(which: int, value: int) -> bytes:
    """Return a field that holds a varint."""
    return varint(which << 3) + varint(value)


def varint(value: int) -> bytes:
    """Return a varint."""
    value &= (1 << 64) - 1
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def part(which: int, data: bytes) -> bytes:
    """Return a field that holds bytes."""
    return varint(which << 3 | 2) + varint(len(data)) + data


STRINGS = ["", "cpu", "nanoseconds", "main", "work", "app.c", "/usr/lib/libz.so"]


def made(*samples: bytes, locations: bytes | None = None, types: int = 1) -> bytes:
    """Return a profile of two functions: location 1 main, 2 work; 3 has no symbols."""
    code = (
        b"".join(part(4, number(1, i) + part(4, number(1, i) + number(2, 10 * i))) for i in (1, 2))
        + part(4, number(1, 3) + number(2, 1) + number(3, 0x1234))
        + part(5, number(1, 1) + number(2, 3) + number(4, 5))
        + part(5, number(1, 2) + number(2, 4) + number(4, 5))
        + part(3, number(1, 1) + number(5, 6))
    )
    return (
        part(1, number(1, 1) + number(2, 2)) * types
        + b"".join(part(2, sample) for sample in samples)
        + (code if locations is None else locations)
        + b"".join(part(6, text.encode()) for text in STRINGS)
    )


def sample(stack: list[int], *values: int) -> bytes:
    """Return a sample with packed numbers."""
    return part(1, b"".join(map(varint, stack))) + part(2, b"".join(map(varint, values)))


def test_unpacked_numbers_are_read_as_packed_ones() -> None:
    unpacked = number(1, 2) + number(1, 1) + number(2, 7)
    profile = READER.read(made(unpacked, sample([1], 3)), "x")[0]

    assert weights(profile) == {"main": (3.0, 10.0), "work": (7.0, 7.0)}


def test_code_without_symbols_is_shown_by_its_binary_and_said_so() -> None:
    profile = READER.read(made(sample([3, 1], 5), sample([2, 1], 15)), "x")[0]

    assert weights(profile)["[libz.so]"] == (5.0, 5.0)
    assert profile.frames[2].file == "/usr/lib/libz.so"
    assert "25 %" in profile.warnings[0]


def test_a_value_type_that_is_a_difference_is_left_out_beside_a_whole_one() -> None:
    (profile,) = READER.read(made(sample([1], -5, 7), types=2), "x")

    assert profile.total == 7


def test_a_profile_without_samples_is_empty_and_no_error() -> None:
    (profile,) = READER.read(made(), "x")

    assert profile.total == 0
    assert not len(profile.present)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (made(sample([9], 1)), "location 9, which is not in the file"),
        (made(sample([2**63], 1)), "which is not in the file"),
        (made(sample([1], 1, 2)), "sample 0: expected 1 values, got 2"),
        (made(sample([1])), "sample 0: expected 1 values, got 0"),
        (made(sample([1], -5)), "difference of two profiles"),
        (made(sample([1], 1), locations=b""), "holds no locations"),
        (made(sample([1], 1))[:-3], "left"),
        (made(part(1, b"\xff" * 12) + part(2, b"\1")), "varint"),
        (made(part(1, b"\x81") + part(2, b"\1")), "the end of a varint"),
        (made() + b"\x12\xff\xff\xff\xff\xff\xff\xff\xff\x7f", "a length of"),
        (made() + b"\x13", "expected wire type"),
        (made() + b"\x00\x00", "field number"),
        (gzip.compress(made(sample([1], 1)), mtime=0)[:-9], "cut"),
        (gzip.compress(made(sample([1], 1)), mtime=0)[:20] + b"\xff" * 40, "gzip"),
    ],
)
def test_bad_input_is_refused_saying_what_is_wrong(data: bytes, message: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        READER.read(data, "it.pb.gz")

    assert "it.pb.gz" in caught.value.message
    assert message in caught.value.message


def test_a_gzip_bomb_is_refused_before_it_fills_the_memory() -> None:
    bomb = gzip.compress(part(1, number(1, 1)) + part(2, bytes(5_000_000)))

    with pytest.raises(UnreadableError, match="unpacked"):
        gzipped.plain(bomb, "bomb", largest=1_000_000)


def test_zeros_in_gzip_are_no_profile() -> None:
    assert not READER.matches(gzip.compress(bytes(1_000_000)))
    assert not READER.matches(bytes(100))


def test_every_cut_and_every_flipped_byte_is_read_or_refused() -> None:
    data = gzip.decompress((GO / "cpu.pb.gz").read_bytes())
    for at in range(0, len(data), 29):
        damaged = bytearray(data)
        damaged[at] ^= 0xFF
        for broken in (data[:at], bytes(damaged)):
            try:
                READER.read(broken, "x")
            except UnreadableError:
                continue


def test_stacks_deeper_than_any_loop_expects_become_a_tree() -> None:
    deep = [2] * 100_000 + [1]
    profile = READER.read(made(sample(deep, 4), sample([1, *deep], 2)), "x")[0]

    assert weights(profile) == {"main": (2.0, 6.0), "work": (4.0, 6.0)}


@pytest.mark.parametrize("seed", range(40))
def test_the_tree_holds_the_stacks_it_was_made_of(seed: int) -> None:
    rng = random.Random(seed)
    count = rng.randint(1, 5)
    given = [
        [rng.randrange(count) for _ in range(rng.randint(0, 9))] for _ in range(rng.randint(0, 60))
    ]
    flat = np.array([frame for stack in given for frame in stack], dtype=np.int64)
    lengths = np.array([len(stack) for stack in given], dtype=np.int64)
    tree = shape_of(Stacks(flat, lengths), count).weighted(np.ones(len(given)))
    profile = Profile("x", "none", (), tree, None)

    wanted: dict[tuple[int, ...], float] = {}
    for stack in given:
        if stack:
            key = tuple(reversed(stack))
            wanted[key] = wanted.get(key, 0.0) + 1
    assert {tuple(stack): weight for stack, weight in stacks_of(profile)} == wanted


def test_columns_find_the_fields_that_a_plain_walk_finds() -> None:
    rng = random.Random(3)
    messages = [
        b"".join(
            number(rng.randint(1, 3), rng.getrandbits(rng.randint(1, 63)))
            if rng.random() < 0.5
            else part(rng.randint(1, 20), rng.randbytes(rng.randint(0, 200)))
            for _ in range(rng.randint(0, 6))
        )
        for _ in range(200)
    ]
    data, starts, ends = b"".join(messages), list[int](), list[int]()
    for message in messages:
        starts.append(ends[-1] if ends else 0)
        ends.append(starts[-1] + len(message))
    walked: dict[int, list[tuple[int, int]]] = {}
    for owner, (start, end) in enumerate(zip(starts, ends, strict=True)):
        for which, _wire, _a, b in protobuf.fields(data, start, end):
            walked.setdefault(which, []).append((owner, b))

    found = columns(data, starts, ends)
    assert {
        which: list(zip(s.owner.tolist(), s.end.tolist(), strict=True))
        for which, s in found.items()
    } == walked


def test_a_lying_length_among_many_messages_is_found() -> None:
    good = number(1, 5) * 2
    with pytest.raises(WireError, match="a length of 100"):
        columns(good * 50 + b"\x0a\x64", [0] * 50 + [len(good) * 50], [4] * 50 + [202])


@pytest.mark.parametrize(
    ("symbol", "name"),
    [
        ("_ZN4core3ptr13drop_in_place17h0123456789abcdefE", "core::ptr::drop_in_place"),
        ("_ZN4test28_$u7b$$u7b$closure$u7d$$u7d$17h0123456789abcdefE", "test::{{closure}}"),
        ("gopkg.in/yaml%2ev3.Unmarshal", "gopkg.in/yaml.v3.Unmarshal"),
        ("main.(*order).total", "main.(*order).total"),
        ("_Zwhat", "_Zwhat"),
    ],
)
def test_symbols_become_readable(symbol: str, name: str) -> None:
    assert readable(symbol) == name


@pytest.mark.parametrize(
    ("symbol", "name"),
    [
        ("java/util/HashMap.get_[j]", "java.util.HashMap.get"),
        ("Heavy.main_[0]", "Heavy.main"),
        ("libc.so.6", "libc.so.6"),
    ],
)
def test_async_profilers_names_become_those_of_java(symbol: str, name: str) -> None:
    assert of_jvm(symbol) == name
