"""Review front-end performance: the audit where it is, else the server's part and the guide."""

from slowcoach_server.playbook.endpoint import investigated
from slowcoach_server.playbook.playbook import Playbook
from slowcoach_server.playbook.walk import Walk


def run(walk: Walk) -> None:
    """Carry the command out."""
    known = walk.arguments
    if walk.has("audit_frontend"):
        given = walk.given("url", "path", "device")
        walk.conclude(walk.call("audit_frontend", "measure the vitals", **given))
        return
    walk.lacks("audit_frontend", "no vital of the page (LCP, INP, CLS) is measured")
    if known.get("bundle") and not walk.has("analyze_bundle"):
        walk.lacks("analyze_bundle", "what is in the bundle is not told")
    guide = walk.call("read_guide", "what to measure and fix, in order", topic="web_vitals")
    walk.conclude(guide)
    if str(known.get("url", "")).startswith("http"):
        why = "the first byte is the server's: how long does it take"
        found = investigated(walk, str(known["url"]), why=why)
        walk.next.extend(found.next)


PLAYBOOK = Playbook("review_frontend", run)
