"""Check for memory leaks: the tool for it where it is, else what an investigation sees."""

from slowcoach_server.playbook.endpoint import address, followed, investigated
from slowcoach_server.playbook.playbook import Playbook
from slowcoach_server.playbook.walk import Walk

_SNAPSHOTS = "what grows between two heap snapshots, and what retains it, is not told"


def run(walk: Walk) -> None:
    """Carry the command out."""
    if walk.has("check_memory"):
        given = walk.given("pid", "url", "requests", "snapshots")
        walk.conclude(walk.call("check_memory", "does memory grow, and what holds it", **given))
        return
    walk.lacks("check_memory", _SNAPSHOTS)
    if walk.arguments.get("snapshots") or (
        walk.arguments.get("pid") and not walk.arguments.get("url")
    ):
        guide = walk.call("read_guide", "how to see it meanwhile", topic="memory_profiling")
        walk.conclude(guide)
        walk.next.append(
            "Name the address that is suspected: its memory is then watched under load"
        )
        return
    why = "send requests and watch memory, collections and containers meanwhile"
    found = investigated(walk, address(walk), why=why)
    followed(walk, found, None)


PLAYBOOK = Playbook("check_leaks", run)
