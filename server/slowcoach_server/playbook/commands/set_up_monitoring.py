"""Set up monitoring: the tool for it where it is, else what exists and what is to be written."""

from slowcoach_server.playbook.playbook import Playbook
from slowcoach_server.playbook.walk import Walk

_TODAY = (
    "`slowcoach read-guide ci_gates` has the gates to copy into the pipeline; check them there: "
    "nothing here has run them",
    "`slowcoach read-guide budgets` has the figures for alerts; `slowcoach read-guide "
    "regression_checks` what to look at every week",
    "`slowcoach compare before.json after.json` in CI fails on a regression today",
)


def run(walk: Walk) -> None:
    """Carry the command out."""
    repo = str(
        walk.arguments.get("repo") or walk.arguments.get("path") or walk.default("repo", ".")
    )
    if walk.has("set_up_monitoring"):
        given = walk.given("service", "stack", "slo")
        walk.conclude(walk.call("set_up_monitoring", "write the files", repo=repo, **given))
        return
    walk.lacks("set_up_monitoring", "no gates, alerts or dashboards are written")
    score = walk.call("score_performance", "what the repository has already", repo=repo)
    walk.conclude(score)
    for topic in ("ci_gates", "regression_checks"):
        walk.attempt("read_guide", "what to write", topic=topic)
    budgets = walk.attempt(
        "check_budget", "an objective to begin with", kind="api", measurements={}
    )
    if budgets is not None and not walk.arguments.get("slo"):
        walk.person.assume("slo", "the budget of an API, until you choose your own")
    walk.next.extend(_TODAY)


PLAYBOOK = Playbook("set_up_monitoring", run)
