"""One tool: a typed function, and what the three faces need to know of it."""

import difflib
import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model
from pydantic_core import ErrorDetails

from slowcoach.core.errors import InputError
from slowcoach.core.job import Job
from slowcoach.core.result import Result

Permission = Literal["execute", "load", "write"]
WAIT_S = 40.0
_SHOWN = 80
WaitSeconds = Annotated[
    float,
    Field(ge=0, le=50, description="Seconds to wait here; then poll get_run."),
]


@dataclass(frozen=True)
class Tool:
    """A function offered to people, programs and models.

    Name, arguments and description come from `run`: its name, its annotated parameters (one
    named `job` receives the Job), its docstring. `permission` is what the server's user must
    have allowed for it to be of use; the function itself asks `job.permissions`.
    `sizes` names arguments by which a caller asks for a longer answer than the default;
    `positional` those that a person gives without their names on the command line; `stdin`
    the one that takes standard input's text when the first of these is `-`. `writes` names fields
    of the result that address artefacts: those that the command line's -o FILE may write.
    `documents` names arguments whose text may be JSON, and so be given as the object it stands for.
    `asks_database`: left without `database_url` and another input it takes the settings' one.
    """

    run: Callable[..., Result]
    title: str
    permission: tuple[Permission, ...] = ()
    long: bool = False
    keeps_run: bool = True
    idempotent: bool = True
    destructive: bool = False
    open_world: bool = False
    asks_database: bool = False
    sizes: tuple[str, ...] = ()
    positional: tuple[str, ...] = ()
    stdin: str | None = None
    writes: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return the tool's name, which is the function's."""
        return self.run.__name__

    @property
    def read_only(self) -> bool:
        """Tell whether it changes nothing: no program is run, no load sent, no file written."""
        return not self.permission

    @cached_property
    def paragraphs(self) -> tuple[str, ...]:
        """Return the docstring's paragraphs, unwrapped; the first says what the tool does."""
        text = inspect.cleandoc(self.run.__doc__ or "")
        return tuple(" ".join(part.split("\n")) for part in text.split("\n\n"))

    @property
    def description(self) -> str:
        """Return the docstring for a model."""
        return "\n".join(self.paragraphs)

    @cached_property
    def _hints(self) -> dict[str, Any]:
        return get_type_hints(self.run, include_extras=True)

    @cached_property
    def takes_job(self) -> bool:
        """Tell whether the function asks for the Job."""
        return "job" in inspect.signature(self.run).parameters

    @cached_property
    def result_type(self) -> type[Result]:
        """Return the function's return annotation."""
        kind = self._hints["return"]
        if not (isinstance(kind, type) and issubclass(kind, Result)):
            raise TypeError(f"{self.name} must be annotated to return a Result")
        return kind

    @cached_property
    def arguments(self) -> type[BaseModel]:
        """Return the pydantic model of the arguments, `wait_s` included for long work."""
        fields: dict[str, Any] = {}
        for name, parameter in inspect.signature(self.run).parameters.items():
            if name == "job":
                continue
            default = ... if parameter.default is parameter.empty else parameter.default
            fields[name] = (self._hints[name], default)
        if self.long:
            fields["wait_s"] = (WaitSeconds, WAIT_S)
        config = ConfigDict(extra="forbid", allow_inf_nan=False)
        model: type[BaseModel] = create_model(self.name, __config__=config, **fields)
        return model

    def validate(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments with their types; raises InputError saying what to change."""
        fields = self.arguments.model_fields
        self._refuse_unknown(arguments)
        given = {
            name: _decoded(value, fields[name].annotation, encode=name in self.documents)
            for name, value in arguments.items()
        }
        try:
            model = self.arguments.model_validate(given)
        except ValidationError as error:
            said = "; ".join(_explained(detail) for detail in error.errors()[:3])
            needed = ", ".join(name for name, f in fields.items() if f.is_required())
            hint = f"Required: {needed}. " if needed else ""
            raise InputError(
                f"{self.name}: {said}", hint=f"{hint}All arguments: {', '.join(fields)}"
            ) from None
        return {name: getattr(model, name) for name in fields}

    def _refuse_unknown(self, arguments: Mapping[str, Any]) -> None:
        known = list(self.arguments.model_fields)
        for name in arguments:
            if name not in known:
                near = difflib.get_close_matches(str(name), known, n=1, cutoff=0.5)
                mean = f"Did you mean `{near[0]}`? " if near else ""
                raise InputError(
                    f"{self.name} has no argument {str(name)[:_SHOWN]!r}",
                    hint=f"{mean}It takes: {', '.join(known) or 'none'}",
                )

    def call(self, arguments: Mapping[str, Any], job: Job) -> Result:
        """Call the function with validated arguments (`wait_s` is the faces' and stays out)."""
        given = {name: value for name, value in arguments.items() if name != "wait_s"}
        if self.takes_job:
            given["job"] = job
        return self.run(**given)


def _decoded(value: Any, annotation: Any, *, encode: bool) -> Any:
    """Some clients send an object or a list as JSON text, or the other way round: decode it
    unless text is wanted, encode it where the text is a document.
    """
    if encode and isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    if not isinstance(value, str) or value[:1] not in {"{", "["} or str in _options(annotation):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _options(annotation: Any) -> set[Any]:
    """Return the types that a value may have."""
    if get_origin(annotation) in {Union, UnionType}:
        return {option for each in get_args(annotation) for option in _options(each)}
    return {annotation}


def _explained(detail: ErrorDetails) -> str:
    place = ".".join(map(str, detail["loc"])) or "arguments"
    if detail["type"] == "missing":
        return f"`{place}` is missing"
    got = repr(detail["input"])
    shown = got if len(got) <= _SHOWN else f"{got[:_SHOWN]}…"
    return f"`{place}`: {detail['msg'][:1].lower()}{detail['msg'][1:]}, got {shown}"
