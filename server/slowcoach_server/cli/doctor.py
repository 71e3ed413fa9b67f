"""`slowcoach doctor`: what is here, what is missing and how to get it, for people or as JSON."""

import json
import sys
from dataclasses import asdict
from typing import Final

from slowcoach_server.cli.console import stdout
from slowcoach_server.doctor.checks import Found, everything

_SIGNS: Final = {
    "ok": "[green]ok[/]",
    "missing": "[yellow]missing[/]",
    "refused": "[yellow]refused[/]",
    "failed": "[bold red]failed[/]",
}


def show(*, as_json: bool, start_server: bool = True) -> int:
    """Print every finding; exit 1 when something that must work does not."""
    found = everything()
    if start_server:
        from slowcoach_server.doctor.server import answers

        found.append(answers())
    if as_json:
        sys.stdout.write(json.dumps([asdict(each) for each in found], ensure_ascii=False) + "\n")
    else:
        _print(found)
    return int(any(each.standing == "failed" for each in found))


def _print(found: list[Found]) -> None:
    from rich.table import Table

    for group in dict.fromkeys(each.group for each in found):
        table = Table("", "", "", title=group, title_justify="left", show_header=False, box=None)
        for each in (one for one in found if one.group == group):
            said = each.said if not each.get else f"{each.said}\n[dim]{_plain(each.get)}[/]"
            table.add_row(_SIGNS[each.standing], each.name, said if each.get else _plain(said))
        stdout().print(table)


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)
