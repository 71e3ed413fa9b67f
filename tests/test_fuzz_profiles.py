"""The profile readers are fuzzed for some seconds; SLOWCOACH_FUZZ_SECONDS says how many.

Inputs are numbered from 0 and always the same, so a run finds what the last one found, as far as
it gets. What breaks a reader is kept, with how to see it again.
"""

import os
from pathlib import Path

import pytest

from fuzz.mutation import mutated
from fuzz.seeds import seeds
from fuzz.supervision import Plan, fuzz

SECONDS = float(os.environ.get("SLOWCOACH_FUZZ_SECONDS", "5"))
SHARE = 0.7  # of it; the rest is for the readers of load results
CRASHERS = Path(os.environ.get("SLOWCOACH_FUZZ_CRASHERS", "fuzz-crashers"))


def test_every_format_has_a_seed() -> None:
    folders = {name.split("/")[0] for name, _ in seeds()}
    assert len(folders) >= 21


def test_an_input_is_the_same_each_time() -> None:
    assert [mutated(0, index) for index in range(30)] == [mutated(0, index) for index in range(30)]


@pytest.mark.slow
@pytest.mark.timeout(SECONDS + 200)
def test_damaged_profiles_are_answered_or_refused(capfd: pytest.CaptureFixture[str]) -> None:
    failures = fuzz(Plan(SECONDS * SHARE, processes=2, seed=0, first=0, crashers=CRASHERS))
    said = capfd.readouterr().out
    assert not failures, said
