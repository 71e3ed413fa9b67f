"""The answer of `slowcoach ask` for a person: verdict, evidence, fix, brief, what to do next."""

from slowcoach_server.cli import console
from slowcoach_server.cli.person import escaped, show_finding, show_table
from slowcoach_server.playbook.answer import Answer
from slowcoach_server.playbook.walk import Walk


def show(answer: Answer, walk: Walk | None) -> None:
    """Write the answer to standard output."""
    out = console.stdout()
    out.print(escaped(answer.summary), style="bold", highlight=False)
    if walk is not None:
        _results(walk)
    _lines("Seen beside", answer.notes)
    if answer.brief:
        _brief(answer)
    for title, lines in (
        ("Taken without asking", answer.assumed),
        ("Not done", answer.missing),
        ("Failed on the way", _failed(answer)),
        ("Next", answer.next),
    ):
        _lines(title, lines)
    if answer.run_id:
        out.print(f"\n[dim]run {answer.run_id}; slowcoach report {answer.run_id}[/]")


def _results(walk: Walk) -> None:
    main = walk.main
    if main is None:
        return
    if body := main.body():
        console.stdout().print(f"\n{escaped(body)}", highlight=False)
    for finding in main.findings:
        show_finding(finding)
    for table in main.tables():
        show_table(table)
    others = [result for result in walk.results if result is not main and result.summary]
    _lines("Also", [result.summary for result in others])
    _lines("Doubts", list(main.warnings))
    _lines("Not checked", [f"{n.rule}: {n.why}" for n in main.not_checked])


def _brief(answer: Answer) -> None:
    import yaml

    out = console.stdout()
    where = f" (written: {answer.brief_file})" if answer.brief_file else ""
    out.print(f"\n[bold]The brief[/]{escaped(where)}")
    text = yaml.safe_dump(answer.brief, sort_keys=False, allow_unicode=True, width=100)
    out.print(escaped(text).rstrip(), highlight=False, soft_wrap=True)


def _failed(answer: Answer) -> list[str]:
    return [f"{step.tool}: {step.summary}" for step in answer.steps if step.status != "done"]


def _lines(title: str, lines: list[str] | tuple[str, ...]) -> None:
    if not lines:
        return
    out = console.stdout()
    out.print(f"\n[bold]{title}[/]")
    for line in lines:
        out.print(f"  {escaped(line)}", highlight=False)
