"""A tool as a subcommand for people: options from its arguments, tables and colours out."""

import inspect
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, Literal, Optional, Union, get_args, get_origin

from cyclopts import Parameter
from pydantic.fields import FieldInfo

from slowcoach.core.errors import InputError, SlowcoachError
from slowcoach.core.finding import Finding
from slowcoach.core.job import Progress
from slowcoach.core.result import Result, Table
from slowcoach.core.tool import Tool
from slowcoach_server.artefacts import checked_output, write_output
from slowcoach_server.cli import console
from slowcoach_server.present import cleaned, structured

_ROWS = 40
_STDIN_LIMIT = 64 * 1024 * 1024
_COLOUR = {"critical": "bold red", "warning": "yellow", "info": "cyan"}


def command(tool: Tool) -> Callable[..., int]:
    """Return the function of a subcommand, with a signature for the command line's parser."""

    def run(*positional: Any, **named: Any) -> int:
        as_json = bool(named.pop("json", False))
        output = checked_output(named.pop("output", None))
        names = [name for name in tool.positional if name in tool.arguments.model_fields]
        given = dict(zip(names, positional, strict=False)) | named
        return _run(tool, {k: v for k, v in given.items() if v is not None}, as_json, output)

    run.__name__ = tool.name
    run.__doc__ = _doc(tool)
    run.__signature__ = inspect.Signature(_parameters(tool))  # type: ignore[attr-defined]
    return run


def _doc(tool: Tool) -> str:
    examples = "\n".join(f"    {example}" for example in tool.examples)
    parts = [*tool.paragraphs, *(("Examples:", examples) if examples else ())]
    return "\n\n".join(parts)


def _parameters(tool: Tool) -> list[inspect.Parameter]:
    fields = {
        n: f for n, f in tool.arguments.model_fields.items() if n != "wait_s" or not tool.long
    }
    parameters = [
        _parameter(name, fields[name], inspect.Parameter.POSITIONAL_ONLY)
        for name in tool.positional
        if name in fields
    ]
    parameters += [
        _parameter(name, field, inspect.Parameter.KEYWORD_ONLY)
        for name, field in fields.items()
        if name not in tool.positional
    ]
    as_json = Annotated[bool, Parameter(help="Print the result as JSON.", negative="")]
    parameters.append(
        inspect.Parameter("json", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=as_json)
    )
    if tool.writes:
        said = f"A file to write, by its ending: {', '.join(tool.writes)}."
        to: Any = Annotated[Optional[Path], Parameter(name=["--output", "-o"], help=said)]  # noqa: UP045 - built at run time
        parameters.append(
            inspect.Parameter("output", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=to)
        )
    return parameters


def _parameter(name: str, field: FieldInfo, kind: Any) -> inspect.Parameter:
    simple = _simple(field.annotation)
    text = field.description or ""
    if simple is str and not _is_text(field.annotation):
        text += " (JSON)"
    required = field.is_required()
    # `-` as a positional means standard input
    option = Parameter(help=text, allow_leading_hyphen=kind is inspect.Parameter.POSITIONAL_ONLY)
    annotation: Any = Annotated[simple if required else Optional[simple], option]  # noqa: UP045 - built at run time
    default = inspect.Parameter.empty if required else None
    return inspect.Parameter(name, kind, default=default, annotation=annotation)


def _simple(annotation: Any) -> Any:
    """Return what the command line's parser can read for a type; JSON text for nested ones."""
    options = [option for option in _options(annotation) if option is not NoneType]
    for plain in (bool, int, float, str):
        if options == [plain]:
            return plain
    if len(options) == 1 and get_origin(options[0]) is Literal:
        return options[0]
    if len(options) == 1 and _is_list_of_text(options[0]):
        return list[str]
    if set(options) == {int, float}:
        return float
    return str


def _options(annotation: Any) -> list[Any]:
    if get_origin(annotation) is Annotated:
        return _options(get_args(annotation)[0])
    if get_origin(annotation) is Union or type(annotation).__name__ == "UnionType":
        return [part for option in get_args(annotation) for part in _options(option)]
    return [annotation]


def _is_list_of_text(annotation: Any) -> bool:
    return get_origin(annotation) in {list, tuple} and get_args(annotation)[:1] == (str,)


def _is_text(annotation: Any) -> bool:
    return str in _options(annotation)


