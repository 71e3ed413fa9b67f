"""What PostgreSQL prints below the tree: times, settings, triggers, planning, JIT."""

import re
from typing import Any

from slowcoach.queries.dialects._details import add, value_of
from slowcoach.queries.keys import snake

_TIMES = re.compile(r"(Planning Time|Execution Time|Total runtime):\s*([\d.]+) ms", re.IGNORECASE)
_TRIGGER = re.compile(
    r"Trigger (?:for constraint )?(?P<name>.*?)(?: on (?P<relation>\S+))?:"
    r" time=(?P<time>[\d.]+) calls=(?P<calls>[\d.]+)"
)
_SETTING = re.compile(r"(\S+) = '((?:[^']|'')*)'")
_PHASE = re.compile(r"(\w+) ([\d.]+) ms(?: \((\w+) ([\d.]+) ms\))?")
_SECTION = re.compile(r"(Planning|JIT|Serialization):\s*(.*)")
_LINE = re.compile(r"([A-Z][^:]*):\s*(.*)")


class Beside:
    """Collects what stands beside the tree."""

    def __init__(self) -> None:
        self.fields: dict[str, Any] = {}
        self._section: tuple[str, int] | None = None

    @property
    def begun(self) -> bool:
        """Tell whether a section such as `Planning:` is open."""
        return self._section is not None

    def takes(self, line: str, column: int) -> bool:
        """Take a line (without its indentation) if it stands beside the tree; tell whether."""
        if self._section is not None and column > self._section[1]:
            self._in_section(self._section[0], line)
            return True
        taken = self._known(line)
        if match := None if taken else _SECTION.match(line):
            self._section = (snake(match.group(1)), column)
            self.fields.setdefault(self._section[0], {})
            if match.group(2):
                self._serialization(match.group(2))
            return True
        if taken:
            self._section = None
        return taken

    def _known(self, line: str) -> bool:
        if match := _TIMES.match(line):
            self.fields[snake(match.group(1))] = float(match.group(2))
            return True
        if match := _TRIGGER.match(line):
            self.fields.setdefault("triggers", []).append(_trigger(line, match))
            return True
        key, _, text = line.strip().partition(": ")
        if key == "Settings":
            pairs = _SETTING.findall(text)
            self.fields["settings"] = {name: value.replace("''", "'") for name, value in pairs}
        elif key in {"Query Identifier", "Query Text"}:
            self.fields[snake(key)] = value_of(text)
        else:
            return False
        return True

    def _in_section(self, section: str, line: str) -> None:
        match = _LINE.match(line)
        if match is None:
            return
        key, text = match.groups()
        target = self.fields[section]
        if section == "jit" and key == "Timing":
            target["timing"] = {name.lower(): v for name, v in map(_phase, _PHASE.findall(text))}
        elif section == "jit" and key == "Options":
            pairs = (part.rsplit(" ", 1) for part in text.split(", "))
            target["options"] = {pair[0].lower(): pair[-1] == "true" for pair in pairs}
        else:
            add(target, key, text)

    def _serialization(self, text: str) -> None:
        target = self.fields["serialization"]
        for name, value in re.findall(r"(\w+)=(\S+)", text):
            target[name] = value_of(value)


def _phase(match: tuple[str, str, str, str]) -> tuple[str, Any]:
    name, time, part, part_time = match
    if part:  # PostgreSQL 17 and later: Generation 0.49 ms (Deform 0.13 ms)
        return name, {part.lower(): float(part_time), "total": float(time)}
    return name, float(time)


def _trigger(line: str, match: re.Match[str]) -> dict[str, Any]:
    key = "constraint_name" if "for constraint" in line else "trigger_name"
    trigger = {key: match["name"], "time": float(match["time"]), "calls": value_of(match["calls"])}
    return trigger | ({"relation": match["relation"]} if match["relation"] else {})
