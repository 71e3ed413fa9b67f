"""Whoever asked: a person at a terminal, who answers and permits; or a pipe, with defaults."""

import sys
from collections.abc import Mapping
from typing import Any, Final, TextIO

from slowcoach.core.redaction import redacted
from slowcoach.core.runs import plain
from slowcoach.core.tool import Tool
from slowcoach_server.present import cleaned

_DOES: Final = {
    "execute": "run or look into programs on this machine",
    "load": "send load",
    "write": "write files",
}
_YES: Final = frozenset({"", "y", "yes"})
_SHOWN = 300


class Person:
    """Answers questions, which are written to `out` (standard error: the answer has the other).

    `assumed` is what was taken because nobody could be asked.
    """

    def __init__(
        self,
        *,
        yes: bool = False,
        terminal: bool | None = None,
        read: TextIO | None = None,
        out: TextIO | None = None,
    ) -> None:
        self.yes = yes
        self.assumed: list[str] = []
        self._gone = False
        self._read = read or sys.stdin
        self._out = out or sys.stderr
        both = self._read.isatty() and self._out.isatty()
        self.terminal = both if terminal is None else terminal

    def ask(self, name: str, question: str, default: str | None = None) -> str | None:
        """Return the answer; the default for an empty one, or when nobody is there."""
        if not self.terminal or self._gone:
            self.assume(name, default)
            return default
        shown = f" [{default}]" if default else " (Enter: not known)"
        return self.line(f"{question}{shown} ") or default

    def assume(self, name: str, value: object) -> None:
        """Note a default that was taken."""
        text = "not given" if value is None else value
        self.assumed.append(redacted(name, f"{name}: {text}"))

    def line(self, prompt: str) -> str:
        """Return a line that was typed; empty at the end of the input."""
        return (self._typed(prompt) or "").strip()

    def _typed(self, prompt: str) -> str | None:
        """Return a line as it was typed; None after the end of the input (Ctrl-D), where nothing
        is asked any more.
        """
        if self._gone:
            return None
        self._out.write(cleaned(prompt))
        self._out.flush()
        line = self._read.readline()
        self._gone = not line
        return line or None

    def permits(self, tool: Tool, arguments: Mapping[str, Any], *, asked_for: bool) -> bool:
        """Ask before a tool runs code or sends load. On a pipe what the sentence itself asks for
        goes on (and is said), anything else needs --yes.
        """
        if not tool.permission or self.yes:
            return True
        does = " and ".join(_DOES[name] for name in tool.permission)
        if not self.terminal:
            if asked_for:
                self.assumed.append(f"{tool.name} may {does}, as the question asks for it")
            return asked_for
        shown = cleaned(str(plain(dict(arguments))))[:_SHOWN]
        answer = self._typed(f"{tool.name} will {does}: {shown}\nGo on? [Y/n] ")
        return answer is not None and answer.strip().lower() in _YES
