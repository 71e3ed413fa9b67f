"""Compare before and after: two runs or files, else the two latest runs of the same thing."""

from collections.abc import Mapping
from typing import Any

from slowcoach.core.errors import InputError
from slowcoach_server.playbook.playbook import Playbook
from slowcoach_server.playbook.walk import Walk

_KINDS = ("investigate", "run_load_test", "record_profile", "analyze_load_results")
_SUBJECTS = ("url", "method", "target", "command", "pid", "path", "plan", "kind")
_HINT = "Name two files or runs: slowcoach ask 'compare before.json and after.json'"
_LOOKED_AT = 60


def run(walk: Walk) -> None:
    """Carry the command out."""
    before, after = walk.arguments.get("before"), walk.arguments.get("after")
    if not (before and after):
        before, after = _latest(walk, before)
    found = walk.call(
        "compare", "is the difference more than noise", before=before, after=after,
        **walk.given("threshold_pct"),
    )  # fmt: skip
    walk.conclude(found)
    walk.next.extend(found.next)


def _latest(walk: Walk, before: str | None) -> tuple[str, str]:
    """Return the two latest runs that measured the same; a person may name others."""
    if walk.person.terminal and before:
        return before, str(walk.need("after", f"Compare {before} with?", _HINT))
    for kind in _KINDS:
        done = [r for r in walk.runs.store.newest(kind, _LOOKED_AT) if r.status == "done"]
        for at, after in enumerate(done):
            subject = _subject(after.arguments)
            like = [run for run in done[at + 1 :] if _subject(run.arguments) == subject]
            if like:
                what = subject.get("url") or subject.get("target") or subject.get("path") or "it"
                said = f"{like[0].id} and {after.id}, the two latest runs of {kind} on {what}"
                walk.person.assume("before and after", said)
                return like[0].id, after.id
    raise InputError("two sides are needed, and no two runs of one thing are kept", hint=_HINT)


def _subject(arguments: Mapping[str, Any]) -> dict[str, str]:
    """Return what a run measured: two runs of different things are no before and after."""
    return {name: str(arguments[name]) for name in _SUBJECTS if arguments.get(name) is not None}


PLAYBOOK = Playbook("compare_runs", run)
