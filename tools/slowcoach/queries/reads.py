"""How many rows a step reads, whichever database tells it and however."""

from slowcoach.queries.figures import Step
from slowcoach.queries.subject import Subject

ROW_STORES = frozenset({"mysql", "mariadb", "sqlite"})  # judged by rows, as they tell few times


def rows_read(subject: Subject, step: Step) -> float | None:
    """Return the rows that a step reads over all its runs: counted, or as the planner expects.

    None where neither the plan nor a live server's facts tell.
    """
    if "actual_rows" in step.node.fields:
        removed = (step.node.number("rows_removed_by_filter") or 0.0) * step.loops
        return (step.rows or 0.0) + removed
    examined = step.node.number("rows_examined")
    if examined is not None:
        return examined
    facts = subject.facts(step)
    if step.node.kind == "Seq Scan" and facts is not None and facts.rows is not None:
        return facts.rows
    return step.rows_expected


def rows_given(step: Step) -> float | None:
    """Return the rows that a step gives to the one above: counted, or expected."""
    return step.rows if step.rows is not None else step.rows_expected


def in_row_store(subject: Subject) -> bool:
    """Tell whether the plan is one of MySQL, MariaDB or SQLite."""
    return subject.figures.plan.engine in ROW_STORES
