"""PNG from SVG, on white, by resvg (the package resvg_py, an optional extra). The edge to it.

The pictures name the common families of every system; whether one is there is tried with a letter.
"""

import re
from functools import cache
from importlib.util import find_spec

from slowcoach.core.errors import MissingDependencyError
from slowcoach.profiling.pictures.palette import DARK, STYLE

MISSING = "PNG needs the package resvg_py: pip install 'slowcoach[pictures]'; the SVG is kept"
NO_FONT = "This machine has no font that the picture names, so the PNG has no texts: install DejaVu"
_LETTER = f'<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><style>{STYLE}</style>'
_SIZE = re.compile(r'<svg [^>]*?width="(\d+)" height="([\d.]+)"')
_TALLEST = 3_000  # pixels; taller ones are made smaller


def available() -> bool:
    """Tell whether PNGs can be made here."""
    return find_spec("resvg_py") is not None


def png(svg: str) -> bytes:
    """Return the picture as PNG, in its light colours on white; needs `available()`."""
    import resvg_py

    found = _SIZE.match(svg)
    height = float(found[2]) if found else 0.0
    zoom = min(1.0, _TALLEST / height) if height else 1.0
    return resvg_py.svg_to_bytes(
        svg_string=svg.replace(DARK, "", 1), background="#ffffff", zoom=zoom
    )


def demanded(svg: str) -> bytes:
    """Return the picture as PNG; raises MissingDependencyError where that cannot be done."""
    if not available():
        raise MissingDependencyError("resvg_py is not installed", hint=MISSING)
    return png(svg)


@cache
def has_font() -> bool:
    """Tell whether letters appear: a machine without fonts draws none."""
    letter = png(f'{_LETTER}<text x="2" y="15">W</text></svg>')
    return letter != png(f"{_LETTER}</svg>")
