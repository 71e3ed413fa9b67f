"""Profile this function: record or read a profile; if it waits, look at that too."""

from slowcoach_server.playbook.playbook import Playbook
from slowcoach_server.playbook.walk import Walk

_WAITS = frozenset({"profile.mostly_waits", "profile.waiting"})
_HINT = "Name module:function, a command, a process id (pid 4711) or a profile file"


def run(walk: Walk) -> None:
    """Carry the command out."""
    known = walk.arguments
    path = known.get("path")
    if path and not known.get("target") and not str(path).endswith(".py"):
        found = walk.call("analyze_profile", "read the profile", path=path)
        walk.conclude(found)
        walk.next.extend(found.next)
        return
    subject = _subject(walk)
    more = walk.given("language", "duration_s", "arguments", "cwd", "python")
    found = walk.call("record_profile", "where the processor is", kind="cpu", **subject, **more)
    walk.conclude(found)
    if any(finding.rule in _WAITS for finding in found.findings):
        why = "it mostly waits: for what"
        walk.conclude(walk.attempt("record_profile", why, kind="wall", **subject, **more))
    walk.next.extend(found.next)
    if found.run_id:
        walk.next.append(
            f"After the change: `slowcoach ask --resume {found.run_id}` records again and compares"
        )


def _subject(walk: Walk) -> dict[str, object]:
    known = walk.given("target", "command", "pid")
    path = walk.arguments.get("path")
    if "target" in known and path and ":" not in str(known["target"]):
        return {"target": f"{path}:{known['target']}"}
    if known:
        return known
    if path:
        return {"command": f"python {path}"}
    question = "Which function (module:function)?"
    return {"target": walk.need("target", question, _HINT)}


PLAYBOOK = Playbook("profile_function", run)
