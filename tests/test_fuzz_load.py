"""The readers of load results are fuzzed for some seconds, as those of profiles are."""

from pathlib import Path

import pytest

from fuzz.mutation import mutated
from fuzz.seeds import seeds
from fuzz.supervision import Plan, fuzz
from slowcoach.load.reader_kind import readers
from test_fuzz_profiles import CRASHERS, SECONDS

SHARE = 0.3  # of the time that fuzzing may take in all


def test_every_format_of_load_results_has_a_seed() -> None:
    folders = {name.split("/")[0] for name, _ in seeds("load")}
    assert folders == set(readers())


def test_an_input_of_load_results_is_the_same_each_time() -> None:
    first = [mutated(0, index, "load") for index in range(30)]
    assert first == [mutated(0, index, "load") for index in range(30)]


@pytest.mark.slow
@pytest.mark.timeout(SECONDS + 200)
def test_damaged_load_results_are_read_or_refused(capfd: pytest.CaptureFixture[str]) -> None:
    crashers = Path(CRASHERS)
    plan = Plan(SECONDS * SHARE, processes=2, seed=0, first=0, crashers=crashers, kind="load")
    failures = fuzz(plan)
    said = capfd.readouterr().out
    assert not failures, said
