"""Two profiles compared: a real change is named, none is made up, and doubt is said."""

import json
import random
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from slowcoach.api import compare as api
from slowcoach.api.analyze_profile import TOOL as ANALYZE
from slowcoach.core.errors import InputError, UnreadableError
from slowcoach.core.job import Job
from slowcoach.core.runs import Runs
from slowcoach.core.stats import newcombe
from slowcoach.profiling import readers
from slowcoach.profiling.difference import Difference, difference, key
from slowcoach.profiling.difference_tree import difference_tree
from slowcoach.profiling.model import Frame
from slowcoach.profiling.moved import moved
from slowcoach.profiling.recorders import python as recorder

DATA = Path(__file__).parent / "data" / "differences"
PAIRS = {
    "command": ("command-{}.speedscope.json", "known"),
    "service": ("service-{}.folded", "known"),
    "traced": ("traced-{}.pstats", "known"),
    "node": ("node-{}.cpuprofile", "parse"),
}
PROFILES = DATA.parent / "profiles"
FORMATS = {reader.format for reader in readers.readers()}
SAMPLES = sorted(f for f in PROFILES.glob("*/*") if f.is_file() and f.parent.name in FORMATS)
GATE = 0.1
QUARTER = 0.25  # what total costs after, by the rounds that it does
TRUE_RATIO = 0.49  # processor time after by before of orders.py, see the samples' README
LIMIT = 6_000


def of(before: str | bytes, after: str | bytes) -> Difference:
    """Compare two texts, or files by name."""
    data = [text.encode() if isinstance(text, str) else text for text in (before, after)]
    old, new = (readers.read(text, "it") for text in data)
    return difference(old, new, GATE)


def sample(kind: str, side: str) -> Path:
    return DATA / PAIRS[kind][0].format(side)


def folded(**weights: float) -> str:
    """Return collapsed stacks of functions that a program calls from main."""
    return "".join(f"main;{name} {round(weight)}\n" for name, weight in weights.items())


def looked_at(generator: random.Random, samples: int, **weights: float) -> str:
    """Return stacks as a sampling profiler sees a program with these costs."""
    seen = generator.choices(list(weights), list(weights.values()), k=samples)
    return folded(**{name: seen.count(name) for name in weights if name in seen})


def compare(before: Path | str, after: Path | str, job: Job | None = None) -> api.Comparison:
    return api.compare(job or Job(), str(before), str(after))


@pytest.mark.parametrize("kind", PAIRS)
def test_a_real_change_is_named_first_and_its_interval_leaves_out_zero(kind: str) -> None:
    job = Job()
    result = compare(sample(kind, "before"), sample(kind, "after"), job)
    first = result.metrics[0]

    assert result.verdict == "faster"
    assert result.passed is True
    assert first.name.startswith(PAIRS[kind][1])
    assert first.verdict == "faster"
    assert first.ci_high_pct is not None
    assert first.ci_high_pct < 0
    assert first.ci_low_pct is not None
    assert first.change_pct is not None
    assert first.ci_low_pct <= first.change_pct <= first.ci_high_pct
    assert {m.verdict for m in result.metrics[1:-1]} <= {"same", "unsure"}
    assert result.findings[0].where[0].startswith(PAIRS[kind][1])
    assert ":" in result.findings[0].where[0]  # the line
    assert len(result.model_dump_json()) < LIMIT
    dumped = result.model_dump(mode="json")
    assert type(result).model_validate(dumped).model_dump(mode="json") == dumped


@pytest.mark.parametrize("kind", PAIRS)
def test_taking_the_change_back_is_a_regression_that_fails_the_gate(kind: str) -> None:
    result = compare(sample(kind, "after"), sample(kind, "before"))

    assert result.verdict == "slower"
    assert result.passed is False
    assert result.metrics[0].name.startswith(PAIRS[kind][1])
    assert result.findings[0].severity == "warning"


@pytest.mark.parametrize("kind", PAIRS)
def test_a_profile_compared_with_itself_is_the_same(kind: str) -> None:
    result = compare(sample(kind, "before"), sample(kind, "before"))

    assert result.verdict == "same"
    assert result.findings == ()


