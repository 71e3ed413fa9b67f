"""What the clients of MySQL and MariaDB put around a plan: frames, `\\G`, escaped line breaks."""

import re

_FRAME = re.compile(r"(?m)^[ \t]*\+-[-+]*\+[ \t]*$")
_BAR_LEFT = re.compile(r"(?m)^[ \t]*\|[ \t]?")
_BAR_RIGHT = re.compile(r"(?m)\|[ \t]*$")
_VERTICAL = re.compile(r"(?m)^\*{5,}.*\*{5,}[ \t]*$")
_TITLE = re.compile(r"(?m)^[ \t]*(?:EXPLAIN|ANALYZE)(?::[ \t]*|[ \t]*$)")
_FOOTER = re.compile(r"(?m)^\d+ rows? in set.*$|^mysql> ?|^MariaDB \[[^\]]*\]> ?")
_ESCAPED = re.compile(r"\\n(?=[ \t\\{}\[\]\"-]|$)")
_QUOTED = re.compile(r'""(\w+)""\s*:')


def unframed(text: str) -> str:
    """Return a plan without the client's frame, titles and escapes."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\ufeff", "")
    if _FRAME.search(text):
        text = _BAR_RIGHT.sub("", _BAR_LEFT.sub("", _FRAME.sub("", text)))
    text = _TITLE.sub("", _FOOTER.sub("", _VERTICAL.sub("", text)))
    if "\n" not in text.strip() and "\\n" in text:  # mysql -e writes one line, breaks escaped
        text = _ESCAPED.sub("\n", text).replace("\\t", "\t").replace("\\\\", "\\")
    if _QUOTED.search(text):
        text = text.replace('""', '"')
    return text
