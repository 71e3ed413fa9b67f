"""What a profile's answer says beyond its frames: categories, possible savings, one function."""

from pathlib import Path

import pytest

from slowcoach.api.analyze_profile import TOOL
from slowcoach.core.errors import InputError
from slowcoach.core.job import Job
from slowcoach.profiling import readers
from slowcoach.profiling.answer import ProfileAnswer
from slowcoach.profiling.categories import CATEGORIES, categories
from slowcoach.profiling.export import to_speedscope
from slowcoach.profiling.judged import judged
from slowcoach.profiling.reading import FunctionReading
from slowcoach.profiling.values import one_view

DATA = Path(__file__).parent / "data" / "profiles"
FORMATS = {reader.format for reader in readers.readers()}
SAMPLES = sorted(f for f in DATA.glob("*/*") if f.is_file() and f.parent.name in FORMATS)
SHOP = DATA / "speedscope" / "pyspy.speedscope.json"


def analyze(**arguments: object) -> ProfileAnswer:
    result = TOOL.call(TOOL.validate(arguments), Job())
    assert isinstance(result, ProfileAnswer)
    return result


def asked(**arguments: object) -> FunctionReading:
    function = analyze(**arguments).function
    assert function is not None
    return function


def shares(stacks: str) -> dict[str, float]:
    recording = judged(readers.read(stacks.encode(), "it"))
    return {category: value for category, (value, _, _) in categories(recording).items()}


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.name)
def test_categories_add_up_to_the_whole(file: Path) -> None:
    recording = judged(one_view(readers.read(file.read_bytes(), file.name)))
    found = categories(recording)

    assert set(found) <= set(CATEGORIES)
    assert sum(value for value, _, _ in found.values()) == pytest.approx(1, abs=1e-3)
    assert all(low <= value <= high for value, low, high in found.values())


@pytest.mark.parametrize(
    ("stack", "category"),
    [
        ("main (/srv/app.py:1)", "user"),
        ("main (/srv/app.py:1);dumps (/usr/lib/python3.11/json/__init__.py:231)", "library"),
        ("main (/srv/app.py:1);do_syscall_64_[k]", "runtime"),
        ("main;runtime.gcBgMarkWorker;runtime.scanobject", "gc"),
        ("main (/srv/app.py:1);wait (/usr/lib/python3.11/threading.py:327)", "lock"),
        ("main (/srv/app.py:1);readinto (/usr/lib/python3.11/socket.py:706)", "io_wait"),
        ("main (/srv/app.py:1);time.sleep", "idle"),
        (
            "run (/usr/lib/python3.11/threading.py:982);"
            "_worker (/usr/lib/python3.11/concurrent/futures/thread.py:81)",
            "idle",
        ),
        (
            "handler_thread (/usr/lib/python3.11/site-packages/waitress/task.py:83);"
            "wait (/usr/lib/python3.11/threading.py:327)",
            "idle",
        ),
        (
            "_run_once (/usr/lib/python3.11/asyncio/base_events.py:1900);"
            "select (/usr/lib/python3.11/selectors.py:468)",
            "idle",
        ),
        ("serve;net/http.(*conn).serve;runtime.semacquire1", "lock"),
        ("Main.run;java.lang.Thread.sleep", "idle"),
        ("(idle)", "idle"),
    ],
)
def test_a_leaf_is_of_the_category_that_its_stack_tells(stack: str, category: str) -> None:
    assert shares(f"{stack} 100\n") == {category: 1}


def test_idle_threads_do_not_drown_the_work_of_a_wall_profile() -> None:
    idle = "_worker (/usr/lib/python3.11/concurrent/futures/thread.py:81)"
    found = shares(f"{idle} 900\nmain (/srv/app.py:1);hot (/srv/app.py:5) 100\n")

    assert found == {"user": 0.1, "idle": 0.9}
    answer = analyze(content=f"{idle} 900\nmain (/srv/app.py:1);hot (/srv/app.py:5) 100\n")
    assert answer.at_most[0].function == "hot (/srv/app.py:5)"
    assert answer.at_most[0].at_most[0] == 1  # of what works


