"""The review checklist: what repositories show, what is asked, and how it adds up."""

import os
from pathlib import Path

import pytest

from slowcoach.api.score_performance import PerformanceScore, ScoredItem, score_performance
from slowcoach.core.errors import InputError, UnreadableError
from slowcoach.scoring import checklist, repository
from slowcoach.scoring.evidence import all_evidence

WHOLE = 5
PARTLY = 3
# item -> files that show it (all of it, or a part), as they stand in real repositories
SHOWN: dict[str, dict[str, str]] = {
    "budgets_defined": {"docs/performance-budget.md": "# Budgets\n\np95 of checkout: 300 ms\n"},
    "rum": {"web/package.json": '{"dependencies": {"web-vitals": "^5.0.0"}}'},
    "p95_alerting": {
        "monitoring/rules.yml": "groups:\n- name: api\n  rules:\n  - alert: Slow\n    expr: "
        "histogram_quantile(0.95, sum(rate(http_seconds_bucket[5m])) by (le)) > 0.3\n"
    },
    "dashboards": {"grafana/api.json": '{"schemaVersion": 39, "panels": [{"type": "graph"}]}'},
    "regular_load_tests": {
        "load/checkout.js": "import http from 'k6/http'\n",
        ".github/workflows/load.yml": "on:\n  schedule:\n    - cron: '0 3 * * 1'\n"
        "jobs:\n  load:\n    steps:\n      - run: k6 run load/checkout.js\n",
    },
    "ci_gates": {".gitlab-ci.yml": "perf:\n  script:\n    - lhci autorun\n"},
    "bundle_limits": {".size-limit.json": '[{"path": "dist/app.js", "limit": "170 kB"}]'},
    "query_count_tests": {
        "shop/tests/test_orders.py": "def test_list(self):\n    with self.assertNumQueries(3):\n"
    },
    "perf_code_review": {
        ".github/pull_request_template.md": "- [ ] Tests\n- [ ] Performance was considered\n"
    },
    "caching_strategy": {"docs/caching.md": "# Caching\n\nProducts: TTL 5 minutes.\n"},
    "index_reviews": {
        ".github/workflows/indexes.yml": "on:\n  schedule:\n    - cron: '0 6 1 */3 *'\n"
        'jobs:\n  x:\n    steps:\n      - run: psql -c "select * from pg_stat_user_indexes"\n'
    },
    "async_io": {"shop/views.py": "async def page():\n    await asyncio.gather(a(), b())\n"},
    "slow_query_log": {"db/postgresql.conf": "port = 5432\nlog_min_duration_statement = 250\n"},
    "leak_monitoring": {
        "monitoring/memory.yaml": "- alert: Memory\n  expr: process_resident_memory_bytes > 1e9\n"
    },
    "incident_runbook": {"docs/runbooks/api.md": "# When the API is slow\n\nLook at p95.\n"},
    "monthly_review": {
        ".github/workflows/review.yml": "on:\n  schedule:\n    - cron: '0 8 1 * *'\n"
        "jobs:\n  x:\n    steps:\n      - run: gh issue create --title 'Performance review'\n"
    },
}  # fmt: skip
SHOWN_IN_PART: dict[str, dict[str, str]] = {
    "budgets_defined": {"lighthouserc.json": '{"assert": {"x": {"maxNumericValue": 2500}}}'},
    "regular_load_tests": {"locustfile.py": "from locust import HttpUser, task\n"},
    "capacity_model": {"docs/capacity-model.md": "# Capacity\n"},
    "no_n_plus_one": {"requirements.txt": "nplusone==1.0\n"},
    "pools_sized": {"shop/db.py": "engine = create_engine(URL, pool_size=20)\n"},
    "autoscaling": {"k8s/hpa.yaml": "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\n"},
}
NOTHING: dict[str, str] = {
    "db/postgresql.conf": "#log_min_duration_statement = 250\nlog_min_duration_statement = -1\n",
    "my.cnf": "slow_query_log = 0\n",
    "README.md": "We might use k6, locust, Grafana dashboards and autoscaling one day.\n",
    "chart/values.yaml": "autoscaling:\n  enabled: false\n  maxReplicas: 5\n",
    "node_modules/x/package.json": '{"dependencies": {"web-vitals": "1"}}',
    "tests/test_db.py": "create_engine(URL, pool_size=20)\nasyncio.gather(a, b)\n",
    "webpack.config.js": "module.exports = { performance: { maxAssetSize: 1e6 } }\n",
    "rules.yml": "- record: job:p95\n  expr: histogram_quantile(0.95, x)\n",
    "docs/cache.md": "# Cache\n\nWe have one.\n",
}