@pytest.mark.parametrize("kind", ["command", "service"])
def test_the_interval_of_the_whole_holds_the_true_gain(kind: str) -> None:
    whole = compare(sample(kind, "before"), sample(kind, "after")).metrics[-1]

    assert whole.name == "the whole"
    assert whole.ci_low_pct is not None
    assert whole.ci_high_pct is not None
    assert whole.ci_low_pct < (TRUE_RATIO - 1) * 100 < whole.ci_high_pct


def test_the_interval_of_the_function_holds_its_true_gain() -> None:
    sides = [DATA / f"quartered-{side}.speedscope.json" for side in ("before", "after")]
    before, after = (readers.read(side.read_bytes(), side.name) for side in sides)
    found = difference(before, after, GATE)
    first, *others = found.functions

    assert found.verdict == "faster"
    assert (first.name, first.verdict) == ("total", "faster")
    assert {each.verdict for each in others} <= {"same", "unsure"}
    assert first.ratio.low is not None
    assert first.ratio.high is not None
    assert first.ratio.low < QUARTER < first.ratio.high < 1


@pytest.mark.slow
def test_two_recordings_made_now_name_the_function_and_its_gain() -> None:
    program = [sys.executable, str(DATA / "quartered.py")]
    before, after = (
        list(recorder.record(duration_s=120, command=[*program, side, "250"], rate=200))
        for side in ("before", "after")
    )
    first = difference(before, after, GATE).functions[0]

    # on a busy machine samples come in bursts: then it may say unsure, and never the contrary
    assert first.name == "total"
    assert first.verdict in {"faster", "unsure"}
    assert first.ratio.value is not None
    assert first.ratio.value < 3 * QUARTER
    assert first.ratio.low is not None
    assert first.ratio.low < 2 * QUARTER


def test_a_service_that_does_more_in_the_same_time_is_judged_by_what_stayed() -> None:
    found = of(
        folded(hot=600, json=200, sql=100, log=60, tls=40),
        folded(hot=300, json=350, sql=175, log=105, tls=70),
    )
    (changed,) = (f for f in found.functions if f.verdict == "faster")

    assert changed.name == "hot"
    assert changed.ratio.value == pytest.approx(300 / 600 / 1.75, rel=0.05)
    assert found.verdict == "faster"
    assert found.scale is not None
    assert not found.scale.same_work


def test_two_explanations_leave_it_open_and_say_so() -> None:
    result_text = folded(hot=600, rest=400), folded(hot=300, rest=700)
    found = of(*result_text)

    assert found.verdict == "unsure"
    assert found.whole is None


def test_what_stayed_in_weight_tells_that_the_work_is_the_same() -> None:
    found = of(folded(hot=900, rest=100), folded(hot=300, rest=100))

    assert found.verdict == "faster"
    assert found.functions[0].name == "hot"
    assert found.functions[0].weight == (900, 300)
    assert found.factor == pytest.approx(0.4)


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: f"{file.parent.name}-{file.name}")
def test_no_format_differs_from_itself(file: Path) -> None:
    result = compare(file, file)

    few = any("samples before" in text for text in result.warnings)
    assert result.verdict == ("unsure" if few else "same")
    assert len(result.model_dump_json()) < LIMIT


def test_unlike_profiles_give_short_answers_too() -> None:
    for before, after in pairwise(SAMPLES):
        result = compare(before, after)
        assert len(result.model_dump_json()) < LIMIT
        dumped = result.model_dump(mode="json")
        assert type(result).model_validate(dumped).model_dump(mode="json") == dumped


def test_long_names_are_cut_to_fit(tmp_path: Path) -> None:
    names = [f"{'x' * 400}{i}" for i in range(40)]
    for side, weights in (("before", (10, 30)), ("after", (30, 10))):
        lines = (f"main;{name} {weights[i % 2]}\n" for i, name in enumerate(names))
        (tmp_path / side).write_text("".join(lines), encoding="utf-8")
    result = compare(tmp_path / "before", tmp_path / "after")

    assert len(result.model_dump_json()) < LIMIT


def test_longer_recordings_of_the_same_program_are_the_same() -> None:
    found = of(folded(a=400, b=300, c=200, d=100), folded(a=1200, b=900, c=600, d=300))

    assert found.verdict == "same"
    assert found.factor == pytest.approx(1)


