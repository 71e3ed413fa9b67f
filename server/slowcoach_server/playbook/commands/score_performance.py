"""Score our performance: what the repository shows, then what only people know."""

from typing import Any

from slowcoach_server.playbook.playbook import Playbook
from slowcoach_server.playbook.walk import Walk

_YES = {"y": True, "yes": True, "n": False, "no": False, "n/a": "n/a"}


def run(walk: Walk) -> None:
    """Carry the command out."""
    repo = str(
        walk.arguments.get("repo") or walk.arguments.get("path") or walk.default("repo", ".")
    )
    given = walk.given("answers")
    found: Any = walk.call("score_performance", "what the repository shows", repo=repo, **given)
    walk.conclude(found)
    open_items = [item for item in found.items if item.status == "asked"]
    answers = _answers(walk, open_items) if not given else {}
    if answers:
        why = "with the answers"
        walk.conclude(walk.call("score_performance", why, repo=repo, answers=answers))
    elif open_items:
        walk.person.assume("answers", f"none to {len(open_items)} open questions")
    walk.next.extend((walk.main or found).next)


def _answers(walk: Walk, items: list[Any]) -> dict[str, Any]:
    if not (items and walk.person.terminal):
        return {}
    ask = walk.person.line
    said = f"{len(items)} items cannot be seen in a repository. Answer them now? [y/N] "
    if _YES.get(ask(said).lower()) is not True:
        return {}
    found = {
        item.id: _YES.get(ask(f"{item.how} [y/n/n/a, Enter: open] ").lower()) for item in items
    }
    return {name: value for name, value in found.items() if value is not None}


PLAYBOOK = Playbook("score_performance", run)