def _run(tool: Tool, given: dict[str, Any], as_json: bool, output: Path | None) -> int:
    from slowcoach_server.cli.call import local_runs

    given, runs = _with_stdin(tool, given), local_runs()
    with _progress(tool) as on_progress:
        result = runs.call(tool, {k: _decoded(v) for k, v in given.items()}, on_progress)
    if as_json:
        whole = any(given.get(size) is not None for size in tool.sizes)
        sys.stdout.write(json.dumps(structured(result, whole=whole), ensure_ascii=False) + "\n")
    else:
        show(result)
    if output is not None:
        write_output(result, tool, runs, output)
        sys.stderr.write(f"written: {output}\n")
    return 0


def _decoded(value: Any) -> Any:
    """Options of nested types are given as JSON, or as @file that holds it."""
    if isinstance(value, str) and value.startswith("@") and Path(value[1:]).is_file():
        return Path(value[1:]).read_text(encoding="utf-8")
    return value


def _with_stdin(tool: Tool, given: dict[str, Any]) -> dict[str, Any]:
    first = tool.positional[0] if tool.positional else None
    if tool.stdin is None or first is None or given.get(first) != "-":
        return given
    text = sys.stdin.buffer.read(_STDIN_LIMIT + 1)
    if len(text) > _STDIN_LIMIT:
        raise InputError("standard input is too large", hint="Give a file instead")
    return {k: v for k, v in given.items() if k != first} | {
        tool.stdin: text.decode("utf-8", "replace")
    }


@contextmanager
def _progress(tool: Tool) -> Iterator[Callable[[Progress], None]]:
    """Show a progress bar on a terminal; nothing elsewhere."""
    terminal = console.stderr()
    if not tool.long or not terminal.is_terminal:
        yield lambda _progress: None
        return
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Bar(*columns, console=terminal, transient=True) as bar:
        task = bar.add_task(tool.title, total=None)

        def update(progress: Progress) -> None:
            text = escaped(progress.message)
            bar.update(task, completed=progress.done, total=progress.total, description=text)

        yield update


def escaped(text: str) -> str:
    """Return text from outside so that the terminal shows it and nothing more."""
    from rich.markup import escape

    return escape(str(cleaned(text)))


def tell(error: SlowcoachError) -> None:
    """Write a foreseen error for a person."""
    out = console.stderr()
    out.print(f"[bold red]error:[/] {escaped(error.message)}", highlight=False)
    if error.hint:
        out.print(f"[dim]{escaped(error.hint)}[/]", highlight=False)


def show(result: Result) -> None:
    """Write a result for a person: summary, findings, tables, doubts, what to do next."""
    out = console.stdout()
    out.print(escaped(result.summary), style="bold", highlight=False)
    if body := result.body():
        out.print(f"\n{escaped(body)}", highlight=False)
    for finding in result.findings:
        show_finding(finding)
    for table in result.tables():
        show_table(table)
    for title, lines in (
        ("Not checked", [f"{n.rule}: {n.why}" for n in result.not_checked]),
        ("Doubts", list(result.warnings)),
        ("Next", list(result.next)),
    ):
        if lines:
            out.print(f"\n[bold]{title}[/]")
            for line in lines:
                out.print(f"  {escaped(line)}", highlight=False)
    if result.run_id:
        out.print(f"\n[dim]run {result.run_id}; slowcoach report {result.run_id}[/]")


def show_finding(finding: Finding) -> None:
    """Write one finding."""
    out = console.stdout()
    colour = _COLOUR[finding.severity.value]
    cause = f" [dim]{escaped(finding.cause)}[/]" if finding.cause else ""
    out.print(f"\n[{colour}]{finding.severity.value}[/] [bold]{escaped(finding.title)}[/]{cause}")
    for item in finding.evidence:
        out.print(f"  evidence  {escaped(str(item))}", highlight=False)
    for place in finding.where:
        out.print(f"  where     {escaped(place)}", highlight=False)
    for step in finding.fix:
        out.print(f"  fix       {escaped(step)}", highlight=False)
    if finding.verify:
        out.print(f"  verify    {escaped(finding.verify)}", highlight=False)


def show_table(table: Table) -> None:
    """Write one table."""
    from rich.table import Table as RichTable

    if not table.rows:
        return
    drawn = RichTable()
    for column in table.columns:
        drawn.add_column(column, justify="right" if column in table.right else "left")
    for row in table.rows[:_ROWS]:
        drawn.add_row(*(escaped(cell) for cell in row))
    out = console.stdout()
    out.print()
    if table.title:
        out.print(escaped(table.title), style="bold", highlight=False)
    out.print(drawn)
    if len(table.rows) > _ROWS:
        out.print(f"… {len(table.rows) - _ROWS} more rows (--json shows all)")
    if table.note:
        out.print(f"[dim]{escaped(table.note)}[/]", highlight=False)