def lay(root: Path, files: dict[str, str]) -> str:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return str(root)


def item_of(result: PerformanceScore, name: str) -> ScoredItem:
    return next(item for item in result.items if item.id == name)


def test_every_item_has_its_evidence_and_every_evidence_an_item() -> None:
    assert {item.id for item in checklist.items()} == set(all_evidence())
    assert set(SHOWN) | set(SHOWN_IN_PART) == set(all_evidence())


def test_the_checklist_is_twenty_items_of_one_hundred_points() -> None:
    items = checklist.items()
    assert len(items) == 20
    assert sum(item.points for item in items) == 100
    assert {item.category for item in items} == set(checklist.categories())


@pytest.mark.parametrize("name", SHOWN)
def test_an_item_is_shown_by_a_file_and_names_the_place(tmp_path: Path, name: str) -> None:
    item = item_of(score_performance(lay(tmp_path, SHOWN[name])), name)
    assert (item.status, item.awarded) == ("shown", WHOLE)
    paths = {place.split(":")[0].split(" ")[0] for place in item.evidence}
    assert paths <= set(SHOWN[name])
    assert paths


@pytest.mark.parametrize("name", SHOWN_IN_PART)
def test_an_item_shown_in_part_asks_for_the_rest(tmp_path: Path, name: str) -> None:
    item = item_of(score_performance(lay(tmp_path, SHOWN_IN_PART[name])), name)
    assert (item.status, item.awarded) == ("partly", PARTLY)
    assert item.how.startswith("not seen: ")
    assert item.evidence


def test_evidence_names_file_and_line(tmp_path: Path) -> None:
    result = score_performance(lay(tmp_path, SHOWN["slow_query_log"]))
    assert item_of(result, "slow_query_log").evidence == (
        "db/postgresql.conf:2 log_min_duration_statement = 250",
    )


def test_what_is_switched_off_commented_out_or_only_mentioned_counts_nothing(
    tmp_path: Path,
) -> None:
    result = score_performance(lay(tmp_path, NOTHING))
    assert {item.id: item.evidence for item in result.items if item.evidence} == {}
    assert (result.score, result.possible) == (0, 100)
    assert all(item.status == "asked" and item.how.endswith(("?", ")")) for item in result.items)


def test_an_empty_folder_scores_nothing_and_says_so(tmp_path: Path) -> None:
    result = score_performance(str(tmp_path))
    assert result.score == 0
    assert "right folder" in result.warnings[0]


def test_everything_shown_is_one_hundred(tmp_path: Path) -> None:
    files = {name: text for group in SHOWN.values() for name, text in group.items()}
    answers: dict[str, bool | str] = {
        "capacity_model": "docs/capacity.xlsx, updated in May",
        "no_n_plus_one": True,
        "pools_sized": "by Little's law from the peak",
        "autoscaling": "load test of last week",
    }
    result = score_performance(lay(tmp_path, files), answers)
    assert (result.score, result.possible) == (100, 100)
    assert result.next_steps == ()


def test_answers_decide_over_what_was_seen(tmp_path: Path) -> None:
    repo = lay(tmp_path, SHOWN["slow_query_log"])
    result = score_performance(
        repo, {"slow_query_log": False, "rum": "n/a", "dashboards": "no", "monthly_review": True}
    )
    statuses = {item.id: (item.status, item.awarded) for item in result.items}
    assert statuses["slow_query_log"] == ("answered", 0)
    assert statuses["rum"] == ("does_not_apply", 0)
    assert statuses["dashboards"] == ("answered", 0)
    assert statuses["monthly_review"] == ("answered", WHOLE)
    assert result.score == round(100 * 5 / 95)
    assert any("slow_query_log" in warning for warning in result.warnings)
    assert "95 points that apply" in result.summary


def test_next_steps_name_what_brings_most_first(tmp_path: Path) -> None:
    result = score_performance(lay(tmp_path, SHOWN_IN_PART["autoscaling"]))
    gains = [int(step.split()[0]) for step in result.next_steps]
    assert gains == sorted(gains, reverse=True)
    assert result.next_steps[0].startswith("+5 budgets_defined")
    assert "check_budget" in result.next_steps[0]


