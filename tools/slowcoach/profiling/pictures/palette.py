"""Colours of the pictures, by what a frame's time is spent on; light, and dark where the viewer is.

Letters on every colour have a contrast of 4.5 to 1 or more, in both.
"""

from collections.abc import Mapping
from typing import Final

LABELS: Final[Mapping[str, str]] = {
    "user": "your code",
    "library": "libraries",
    "runtime": "runtime, native",
    "gc": "garbage collection",
    "lock": "locks",
    "io_wait": "waiting for I/O",
    "waiting": "waiting",
    "idle": "idle",
    "rest": "many small ones",
    "more2": "costs much more",
    "more1": "costs more",
    "same": "about the same",
    "less1": "costs less",
    "less2": "costs much less",
    "heat1": "little",
    "heat2": "",
    "heat3": "",
    "heat4": "",
    "heat5": "most",
}
_LIGHT: Final[Mapping[str, str]] = {
    "user": "#f2a65e",
    "library": "#a9c6e4",
    "runtime": "#d3cec3",
    "gc": "#cdb4e8",
    "lock": "#f0a0a0",
    "io_wait": "#94d2c4",
    "waiting": "#e8dca0",
    "idle": "#e9e7e2",
    "rest": "#efede8",
    "more2": "#e5805c",
    "more1": "#f4c0aa",
    "same": "#e4e1da",
    "less1": "#bcd6f0",
    "less2": "#6fa3da",
    "heat0": "#f4f2ee",
    "heat1": "#fbdcb4",
    "heat2": "#f7b978",
    "heat3": "#ee8f45",
    "heat4": "#d4612a",
    "heat5": "#9c3316",
}
_DARK: Final[Mapping[str, str]] = {
    "user": "#94500f",
    "library": "#2f5680",
    "runtime": "#4a4c50",
    "gc": "#5f4484",
    "lock": "#853434",
    "io_wait": "#1d6156",
    "waiting": "#645a22",
    "idle": "#35373b",
    "rest": "#2b2d31",
    "more2": "#a3431f",
    "more1": "#6b4237",
    "same": "#414347",
    "less1": "#35506e",
    "less2": "#2160a6",
    "heat0": "#222428",
    "heat1": "#4a3420",
    "heat2": "#74451c",
    "heat3": "#a65a1e",
    "heat4": "#d97a35",
    "heat5": "#ffc08a",
}
_FONT = (
    '11px ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,"Liberation Mono","Noto Sans Mono",'
    '"Courier New","Ubuntu Mono","DejaVu Sans","Liberation Sans","Noto Sans",Arial,monospace'
)
_HEADING = (
    '600 16px system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,"DejaVu Sans","Liberation Sans",'
    '"Noto Sans",FreeSans,sans-serif'
)


def _rules(colours: Mapping[str, str], paper: str, ink: str, soft: str) -> str:
    fills = "".join(f".{kind}{{fill:{colour}}}" for kind, colour in colours.items())
    return f".paper{{fill:{paper}}}text{{fill:{ink}}}.s,.ink{{fill:{soft}}}{fills}"


DARK: Final = (
    f"@media (prefers-color-scheme:dark){{{_rules(_DARK, '#16181b', '#f4f2ee', '#b5b2ab')}}}"
)
STYLE: Final = (
    f"text{{font:{_FONT};white-space:pre}}.h{{font:{_HEADING}}}.n{{font-weight:700}}"
    f"{_rules(_LIGHT, '#ffffff', '#1d1c1a', '#5d5a54')}{DARK}"
)
