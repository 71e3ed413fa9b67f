"""Many of the blocks that the query needed were not in PostgreSQL's memory."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.queries.figures import Step, input_output
from slowcoach.queries.subject import Check, Problem, Subject, where

_RULE = "db.low_buffer_hit_ratio"
_BLOCK_BYTES = 8192


def _run(subject: Subject) -> Iterator[Problem]:
    limits = rule(_RULE)
    node = subject.figures.root.node
    hit = node.number("shared_hit_blocks") or 0.0
    read = node.number("shared_read_blocks") or 0.0
    if read * _BLOCK_BYTES < limits.limit("min_read"):
        return
    ratio = hit / (hit + read)
    if ratio >= limits.limit("hit_ratio"):
        return
    reader = _largest_reader(subject)
    evidence = [
        Evidence(
            metric="share of blocks found in shared buffers",
            value=ratio,
            unit="share",
            limit=limits.limit("hit_ratio"),
        ),
        Evidence(metric="read from outside", value=read * _BLOCK_BYTES, unit="bytes"),
    ]
    waited = input_output(node).read_ms
    if waited:
        evidence.append(Evidence(metric="time that reading took", value=waited, unit="ms"))
    yield Problem(limits.finding(evidence, where=where(reader)))


def _largest_reader(subject: Subject) -> Step:
    """Return the step that read most by itself; the counts include the steps below."""

    def own(step: Step) -> float:
        below = subject.figures.below(step.index)
        inner = sum(child.node.number("shared_read_blocks") or 0.0 for child in below)
        return (step.node.number("shared_read_blocks") or 0.0) - inner

    return max(subject.steps, key=own)


CHECK = Check(rule=_RULE, run=_run, needs=frozenset({"analyze", "buffers"}))
