"""Find and read the source of a function that a profile names: local files only, bounded, and
only ones that a language's name ends.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

from slowcoach.core.knowledge import rule
from slowcoach.profiling.source import go, java, javascript, python, typescript
from slowcoach.profiling.source.syntax import Function, Language

LANGUAGES: tuple[Language, ...] = (
    python.LANGUAGE,
    javascript.LANGUAGE,
    typescript.LANGUAGE,
    go.LANGUAGE,
    java.LANGUAGE,
)
_ROOTS = ("", "src", "src/main/java")
_MOST_PARTS = 12
_LONGEST = 4_096


@dataclass(frozen=True)
class Source:
    """A file that was read: its lines and its functions."""

    language: str
    lines: tuple[str, ...]
    functions: tuple[Function, ...]

    def quoted(self, number: int, most: int) -> str:
        """Return a line as it stands, without what cannot be shown, cut to `most` characters."""
        line = self.lines[number - 1].strip() if 0 < number <= len(self.lines) else ""
        shown = "".join(each if each.isprintable() else " " for each in line)
        return shown if len(shown) <= most else f"{shown[: most - 1]}…"


def language_of(file: str) -> Language | None:
    """Return the language of a file by its name."""
    name = file.lower()
    return next((each for each in LANGUAGES if name.endswith(each.suffixes)), None)


def lacks(language: Language) -> bool:
    """Tell whether a language's parser is not installed."""
    return any(find_spec(package) is None for package in language.needs)


def read(file: str, folder: Path) -> Source | None:
    """Return the source of a recorded path, or None when it is not at hand: as recorded, or the
    same path, or the end of it, within `folder`.

    Raises ValueError when the file cannot be parsed.
    """
    language = language_of(file)
    if language is None or lacks(language):
        return None
    limit = int(rule("profile.source_pattern").limit("bytes"))
    for path in _candidates(file, folder):
        try:
            if not path.is_file() or path.stat().st_size > limit:
                continue
            text = path.read_text(encoding="utf-8", errors="replace")
        except (OSError, ValueError):
            continue
        return Source(language.name, tuple(text.splitlines()), tuple(language.functions(text)))
    return None


def _candidates(file: str, folder: Path) -> Iterator[Path]:
    if len(file) > _LONGEST or "\0" in file:
        return
    if file.startswith("file://"):
        file = unquote(urlsplit(file).path)
    elif "://" in file:
        return
    path = Path(file.replace("\\", "/"))
    if path.is_absolute():
        yield path
    parts = [part for part in path.parts if part not in {path.anchor, ".", ".."}][-_MOST_PARTS:]
    for start in range(len(parts)):
        for root in _ROOTS:
            yield folder.joinpath(root, *parts[start:])
