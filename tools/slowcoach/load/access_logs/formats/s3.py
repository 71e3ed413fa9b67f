"""Access logs of Amazon S3 buckets."""

import re

from slowcoach.load.access_logs.layout import Layout, LogFormat, lines_of

_QUOTED = r'[^"\\\n]*+(?:\\.[^"\\\n]*+)*'
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html
_LINE = re.compile(
    rf"^[0-9a-f]{{20,80}} (\S+) \[([^\]\n]+)\] (\S+) \S+ \S+ \S+ \S+"
    rf' "([A-Z][A-Z-]*+) ([^\s"]++)[^"\n]*+" (\d{{3}}) \S+ (\S+) \S+ (\S+) \S+'
    rf' "{_QUOTED}" "({_QUOTED})".*$',
    re.MULTILINE,
)
_ROLES = (
    "host",
    "time_clf",
    "client",
    "method",
    "target",
    "status",
    "answer_bytes",
    "duration_ms",
    "agent",
)


def _known(head: str) -> Layout | None:
    if not any(_LINE.match(line) for line in lines_of(head)[:20]):
        return None

    def columns(block: str) -> dict[str, tuple[str, ...]]:
        rows = _LINE.findall(block)
        return dict(zip(_ROLES, zip(*rows, strict=True), strict=True)) if rows else {}

    return Layout("Amazon S3", columns, stamp="start")


FORMAT = LogFormat(name="Amazon S3", known=_known, order=1)
