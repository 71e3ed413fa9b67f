"""Compare before and after: two runs or files, else the two latest runs of one kind."""

from slowcoach.core.errors import InputError
from slowcoach_server.playbook.playbook import Playbook
from slowcoach_server.playbook.walk import Walk

_KINDS = ("investigate", "run_load_test", "record_profile", "analyze_load_results")
_HINT = "Name two files or runs: slowcoach ask 'compare before.json and after.json'"


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
    """Return the two latest runs of the first kind that has two; a person may name others."""
    if walk.person.terminal and before:
        return before, str(walk.need("after", f"Compare {before} with?", _HINT))
    for kind in _KINDS:
        done = [run.id for run in walk.runs.store.newest(kind) if run.status == "done"]
        if len(done) > 1:
            walk.person.assume("before and after", f"the two latest runs of {kind}")
            return done[1], done[0]
    raise InputError("two sides are needed, and no two runs of a kind are kept", hint=_HINT)


PLAYBOOK = Playbook("compare_runs", run)
