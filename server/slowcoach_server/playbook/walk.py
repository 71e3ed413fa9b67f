"""One walk through a playbook: what is known, what is asked, each tool called, what came of it."""

from collections.abc import Callable
from typing import Any, Literal

from slowcoach.catalogue import tools
from slowcoach.core.errors import (
    InputError,
    NotPermittedError,
    SlowcoachError,
    ToolFailedError,
)
from slowcoach.core.job import Progress
from slowcoach.core.result import Result
from slowcoach.core.runs import Runs, plain
from slowcoach.core.tool import Tool
from slowcoach_server.playbook.answer import Step
from slowcoach_server.playbook.person import Person

Watch = Callable[[Tool, str], Callable[[Progress], None]]
_NO = frozenset({"", "none", "no", "-"})


class RefusedError(NotPermittedError):
    """The person said no, or nobody was there who could say yes."""

    code = "refused"


def unwatched(_tool: Tool, _why: str) -> Callable[[Progress], None]:
    """Show no progress."""
    return lambda _progress: None


class Walk:
    """What a playbook works with. `arguments` is what the sentence and the options told."""

    def __init__(
        self,
        runs: Runs,
        person: Person,
        arguments: dict[str, Any],
        *,
        watch: Watch = unwatched,
        has_database: bool = False,
    ) -> None:
        self.runs = runs
        self.person = person
        self.arguments = arguments
        self.has_database = has_database
        self.steps: list[Step] = []
        self.missing: list[str] = []
        self.next: list[str] = []
        self.notes: list[str] = []
        self.results: list[Result] = []
        self.main: Result | None = None
        self.brief: dict[str, dict[str, str]] = {}
        self._watch = watch

    def given(self, *names: str) -> dict[str, Any]:
        """Return those of the arguments that are known."""
        return {name: self.arguments[name] for name in names if self.arguments.get(name)}

    def ask(self, name: str, question: str, default: str | None = None) -> Any:
        """Return an argument, asking for it only when it is not known."""
        if name in self.arguments:
            return self.arguments[name]
        answer = self.person.ask(name, question, default)
        if answer is None or answer.lower() in _NO:
            return None
        self.arguments[name] = answer
        return answer

    def need(self, name: str, question: str, hint: str) -> Any:
        """Return an argument that nothing can be done without; raises InputError without it."""
        if self.arguments.get(name):
            return self.arguments[name]
        answer = self.person.line(f"{question} ") if self.person.terminal else ""
        if not answer:
            raise InputError(f"{name}: the question does not say it", hint=hint)
        self.arguments[name] = answer
        return answer

    def default(self, name: str, value: Any) -> Any:
        """Return an argument, or a default that is said and not asked for."""
        if self.arguments.get(name):
            return self.arguments[name]
        self.person.assume(name, value)
        return value

    def has(self, name: str) -> bool:
        """Tell whether there is such a tool."""
        return name in tools()

    def lacks(self, name: str, what: str) -> None:
        """Say that a tool is not there yet, and what it would have told."""
        self.missing.append(f"{name} is not part of this version: {what}")

    def call(self, name: str, why: str, /, **arguments: Any) -> Result:
        """Call a tool, with the person's consent where it runs code or sends load.

        Raises what the tool raises, and RefusedError.
        """
        tool = tools()[name]
        given = {key: value for key, value in arguments.items() if value is not None}
        try:
            self._permitted(tool, given)
            result = self.runs.call(tool, given, self._watch(tool, why))
        except SlowcoachError as error:
            self._failed(name, why, given, error)
            raise
        except Exception as error:  # a crash in one tool is a failed step, as any failure of it
            said = f"{name} failed inside: {type(error).__name__}: {error}"
            crash = ToolFailedError(said, hint="Set SLOWCOACH_DEBUG=1 and report it")
            self._failed(name, why, given, crash)
            raise crash from error
        self.steps.append(
            Step(
                tool=name,
                why=why,
                arguments=plain(given),
                run_id=result.run_id,
                summary=result.summary,
            )
        )
        self.results.append(result)
        return result

    def _failed(self, name: str, why: str, given: dict[str, Any], error: SlowcoachError) -> None:
        status: Literal["refused", "failed"] = (
            "refused" if isinstance(error, NotPermittedError) else "failed"
        )
        step = Step(tool=name, why=why, arguments=plain(given), status=status)
        self.steps.append(step.model_copy(update={"summary": str(error)}))

    def attempt(self, name: str, why: str, /, **arguments: Any) -> Result | None:
        """Call a tool whose failure does not end the walk: it is among the steps."""
        if not self.has(name):
            return None
        try:
            return self.call(name, why, **arguments)
        except SlowcoachError:
            return None

    def _permitted(self, tool: Tool, given: dict[str, Any]) -> None:
        url = given.get("url")
        if "load" in tool.permission and isinstance(url, str):
            self.runs.permissions.require_load(url)
        if not self.person.permits(tool, given, asked_for=True):
            raise RefusedError(
                f"{tool.name} was not permitted", hint="Answer y, or give --yes, to let it run"
            )

    def conclude(self, result: Result | None) -> None:
        """Set the result that the answer rests on."""
        if result is not None:
            self.main = result
