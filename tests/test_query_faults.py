"""A small part of the seeded faults on a real PostgreSQL: the first finding is the right one."""

from collections.abc import Iterator

import pytest

import needs
from seeded_queries import HEALTHY, SETTINGS, Case, cases, judgement, make_tables, prepared
from slowcoach.core.finding import Severity
from slowcoach.core.knowledge import rule
from slowcoach.queries.embedded import embedded_postgres

pytestmark = pytest.mark.slow
# a busy machine may hold up the planner of a query that is over at once
_OF_THE_CLOCK = frozenset({"db.planning_time", "db.time_outside_steps"})


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    needs.module("embedded_postgres")
    needs.module("psycopg")
    with embedded_postgres(settings=SETTINGS) as address:
        make_tables(address)
        yield address


def _named(healthy: bool) -> list[object]:
    found = [case for case in cases() if case.subset and (case.kind == HEALTHY) == healthy]
    return [pytest.param(case, id=f"{case.kind}: {case.name}") for case in found]


@pytest.mark.parametrize("case", _named(healthy=False))
def test_the_first_finding_of_a_fault_is_the_right_one(url: str, case: Case) -> None:
    with prepared(url, case) as connection:
        found = judgement(connection, case).findings
    assert found
    assert found[0].rule in case.expect


@pytest.mark.parametrize("case", _named(healthy=True))
def test_a_healthy_statement_is_not_accused(url: str, case: Case) -> None:
    with prepared(url, case) as connection:
        found = judgement(connection, case).findings
    accused = {item.rule for item in found if item.severity is not Severity.INFO}
    assert not accused - _OF_THE_CLOCK


def test_every_case_has_its_own_name_and_expects_rules_that_exist() -> None:
    found = cases()
    assert len({(case.kind, case.name) for case in found}) == len(found)
    for case in found:
        assert bool(case.expect) == (case.kind != HEALTHY)
        assert all(rule(name).fix for name in case.expect)
