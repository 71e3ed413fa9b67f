"""The place in the program that asks, from a statement's comment.

sqlcommenter (`/*controller='index',framework='django%3A5'*/`), marginalia
(`/*application:Shop,controller:orders,line:/app/x.rb:12*/`) and tracebacks in comments.
"""

import re
from urllib.parse import unquote

_FILE = re.compile(r"([\w./\\@-]+\.(?:py|rb|js|mjs|ts|tsx|go|java|kt|php|cs|scala|ex|exs)):(\d+)")
_LINE_WORD = re.compile(r'File "([^"\n]{1,300})", line (\d+)(?:, in (\w+))?')
_PAIR = re.compile(r"([A-Za-z_]\w*)\s*[=:]\s*'?([^',*\n]{1,200})'?")
_NAMES = (
    "controller",
    "action",
    "route",
    "job",
    "job_name",
    "resolver",
    "view",
    "func",
    "function",
)
_LONGEST = 160


def place(comment: str) -> str:
    """Return the place that a comment names, "" when it names none."""
    line = _LINE_WORD.search(comment)
    if line:
        inside = f" in {line.group(3)}" if line.group(3) else ""
        return f"{line.group(1)}:{line.group(2)}{inside}"[:_LONGEST]
    file = _FILE.search(comment)
    if file:
        return f"{file.group(1)}:{file.group(2)}{_function(comment, file.end())}"[:_LONGEST]
    pairs = {name.lower(): unquote(value).strip() for name, value in _PAIR.findall(comment)}
    told = [f"{name} {pairs[name]}" for name in _NAMES if pairs.get(name)]
    return ", ".join(told)[:_LONGEST]


def _function(comment: str, at: int) -> str:
    found = re.match(r"(?::in |, in | in )[`'(]?([A-Za-z_][\w.<>]*)", comment[at : at + 80])
    return f" in {found.group(1)}" if found else ""