def test_few_samples_never_give_a_verdict() -> None:
    found = of(folded(hot=40, rest=10), folded(hot=4, rest=10))

    assert found.verdict == "unsure"
    assert {f.verdict for f in found.functions} == {"unsure"}


def test_chance_alone_is_seldom_called_a_change() -> None:
    generator = random.Random(5)
    cost = {"a": 30.0, "b": 25.0, "c": 20.0, "d": 15.0, "e": 10.0}
    profiles = [looked_at(generator, 800, **cost) for _ in range(60)]
    found = [of(before, after) for before, after in pairwise(profiles)]

    assert sum(d.verdict in {"faster", "slower"} for d in found) <= 3
    assert sum(any(f.verdict in {"faster", "slower"} for f in d.functions) for d in found) <= 5


def test_intervals_hold_the_true_change_in_about_nineteen_of_twenty() -> None:
    generator = random.Random(6)
    before = {"hot": 50.0, "b": 20.0, "c": 15.0, "d": 15.0}
    after = {**before, "hot": 25.0}
    held = 0
    for _ in range(100):
        pair = (looked_at(generator, 1000, **costs) for costs in (before, after))
        found = of(*pair)
        hot = next(f for f in found.functions if f.name == "hot")
        assert hot.ratio.low is not None
        assert hot.ratio.high is not None
        held += found.scale is not None and hot.ratio.low <= 0.5 <= hot.ratio.high

    assert held >= 90


def test_what_appeared_and_what_vanished_is_said() -> None:
    job = Job()
    found = of(folded(old=300, rest=700), folded(new=300, rest=700))
    by_name = {f.name: f for f in found.functions}

    assert (by_name["old"].verdict, by_name["new"].verdict) == ("faster", "slower")
    assert by_name["new"].ratio.value is None
    assert by_name["old"].ratio.value == 0
    assert job.artefacts == {}


def test_moved_lines_and_folders_do_not_matter() -> None:
    before = (
        "main (/a/app.py:3);hot (/a/app.py:10) 600\nmain (/a/app.py:3);rest (/a/app.py:30) 400\n"
    )
    after = before.replace("/a/", "/b/v2/").replace(":10)", ":99)").replace(":3)", ":8)")

    assert of(before, after).verdict == "same"
    assert key(Frame("hot", r"C:\srv\app.py")) == ("hot", "app.py")
    assert key(Frame("A$$Lambda/0x00007f1a")) == key(Frame("A$$Lambda/0x00007f9c"))


def test_time_that_went_to_another_caller_is_named_as_moved() -> None:
    before = "main;load;parse 300\nmain;show;parse 20\nmain;rest 680\n"
    after = "main;load;parse 20\nmain;show;parse 300\nmain;rest 680\n"
    (move,) = moved(of(before, after))

    assert (move.name, move.giver, move.taker) == ("parse", "load", "show")
    assert moved(of(before, before)) == []


def test_ids_of_threads_and_processes_are_no_other_callers() -> None:
    before = "process 11:python a.py;thread (7f01);main;hot 600\nthread (12);main;rest 400\n"
    after = "process 98:python a.py;thread (7f99);main;hot 600\nthread (77);main;rest 400\n"

    assert moved(of(before, after)) == []


def test_library_code_is_charged_to_the_own_function_that_calls_it() -> None:
    lib = "dumps (/usr/lib/python3.11/json/__init__.py:231)"
    stack = "main (/srv/app.py:1);{} (/srv/app.py:{});" + lib + " {}\n"
    rest = "main (/srv/app.py:1);rest (/srv/app.py:50) 600\n"
    before = stack.format("export", 10, 300) + stack.format("save", 20, 100) + rest
    after = stack.format("export", 10, 20) + stack.format("save", 20, 100) + rest

    assert of(before, after).functions[0].place == "export (/srv/app.py:10)"


def test_the_tree_to_draw_holds_both_sides_and_children_never_exceed_their_parent() -> None:
    found = of(sample("command", "before").read_bytes(), sample("command", "after").read_bytes())
    tree = difference_tree(found)
    waiting, names = [tree], set[str]()
    while waiting:
        node = waiting.pop()
        names.add(node["name"])
        assert node["value"] == pytest.approx((node["before"] + node["after"]) / 2)
        assert node["delta"] == pytest.approx(node["after"] - node["before"])
        for side in ("before", "after", "value"):
            assert sum(c[side] for c in node["children"]) <= node[side] + 1e-9
        waiting += node["children"]

    assert {"known", "export", "load"} <= names
    assert tree["before"] == pytest.approx(1)
    assert tree["after"] == pytest.approx(found.factor)


