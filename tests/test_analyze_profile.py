"""The tool `analyze_profile`, as a caller meets it."""

import json
import os
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from slowcoach.api.analyze_profile import TOOL
from slowcoach.core import process
from slowcoach.core.errors import InputError, UnreadableError
from slowcoach.core.job import Job
from slowcoach.profiling import readers
from slowcoach.profiling.answer import ProfileAnswer

DATA = Path(__file__).parent / "data" / "profiles"
SAMPLES = sorted(file for file in DATA.glob("*/*") if file.is_file())
LIMIT = 6_000


def analyze(job: Job | None = None, **arguments: object) -> ProfileAnswer:
    """Call the tool as the faces do."""
    result = TOOL.call(TOOL.validate(arguments), job or Job())
    assert isinstance(result, ProfileAnswer)
    return result


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.name)
def test_a_sample_gives_a_short_answer_that_stands_alone(file: Path) -> None:
    job = Job()
    answer = analyze(job, path=str(file))

    assert answer.format == file.parent.name
    assert len(answer.model_dump_json()) < LIMIT
    dumped = answer.model_dump(mode="json")
    assert type(answer).model_validate(dumped).model_dump(mode="json") == dumped
    assert answer.summary
    assert answer.next
    first = answer.profiles[0]
    assert [row.self for row in first.frames] == sorted(
        (row.self for row in first.frames), reverse=True
    )
    kept = readers.read(job.artefacts["profile.speedscope.json"], "kept")
    assert len(kept) == answer.n_profiles


def test_the_hot_code_of_the_sample_program_is_named_with_figures() -> None:
    answer = analyze(path=str(DATA / "speedscope" / "pyspy.speedscope.json"))

    assert "price" in answer.summary
    assert "95 % interval" in answer.summary
    by_rule = {finding.rule: finding for finding in answer.findings}
    assert by_rule["profile.plateau"].where[0].startswith("price (/srv/shop/shop.py:")
    assert by_rule["profile.family"].where[0].startswith("render (/srv/shop/shop.py:")


def test_top_asks_for_more_frames_and_cuts_none_of_their_names() -> None:
    path = str(DATA / "speedscope" / "pyspy.speedscope.json")
    brief, whole = analyze(path=path), analyze(path=path, top=1000)

    assert len(brief.profiles[0].frames) < brief.profiles[0].n_frames
    assert len(whole.profiles[0].frames) == whole.profiles[0].n_frames
    (table, *_) = brief.tables()
    assert "ask for more with top" in table.note


def test_library_frames_say_for_whom_they_work() -> None:
    answer = analyze(path=str(DATA / "speedscope" / "pyspy.speedscope.json"), top=50)
    rows = [row for profile in answer.profiles for row in profile.frames]

    (caller,) = {row.caller.split(":")[0] for row in rows if row.name == "dumps" and row.caller}
    assert caller == "render (/srv/shop/shop.py"


def test_pasted_text_is_read_like_a_file() -> None:
    text = (DATA / "collapsed" / "names.folded").read_text(encoding="utf-8")

    assert analyze(content=text).profiles[0].frames == (
        analyze(path=str(DATA / "collapsed" / "names.folded")).profiles[0].frames
    )


def test_a_hundred_thousand_lines_still_give_a_short_answer(tmp_path: Path) -> None:
    chance = random.Random(7)
    name = "very::long::template<std::allocator<char>>::name_"
    lines = (
        ";".join(f"{name}{chance.randrange(3000)}" for _ in range(chance.randrange(2, 7)))
        + f" {chance.randrange(1, 50)}\n"
        for _ in range(100_000)
    )
    file = tmp_path / "large.folded"
    file.write_text("".join(lines), encoding="utf-8")
    answer = analyze(path=str(file))

    assert len(answer.model_dump_json()) < LIMIT
    assert answer.profiles[0].n_frames == 3000


