"""The report's charts: load tests of every kind, and capacity plans."""

import re
from pathlib import Path
from typing import Any

import pytest

from slowcoach.core.job import Job
from slowcoach.load.outcome_file import encoded
from slowcoach.load.reading import read
from slowcoach_server.report.capacity import growth
from slowcoach_server.report.charts import Axis, Level, Line, Panel, panel
from slowcoach_server.report.load import LoadChart, load_charts

RESULTS = Path(__file__).parent / "data" / "load" / "results"
TIMED = ["Latency", "Throughput", "Errors"]


def charts(*path: str, cpu: bytes | None = None) -> tuple[LoadChart, ...]:
    outcome, _ = read(str(RESULTS.joinpath(*path)), None, lambda *_: None, Job().cancellation)
    kept = {"outcome-results.json": (encoded(outcome), "application/json")}
    if cpu is not None:
        kept["target-results.json"] = (cpu, "application/json")
    return load_charts(kept)


@pytest.mark.parametrize(
    ("path", "titles", "columns"),
    [
        ("k6_ndjson/open.ndjson.gz", TIMED, ("req/s", "p50", "p95", "p99", "Errors")),
        ("locust_csv/run_stats_history.csv", ["Throughput", "Errors"], ("req/s", "Errors")),
        ("wrk/latency.txt", ["Latency by share of requests"], ("Within",)),
        ("ab_percentiles/percentiles.csv", ["Latency by share of requests"], ("Within",)),
    ],
)
def test_a_chart_shows_what_its_source_tells(
    path: str, titles: list[str], columns: tuple[str, ...]
) -> None:
    (chart,) = charts(path)

    assert [each.title for each in chart.panels] == titles
    assert chart.columns == columns
    assert 1 < len(chart.rows) <= 15
    assert all(each.words.startswith(each.title) for each in chart.panels)


def test_a_stall_stands_out_and_a_second_that_hardly_began_is_left_out() -> None:
    (chart,) = charts("k6_ndjson", "stalled.ndjson.gz")

    latency = chart.panels[0].words
    assert re.search(r"p99 from .* at most (9\d\d ms|1\.\d+ s|1 s)", latency)
    assert "answered from 70/s to 69/s" in chart.panels[1].words


def test_the_targets_cpu_is_drawn_when_it_was_watched() -> None:
    cpu = b'{"moments": [{"at_s": 1.0, "cpu": 0.25}, {"at_s": 2.0, "cpu": 0.75}]}'

    (chart,) = charts("k6_ndjson", "open.ndjson.gz", cpu=cpu)

    assert chart.panels[-1].title == "CPU of the target, cores"
    assert chart.panels[-1].words.endswith("cores from 0.25 to 0.75, at most 0.75")
    assert chart.columns[-1] == "CPU"


@pytest.mark.parametrize("data", [b"", b"[]", b'{"moments": 3}', b'{"moments": [{"at_s": "x"}]}'])
def test_what_cannot_be_read_is_left_out(data: bytes) -> None:
    assert load_charts({"outcome-x.json": (data, "application/json")}) == ()
    assert charts("k6_ndjson", "open.ndjson.gz", cpu=data)[0].panels[-1].title == "Errors"


def shapes(drawn: Panel) -> str:
    return " ".join(path for plot in drawn.plots for _, path in (*plot.lines, *plot.areas))


@pytest.mark.parametrize(
    "values", [[0.0, 0.0, 0.0], [1e-9, 1e12, 3.0], [5.0, None, 7.0], [None, 2.0, None]]
)
@pytest.mark.parametrize("decades", [False, True])
def test_every_point_lies_in_the_picture(values: list[float | None], decades: bool) -> None:
    axis = Axis("T", "words", lambda v: f"{v:g}", lambda v: f"{v:g}", decades=decades)
    points = tuple((float(at), value) for at, value in enumerate(values))

    drawn = panel(axis, [Line("main", "it", points)], levels=[Level(4.0, "limit")])

    for plot in drawn.plots:
        for _, path in plot.lines:
            places = [float(number) for number in re.findall(r"-?[\d.]+", path)]
            assert all(plot.left <= x <= plot.right for x in places[::2])
            assert all(0 <= y <= plot.base for y in places[1::2])
        assert plot.xs
        assert plot.ys
    assert "nan" not in shapes(drawn)


def test_labels_of_near_limits_do_not_lie_on_lines() -> None:
    axis = Axis("T", "words", str, str)
    line = Line("main", "it", ((0.0, 0.0), (1.0, 800.0)))
    levels = [Level(value, str(value)) for value in (260, 310, 330, 700)]

    (wide, _) = panel(axis, [line], levels=levels).plots

    told = [limit.label for limit in wide.levels]
    assert told == ["260", "", "330", "700"]
    below, _, above, _ = wide.levels
    assert below.text_at > below.at
    assert above.text_at < above.at


GIVEN: dict[str, Any] = {
    "current": {"peak_rps": 100},
    "growth": {"request_growth_monthly_pct": 10},
    "months": 12,
}


def plan(**arguments: Any) -> Any:
    heads = [
        {"resource": "db_connections", "used_share": 0.5, "limit_share": 0.8, "ok": True,
         "traffic_factor_left": 1.6, "month": 5},
        {"resource": "memory", "used_share": 0.95, "limit_share": 0.8, "ok": False, "month": 0},
    ]  # fmt: skip
    return growth("plan_capacity", {**GIVEN, **arguments}, {"projections": {}, "headroom": heads})


def test_growth_has_a_band_and_its_limits() -> None:
    shown = plan()

    assert shown.rows[0] == ("today", "100", "100", "100")
    assert shown.rows[-1] == ("month 12", "314", "252", "390")
    assert shown.panel.words.endswith("limit: database connections: 160")
    assert [room.reached for room in shown.rooms] == ["month 5", "already"]


def test_a_season_lifts_the_whole_band() -> None:
    season = {"request_growth_monthly_pct": 10, "seasonal_peak_multiplier": 2}

    shown = plan(growth=season)

    assert shown.rows[0][1] == "200"
    assert "limit: database connections: 320" in shown.panel.words


def test_without_growth_only_the_room_is_shown() -> None:
    assert plan(growth=None).panel is None
    assert len(plan(growth=None).rooms) == 2
    assert plan(growth={"request_growth_monthly_pct": "much"}) is None
    assert growth("compare", GIVEN, {"projections": {}}) is None


def test_a_shrinking_service_is_drawn_down_to_nothing() -> None:
    shown = plan(growth={"request_growth_monthly_pct": -99})

    assert shown.rows[-1][1:3] == (shown.rows[-1][1], shown.rows[-1][2])
    assert "nan" not in shapes(shown.panel)
