"""Plans as people paste them, with the trees that another project's tests expect of them."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import needs
import pytest

from slowcoach.queries.dialects import postgresql_text
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
