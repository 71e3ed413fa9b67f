"""What each statement costs with any choice of the imagined indexes, each asked once."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from slowcoach.queries.advisor.candidates import Candidate
from slowcoach.queries.advisor.workload import Query
from slowcoach.queries.clone.whatif import Clone, Imagined

Choice = frozenset[Candidate]
NOTHING: Choice = frozenset()


class Costs:
    """The planner's costs by statement and choice of indexes. `asked` counts its plans."""

    def __init__(
        self,
        clone: Clone,
        queries: Sequence[Query],
        made: Mapping[Candidate, Imagined],
        tables: Sequence[frozenset[tuple[str, str]]],
        on_ask: Callable[[], None] = lambda: None,
    ) -> None:
        self._clone = clone
        self._queries = queries
        self._made = made
        self._tables = tables
        self._known: dict[tuple[int, Choice], tuple[float, Choice]] = {}
        self._by_name = {index.name.rpartition(".")[2]: c for c, index in made.items()}
        self._shown: Choice | None = None
        self._on_ask = on_ask

    @property
    def asked(self) -> int:
        """Return how many plans were asked for."""
        return len(self._known)

    @property
    def made(self) -> Mapping[Candidate, Imagined]:
        """Return the indexes that exist in the clone."""
        return self._made

    def size(self, choice: Iterable[Candidate]) -> int:
        """Return the bytes of these indexes together."""
        return sum(self._made[candidate].size_bytes for candidate in choice)

    def of(self, query: int, choice: Choice) -> float:
        """Return the cost of one statement."""
        return self._asked(query, choice)[0]

    def used(self, query: int, choice: Choice) -> Choice:
        """Return those of the choice that the statement's plan uses."""
        return self._asked(query, choice)[1]

    def total(self, choice: Choice) -> float:
        """Return the cost of the workload: each statement's, as often as it runs."""
        return sum(q.weight * self.of(i, choice) for i, q in enumerate(self._queries))

    def saved(self, candidate: Candidate, before: Choice, after: Choice) -> float:
        """Return what a step that concerns one candidate's table saves of the workload's cost."""
        table = (candidate.schema, candidate.table)
        touched = [i for i, tables in enumerate(self._tables) if table in tables]
        return sum(
            self._queries[i].weight * (self.of(i, before) - self.of(i, after)) for i in touched
        )

    def _asked(self, query: int, choice: Choice) -> tuple[float, Choice]:
        relevant = frozenset(c for c in choice if (c.schema, c.table) in self._tables[query])
        key = (query, relevant)
        if key not in self._known:
            self._on_ask()
            if self._shown != relevant:
                shown = [self._made[candidate] for candidate in relevant]
                self._clone.show(shown, of=self._made.values())
                self._shown = relevant
            cost, names = self._clone.outline(self._queries[query].sql)
            used = frozenset(self._by_name[name] for name in names if name in self._by_name)
            self._known[key] = (cost, used)
        return self._known[key]
