"""Reduce bundle size: the tool for it where it is, else the guide."""

from slowcoach_server.playbook.playbook import Playbook
from slowcoach_server.playbook.walk import Walk

_TODAY = (
    "Look into the build with your bundler's own report (first table), largest packages first",
    "Weigh what is sent, before and after: gzip -c dist/*.js | wc -c",
    "After each change: `slowcoach read-guide ci_gates` has the check that keeps it small",
)


def run(walk: Walk) -> None:
    """Carry the command out."""
    if walk.has("analyze_bundle"):
        hint = "Name the build's statistics, a source map or its folder"
        path = walk.need("path", "Which build (stats.json, source map or folder)?", hint)
        given = walk.given("budget_kb", "baseline")
        walk.conclude(walk.call("analyze_bundle", "what is in it", path=path, **given))
        return
    walk.lacks("analyze_bundle", "packages, duplicates and their sizes are not told")
    walk.conclude(walk.call("read_guide", "what shrinks a bundle, in order", topic="bundles"))
    walk.next.extend(_TODAY)


PLAYBOOK = Playbook("reduce_bundle", run)
