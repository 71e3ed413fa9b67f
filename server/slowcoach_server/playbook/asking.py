"""From a sentence to an answer without a model: route it, carry its playbook out, report."""

from dataclasses import replace
from typing import Any, Literal

from slowcoach.core import knowledge
from slowcoach.core.errors import SlowcoachError
from slowcoach.core.runs import Runs, plain
from slowcoach.routing.route import NONE, Route, route
from slowcoach_server.playbook.answer import Answer, verdict_of
from slowcoach_server.playbook.person import Person
from slowcoach_server.playbook.playbook import playbooks
from slowcoach_server.playbook.resuming import Earlier, earlier
from slowcoach_server.playbook.walk import Walk, Watch, unwatched


class UnfinishedError(Exception):
    """The playbook ended early; `answer` is what it had by then, `error` why."""

    def __init__(self, answer: Answer, walk: Walk, error: SlowcoachError) -> None:
        super().__init__(str(error))
        self.answer = answer
        self.walk = walk
        self.error = error


def understood(
    sentence: str, resume: str | None, runs: Runs, more: dict[str, Any]
) -> tuple[Route, Earlier | None]:
    """Return the command and its arguments: the earlier run's, the sentence's, those by name."""
    before = earlier(resume, runs) if resume else None
    found = route(sentence) if sentence.strip() else Route(command=NONE, confidence=0)
    if before is None:
        return found.model_copy(update={"arguments": {**found.arguments, **more}}), None
    arguments = {**before.arguments, **found.arguments, **more}
    same = found.command in {NONE, before.command}
    confidence = 1.0 if same else found.confidence
    command = before.command if same else found.command
    if not same:
        before = replace(before, run_id=None)
    return Route(command=command, confidence=confidence, arguments=arguments), before


def carried_out(
    sentence: str,
    found: Route,
    runs: Runs,
    person: Person,
    *,
    before: Earlier | None = None,
    watch: Watch = unwatched,
    has_database: bool = False,
) -> tuple[Answer, Walk]:
    """Carry the command's playbook out. Raises UnfinishedError with what there was by then."""
    walk = Walk(runs, person, dict(found.arguments), watch=watch, has_database=has_database)
    try:
        playbooks()[found.command].run(walk)
        _compared(walk, before)
    except SlowcoachError as error:
        raise UnfinishedError(_answer(sentence, found, walk, error), walk, error) from error
    return _answer(sentence, found, walk), walk


def _compared(walk: Walk, before: Earlier | None) -> None:
    """Compare with the earlier run, which is what proves a fix."""
    if before is None or before.run_id is None or walk.main is None:
        return
    if after := walk.main.run_id:
        walk.attempt("compare", "is it faster than then", before=before.run_id, after=after)


def nothing(sentence: str, found: Route) -> Answer:
    """Return the answer to what is none of the commands: what can be asked."""
    commands = knowledge.commands().values()
    return Answer(
        question=sentence,
        command=NONE,
        confidence=found.confidence,
        status="none",
        summary="That is none of what Slowcoach does. It can: "
        + "; ".join(command.title.lower() for command in commands)
        + ".",
        next=tuple(f'slowcoach ask "{command.says[0]}"' for command in commands),
    )


def _answer(sentence: str, found: Route, walk: Walk, error: SlowcoachError | None = None) -> Answer:
    main = walk.main
    summary = main.summary if main else ""
    if error is not None:
        summary = f"{summary} {error}".strip()
    status: Literal["done", "partly", "failed"] = (
        "failed" if error else ("partly" if walk.missing else "done")
    )
    return Answer(
        question=plain(sentence),
        command=found.command,
        confidence=found.confidence,
        status=status,
        arguments=plain(walk.arguments),
        assumed=tuple(walk.person.assumed),
        missing=tuple(walk.missing),
        steps=tuple(walk.steps),
        run_id=main.run_id if main else None,
        notes=tuple(walk.notes),
        summary=summary,
        verdict=verdict_of(main),
        findings=tuple(plain(f) for result in walk.results[-3:] for f in result.findings[:5]),
        brief=walk.brief,
        next=tuple(dict.fromkeys(walk.next)),
    )
