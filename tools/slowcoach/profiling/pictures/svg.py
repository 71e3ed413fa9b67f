"""SVG text: one document with title, description, legend and style, and boxes with labels. Pure.

No script, no reference to anything outside, every text escaped. Widths of texts are reckoned from
a monospaced font, so that a label never leaves its box whatever font is found.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from slowcoach.profiling.pictures.palette import LABELS, STYLE

WIDTH = 1200
ROW = 18
MARGIN = 12
_CHARACTER = 6.65  # pixels of one at 11 pixels in a monospaced font
_PADDING = 4
_LEAST_CHARACTERS = 3
_TITLE_SIZE = 200  # characters of a tooltip's name
_HEAD = 66
_LEGEND_GAP = 22
_LEGEND_LETTER = 6.9
_FORBIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def safe(text: str) -> str:
    """Return a text for SVG: escaped, without characters that XML forbids or that reorder text."""
    return escape(_FORBIDDEN.sub("�", text), quote=True)


def figure(value: float) -> str:
    """Return a coordinate in pixels with one decimal, as short as can be."""
    text = f"{value:.1f}"
    return text.removesuffix(".0")


def fitting(text: str, width: float) -> str:
    """Return as much of a text as fits a width in pixels, with an ellipsis, perhaps nothing."""
    room = int((width - 2 * _PADDING) / _CHARACTER)
    if room < _LEAST_CHARACTERS:
        return ""
    text = _FORBIDDEN.sub("�", text)
    if text.isascii():
        return text if len(text) <= room else f"{text[: room - 1]}…"
    if sum(map(_cells, text)) <= room:
        return text
    used, kept = 1, ""
    for letter in text:
        used += _cells(letter)
        if used > room:
            break
        kept += letter
    return f"{kept}…"


def _cells(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def shortened(text: str) -> str:
    """Return a name for a tooltip, its middle left out when it is very long."""
    if len(text) <= _TITLE_SIZE:
        return text
    half = _TITLE_SIZE // 2
    return f"{text[:half]} … {text[-half:]}"


def box(x: float, y: float, width: float, kind: str, label: str, title: str) -> str:
    """Return one frame: a rectangle of a category, its tooltip, its label where there is room."""
    shown = fitting(label, width)
    words = ""
    if shown:
        words = f'<text x="{figure(x + _PADDING)}" y="{figure(y + 12.5)}">{safe(shown)}</text>'
    return (
        f'<g><title>{safe(title)}</title><rect class="{kind}" x="{figure(x)}" y="{figure(y)}" '
        f'width="{figure(max(width - 0.5, 0.3))}" height="{ROW - 1}"/>{words}</g>'
    )


def bar(kind: str, x: float, y: float, width: float, height: float = 6) -> str:
    """Return a plain rectangle of a kind."""
    return (
        f'<rect class="{kind}" x="{figure(x)}" y="{figure(y)}" width="{figure(width)}" '
        f'height="{figure(height)}"/>'
    )


def line(x: float, y: float, text: str, kind: str = "s") -> str:
    """Return a line of text of a kind of the style (`s` small, `h` heading)."""
    return f'<text class="{kind}" x="{figure(x)}" y="{figure(y)}">{safe(text)}</text>'


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is drawn below the head: elements, how high they are, what they mean in words."""

    title: str
    subtitle: str
    description: str
    legend: Sequence[str]
    elements: Iterable[str]
    height: float
    notes: Sequence[str] = ()


HEAD = _HEAD


def document(drawing: Drawing) -> str:
    """Return the whole SVG: head, legend, the elements (which begin at y = HEAD), notes."""
    room = WIDTH - 2 * MARGIN
    below = HEAD + drawing.height + 4
    height = below + ROW * len(drawing.notes) + MARGIN
    notes = (
        line(MARGIN, below + 12 + ROW * i, fitting(note, room))
        for i, note in enumerate(drawing.notes)
    )
    parts = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{figure(height)}" '
        f'viewBox="0 0 {WIDTH} {figure(height)}" role="img" aria-labelledby="title about">',
        f'<title id="title">{safe(drawing.title)}</title>',
        f'<desc id="about">{safe(drawing.description)}</desc>',
        f"<style>{STYLE}</style>",
        f'<rect class="paper" width="{WIDTH}" height="{figure(height)}"/>',
        line(MARGIN, 24, fitting(drawing.title, room * 0.7), "h"),
        line(MARGIN, 42, fitting(drawing.subtitle, room)),
        *_legend(drawing.legend),
        *drawing.elements,
        *notes,
        "</svg>\n",
    )
    return "\n".join(parts)


def _legend(kinds: Sequence[str]) -> list[str]:
    found: list[str] = []
    x = float(MARGIN)
    for kind in kinds:
        found.append(f'<rect class="{kind}" x="{figure(x)}" y="50" width="10" height="10"/>')
        found.append(line(x + 14, 59, LABELS[kind]))
        x += 14 + len(LABELS[kind]) * _LEGEND_LETTER + _LEGEND_GAP
    return found
