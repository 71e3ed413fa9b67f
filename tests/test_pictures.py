"""Pictures: what they show, that nothing in a profile can break them, how large they get."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import needs
from slowcoach.core.units import share
from slowcoach.profiling import pictures, readers
from slowcoach.profiling.calltree import tree_of_stacks
from slowcoach.profiling.difference import difference
from slowcoach.profiling.difference_tree import difference_tree
from slowcoach.profiling.model import Frame, Moments, Profile
from slowcoach.profiling.pictures import palette, png, svg
from slowcoach.profiling.pictures.difference import difference as difference_of
from slowcoach.profiling.pictures.threads import threads
from slowcoach.profiling.pictures.timeline import heat_map
from slowcoach.profiling.values import one_view

DATA = Path(__file__).parent / "data" / "profiles"
DIFFERENCES = DATA.parent / "differences"
FORMATS = {reader.format for reader in readers.readers()}
SAMPLES = sorted(file for file in DATA.glob("*/*") if file.parent.name in FORMATS)
TIMED = ("chrome-cpuprofile/node24.cpuprofile", "firefox/gecko.json", "perf/stacks.txt")
NS = "{http://www.w3.org/2000/svg}"
NASTY = "<script>alert(1)</script> & \"' ]]> \x00\x1b[31m\u202e\ud800"
MOST_RECTANGLES = 2_500
MOST_BYTES = 400_000


def view(file: str | Path) -> list[Profile]:
    path = DATA / file
    return one_view(readers.read(path.read_bytes(), path.name))


def folded(text: str) -> list[Profile]:
    return readers.read(text.encode(), "it")


def parsed(text: str | bytes) -> ET.Element:
    return ET.fromstring(text)


def titles(text: str) -> list[str]:
    return [title.text or "" for title in parsed(text).iterfind(f"{NS}g/{NS}title")]


def labels(text: str) -> list[str]:
    return [label.text or "" for label in parsed(text).iterfind(f"{NS}g/{NS}text")]


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: f"{file.parent.name}-{file.name}")
@pytest.mark.parametrize("kind", ["flame", "threads"])
def test_every_sample_is_drawn_as_one_accessible_document(kind: str, file: Path) -> None:
    root = parsed(pictures.draw(kind, view(file), file.name))

    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "title about"
    assert root.findtext(f"{NS}title")
    assert root.findtext(f"{NS}desc")
    assert all(float(rect.get("width", "-1")) >= 0 for rect in root.iter(f"{NS}rect"))


def test_a_flame_graph_says_names_shares_and_places() -> None:
    text = pictures.draw("flame", folded("main (a.py:1);work (a.py:7) 3\nmain (a.py:1) 1\n"), "it")

    assert "main (a.py:1): 100 % (4 samples), itself 25 %" in titles(text)
    assert labels(text) == ["main 100 %", "work 75 %"]


def test_callers_stand_below_in_a_flame_graph_and_above_in_an_icicle() -> None:
    profiles = folded("main;work 3\n")
    rows = {
        kind: [
            float(rect.get("y", "0"))
            for rect in parsed(pictures.draw(kind, profiles, "it")).iterfind(f"{NS}g/{NS}rect")
        ]
        for kind in ("flame", "icicle")
    }

    assert rows["flame"][0] > rows["flame"][1]
    assert rows["icicle"][0] < rows["icicle"][1]


def test_lines_of_one_function_are_one_frame_with_the_hottest() -> None:
    profiles = view("speedscope/pyspy.speedscope.json")
    prices = [
        title for title in titles(pictures.draw("flame", profiles, "it")) if "price (" in title
    ]

    assert len(prices) == 1


def test_small_frames_are_put_together_with_what_they_hold() -> None:
    many = "".join(f"main;f{i} 1\n" for i in range(5_000)) + "main;large 5000\n"
    found = titles(pictures.draw("flame", folded(many), "it"))

    assert "(many smaller): 50 % (5,000 samples)" in found
    assert len(found) == 3


def wide(count: int) -> list[Profile]:
    """Return a profile of many functions of about the same weight, with long names."""
    name = "a_rather_long_name_of_a_function_in_some_module"
    lines = (
        f"main;{name}_{i} (src/deep/folder/module_{i}.py:{i});{name}_{j} 1\n"
        for i in range(30)
        for j in range(count // 30)
    )
    return folded("".join(lines))


@pytest.mark.parametrize("kind", pictures.KINDS[:3])
def test_pictures_stay_small_however_large_the_profile(kind: str) -> None:
    text = pictures.draw(kind, wide(30_000), "it")

    assert len(text.encode()) < MOST_BYTES
    assert text.count("<rect") < MOST_RECTANGLES


def test_what_all_deep_stacks_begin_with_is_told_and_not_drawn() -> None:
    trunk = ";".join(f"start{i}" for i in range(100))
    text = pictures.draw("flame", folded(f"{trunk};a 1\n{trunk};b 1\n"), "it")

    assert "All stacks begin with 100 frames, not drawn: start0 → start1 → … → start98" in text
    assert labels(text) == ["a 50 %", "b 50 %"]


def test_stacks_deeper_than_a_picture_are_cut_with_a_word() -> None:
    deep = [";".join(f"{side}{i}" for i in range(100)) for side in "ab"]
    text = pictures.draw("icicle", folded(f"{deep[0]} 1\n{deep[1]} 1\n"), "it")

    assert "40 more rows of calls below these are not drawn." in text


def nasty() -> Profile:
    tree = tree_of_stacks([[0], [0, 1]], np.array([1.0, 2.0]))
    moments = Moments(np.array([0.0, 1.0]), np.array([1, 2]), np.array([1.0, 2.0]))
    frames = (Frame(NASTY, NASTY, 1), Frame("日本語の関数" * 40))
    return Profile(NASTY, "seconds", frames, tree, 3, thread=NASTY, moments=moments)


@pytest.mark.parametrize("kind", pictures.KINDS)
def test_names_from_a_profile_become_nothing_but_text(kind: str) -> None:
    text = pictures.draw(kind, [nasty()], NASTY)
    root = parsed(text.encode("utf-8"))  # neither control characters nor surrogates are left

    assert not [tag for tag in root.iter() if "script" in str(tag.tag).lower()]
    assert "\u202e" not in text
    assert "href" not in text
    assert "url(" not in text
    assert any("<script>alert(1)</script> & \"' ]]>" in title for title in titles(text))


def test_labels_fit_their_boxes_and_end_in_an_ellipsis() -> None:
    assert svg.fitting("a_name_of_a_function", 60) == "a_name…"
    assert svg.fitting("short", 60) == "short"
    assert svg.fitting("x", 20) == ""
    assert svg.fitting("日本語の関数", 60) == "日本語…"


def test_where_a_name_has_no_room_its_packages_go_first() -> None:
    java = "com.example.shop.orders.PriceService.discount"
    text = pictures.draw("flame", folded(f"{java} 1\n{'b' * 9} 6\n"), "it")

    assert "PriceService.discount" in labels(text)
    assert f"{java}: 14.3 % (1 samples), itself 14.3 %" in titles(text)


def test_a_profile_without_any_weight_is_drawn_empty() -> None:
    empty = Profile("nothing", "seconds", (), tree_of_stacks([], np.zeros(0)), 0)
    for kind in pictures.KINDS[:3]:
        assert "<rect" in pictures.draw(kind, [empty], "it")


def test_threads_have_a_lane_each_with_their_share() -> None:
    for file in ("collapsed/pyspy-threads.txt", "speedscope/pyspy.speedscope.json"):
        profiles = view(file)
        names = [thread.name for thread in threads(profiles)]
        text = pictures.draw("threads", profiles, "it")

        assert len(names) == 2
        assert "ticker" in names[1]
        assert "ticker" in text
        assert re.search(r"94\.\d % , |94\.\d %, ", text)


def test_threads_within_processes_are_found_by_their_roots() -> None:
    found = threads(folded("process 7:app;thread (1): a;f 3\nprocess 7:app;thread (2): b;f 1\n"))

    assert [thread.name for thread in found] == [
        "process 7:app, thread (1): a",
        "process 7:app, thread (2): b",
    ]
    assert [thread.profile.total for thread in found] == [3.0, 1.0]
    assert found[0].profile.samples == 3


def test_every_recorders_names_of_threads_are_known_as_such() -> None:
    roots = ("thread main", "process 7: thread pool-1", "asyncio task", "Thread-3 (work)")
    found = threads(folded("".join(f"{root};f 1\n" for root in roots)))

    assert {thread.name for thread in found} == set(roots)
    assert len(threads(folded("thread (a.py:3);f 1\nThread.run (a.py:4);f 1\n"))) == 1


def test_the_timeline_is_of_the_heaviest_thread() -> None:
    tree = tree_of_stacks([[0, 1], [2, 3]], np.array([3.0, 1.0]))
    moments = Moments(np.array([0.0, 0.0]), np.array([2, 4]), np.array([3.0, 1.0]))
    frames = (Frame("thread a"), Frame("busy"), Frame("thread b"), Frame("other"))
    text = pictures.draw(
        "timeline", [Profile("it", "seconds", frames, tree, 4, moments=moments)], "it"
    )

    assert "Calls of thread a in order of time" in text
    assert labels(text) == ["busy"]


def test_a_profile_of_one_thread_is_one_lane() -> None:
    assert [thread.name for thread in threads(folded("main;f 3\n"))] == ["it"]


@pytest.mark.parametrize("file", TIMED)
def test_a_timeline_shows_calls_in_order_of_time(file: str) -> None:
    profiles = view(file)
    text = pictures.draw("timeline", profiles, "it")

    assert len(text.encode()) < MOST_BYTES
    assert text.count("<rect") < MOST_RECTANGLES
    assert any(": from " in title for title in titles(text))


def test_a_profile_without_times_says_which_formats_have_them() -> None:
    with pytest.raises(pictures.NotDrawnError, match=r"cpuprofile.*perf script.*JFR"):
        pictures.draw("timeline", folded("a 1\n"), "it")


def timed(at: Sequence[float], weights: Sequence[float], unit: str = "samples") -> Profile:
    """Return a profile of two functions in turn."""
    nodes = np.array([1 + i % 2 for i in range(len(at))])
    sums = np.bincount(nodes, weights=weights, minlength=3)[1:]
    tree = tree_of_stacks([[0], [1]], sums.astype(np.float64))
    moments = Moments(np.array(at), nodes, np.array(weights, dtype=np.float64))
    return Profile("it", unit, (Frame("a"), Frame("b")), tree, len(at), moments=moments)


def test_a_heat_map_has_the_weight_where_it_happened() -> None:
    times = [index / 100 for index in range(1_000)]
    found = heat_map([timed(times, [8.0 if at == 7.5 else 1.0 for at in times])])

    assert found is not None
    assert found.cells.sum() == pytest.approx(1_007.0)
    by_column = found.cells.sum(axis=0)
    assert by_column.argmax() == int(7.5 / found.column_s)
    assert found.cells.shape == (10, 100)


def test_a_call_that_lasts_is_spread_over_its_time() -> None:
    long = replace(timed([0.0], [10.0], "seconds"), samples=None)
    found = heat_map([long])

    assert found is not None
    assert found.cells == pytest.approx(np.full(found.cells.shape, found.cells.mean()), rel=1e-6)


def test_times_without_pauses_make_no_heat_map() -> None:
    (profile,) = view("speedscope/pyinstrument.speedscope.json")
    spy = view("speedscope/pyspy.speedscope.json")[0]

    assert heat_map([profile]) is not None
    assert spy.moments is not None
    assert spy.moments.gapless
    assert heat_map([spy]) is None
    assert "pauses left out" in pictures.draw("timeline", [spy], "it")


def test_a_difference_is_red_and_blue_with_figures() -> None:
    before, after = (
        readers.read((DIFFERENCES / f"service-{side}.folded").read_bytes(), "it")
        for side in ("before", "after")
    )
    text = difference_of(difference_tree(difference(before, after, 0.1)))
    root = parsed(text)

    kinds = {rect.get("class") for rect in root.iterfind(f"{NS}g/{NS}rect")}
    assert {"more1", "less1", "less2", "same"} <= kinds
    assert any(title.startswith("known (") and "(−48 points)" in title for title in titles(text))
    assert "known −48 points" in (root.findtext(f"{NS}desc") or "")


def test_the_same_profile_gives_the_same_picture() -> None:
    for kind in pictures.KINDS:
        once, again = (pictures.draw(kind, view("firefox/gecko.json"), "it") for _ in range(2))
        assert once == again, kind


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_letters_can_be_read_on_every_colour_light_and_dark() -> None:
    light, _, dark = palette.STYLE.partition("@media (prefers-color-scheme:dark)")
    for style in (light, dark):
        ink = re.findall(r"text\{fill:(#\w{6})\}", style)[0]
        fills = dict(re.findall(r"\.([a-z_]+\d?)\{fill:(#\w{6})\}", style))
        frames = [kind for kind in fills if not kind.startswith("heat") and kind in palette.LABELS]
        assert len(frames) == 14
        for kind in frames:
            assert contrast(ink, fills[kind]) >= 4.5, kind
        assert contrast(fills["ink"], fills["paper"]) >= 4.5


def test_a_png_is_on_white_and_as_wide_as_the_picture() -> None:
    needs.module("resvg_py")
    data = png.png(pictures.draw("flame", folded("main;work 3\n"), "it"))

    assert data.startswith(b"\x89PNG")
    assert int.from_bytes(data[16:20], "big") == svg.WIDTH


def test_without_fonts_it_is_known_that_letters_do_not_appear(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    needs.module("resvg_py")
    import resvg_py

    real = resvg_py.svg_to_bytes
    monkeypatch.setattr(
        resvg_py, "svg_to_bytes", lambda **given: real(**given, skip_system_fonts=True)
    )
    png.has_font.cache_clear()
    try:
        assert not png.has_font()
    finally:
        png.has_font.cache_clear()


def test_shares_of_tooltips_are_of_the_whole() -> None:
    text = pictures.draw("flame", folded("a;b 1\nc 3\n"), "it")

    assert f"b: {share(0.25)} (1 samples), itself {share(0.25)}" in titles(text)
