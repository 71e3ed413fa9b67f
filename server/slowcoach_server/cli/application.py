"""The commands: one for each tool, and call, ask, route, serve, report, demo."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import App, CycloptsError, Group, Parameter

from slowcoach import __version__
from slowcoach.catalogue import tools
from slowcoach.core.errors import SlowcoachError
from slowcoach_server.cli import call as scripted
from slowcoach_server.cli import person
from slowcoach_server.cli.console import stderr

_HELP = """\
Name the root cause of slowness from real measurements, and prove the fix.

slowcoach demo                          see it work on a really slow service
slowcoach investigate http://HOST/PATH  name the cause of a slow endpoint
slowcoach ask "why is URL slow?"        the same in your own words, and eleven other questions
slowcoach explain-query plan.txt        read a query plan
slowcoach serve                         serve assistants over MCP
"""
_MEASURE = Group("Tools", sort_key=1)
_OTHER = Group("Other commands", sort_key=2)


def build() -> App:
    """Return the application with a command for every tool."""
    app = App(
        name="slowcoach",
        help=_HELP,
        help_format="plaintext",
        version=__version__,
        result_action="return_value",
    )
    for tool in tools().values():
        app.command(person.command(tool), name=tool.name.replace("_", "-"), group=_MEASURE)
    for command in (call, ask, route, serve, install, doctor, report, demo, stop_load):
        app.command(command, group=_OTHER)
    return app


def run(app: App, words: Sequence[str]) -> int:
    """Run one command line and return the exit code; foreseen errors are told, not thrown."""
    try:
        result = app(words, exit_on_error=False, print_error=False)
    except CycloptsError as error:
        stderr().print(f"[bold red]error:[/] {person.escaped(str(error))}", highlight=False)
        command = next((word for word in words if not word.startswith("-")), "")
        stderr().print(f"Try: slowcoach {command} --help".replace("  ", " "), highlight=False)
        return 2
    except SlowcoachError as error:
        person.tell(error)
        return error.exit_code
    except KeyboardInterrupt:
        stderr().print("interrupted", highlight=False)
        return 130
    except BrokenPipeError:  # `slowcoach ... | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return result if isinstance(result, int) else 0


def call(
    tool: Annotated[str, Parameter(help="The tool's name, such as analyze_profile.")],
    arguments: Annotated[
        str, Parameter(help="Its arguments as JSON, or - for stdin.", allow_leading_hyphen=True)
    ] = "{}",
    /,
) -> int:
    """Call a tool from a script: JSON in, the MCP structured content as one JSON document out.

    Progress and logs go to standard error. Exit 0: answered, 1: the tool failed, 2: bad input.
    """
    return scripted.call(tool, arguments)


def route(
    *words: Annotated[str, Parameter(help="See route --help.", allow_leading_hyphen=True)],
) -> int:
    """Name the command of twelve that a sentence means, as JSON."""
    from slowcoach_server.cli.routing import main

    return main(words)


def ask(
    *words: Annotated[str, Parameter(help="See ask --help.", allow_leading_hyphen=True)],
) -> int:
    """Ask in your own words: it measures, names the cause, and shows the fix."""
    from slowcoach_server.cli.asking import main

    return main(words)


def serve(
    *words: Annotated[str, Parameter(help="See serve --help.", allow_leading_hyphen=True)],
) -> int:
    """Serve MCP clients over stdio or HTTP; --allow-... says what they may do."""
    from slowcoach_server.serve import main

    return main(words)


def install(
    client: Annotated[str, Parameter(help="claude-code, claude-desktop, cursor, vscode, ...")],
    /,
    *,
    project: Annotated[Path | None, Parameter(help="Of this project, not of the user.")] = None,
    allow_exec: Annotated[bool, Parameter(help="It may run programs and profilers.")] = True,
    allow_load: Annotated[bool, Parameter(help="It may send load to this machine.")] = True,
    allow_host: Annotated[list[str] | None, Parameter(help="And to this host (repeat it).")] = None,
    uvx: Annotated[bool, Parameter(help="Start it by uvx.", negative="")] = False,
    undo: Annotated[bool, Parameter(help="Take it out again.", negative="")] = False,
    yes: Annotated[bool, Parameter(help="Do not ask.", negative="")] = False,
) -> int:
    """Add Slowcoach to an assistant's configuration: shows the change, asks, keeps a copy."""
    from slowcoach_server.cli.install import install as add

    given = {"--allow-exec": allow_exec, "--allow-load": allow_load}
    flags = [flag for flag, is_on in given.items() if is_on]
    flags += [word for host in allow_host or () for word in ("--allow-host", host)]
    return add(
        client,
        project=project,
        flags=flags,
        uvx=uvx,
        undo=undo,
        yes=yes,
    )


def doctor(
    *,
    json: Annotated[bool, Parameter(help="Print as JSON.", negative="")] = False,
) -> int:
    """Say what is installed, what each missing part would add, and whether all of it works."""
    from slowcoach_server.cli.doctor import show

    return show(as_json=json)


def report(
    run_id: Annotated[str, Parameter(help="The run, as list-runs shows it.")],
    /,
    *,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"], help="The file.")] = None,
) -> int:
    """Write one self-contained HTML page of any run."""
    from slowcoach.core.runs import Runs
    from slowcoach_server.report import write_report

    path = write_report(Runs(), run_id, output)
    sys.stdout.write(f"{path}\n")
    return 0


def stop_load(
    *,
    undo: Annotated[bool, Parameter(help="Allow load tests again.", negative="")] = False,
) -> int:
    """End every load test of this user at once, and refuse new ones until --undo."""
    from slowcoach.load import guard

    if undo:
        said = "allowed again" if guard.allow_load_again() else "not switched off"
    else:
        guard.stop_all_load()
        said = "switched off: running ones end now, new ones are refused until --undo"
    sys.stdout.write(f"Load tests are {said}.\n")
    return 0


def demo(
    *,
    fault: Annotated[str | None, Parameter(help="Which fault to inject.")] = None,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"], help="The report.")] = None,
) -> int:
    """Show the main job on a really slow service: diagnose, fix, measure again."""
    from slowcoach_server.demo import demo as show

    return show(fault=fault, report=output) if fault else show(report=output)