def test_the_jvms_own_idle_threads_are_idle_and_no_garbage_collection() -> None:
    file = DATA / "jfr" / "async-wall.jfr"
    recording = judged(one_view(readers.read(file.read_bytes(), file.name)))
    found = {category: value for category, (value, _, _) in categories(recording).items()}

    assert found["idle"] > 0.6  # compiler, collector and service threads, and what sleeps
    assert 0.05 < found["lock"] < 0.25  # reserve waits for its monitor
    assert "gc" not in found
    assert recording.collector == 0


def test_what_could_be_saved_is_a_functions_own_time_with_its_library() -> None:
    answer = analyze(path=str(SHOP))
    first, second, *_ = answer.at_most

    assert first.function.startswith("render (/srv/shop/shop.py:")
    assert second.function.startswith("price (/srv/shop/shop.py:")
    assert first.at_most[1] < first.at_most[0] < first.at_most[2]
    assert "if it cost nothing, at most: render" in answer.body()
    assert answer.body().startswith("By category: library")


def test_a_function_is_shown_with_its_callers_callees_and_lines() -> None:
    price = asked(path=str(SHOP), function="price")
    render = asked(path=str(SHOP), function="render")

    assert price.callers[0].function.startswith("totals.")
    assert price.callers[0].share == 1
    assert price.callees == ()
    assert price.lines[0].line == 11
    assert sum(line.self for line in price.lines) == pytest.approx(price.self[0], abs=1e-3)
    assert render.callees[0].function.startswith("dumps (json/__init__.py:")
    tables = analyze(path=str(SHOP), function="price").tables()
    assert tables[0].title.startswith("price (")
    assert tables[1].title == "Its lines"


def test_all_lines_of_a_v8_function_are_shown() -> None:
    file = DATA.parent / "patterns" / "node" / "membership.cpuprofile.gz"
    found = asked(path=str(file), function="membership")

    assert found.lines[0].line == 47
    assert len(found.lines) > 1
    assert sum(line.self for line in found.lines) == pytest.approx(found.self[0], rel=0.1)


def test_lines_of_a_pprof_function_have_what_they_call() -> None:
    found = asked(path=str(DATA / "pprof" / "cpu.pb.gz"), function="main.main")

    assert found.lines
    assert any(line.total > line.self for line in found.lines)
    assert all(line.total <= found.total[0] + 1e-3 for line in found.lines)


def test_recursion_is_counted_once_among_callers_and_callees() -> None:
    stacks = "main;f;g;f;g 50\nmain;f;f;g 30\nmain;h;g 20\n"
    f = asked(content=stacks, function="f")

    assert f.total[0] == 0.8
    assert [(place.function, place.share) for place in f.callers] == [("main", 1)]
    assert [(place.function, place.share) for place in f.callees] == [("g", 1)]


def test_a_part_of_name_and_place_finds_the_costliest_and_names_the_others() -> None:
    stacks = "main;load (/srv/a.py:3) 70\nmain;load (/srv/b.py:9) 30\n"

    assert asked(content=stacks, function="load").function == "load (/srv/a.py:3)"
    assert asked(content=stacks, function="load").others == ("load (/srv/b.py:9)",)
    assert asked(content=stacks, function="b.py:9").function == "load (/srv/b.py:9)"


@pytest.mark.parametrize("wanted", ["prise", "", "\x1b[31m<b>"])
def test_a_function_that_is_not_there_is_refused_with_the_nearest_names(wanted: str) -> None:
    with pytest.raises(InputError) as caught:
        analyze(path=str(SHOP), function=wanted)

    assert "nearest names" in str(caught.value.hint)


def test_names_that_are_markup_stay_text() -> None:
    name = "<img src=x onerror=alert(1)>"
    found = asked(content=f"main;{name};[bold]b[/bold] 90\n", function=name)

    assert found.function == name
    assert found.callees[0].function == "[bold]b[/bold]"


def test_views_that_must_not_be_added_up_stay_apart_when_they_are_kept() -> None:
    file = DATA / "pprof" / "heap.pb.gz"
    profiles = readers.read(file.read_bytes(), file.name)
    kept = readers.read(to_speedscope(profiles), "kept")

    assert len({profile.value for profile in profiles}) > 1
    assert [profile.value for profile in kept] == [profile.value for profile in profiles]
    assert len(one_view(kept)) == len(one_view(profiles))
