"""The call tree's arithmetic against a plain count over stacks; exports and round trips."""

import json
import random
from pathlib import Path

import numpy as np
import pytest

from slowcoach.profiling import readers
from slowcoach.profiling.calltree import NodeTree, merged, tree_of_stacks
from slowcoach.profiling.export import flame_tree, stacks, to_collapsed, to_speedscope
from slowcoach.profiling.model import Frame, Profile, Tree

DATA = Path(__file__).parent / "data" / "profiles"
SAMPLES = sorted(file for file in DATA.glob("*/*") if file.is_file())
ODD_NAMES = (
    "<img src=x onerror=alert(1)>",
    'a"b\\c',
    "[red]x[/red]",
    "zwei;teile",
    "line\nfeed",
    "ünï 🐢",
)


def profile_of(tree: Tree, count: int) -> Profile:
    """Return a profile of frames named by number."""
    frames = tuple(Frame(str(index)) for index in range(count))
    return Profile("p", "samples", frames, tree, samples=None)


@pytest.mark.parametrize("seed", range(20))
def test_self_and_total_equal_a_plain_count_over_stacks(seed: int) -> None:
    chance = random.Random(seed)
    found = [
        [chance.randrange(4) for _ in range(chance.randrange(1, 12))]
        for _ in range(chance.randrange(1, 200))
    ]
    weights = [float(chance.randrange(1, 9)) for _ in found]
    nodes = NodeTree()
    for stack, weight in zip(found, weights, strict=True):
        node = 0
        for frame in stack:
            node = nodes.child(node, frame)
        nodes.add(node, weight)
    own, total = [0.0] * 4, [0.0] * 4
    for stack, weight in zip(found, weights, strict=True):
        own[stack[-1]] += weight
        for frame in set(stack):
            total[frame] += weight

    for tree in (tree_of_stacks(found, np.array(weights)), nodes.finish()):
        profile = profile_of(tree, 4)
        assert profile.self_weights.tolist() == own
        assert profile.total_weights.tolist() == total
        assert profile.total == sum(weights)


def test_a_stack_of_many_thousand_frames_is_no_problem() -> None:
    profile = readers.read(b";".join([b"f", b"g"] * 20_000) + b" 3\n", "x")[0]

    assert profile.total_weights.tolist() == [3.0, 3.0]
    json.dumps(flame_tree(profile))


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.name)
def test_a_profile_written_as_speedscope_reads_back_the_same(file: Path) -> None:
    before = readers.read(file.read_bytes(), file.name)
    after = readers.read(to_speedscope(before), file.name)

    assert [p.name for p in after] == [p.name for p in before]
    for old, new in zip(before, after, strict=True):
        assert new.unit == old.unit
        assert new.samples == old.samples
        assert new.tree.weight.sum() == pytest.approx(old.tree.weight[1:].sum())
        if old.flat is None:
            once = shares(old).keys() - twice(old)
            assert shares(new).keys() == shares(old).keys()
            assert {k: v for k, v in shares(new).items() if k in once} == pytest.approx(
                {k: v for k, v in shares(old).items() if k in once}
            )


def twice(profile: Profile) -> set[str]:
    """Return the places that several frames share: written, they are one, and may recurse."""
    places = [profile.frames[index].place for index in profile.present]
    return {place for place in places if places.count(place) > 1}


def shares(profile: Profile) -> dict[str, float]:
    """Return total share by frame, equal frames added up."""
    found: dict[str, float] = {}
    for index in profile.present:
        place = profile.frames[index].place
        weight = float(profile.total_weights[index])
        if weight:
            found[place] = found.get(place, 0.0) + weight / profile.total
    return found


def test_collapsed_text_reads_back_the_same() -> None:
    before = readers.read((DATA / "collapsed" / "pyspy-threads.txt").read_bytes(), "x")[0]
    after = readers.read(to_collapsed(before), "x")[0]

    assert shares(after) == pytest.approx(shares(before))
    assert after.total == before.total


def odd() -> Profile:
    """Return a profile whose names mean something elsewhere."""
    frames = tuple(Frame(name, f"{name}.py", 1) for name in ODD_NAMES)
    tree = tree_of_stacks([list(range(len(frames)))], np.array([2.0]))
    return Profile("<b>p</b>", "none", frames, tree, samples=2)


def test_names_that_mean_something_elsewhere_stay_as_they_are() -> None:
    read = readers.read(to_speedscope([odd()]), "x")[0]

    assert {frame.name for frame in read.frames} == set(ODD_NAMES)
    node = flame_tree(odd())
    for name in ODD_NAMES:
        (node,) = node["children"]
        assert node["name"] == name


def test_names_cannot_break_a_collapsed_line() -> None:
    lines = to_collapsed(odd()).decode().splitlines()

    assert len(lines) == 1
    assert lines[0].count(";") == len(ODD_NAMES) - 1


def test_a_flame_tree_holds_the_whole_and_leaves_out_the_small() -> None:
    profile = readers.read(b"a;b 90\na;c 9\na;d 1\ne 900\n", "x")[0]
    tree = flame_tree(profile, min_share=0.005)

    assert tree["value"] == 1000
    assert [child["name"] for child in tree["children"]] == ["e", "a"]
    assert [child["name"] for child in tree["children"][1]["children"]] == ["b", "c"]
    json.dumps(tree)


def test_stacks_come_out_once_each_root_first() -> None:
    profile = readers.read(b"a;b 1\na 2\na;b;c 3\nb 4\n", "x")[0]
    named = {tuple(profile.frames[f].name for f in stack): w for stack, w in stacks(profile)}

    assert named == {("a", "b"): 1, ("a",): 2, ("a", "b", "c"): 3, ("b",): 4}


def test_threads_merge_into_one_profile_of_the_same_weight() -> None:
    threads = readers.read((DATA / "speedscope" / "pyspy-idle.speedscope.json").read_bytes(), "x")
    whole = merged(threads, "all")

    assert len(threads) == 2
    assert whole.total == pytest.approx(sum(profile.total for profile in threads))
    assert whole.samples == sum(profile.samples or 0 for profile in threads)
