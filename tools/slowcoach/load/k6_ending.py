"""How k6 ended: its exit codes told apart, what scripts threw, and which thresholds it judged."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from slowcoach.core.errors import InputError, SlowcoachError, ToolFailedError
from slowcoach.load.outcome import Threshold

_SUMMARY_LIMIT = 16 * 1024 * 1024
_SHOWN = 600
_MOST_MESSAGES = 100
_MOST_LINE = 1 << 20
# k6's errext/exitcodes: what each says when it is not 0
CROSSED = 99  # a threshold was crossed: a result like any other
_FAULTS_OF_SCRIPT = {
    104: "its configuration is wrong",
    107: "it threw an exception outside of an iteration",
}
_ENDED_EARLY = {
    97: "a test in the cloud failed",
    100: "setup did not end in time",
    101: "teardown did not end in time",
    102: "it timed out",
    103: "its engine failed",
    105: "it was aborted from outside",
    108: "the script aborted the test",
    109: "it crashed",
    110: "the script marked the test as failed",
}


class Log:
    """k6's log of errors as JSON lines: counts what scripts threw, keeps the first of each."""

    def __init__(self) -> None:
        self._rest = b""
        self.thrown = 0
        self.messages: Counter[str] = Counter()

    def feed(self, data: bytes, *, end: bool = False) -> None:
        """Count the lines of a piece of the log."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if end or len(self._rest) > _MOST_LINE:
            lines.append(self._rest)
            self._rest = b""
        for line in lines:
            self._count(line)

    def _count(self, line: bytes) -> None:
        try:
            entry = json.loads(line)
            message = str(entry["msg"])
        except (ValueError, KeyError, TypeError):
            return
        self.thrown += entry.get("source") == "stacktrace"
        shown = " ".join(message.split())[:_SHOWN]
        if shown in self.messages or len(self.messages) < _MOST_MESSAGES:
            self.messages[shown] += 1

    @property
    def worst(self) -> str:
        """Return the message that came most often."""
        return next((text for text, _ in self.messages.most_common(1)), "")


def fault_of(code: int, said: str, *, requests: int) -> SlowcoachError | None:
    """Return the error that an exit code means; None where there is a result to tell.

    A crossed threshold is a result. So is what was measured before a test ended early.
    """
    if code in {0, CROSSED}:
        return None
    if code in _FAULTS_OF_SCRIPT:
        return InputError(
            f"k6 cannot run the script, {_FAULTS_OF_SCRIPT[code]}: {said}",
            hint="Check it with: k6 inspect --execution-requirements FILE",
        )
    if requests:
        return None
    why = _ENDED_EARLY.get(code, f"it ended with {code}")
    return ToolFailedError(f"k6: {why}: {said}", hint="Run the script by hand to see more")


def doubts(code: int, log: Log, iterations: int, *, version: str) -> tuple[str, ...]:
    """Return what to doubt of a test that has results."""
    found: list[str] = []
    if code in _ENDED_EARLY:
        found.append(f"{version}: {_ENDED_EARLY[code]} (exit code {code}): {log.worst}")
    elif code not in {0, CROSSED}:
        found.append(f"{version} ended with {code}: {log.worst}")
    if log.thrown:
        found.append(
            f"the script threw in {log.thrown:,} of {iterations:,} iterations, which k6 does not "
            f"count as failures: {log.worst}"
        )
    return tuple(found)


def thrown_always(log: Log, iterations: int) -> ToolFailedError | None:
    """Return the error of a script that threw in every iteration; k6 itself exits with 0 then."""
    if not log.thrown or log.thrown < iterations:
        return None
    return ToolFailedError(
        f"the script threw in each of its {iterations:,} iterations: {log.worst}",
        hint="Run it once by hand: k6 run --iterations 1 FILE",
    )


def thresholds(summary: Path) -> tuple[Threshold, ...]:
    """Return the thresholds that k6 judged, of the summary that handleSummary wrote."""
    try:
        if summary.stat().st_size > _SUMMARY_LIMIT:
            return ()
        metrics = json.loads(summary.read_bytes())["metrics"]
        return tuple(
            Threshold(f"{metric}: {expression}", bool(judged["ok"]))
            for metric, data in metrics.items()
            for expression, judged in _judged(data)
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ()


def _judged(metric: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    return list((metric.get("thresholds") or {}).items())
