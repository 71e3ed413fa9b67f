"""Figures that follow from a plan, on plans small enough to count by hand."""

from pathlib import Path

import pytest

from slowcoach.queries.figures import Figures, figures, input_output
from slowcoach.queries.reading import read_plan

_DATA = Path(__file__).parent / "data" / "plans"
_RUN = sorted(f for f in (_DATA / "postgresql_text").iterdir() if "-plain-" not in f.name)


def _of(*lines: str) -> Figures:
    return figures(read_plan("\n".join(lines))[0])


def _sample(name: str) -> Figures:
    return figures(read_plan((_DATA / "postgresql_text" / name).read_text(encoding="utf-8"))[0])


@pytest.mark.parametrize("file", _RUN, ids=lambda file: file.stem)
def test_self_times_add_up_to_the_root(file: Path) -> None:
    found = _sample(file.name)
    assert found.root.total_ms
    rounding = sum(step.error_ms for step in found.steps) + 0.002 * len(found.steps)
    added = sum(step.self_ms or 0.0 for step in found.steps)
    assert added == pytest.approx(found.root.total_ms, rel=0.02, abs=rounding)


def test_times_are_multiplied_by_loops() -> None:
    found = _of(
        "Nested Loop  (cost=0.00..9.00 rows=10 width=4)"
        " (actual time=0.100..50.000 rows=10 loops=1)",
        "  ->  Seq Scan on a  (cost=0.00..1.00 rows=10 width=4)"
        " (actual time=0.1..5.0 rows=10 loops=1)",
        "  ->  Index Scan using i on b  (cost=0.00..1.00 rows=1 width=4)"
        " (actual time=1.000..4.000 rows=1 loops=10)",
        "Execution Time: 60.0 ms",
    )
    loop, outer, inner = found.steps
    assert inner.total_ms == 40
    assert inner.rows == 10
    assert (loop.self_ms, outer.self_ms) == (5, 5)
    assert found.total_ms == 60
    assert found.outside_ms == 10
    assert inner.share == pytest.approx(40 / 60)


def test_parallel_processes_run_at_the_same_time() -> None:
    found = _of(
        "Gather  (cost=0.00..9.00 rows=300 width=4) (actual time=0.1..30.0 rows=300 loops=1)",
        "  Workers Planned: 2",
        "  Workers Launched: 2",
        "  ->  Parallel Seq Scan on t  (cost=0.00..9.00 rows=125 width=4)"
        " (actual time=0.1..24.0 rows=100 loops=3)",
    )
    gather, scan = found.steps
    assert scan.total_ms == 24
    assert gather.self_ms == 6
    assert scan.rows == 300


def test_rows_per_worker_are_no_wrong_estimate() -> None:
    """The planner divides by 2.4 for two workers and a leader that helps."""
    found = _of(
        "Gather  (cost=0.00..9.00 rows=300000 width=4) (actual time=0.1..30.0 rows=300000 loops=1)",
        "  Workers Planned: 2",
        "  ->  Parallel Seq Scan on t  (cost=0.00..9.00 rows=125000 width=4)"
        " (actual time=0.1..24.0 rows=100000 loops=3)",
    )
    assert found.steps[1].rows_expected == pytest.approx(300_000)
    assert found.steps[1].factor == pytest.approx(1)


def test_a_cte_is_charged_to_the_scan_that_ran_it() -> None:
    found = _of(
        "Aggregate  (cost=9.00..9.00 rows=1 width=4) (actual time=90.0..100.0 rows=1 loops=1)",
        "  CTE big",
        "    ->  Seq Scan on t  (cost=0.00..9.00 rows=9 width=4)"
        " (actual time=0.1..80.0 rows=9 loops=1)",
        "  ->  CTE Scan on big  (cost=0.00..9.00 rows=9 width=4)"
        " (actual time=0.1..95.0 rows=9 loops=1)",
    )
    aggregate, scan, cte = found.steps
    assert (aggregate.self_ms, scan.self_ms, cte.self_ms) == (5, 80, 15)


