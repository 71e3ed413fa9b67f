"""The flame-graph rules: when they speak, when they keep silent, and whom they name."""

from collections.abc import Sequence

import pytest

from slowcoach.core.finding import Finding, NotChecked
from slowcoach.core.knowledge import rule
from slowcoach.profiling import checks, readers
from slowcoach.profiling.frames import kind
from slowcoach.profiling.judged import judged
from slowcoach.profiling.model import Frame


def look(*lines: str) -> tuple[Sequence[Finding], Sequence[NotChecked]]:
    """Return what the checks say of collapsed stacks."""
    return checks.look(judged(readers.read("\n".join(lines).encode(), "x")))


def found(rule_id: str, *lines: str) -> list[Finding]:
    """Return the findings of one rule."""
    return [finding for finding in look(*lines)[0] if finding.rule == rule_id]


def spread(count: int, weight: int = 10) -> list[str]:
    """Return stacks of many functions that hold the same."""
    return [f"main;f{index} {weight}" for index in range(count)]


def test_every_check_is_named_after_a_rule_with_a_page() -> None:
    for check in checks.checks():
        assert rule(check.rule).text()


def test_a_plateau_above_forty_per_cent_is_critical() -> None:
    (finding,) = found("profile.plateau", "main;hot 600", *spread(40))

    assert (finding.severity, finding.cause) == ("critical", "cpu.hot_function")
    assert finding.where == ("hot",)
    assert "95 % interval" in str(finding.evidence[0])


def test_a_plateau_above_twenty_per_cent_is_a_warning() -> None:
    (finding,) = found("profile.plateau", "main;hot 300", *spread(70))

    assert finding.severity == "warning"


def test_a_share_whose_interval_does_not_clear_the_limit_is_only_information() -> None:
    (finding,) = found("profile.plateau", "main;hot 25", *spread(9, 10))

    assert (finding.severity, finding.cause) == ("info", None)
    assert "may hold" in finding.title


def test_too_few_samples_never_make_a_warning() -> None:
    findings, _ = look("main;hot 50", "main;other 10")

    assert {finding.severity for finding in findings} <= {"info"}


def test_a_plateau_below_the_limit_is_silent() -> None:
    assert found("profile.plateau", "main;warm 190", *spread(81)) == []


def test_a_library_leaf_is_charged_to_the_nearest_own_caller_and_both_are_named() -> None:
    (finding,) = found(
        "profile.plateau",
        "run (app.py:3);total (shop.py:9);add (numpy/core.py:70) 500",
        *(f"run (app.py:3);f{index} (shop.py:{index}) 10" for index in range(50)),
    )

    assert finding.where == ("total (shop.py:9)", "add (numpy/core.py:70)")


def test_own_code_is_found_by_the_library_calls_it_makes() -> None:
    (finding,) = found(
        "profile.plateau",
        *(
            f"run (app.py:3);load (shop.py:9);g{index} (numpy/core.py:{index}) 10"
            for index in range(60)
        ),
        *(f"run (app.py:3);f{index} (shop.py:{index}) 10" for index in range(40)),
    )

    assert finding.where == ("load (shop.py:9)",)
    assert "with the library it calls" in str(finding.evidence[0])


def test_lines_of_one_function_are_added_up_and_its_hottest_line_is_named() -> None:
    (finding,) = found(
        "profile.plateau",
        *(f"main (app.py:1);hot (app.py:{line}) {line}" for line in range(10, 50)),
        *(f"main (app.py:1);f{index} (app.py:9) 10" for index in range(60)),
    )

    assert finding.where == ("hot (app.py:49)",)


def test_leaves_of_one_kind_are_summed() -> None:
    lines = [
        "run (app.py:3);list (shop.py:5);dumps (json/__init__.py:238) 30",
        "run (app.py:3);list (shop.py:5);dumps (json/__init__.py:238);enc (json/encoder.py:2) 140",
        "run (app.py:3);list (shop.py:5);dumps (json/__init__.py:238);iter (json/encoder.py:9) 140",
        *(f"run (app.py:3);f{index} (shop.py:{index}) 10" for index in range(60)),
    ]
    (finding,) = found("profile.family", *lines)

    assert finding.title.startswith("JSON encoding and decoding takes 34%")
    assert finding.where[0] == "list (shop.py:5)"
    assert "orjson" in finding.fix[0]
    assert found("profile.plateau", *lines) == []  # the same said once


