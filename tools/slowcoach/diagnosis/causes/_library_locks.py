"""Waits at a lock inside a library while who has it is in a file operation of that library. Pure.

A store that writes one change at a time makes the others wait at its own lock. What holds them up
is the disk: the program took no lock, and has none to split.
"""

from slowcoach.diagnosis.models import Activity
from slowcoach.diagnosis.view import Test, View


def behind_files(view: View) -> Test:
    """Return the test for waits at a lock within a call of a library in which others are in file
    operations at the same time.
    """
    at_files = {_call(a) for a in view.loaded.activities if a.state == "disk" and a.callee}
    return lambda a: a.state == "lock" and bool(a.callee) and _call(a) in at_files


def _call(a: Activity) -> tuple[str, str, str]:
    """Return the program's function, and what of the library it called."""
    return a.function, a.file, a.callee[0] if a.callee else ""
