"""What an engine is: how its address is known, and a session that only reads."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from slowcoach.core.job import Cancellation, Job
from slowcoach.queries.model import Plan
from slowcoach.queries.statistics import TableFacts
from slowcoach.queries.subject import Recommendation
from slowcoach.queries.verification import Verification

STATEMENT_S = 30.0


class Session(Protocol):
    """An open connection that only reads, and gives up in time."""

    @property
    def dialect(self) -> str:
        """Return the form that its plans come in."""
        ...

    def explain(self, sql: str, analyze: bool = False) -> Plan:
        """Return the plan of one SELECT; with `analyze` the SELECT is run."""
        ...

    def facts(self, tables: set[str]) -> Mapping[str, TableFacts]:
        """Return what is known of these tables, by name."""
        ...

    def advice(self, sql: str, plan: Plan) -> tuple[Recommendation, ...]:
        """Return the indexes that might serve the statement."""
        ...

    def verify(
        self, sql: str, advised: tuple[Recommendation, ...], copy_url: str | None, job: Job
    ) -> Verification:
        """Try the indexes on a copy, and say what came of it."""
        ...

    def warnings(self) -> list[str]:
        """Return what the user should know of the connection."""
        ...


@dataclass(frozen=True, slots=True)
class Engine:
    """A database that can be asked.

    `connect` takes the URL and who may call the work off; it raises InputError,
    UnreachableError, NotPermittedError or MissingDependencyError, without any password.
    """

    name: str
    schemes: frozenset[str]
    connect: Callable[[str, Cancellation], AbstractContextManager[Session]]