def test_an_own_callback_below_a_family_is_not_charged_to_it() -> None:
    lines = [
        "run (app.py:3);dumps (json/__init__.py:238);default (shop.py:7) 500",
        *(f"run (app.py:3);f{index} (shop.py:{index}) 10" for index in range(50)),
    ]

    assert found("profile.family", *lines) == []
    assert found("profile.plateau", *lines)[0].where == ("default (shop.py:7)",)


def test_three_functions_with_most_of_the_time_are_good_news() -> None:
    (finding,) = found("profile.focused", "m;a 300", "m;b 300", "m;c 300", *spread(10))

    assert finding.severity == "info"
    assert set(finding.where) == {"a", "b", "c"}


def test_an_even_distribution_points_to_the_structure() -> None:
    (finding,) = found("profile.spread", *spread(60))

    assert finding.cause == "cpu.spread"
    assert any("inverse Simpson" in item.metric for item in finding.evidence)


def test_an_even_distribution_of_few_samples_is_not_judged() -> None:
    _, not_checked = look(*spread(60, 2))

    assert "profile.spread" in {item.rule for item in not_checked}


def test_many_thin_towers_name_the_function_they_stand_on() -> None:
    (finding,) = found(
        "profile.thin_towers", *(f"main;loop;a{i};b{i} 20" for i in range(150)), "main;rest 500"
    )

    assert finding.where == ("loop",)


def test_towers_that_are_thin_for_lack_of_samples_are_not_judged() -> None:
    findings, not_checked = look(*(f"main;loop;a{index};b{index} 2" for index in range(150)))

    assert "profile.thin_towers" not in {finding.rule for finding in findings}
    assert "profile.thin_towers" in {item.rule for item in not_checked}


@pytest.mark.parametrize(("depth", "severity"), [(40, "info"), (400, "warning")])
def test_deep_recursion_is_told_by_its_depth(depth: int, severity: str) -> None:
    stack = ";".join(["walk"] * depth)
    (finding,) = found("profile.recursion", f"main;{stack} 100", *spread(30))

    assert finding.severity == severity
    assert finding.evidence[0].value == depth


def test_shallow_recursion_is_silent() -> None:
    assert found("profile.recursion", "main;walk;walk;walk 100", *spread(30)) == []


@pytest.mark.parametrize(
    "leaf",
    ["(garbage collector)", "gc_collect_main", "runtime.gcBgMarkWorker;runtime.scanobject", "<GC>"],
)
def test_collector_frames_mean_memory_pressure(leaf: str) -> None:
    (finding,) = found("profile.gc_pressure", f"main;{leaf} 250", *spread(75))

    assert finding.cause == "gc.pressure"
    assert finding.evidence[0].value == pytest.approx(0.25)


def test_waiting_frames_are_named_and_left_out_of_the_shares() -> None:
    lines = ["main;pool;(idle) 3000", "main;hot 300", *spread(30)]
    (waiting,) = found("profile.waiting", *lines)
    (plateau,) = found("profile.plateau", *lines)

    assert waiting.where == ("pool",)
    assert plateau.evidence[0].value == pytest.approx(0.5)


def test_a_profile_in_which_everything_waits_has_no_hot_code() -> None:
    findings, not_checked = look("main;(idle) 500")

    assert {finding.rule for finding in findings} == {"profile.waiting"}
    assert "profile.plateau" in {item.rule for item in not_checked}


@pytest.mark.parametrize(
    ("name", "file", "library"),
    [
        ("encode", "/usr/lib/python3.11/json/encoder.py", True),
        ("encode", "json/encoder.py", True),
        ("wsgi_app", "/srv/app/.venv/lib/python3.12/site-packages/flask/app.py", True),
        ("wsgi_app", "flask/app.py", True),
        ("encode", r"C:\Python312\Lib\json\encoder.py", True),
        ("_load", "<frozen importlib._bootstrap>", True),
        ("next", "/srv/app/node_modules/express/lib/router/index.js", True),
        ("emit", "node:events", True),
        ("<built-in method builtins.sum>", None, True),
        ("runtime.mallocgc", "", True),
        ("total", "/srv/app/shop/orders.py", False),
        ("total", "shop/orders.py", False),
        ("main.matchAll", "/srv/app/main.go", False),
        ("handler", "/home/me/service/src/index.js", False),
        ("<module>", "<string>", False),
    ],
)
def test_library_code_is_told_from_own_code(name: str, file: str | None, library: bool) -> None:
    assert kind(Frame(name, file)).library is library
