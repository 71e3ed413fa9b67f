"""The report of two compared profiles: what is drawn, and that hostile names stay text."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from slowcoach.api.compare import compare
from slowcoach.core.job import Job
from slowcoach.core.runs import plain
from slowcoach_server.report import render_report
from test_report import IMAGE, SCRIPT, browse, stored, without_code

DATA = Path(__file__).parent / "data" / "differences"


def page_of(before: Path, after: Path) -> str:
    job = Job()
    result = plain(compare(job, str(before), str(after)))
    artefacts = {name: (data, "application/json") for name, data in job.artefacts.items()}
    return render_report(stored(result, "compare"), artefacts)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("hostile")
    names = [text.replace(";", "").replace("\n", " ") for text in (IMAGE, SCRIPT)]
    for side, weight in (("before", 600), ("after", 60)):
        stacks = f"main;{names[0]} {weight}\nmain;{names[1]} 300\nmain;rest 100\n"
        (folder / side).write_text(stacks, encoding="utf-8")
    return page_of(folder / "before", folder / "after")


def data_of(page: str) -> dict[str, Any]:
    found = re.search(r'id="data-1">(.*?)</script>', page)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


def test_the_difference_is_drawn_with_both_sides_and_its_colours_explained() -> None:
    page = page_of(DATA / "service-before.folded", DATA / "service-after.folded")
    data = data_of(page)
    known = data["name"].index("known")

    assert data["before"][known] > 0.4
    assert data["after"][known] < 0.05
    assert data["parent"][0] == -1
    assert all(parent < node for node, parent in enumerate(data["parent"]))
    assert '<li class="more">costs more</li><li class="less">costs less</li>' in page
    assert "Self before" in page
    assert '<section class="verdict good"' in page


def test_hostile_names_stay_text_in_the_source(hostile: str) -> None:
    assert "<img" not in hostile
    assert hostile.count("<script>") == 2
    assert not re.search(r"""(src|href)\s*=\s*["']?(?!#)\w""", without_code(hostile))
    assert any("<img" in name for name in data_of(hostile)["name"])


@pytest.mark.parametrize("kept", [b"", b"[]", b"{}", b'{"name": 1, "value": "x"}', b"[" * 100_000])
def test_a_drawing_that_cannot_be_read_is_left_out(kept: bytes) -> None:
    artefacts = {"difference.json": (kept, "application/json")}
    page = render_report(stored({"summary": "All is well."}, "compare"), artefacts)

    assert "<script" not in page


@pytest.mark.slow
def test_the_drawing_works_in_a_browser_and_hostile_names_stay_text(hostile: str) -> None:
    seen, console = browse(hostile, width=1200)

    assert console == ""
    assert seen["drawn"] == "yes"
    assert (seen["images"], seen["scripts"]) == (0, 2)
    assert any("<img" in name for name in seen["frames"])
    assert any("60.0 % → 6.00 % of the whole before" in title for title in seen["titles"])
