"""Why is this endpoint slow: investigate, follow the verdict, fill the brief."""

from slowcoach_server.playbook import briefs
from slowcoach_server.playbook.endpoint import address, database, followed, investigated
from slowcoach_server.playbook.playbook import Playbook
from slowcoach_server.playbook.walk import Walk


def run(walk: Walk) -> None:
    """Carry the command out."""
    url = address(walk)
    earlier = walk.arguments.get("brief")
    if earlier is None:
        walk.ask("since_when", "Since when is it slow, and what changed then?")
        walk.ask("target_p95", "Which 95th percentile would be fast enough (such as 200ms)?")
    database_url = database(walk)
    found = investigated(
        walk,
        url,
        why="measure it alone and under load, and watch what it does",
        database_url=database_url,
        brief=earlier or briefs.with_target(walk),
    )
    briefs.fill(walk, found)
    followed(walk, found, database_url)


PLAYBOOK = Playbook("explain_endpoint", run)
