"""Plans as people paste them, with the trees that another project's tests expect of them."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import needs
from slowcoach.queries.dialects import postgresql_text
from slowcoach.queries.figures import figures, input_output
from slowcoach.queries.keys import snake
from slowcoach.queries.model import PlanNode

_FOLDER = needs.SHARED / "corpus" / "plans"
_EXPECTED = sorted((_FOLDER / "from-text").glob("*-expect"))


def _differences(expected: Mapping[str, Any], got: Mapping[str, Any], place: str) -> list[str]:
    """Return where `got` lacks something of `expected`, which is a part of the answer."""
    found: list[str] = []
    for key, value in expected.items():
        name = snake(key)
        here = f"{place}.{name}"
        if name not in got:
            found.append(f"{here} is missing")
        elif isinstance(value, dict):
            found += _differences(value, got[name], here)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            if not math.isclose(value, got[name], rel_tol=1e-12):
                found.append(f"{here}: expected {value}, got {got[name]}")
        elif value != got[name]:
            found.append(f"{here}: expected {value!r}, got {got[name]!r}")
    return found


def _compare(expected: dict[str, Any], node: PlanNode, place: str) -> list[str]:
    children = expected.pop("Plans", [])
    found = _differences(expected, node.fields, place)
    if children and len(children) != len(node.plans):
        found.append(f"{place}: expected {len(children)} children, got {len(node.plans)}")
    for index, (child, plan) in enumerate(zip(children, node.plans, strict=False)):
        found += _compare(child, plan, f"{place}.{index}")
    return found


@pytest.mark.parametrize("file", _EXPECTED, ids=lambda file: file.name.removesuffix("-expect"))
def test_a_pasted_plan_gives_the_expected_tree(file: Path) -> None:
    text = file.with_name(file.name.replace("-expect", "-plan")).read_text(encoding="utf-8")
    assert postgresql_text.DIALECT.matches(text)
    plan = postgresql_text.DIALECT.read(text)
    expected = json.loads(file.read_text(encoding="utf-8"))
    root = expected.pop("Plan")
    assert _differences(expected, plan.fields, "") + _compare(root, plan.root, "root") == []


def test_the_collection_is_whole() -> None:
    needs.shared("corpus/plans/from-text")
    assert len(_EXPECTED) == 47


@pytest.mark.parametrize(
    "file", sorted((_FOLDER / "cte-exclusive-time").glob("*.plan")), ids=lambda file: file.stem
)
def test_self_times_add_up_to_the_time_of_the_root(file: Path) -> None:
    found = figures(postgresql_text.DIALECT.read(file.read_text(encoding="utf-8")))
    total = sum(step.self_ms or 0.0 for step in found.steps)
    assert found.root.total_ms
    assert total == pytest.approx(found.root.total_ms, rel=0.01)


@pytest.mark.parametrize(
    "file", sorted((_FOLDER / "21-io-timings").glob("*.plan")), ids=lambda file: file.stem
)
def test_io_timings_are_summed_over_all_scopes(file: Path) -> None:
    root = postgresql_text.DIALECT.read(file.read_text(encoding="utf-8")).root
    expected = json.loads(file.with_suffix(".expect").read_text(encoding="utf-8"))
    plain = {key: value for key, value in expected.items() if not key.startswith("*")}
    assert _differences(plain, root.fields, "root") == []
    found, below = input_output(root), [input_output(child) for child in root.plans]
    derived = {
        "*I/O Read Time (all scopes)": found.read_ms,
        "*I/O Write Time (all scopes)": found.write_ms,
        "*I/O Read Time speed (all scopes)": found.read_speed,
        "*I/O Write Time speed (all scopes)": found.write_speed,
        "*I/O Read Time (exclusive, all scopes)": found.read_ms - sum(b.read_ms for b in below),
        "*I/O Write Time (exclusive, all scopes)": found.write_ms - sum(b.write_ms for b in below),
    }
    for key in expected.keys() - plain.keys():
        assert derived[key] == pytest.approx(expected[key], abs=1e-3), key
