"""What all tests share: a run store of their own, and anyio on asyncio."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from slowcoach.core.runs import Runs

# the servers of the tests are private ones, where the only user is their superuser
os.environ["SLOWCOACH_ALLOW_SUPERUSER"] = "1"


_FOR_TESTS = frozenset(
    {"SLOWCOACH_ALLOW_SUPERUSER", "SLOWCOACH_EACH_ENDING", "SLOWCOACH_FUZZ_SECONDS"}
)
# slow tests that start servers and programs but measure nothing: they run beside others
BESIDE = frozenset(
    f"test_{name}"
    for name in (
        "advise_indexes",
        "agent",
        "analyze_queries",
        "apps",
        "ask",
        "attacks",
        "attacks_on_engines",
        "conformance",
        "consent",
        "design_load_test",
        "doctor",
        "embedded",
        "endings",
        "engines",
        "explain_query",
        "foreign_clients",
        "fuzz_load",
        "fuzz_profiles",
        "hostile_plans",
        "hostile_profiles",
        "http",
        "http_login",
        "inspector",
        "install",
        "interpreter_versions",
        "kubernetes_load",
        "load_safety",
        "load_scripts",
        "packaging",
        "phrasings",
        "playbooks",
        "pools",
        "production",
        "query_deadlines",
        "query_faults",
        "record_python",
        "recorder_java",
        "recorder_native",
        "report",
        "report_difference",
        "rewrites",
        "runs",
        "secrets_in_queries",
        "stdio",
        "toolsets",
    )
)
# slow tests whose figures another test on the machine would change
ALONE = frozenset({"test_builtin_engine", "test_demo", "test_load_zoo"})
# those that open the inspector of Node.js, whose usual port is one for the whole machine
INSPECTING = frozenset(
    f"test_{name}"
    for name in (
        "difference",
        "eyes_node",
        "eyes_node_processes",
        "investigate_harm",
        "many_services",
        "record_node",
        "record_profile",
    )
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs no quiet machine, and what does, before marks choose the tests; with
    `--dist loadgroup` a module stays together, and what needs the same port runs one by one.
    """
    for item in items:
        stem = item.path.stem
        item.add_marker(pytest.mark.xdist_group("inspector" if stem in INSPECTING else stem))
        if item.get_closest_marker("slow"):
            for mark, modules in (("beside", BESIDE), ("alone", ALONE)):
                if item.path.stem in modules:
                    item.add_marker(mark)


@pytest.fixture
def anyio_backend() -> str:
    """Run async tests on asyncio alone: the server does."""
    return "asyncio"


@pytest.fixture(autouse=True)
def own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the runs of a test away from the user's: return the folder they go to."""
    home = tmp_path / "xdg"
    monkeypatch.setenv("XDG_DATA_HOME", str(home))
    for name in os.environ:
        if name.startswith("SLOWCOACH_") and name not in _FOR_TESTS:
            monkeypatch.delenv(name)
    return home


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """Return a folder with a short path: longer ones are cut in answers that are full."""
    with tempfile.TemporaryDirectory(prefix="t") as folder:
        yield Path(folder)


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Runs]:
    """Return runs with all permissions and a store of their own."""
    kept = Runs(f"sqlite:///{tmp_path / 'runs.db'}")
    yield kept
    kept.close()
