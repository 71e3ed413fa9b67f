"""Profile this function: record or read a profile; if it waits, look at that too."""

from pathlib import Path
from typing import Any, Final

from slowcoach.core.errors import InputError
from slowcoach_server.playbook.finding import defined_in
from slowcoach_server.playbook.playbook import Playbook
from slowcoach_server.playbook.walk import Walk

_WAITS = frozenset({"profile.mostly_waits", "profile.waiting"})
_HINT = "Name module:function, a command, a process id (pid 4711) or a profile file"
_SOURCES: Final = (".py", ".js", ".mjs", ".cjs", ".ts", ".tsx", ".go", ".java", ".rb", ".rs", ".c",
                   ".cc", ".cpp", ".cs", ".php", ".kt")  # fmt: skip
_NODE: Final = (".js", ".mjs", ".cjs")


def run(walk: Walk) -> None:
    """Carry the command out."""
    path = str(walk.arguments.get("path") or "")
    if path and not walk.given("target", "pid", "command") and not path.endswith(_SOURCES):
        found = walk.call("analyze_profile", "read the profile", path=path)
        walk.conclude(found)
        walk.next.extend(found.next)
        return
    subject = _subject(walk, path)
    more = walk.given("language", "duration_s", "arguments", "cwd", "python")
    found = walk.call("record_profile", "where the processor is", kind="cpu", **subject, **more)
    walk.conclude(found)
    if any(finding.rule in _WAITS for finding in found.findings):
        why = "it mostly waits: for what"
        walk.conclude(walk.attempt("record_profile", why, kind="wall", **subject, **more))
    walk.next.extend(found.next)
    if walk.main is not None and walk.main.run_id:
        again = f"`slowcoach ask --resume {walk.main.run_id}` records again and compares"
        walk.next.append(f"After the change: {again}")


def _subject(walk: Walk, path: str) -> dict[str, Any]:
    """Return what is recorded: a process, a command, or a function of a file."""
    known = walk.given("command", "pid")
    if known:
        return known
    target = str(walk.arguments.get("target") or "")
    if not target and path:
        return {"command": _command(walk, path)}
    if not target:
        target = str(walk.need("target", "Which function (module:function)?", _HINT))
    if ":" in target:
        return {"target": target}
    return {"target": f"{path}:{target}" if path else _found(walk, target)}


def _command(walk: Walk, path: str) -> list[str]:
    """Return how a program in a file is started."""
    if path.endswith(".py"):
        from slowcoach.profiling.recorders.function import interpreter

        folder = Path(str(walk.arguments.get("cwd") or "."))
        return [interpreter(folder, walk.arguments.get("python")), path]
    if path.endswith(_NODE):
        return ["node", path]
    raise InputError(
        f"{path}: a function of it, or the command that starts it, is needed",
        hint='Name the function, or --set command="go run ."',
    )


def _found(walk: Walk, name: str) -> str:
    """Return where a function of that name stands in the folder, if it stands in one file."""
    folder = Path(str(walk.arguments.get("cwd") or "."))
    files = defined_in(folder, name)
    if len(files) == 1:
        target = f"{files[0]}:{name}"
        walk.person.assume("target", f"{target}, the only {name} below {folder.resolve().name}/")
        return target
    where = f"in several files: {', '.join(files)}" if files else "in no Python file of this folder"
    question = f"{name} is {where}. Which one (file.py:{name})?"
    if walk.person.terminal and (told := walk.person.line(f"{question} ")):
        return told
    raise InputError(f"target: {name} is {where}", hint=f"Say which: path/file.py:{name}")


PLAYBOOK = Playbook("profile_function", run)