@pytest.mark.parametrize("name", ["pg15-init-plan.txt", "pg18-init-plan.txt"])
def test_an_init_plan_is_charged_to_the_step_that_asks_for_it(name: str) -> None:
    found = _sample(name)
    scan, aggregate, inner = found.steps
    assert aggregate.total_ms
    assert scan.total_ms
    assert scan.self_ms == pytest.approx(scan.total_ms - aggregate.total_ms)
    assert inner.self_ms == inner.total_ms


def test_a_step_that_never_ran_has_no_time_and_no_factor() -> None:
    found = _sample("pg15-never-executed.txt")
    idle = [step for step in found.steps if not step.executed]
    assert idle
    assert all(step.self_ms == 0 and step.factor is None for step in idle)


def test_rows_rounded_to_nothing_are_unknown_before_postgresql_18() -> None:
    step = "  ->  Index Scan using i on b  (cost=0.00..1.00 rows=1 width=4)"
    loop = "Nested Loop  (cost=0.00..9.00 rows=10 width=4) (actual time=0.1..5.0 rows=3 loops=1)"
    old = _of(loop, f"{step} (actual time=0.001..0.001 rows=0 loops=1000)")
    new = _of(loop, f"{step} (actual time=0.001..0.001 rows=0.30 loops=1000)")
    assert old.steps[1].rows is None
    assert new.steps[1].rows == pytest.approx(300)


def test_times_rounded_per_loop_tell_their_error() -> None:
    found = _of(
        "Nested Loop  (cost=0.00..9.00 rows=10 width=4) (actual time=0.1..900.0 rows=3 loops=1)",
        "  ->  Index Scan using i on b  (cost=0.00..1.00 rows=1 width=4)"
        " (actual time=0.000..0.000 rows=1 loops=1000000)",
    )
    assert found.steps[1].error_ms == pytest.approx(500)


@pytest.mark.parametrize(
    ("above", "stops"),
    [
        ("Limit", True),
        ("Merge Join", True),
        ("Nested Loop Semi Join", False),  # its first side is read to the end
        ("Sort", False),
        ("HashAggregate", False),
        ("Hash Join", False),
    ],
)
def test_steps_that_may_be_stopped_are_known(above: str, stops: bool) -> None:
    figures_ = "(cost=0.00..9.00 rows=10 width=4) (actual time=0.1..5.0 rows=3 loops=1)"
    found = _of(f"{above}  {figures_}", f"  ->  Seq Scan on t  {figures_}")
    assert found.steps[1].stops_early is stops


def test_a_sort_below_a_limit_reads_all_of_its_input() -> None:
    found = _sample("pg15-top-n.txt")
    assert [step.stops_early for step in found.steps] == [False, True, False]


def test_a_plan_that_was_not_run_has_shares_of_cost() -> None:
    found = _sample("pg15-plain-seq-scan.txt")
    assert found.total_ms is None
    assert found.root.self_ms is None
    assert found.root.weight == 1


def test_waiting_for_blocks_is_summed_over_scopes() -> None:
    plan = read_plan(
        "Sort  (cost=0.00..9.00 rows=9 width=4) (actual time=0.1..5.0 rows=3 loops=1)\n"
        "  Buffers: shared hit=5 read=10, temp read=20 written=30\n"
        "  I/O Timings: shared read=2.000, temp read=3.000 write=4.000\n"
    )[0]
    found = input_output(plan.root)
    assert (found.read_ms, found.write_ms) == (5, 4)
    assert (found.read_speed, found.write_speed) == (6000, 7500)


def test_shared_leaves_of_a_deep_plan_are_counted_without_recursion() -> None:
    fragment = '{"Node Type": "Append", "Actual Total Time": 2, "Actual Loops": 1, "Plans": ['
    text = '[{"Plan": ' + fragment * 5000 + "]}" * 5000 + "}]"
    found = figures(read_plan(text)[0])
    assert sum(step.self_ms or 0.0 for step in found.steps) == 2
    assert len(list(found.above(found.steps[-1]))) == 4999


def test_below_a_limit_only_the_part_of_a_steps_cost_counts_that_is_to_be_run() -> None:
    found = _of(
        "Limit  (cost=0.42..77.60 rows=20 width=97)",
        "  ->  Index Scan using i on reviews  (cost=0.42..4492.31 rows=1164 width=97)",
    )
    assert [step.cost_share for step in found.steps] == [0, pytest.approx(1)]