def test_stacks_too_deep_to_nest_are_cut_not_lost() -> None:
    deep = ";".join(f"f{i}" for i in range(3000))
    tree = difference_tree(of(f"{deep} 500\n", f"{deep} 500\n"))

    assert json.loads(json.dumps(tree))["value"] == pytest.approx(1)


def test_runs_of_the_profile_tools_are_compared(tmp_path: Path) -> None:
    runs = Runs(f"sqlite:///{tmp_path / 'runs.db'}")
    ids = [
        runs.call(ANALYZE, {"path": str(sample("command", side))}).run_id
        for side in ("before", "after")
    ]
    result = runs.call(api.TOOL, {"before": ids[0], "after": ids[1]})
    assert isinstance(result, api.Comparison)
    assert result.verdict == "faster"
    assert result.difference
    kept = json.loads(runs.store.artefact(str(result.run_id), "difference.json")[0])
    runs.store.close()

    assert kept["name"] == "all"


def test_runs_that_kept_profiles_beside_latencies_name_the_function_too(tmp_path: Path) -> None:
    runs = Runs(f"sqlite:///{tmp_path / 'runs.db'}")
    latencies = DATA.parent / "benchmarks" / "latency"
    for side in ("before", "after"):
        run = f"investigate-{side.ljust(8, 'x')}"
        runs.store.begin(run, "investigate", {}, {})
        for name, file in (
            ("latency.json", latencies / f"{side}.json"),
            ("profile.speedscope.json", sample("command", side)),
        ):
            runs.store.save(run, name, file.read_bytes(), "application/json")
        runs.store.finish(run, "done", {})
    result = runs.call(
        api.TOOL, {"before": "investigate-beforexx", "after": "investigate-afterxxx"}
    )
    runs.store.close()

    assert isinstance(result, api.Comparison)
    assert "the whole" not in {metric.name for metric in result.metrics}
    assert len(result.model_dump_json()) < LIMIT
    assert "Their profiles: Faster: the whole" in result.summary
    assert any(f.where and f.where[0].startswith("known (") for f in result.findings)
    assert result.difference


def test_several_files_of_a_side_are_put_together() -> None:
    before = [str(sample("traced", "before"))] * 2
    result = api.compare(Job(), before, str(sample("traced", "after")))

    assert result.verdict == "faster"
    assert (result.metrics[0].runs_before, result.metrics[0].runs_after) == (2, 1)


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    name = "<img src=x onerror=alert(1)>[bold]\x1b[31m"
    files = [tmp_path / "before.txt", tmp_path / "after.txt"]
    for file, weight in zip(files, (100, 400), strict=True):
        file.write_text(f"main;{name} {weight}\nmain;rest 500\n", encoding="utf-8")
    result = compare(files[0], files[1])

    assert result.metrics[0].name.startswith("<img src=x onerror=alert(1)>")
    assert result.verdict == "slower"


@pytest.mark.parametrize("content", ["main;a 0\n", '{"x": [1, 2, 3]}'])
def test_what_cannot_be_compared_is_refused_with_what_to_do(tmp_path: Path, content: str) -> None:
    other = tmp_path / "other.txt"
    other.write_text(content, encoding="utf-8")
    with pytest.raises((InputError, UnreadableError)) as caught:
        compare(sample("command", "before"), other)

    assert caught.value.hint


def test_profiles_of_two_units_compare_by_shares_and_say_so() -> None:
    result = compare(sample("command", "before"), sample("service", "before"))

    assert any("only shares compare" in text for text in result.warnings)


def test_the_interval_of_a_difference_is_newcombes() -> None:
    # 56 of 70 against 48 of 80: the example of his paper
    low, high = newcombe((48, 80), (56, 70))

    assert low == pytest.approx(0.0524, abs=1e-4)
    assert high == pytest.approx(0.3339, abs=1e-4)


def test_answers_are_the_same_each_time() -> None:
    def answer() -> dict[str, Any]:
        return compare(sample("node", "before"), sample("node", "after")).model_dump(mode="json")

    assert answer() == answer()
