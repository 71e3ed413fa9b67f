"""Reduce bundle size: the tool for it where it is, else the guide."""

from slowcoach_server.playbook.playbook import Playbook
from slowcoach_server.playbook.walk import Walk


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


PLAYBOOK = Playbook("reduce_bundle", run)
