"""A function stands many times on one stack."""

from slowcoach.core.finding import Evidence, Finding, NotChecked, Severity
from slowcoach.core.knowledge import Rule
from slowcoach.profiling.judged import Check, Judged


def look(rule: Rule, recording: Judged) -> list[Finding | NotChecked]:
    """Judge how often each function occurs on one stack, and how much time such stacks hold."""
    if recording.profile.flat is not None:
        return [rule.not_checked("this format keeps no stacks")]
    deepest = _deepest(recording)
    found: list[Finding | NotChecked] = []
    for function, depth in sorted(deepest.items(), key=lambda item: -item[1]):
        if depth < rule.limit("depth"):
            break
        share = recording.share(float(recording.profile.total_weights[function]))
        if share.value < rule.limit("share"):
            continue
        place = recording.place(function)
        evidence = Evidence(
            metric="times on one stack", value=depth, unit="count", limit=rule.limit("depth"),
            where=place, note=f"its stacks hold {share}",
        )  # fmt: skip
        risky = depth >= rule.limit("overflow_depth")
        found.append(
            rule.finding(
                [evidence], where=[place], severity=Severity.WARNING if risky else Severity.INFO
            )
        )
    return found[: int(rule.limit("reported"))]


def _deepest(recording: Judged) -> dict[int, int]:
    """Return for each function the largest number of times it occurs on one stack, from 2."""
    tree = recording.profile.tree
    frames, ends = tree.frame.tolist(), tree.end.tolist()
    on_path: dict[int, int] = {}
    deepest: dict[int, int] = {}
    open_nodes: list[int] = []
    for node in range(1, len(frames)):
        while open_nodes and ends[open_nodes[-1]] <= node:
            on_path[frames[open_nodes.pop()]] -= 1
        frame = frames[node]
        open_nodes.append(node)
        depth = on_path[frame] = on_path.get(frame, 0) + 1
        if depth > 1 and depth > deepest.get(frame, 0):
            deepest[frame] = depth
    return deepest


CHECK = Check("profile.recursion", look)
