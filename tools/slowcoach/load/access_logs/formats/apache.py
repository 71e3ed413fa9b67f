"""Apache's LogFormat: a string of %directives, as the configuration has it."""

import re

from slowcoach.load.access_logs.layout import Field, Layout, LogFormat, regular

_DIRECTIVE = re.compile(r"%(?:[!\d,]*)[<>]?(?:\{([^}]*)\})?(\^?[a-zA-Z]{1,2}|%)")
_ROLES = {
    "h": "client",
    "a": "client",
    "u": "user",
    "r": "request",
    "m": "method",
    "U": "path",
    "q": "query",
    "s": "status",
    "b": "answer_bytes",
    "B": "answer_bytes",
    "O": "answer_bytes",
    "I": "request_bytes",
    "D": "duration_us",
    "T": "duration_s",
    "v": "host",
    "V": "host",
}
_OF_TIME = {"sec": "time_epoch", "msec": "time_ms", "usec": "time_us", "%s": "time_epoch"}
_OF_DURATION = {"ms": "duration_ms", "us": "duration_us", "s": "duration_s"}
_OF_HEADER = {"user-agent": "agent", "x-forwarded-for": "forwarded", "host": "host"}
_ISO = re.compile(r"%(?:Y-%m-%d|F)[T ]%(?:H:%M:%S|T)")
_CLF = r"\[([^\]\n]+)\]"


def _made(text: str) -> Layout | None:
    text = _unquoted(text)
    if not _DIRECTIVE.search(text) or "$" in text:
        return None
    parts: list[str | Field] = []
    stamp = "start"
    at = 0
    for match in _DIRECTIVE.finditer(text):
        if match.start() > at:
            parts.append(text[at : match.start()])
        if match[2] == "t" and (match[1] or "").startswith("end:"):
            stamp = "end"
        parts += _parts(match[1], match[2].removeprefix("^"))
        at = match.end()
    if at < len(text):
        parts.append(text[at:])
    return regular(parts, "Apache's LogFormat", "end" if stamp == "end" else "start")


def _unquoted(text: str) -> str:
    """Return the format of a whole directive, its quotes unescaped."""
    match = re.search(r'LogFormat\s+"((?:[^"\\]|\\.)*)"', text, re.IGNORECASE)
    found = match[1] if match else text.strip("\r\n")
    return found.replace('\\"', '"').replace("\\t", "\t")


def _parts(argument: str | None, letter: str) -> list[str | Field]:
    if letter == "%":
        return ["%"]
    if letter == "t":
        return _time(re.sub(r"^(?:begin|end):", "", argument or ""))
    if letter in {"i", "C"} or argument is None:
        return [Field(_role(argument, letter))]
    if letter == "T":
        return [Field(_OF_DURATION.get(argument, ""))]
    return [Field(_ROLES.get(letter, "") if letter in "apvV" else "")]


def _role(argument: str | None, letter: str) -> str:
    if letter == "C":
        return "session"
    if letter == "i":
        return _OF_HEADER.get((argument or "").lower(), "")
    return _ROLES.get(letter, "")


def _time(argument: str) -> list[str | Field]:
    if not argument:
        return ["[", Field("time_clf", r"[^\]\n]*"), "]"]
    if argument in _OF_TIME:
        return [Field(_OF_TIME[argument])]
    if match := _ISO.search(argument):
        before, after = argument[: match.start()], argument[match.end() :]
        zone = "[+-]\\d{2}:?\\d{2}" if after.startswith("%z") else ""
        found: list[str | Field] = [Field("time_iso", rf"\d{{4}}-\d\d-\d\d[T ][\d:.,]+{zone}")]
        rest = after.removeprefix("%z")
        return [*([before] if before else []), *found, *([rest] if rest else [])]
    return [Field("")]


FORMAT = LogFormat(name="Apache's LogFormat", known=lambda _head: None, made=_made)
