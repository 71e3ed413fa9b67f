"""Every reader against files that real tools wrote, and against what no tool would write."""

import contextlib
import json
from pathlib import Path

import pytest

from slowcoach.core.errors import UnreadableError
from slowcoach.profiling import readers
from slowcoach.profiling.model import Profile
from slowcoach.profiling.readers.collapsed import READER as COLLAPSED

DATA = Path(__file__).parent / "data" / "profiles"
LARGE = 30_000  # bytes
SAMPLES = sorted(file for file in DATA.glob("*/*") if file.is_file())


def names(profile: Profile) -> dict[str, tuple[float, float]]:
    """Return (self, total) by frame name."""
    return {
        profile.frames[index].name: (
            float(profile.self_weights[index]),
            float(profile.total_weights[index]),
        )
        for index in profile.present
    }


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.name)
def test_exactly_the_reader_of_its_folder_recognizes_a_sample(file: Path) -> None:
    data = file.read_bytes()

    assert [r.format for r in readers.readers() if r.matches(data)] == [file.parent.name]
    profiles = readers.read(data, file.name)
    assert sum(profile.total for profile in profiles) > 0
    assert not any(profile.warnings for profile in profiles)


def test_every_reader_has_a_sample() -> None:
    assert {reader.format for reader in readers.readers()} == {f.parent.name for f in SAMPLES}


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.name)
def test_a_cut_or_damaged_sample_is_read_or_refused_but_never_crashes(file: Path) -> None:
    data = file.read_bytes()
    parts = 40 if len(data) < LARGE else 5  # a large file takes a second to read
    for part in range(1, parts):
        cut = data[: len(data) * part // parts]
        damaged = bytearray(data)
        damaged[len(data) * part // (parts + 1)] ^= 0xFF
        for broken in (cut, bytes(damaged)):
            with contextlib.suppress(UnreadableError):
                readers.read(broken, file.name)


@pytest.mark.parametrize("variant", ["crlf", "utf16-le", "utf16-be"])
def test_line_ends_and_encodings_do_not_change_a_profile(variant: str) -> None:
    plain = readers.read((DATA / "collapsed" / "names.folded").read_bytes(), "x")[0]
    other = readers.read((DATA / "collapsed" / f"names-{variant}.txt").read_bytes(), "x")[0]

    assert names(other) == names(plain)


def test_py_spys_frames_are_split_into_name_file_and_line() -> None:
    profile = readers.read((DATA / "collapsed" / "pyspy-threads.txt").read_bytes(), "x")[0]
    hottest = profile.frames[profile.present[0]]

    assert hottest.file == "shop.py"
    assert hottest.line is not None
    assert any(frame.name.startswith("thread (") and not frame.file for frame in profile.frames)


def test_brackets_in_a_plain_collapsed_file_stay_in_the_name() -> None:
    data = b"main;f (int) const;operator()(a:b) 3\nmain;g (x.c:12) 2\nmain;h 1\nmain;i 1\n"
    profile = readers.read(data, "x")[0]

    assert names(profile)["g (x.c:12)"] == (2.0, 2.0)


def test_recursion_counts_once_in_total() -> None:
    profile = readers.read(b"a;b;a;b 4\na;a;a 1\nb 2\n", "x")[0]

    assert names(profile) == {"b": (6.0, 6.0), "a": (1.0, 5.0)}


def test_a_prefix_that_sorts_before_its_continuation_stays_one_node() -> None:
    profile = readers.read(b"a;b 5\na;b-x 3\na;b;c 2\na;b 1\n", "x")[0]

    assert len(profile.tree.frame) == 5
    assert names(profile)["b"] == (6.0, 8.0)


def test_lines_that_are_no_stacks_are_left_out_and_said_so() -> None:
    profile = readers.read(b"# comment\na;b 1\na;c 2.5\nbroken\na;b 3", "x.txt")[0]

    assert profile.total == 6.5
    assert profile.warnings == ("line 4 is not 'stack count' and was left out: 'broken'",)


def test_times_and_bytes_are_not_taken_for_numbers_of_samples() -> None:
    austin = readers.read(b"main;f 100123\nmain;g 99871\n", "x")[0]
    counted = readers.read(b"main;f 12\nmain;g 7\n", "x")[0]

    assert austin.samples == 2
    assert counted.samples == 19


FRAMES = [{"name": "A"}, {"name": "B"}]


def speedscope(profile: dict[str, object], frames: object = FRAMES) -> bytes:
    """Return a speedscope file of one profile."""
    whole = {
        "$schema": "https://www.speedscope.app/file-format-schema.json",
        "shared": {"frames": frames},
        "profiles": [{"name": "p", "unit": "none", "startValue": 0, "endValue": 9, **profile}],
    }
    return json.dumps(whole).encode()


def evented(*events: tuple[str, int, float]) -> bytes:
    """Return an evented speedscope file."""
    rows = [{"type": kind, "frame": frame, "at": at} for kind, frame, at in events]
    return speedscope({"type": "evented", "events": rows})


def test_events_give_the_time_between_them_to_the_innermost_frame() -> None:
    data = evented(("O", 0, 1), ("O", 1, 2), ("C", 1, 5), ("C", 0, 6), ("O", 1, 7), ("C", 1, 9))
    profile = readers.read(data, "x")[0]

    assert names(profile) == {"B": (5.0, 5.0), "A": (2.0, 5.0)}
    assert profile.total == 7.0  # between 6 and 7 nothing ran
    assert profile.samples is None


@pytest.mark.parametrize("version", ["0.0.1", "0.1.2"])
def test_old_versions_name_their_version_instead_of_an_exporter(version: str) -> None:
    data = json.loads(speedscope({"type": "sampled", "samples": [[0, 1]], "weights": [2]}))
    profile = readers.read(json.dumps({"version": version, **data}).encode(), "x")[0]

    assert names(profile) == {"B": (2.0, 2.0), "A": (0.0, 2.0)}


def test_equal_frames_at_two_places_of_the_table_stay_two() -> None:
    data = speedscope(
        {"type": "sampled", "samples": [[0], [1]], "weights": [1, 2]}, [{"name": "A"}] * 2
    )
    assert len(readers.read(data, "x")[0].present) == 2


def sampled(**parts: object) -> bytes:
    """Return a sampled speedscope file, with parts replaced."""
    return speedscope({"type": "sampled", "samples": [[0]], "weights": [1], **parts})


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"\x00\x01\x02" * 50, "begins"),
        (b"hello world\nthis is text\n", "begins"),
        (b'{"a": 1}', "begins"),
        (b"\xff\xfea\x00;\x00b\x00 \x001\x00\n\x00\x00\xd8", "UTF-16-LE"),
        (evented(("O", 0, 0)), "events: expected an end for every begin, got A open"),
        (evented(("O", 0, 0), ("C", 1, 1)), r"events[1]: expected the end of A, got the end of B"),
        (evented(("C", 0, 0)), r"events[0]: expected the end of nothing"),
        (evented(("O", 0, 5), ("C", 0, 4)), r"events[1]: expected a time not before 5"),
        (evented(("O", 7, 0)), r"events[0]: frame: expected an index of the 2 frames, got 7"),
        (evented(("X", 0, 0)), r"events[0]: expected an event of type O or C"),
        (sampled(weights=[1, 2]), "expected a weight for each of 1 samples, got 2 weights"),
        (sampled(weights=["1"]), "weights[0]: expected a number, got 1"),
        (sampled(weights=[True]), "weights[0]: expected a number, got True"),
        (sampled(weights=[-1]), "weights[0]: expected a number of 0 or more, got -1"),
        (sampled(weights=[10**400]), "weights: expected numbers"),
        (sampled(samples=[[2]]), "samples[0]: expected indexes of the 2 frames, got [2]"),
        (sampled(samples=[[-1]]), "samples[0]: expected indexes"),
        (sampled(samples=[[0.5]]), "samples[0]: expected indexes"),
        (sampled(samples=["0"]), "samples[0]: expected indexes"),
        (sampled(samples=None), "profiles[0]: samples: expected a list, got None"),
        (sampled(type="heap"), "profiles[0]: type: expected evented or sampled, got heap"),
        (speedscope({}, {"a": 1}), "shared: frames: expected a list"),
        (speedscope({}, [{"name": 3}]), "shared.frames[0]: expected an object with a name"),
        (sampled().replace(b"[1]", b"[NaN]"), "NaN, which is not a JSON number"),
        (b'{"shared": {}, "profiles": [], "frames": ' + b"[" * 100_000, "speedscope JSON"),
    ],
)
def test_bad_input_is_refused_saying_where(data: bytes, where: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        readers.read(data, "it.json")

    assert "it.json" in caught.value.message
    assert where in caught.value.message


def test_lone_surrogates_in_names_become_printable() -> None:
    data = speedscope(
        {"type": "sampled", "samples": [[0]], "weights": [1], "name": "\ud800"},
        [{"name": "f\udfff", "file": "\udc00.py"}],
    )
    profile = readers.read(data, "x")[0]

    assert (profile.frames[0].name, profile.frames[0].file, profile.name) == ("f?", "?.py", "?")


def test_pstats_give_exact_times_and_a_tree_that_holds_the_callers() -> None:
    profile = readers.read((DATA / "pstats" / "cprofile.pstats").read_bytes(), "x")[0]
    by_name = names(profile)

    assert by_name["main"][1] == pytest.approx(profile.total, rel=0.05)
    assert by_name["price"][0] > 0.1 * profile.total
    place = {frame.name: index for index, frame in enumerate(profile.frames)}
    nodes = [node for node, frame in enumerate(profile.tree.frame) if frame == place["price"]]
    parents = {int(profile.tree.frame[profile.tree.parent[node]]) for node in nodes}
    assert place["totals"] in parents or place["<listcomp>"] in parents


@pytest.mark.parametrize("text", [b"version: 1\nevents: Ir\nfn=main\n16 20\n", b"<svg a=1 2\n"])
def test_other_formats_with_numbers_at_line_ends_are_no_collapsed_stacks(text: bytes) -> None:
    assert not COLLAPSED.matches(text)