def test_forty_threads_still_give_a_short_answer() -> None:
    frames = [
        {"name": f"function_{index}" * 9, "file": "/srv/" * 30, "line": index}
        for index in range(400)
    ]
    threads = [
        {
            "type": "sampled", "name": f"Thread {index}", "unit": "seconds", "startValue": 0,
            "endValue": 1, "samples": [[n, n + 1] for n in range(300)], "weights": [0.01] * 300,
        }
        for index in range(40)
    ]  # fmt: skip
    answer = analyze(
        content=json.dumps(
            {"$schema": "https://www.speedscope.app/file-format-schema.json",
             "shared": {"frames": frames}, "profiles": threads}
        )
    )  # fmt: skip

    assert answer.n_profiles == 40
    assert len(answer.model_dump_json()) < LIMIT


@pytest.mark.parametrize(
    ("file", "basis"),
    [
        ("allocs.pb.gz", "28.3 MB of allocations"),
        ("heap.pb.gz", "25.7 MB of memory in use"),
        ("block.pb.gz", "6 s of waiting"),
        ("cpu.pb.gz", "1.3 s of time"),
    ],
)
def test_the_summary_says_what_the_weights_are_of(file: str, basis: str) -> None:
    answer = analyze(path=str(DATA / "pprof" / file))

    assert f"Basis: {basis} in" in answer.summary
    hot = any(finding.cause == "cpu.hot_function" for finding in answer.findings)
    assert hot == (file == "cpu.pb.gz")


def test_names_that_are_markup_stay_text() -> None:
    answer = analyze(content="main;<img src=x onerror=alert(1)> 90\nmain;[bold]b[/bold] 10\n")

    assert answer.profiles[0].frames[0].name == "<img src=x onerror=alert(1)>"
    assert "<img src=x onerror=alert(1)>" in answer.tables()[0].rows[0][2]


def test_a_thread_that_stands_still_is_called_a_possible_wait() -> None:
    answer = analyze(path=str(DATA / "speedscope" / "pyspy-idle.speedscope.json"))

    assert any("ticker" in text and "wait" in text for text in answer.warnings)


def test_few_samples_are_said_to_be_few() -> None:
    answer = analyze(content="main;a 7\nmain;b 3\n")

    assert any("Only 10 samples" in text for text in answer.warnings)


@pytest.mark.parametrize("arguments", [{}, {"path": "a", "content": "b"}])
def test_exactly_one_input_is_wanted(arguments: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="expected path or content"):
        analyze(**arguments)


def _touched(path: Path) -> Path:
    path.touch()
    return path


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: None, "No such file"),
        (lambda path: path.mkdir(), "a folder"),
        (lambda path: path.touch(), "an empty file"),
        (lambda path: path.write_bytes(bytes(range(256)) * 40), "got a file that begins"),
        (lambda path: os.truncate(_touched(path), 2**31), "got 2.15 GB"),
        (lambda path: path.write_bytes(b'{"$schema": "speedscope.app/file-format-schema'), "JSON"),
    ],
    ids=["missing", "folder", "empty", "binary", "2 GB", "cut"],
)
def test_bad_files_are_refused_with_what_to_do(
    tmp_path: Path, make: Callable[[Path], Any], said: str
) -> None:
    path = tmp_path / "it"
    make(path)
    with pytest.raises(UnreadableError) as caught:
        analyze(path=str(path))

    assert said in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("path", ["", "a\0b", "x" * 5000, "~nobody/there", "/dev/null"])
def test_odd_paths_are_refused(path: str) -> None:
    with pytest.raises(InputError):
        analyze(path=path)


def test_the_definition_loads_no_numpy() -> None:
    code = (
        "import slowcoach.api.analyze_profile, slowcoach.api.record_profile, sys;"
        "print('numpy' in sys.modules)"
    )
    done = process.run([sys.executable, "-c", code], deadline_s=60)
    assert done.text.strip() == "False"
