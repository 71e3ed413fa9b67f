"""Review front-end performance: the audit where it is, else the server's part and the guide."""

from slowcoach.core.errors import SlowcoachError
from slowcoach_server.playbook.endpoint import investigated
from slowcoach_server.playbook.playbook import Playbook
from slowcoach_server.playbook.walk import Walk

_MEASURE = (
    "Measure the page: `npx lighthouse URL --output json` (with --preset=desktop too), or the "
    "performance panel of the browser; five runs, take the median",
    "Judge what it says by the limits of the guide, worst vital first, and take its fixes in order",
)
_SERVER = "the first byte is the server's: how long does it take"


def run(walk: Walk) -> None:
    """Carry the command out."""
    known = walk.arguments
    if walk.has("audit_frontend"):
        given = walk.given("url", "path", "device")
        walk.conclude(walk.call("audit_frontend", "measure the vitals", **given))
        return
    walk.lacks("audit_frontend", "no vital of the page (LCP, INP, CLS) is measured")
    if path := known.get("path"):
        walk.missing.append(f"{path} was not read: reports of front ends come with that tool")
    if known.get("bundle") and not walk.has("analyze_bundle"):
        walk.lacks("analyze_bundle", "what is in the bundle is not told")
    guide = walk.call("read_guide", "what to measure and fix, in order", topic="web_vitals")
    walk.conclude(guide)
    walk.next.extend(_MEASURE)
    if str(known.get("url", "")).startswith("http"):
        _first_byte(walk, str(known["url"]))


def _first_byte(walk: Walk, url: str) -> None:
    """Measure the server's part, which can be measured; that it fails leaves the guide."""
    try:
        found = investigated(walk, url, why=_SERVER)
    except SlowcoachError as error:
        walk.missing.append(f"the first byte was not measured: {error}")
        return
    walk.notes.append("The figures are the server's part, the first byte; the guide has the rest")
    walk.next.extend(found.next)
    walk.next.append("`slowcoach read-guide web_vitals`: the limits of the vitals, and their fixes")


PLAYBOOK = Playbook("review_frontend", run)