def test_tools_named_in_next_steps_are_of_the_contract() -> None:
    known = {
        "check_budget", "set_up_monitoring", "design_load_test", "compare", "analyze_bundle",
        "analyze_queries", "read_guide", "plan_capacity", "advise_indexes", "investigate",
        "record_profile", "run_load_test", "check_memory", "list_runs",
    }  # fmt: skip
    assert {evidence.tool for evidence in all_evidence().values()} <= known


def test_categories_add_up_to_the_whole(tmp_path: Path) -> None:
    result = score_performance(lay(tmp_path, SHOWN["p95_alerting"]))
    assert sum(part.awarded for part in result.categories.values()) == result.score
    assert sum(part.points for part in result.categories.values()) == 100
    assert result.categories["measurement"].awarded == WHOLE


def test_the_answer_is_small_and_survives_a_round_trip(tmp_path: Path) -> None:
    files = {name: text for group in SHOWN.values() for name, text in group.items()}
    files |= {name: text for group in SHOWN_IN_PART.values() for name, text in group.items()}
    result = score_performance(lay(tmp_path, files))
    kept = result.model_dump(mode="json")
    assert len(result.model_dump_json()) < 6_000
    assert PerformanceScore.model_validate(kept) == result
    assert [table.title for table in result.tables()] == ["Categories", "Checklist"]


def test_links_out_of_the_repository_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    lay(outside, SHOWN["slow_query_log"])
    repo = tmp_path / "repo"
    repo.mkdir()
    try:
        (repo / "db").symlink_to(outside / "db")
        (repo / "my.conf").symlink_to(outside / "db" / "postgresql.conf")
    except OSError:
        pytest.skip("links are not permitted here")
    assert item_of(score_performance(str(repo)), "slow_query_log").awarded == 0


def test_large_and_binary_files_are_left_out_with_a_word(tmp_path: Path) -> None:
    lay(tmp_path, {"big.sql": "x" * 600_000 + "\nslow_query_log = 1\n"})
    (tmp_path / "data.sql").write_bytes(b"\0slow_query_log = 1\n")
    result = score_performance(str(tmp_path))
    assert item_of(result, "slow_query_log").awarded == 0
    assert any("1 files or folders were not read" in warning for warning in result.warnings)


def test_more_files_than_the_limit_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repository, "MOST_FILES", 3)
    lay(tmp_path, {f"{i}.conf": "x\n" for i in range(8)} | {"deep/my.cnf": "slow_query_log = 1\n"})
    result = score_performance(str(tmp_path))
    assert any("5 files or folders were not read" in warning for warning in result.warnings)


@pytest.mark.parametrize(
    "hostile", ["\n" * 200_000, "a" * 400_000, "alert: " * 60_000, " " * 400_000, "1" * 400_000]
)
@pytest.mark.parametrize(
    "name", ["values.yaml", "docs/runbooks/x.md", "x.py", ".github/workflows/x.yml"]
)
def test_no_text_makes_the_search_slow(tmp_path: Path, name: str, hostile: str) -> None:
    """A quadratic expression would take minutes here; the suite's time limit would end it."""
    prefix = "autoscaling:\nslow_query_log\nschedule: cron\nkind:\nexpr:\n# cach\n"
    score_performance(lay(tmp_path, {name: prefix + hostile}))


@pytest.mark.parametrize("path", ["/no/such/folder", "\0", "x" * 5_000])
def test_what_is_no_folder_is_refused(path: str) -> None:
    with pytest.raises(InputError):
        score_performance(path)


def test_a_file_is_no_repository(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("x")
    with pytest.raises(UnreadableError, match="expected a folder, got a file"):
        score_performance(str(file))


def test_an_unknown_answer_is_refused_with_the_nearest_item(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        score_performance(str(tmp_path), {"autoscalling": True})
    assert "Did you mean autoscaling?" in refused.value.hint


def test_folders_that_may_not_be_read_are_counted(tmp_path: Path) -> None:
    if os.name != "posix" or os.geteuid() == 0:
        pytest.skip("needs a user whom the system can forbid something")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o000)
    try:
        assert any("not read" in w for w in score_performance(str(tmp_path)).warnings)
    finally:
        closed.chmod(0o700)
