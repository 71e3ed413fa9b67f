"""All sources that the settings name are asked, one after another. The edge."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from slowcoach.core.errors import CancelledError, SlowcoachError
from slowcoach.core.job import Job
from slowcoach.core.redaction import redacted
from slowcoach.core.registry import discover
from slowcoach.production import sources as package
from slowcoach.production.asking_http import bound
from slowcoach.production.model import KINDS, Allowance, Heard, Source
from slowcoach.production.question import Question, question_of
from slowcoach.production.settings import setting

_LONGEST = 240


@dataclass(frozen=True, slots=True)
class Production:
    """What production says: figures, the headline for a summary, warnings, and traces."""

    question: Question
    figures: tuple[str, ...] = ()
    headline: str = ""
    warnings: tuple[str, ...] = ()
    traces: tuple[bytes, ...] = ()


def sources() -> list[Source]:
    """Return the sources that the settings name, in the order that they are asked in."""
    found = [source for source in discover(package, "SOURCE", Source) if source.is_set()]
    return sorted(found, key=lambda source: KINDS.index(source.kind))


def heard(
    method: str, path: str, job: Job, system: str = "", since_when: str = ""
) -> Production | None:
    """Return what the sources say of an endpoint; None when the settings name none.

    `system` and `since_when` are those of an earlier brief. A source that does not answer is a
    warning. Raises CancelledError.
    """
    asked = sources()
    if not asked:
        return None
    job.progress(0, None, f"asking production: {', '.join(source.title for source in asked)}")
    services = (setting("SERVICE"), system)
    question = question_of(method, path, time.time(), services, since_when)
    allowance = Allowance(time.monotonic() + bound("all_s"), job.cancellation)
    return gathered(asked, question, allowance)


def gathered(asked: Sequence[Source], question: Question, allowance: Allowance) -> Production:
    """Return what these sources say; each knows what those before it found out."""
    figures: list[str] = []
    warnings: list[str] = []
    traces: list[bytes] = []
    headline = ""
    for source in asked:
        said = _heard(source, question, allowance)
        question = said.question
        figures += [f"{shown(figure)} ({source.title})" for figure in said.figures]
        warnings += [f"Production: {shown(warning)}" for warning in said.warnings]
        headline = headline or shown(said.headline)
        if said.traces:
            traces.append(said.traces)
    return Production(question, tuple(figures), headline, tuple(warnings), tuple(traces))


def shown(text: str) -> str:
    """Return what a server said as one short line without secrets: names in it are others'."""
    return str(redacted("", " ".join(text.split())))[:_LONGEST]


def _heard(source: Source, question: Question, allowance: Allowance) -> Heard:
    try:
        return source.ask(question, allowance)
    except CancelledError:
        raise
    except SlowcoachError as error:
        return Heard(question, warnings=(f"{error.message}. {error.hint}.",))
