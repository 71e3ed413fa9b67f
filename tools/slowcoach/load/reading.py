"""From files of results to what is known of the load test, whichever tool wrote them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from slowcoach.core.errors import InputError, UnreadableError
from slowcoach.core.job import Cancellation
from slowcoach.load.outcome import Outcome
from slowcoach.load.reader_kind import Reader, Source, readers
from slowcoach.load.streams import source_of

_SHOWN = 60
_MOST_FILES = 10_000  # that are looked at in a folder
_MOST_RUNS = 1_000  # that are read and merged
_MOST_LEVELS = 3  # of folders in a folder

Told = Callable[[int, int], None]


def read(
    path: str | Path | Sequence[str | Path],
    form: str | None = None,
    told: Told | None = None,
    cancellation: Cancellation | None = None,
) -> tuple[Outcome, tuple[str, ...]]:
    """Return what the results at a path tell, and the names of the formats they were read as.

    Several files, or those in a folder, are parts of one test (several machines sent its load)
    and are merged. `form` is a reader's name where the files themselves do not show it.
    `told` hears the bytes done and their total. Raises UnreadableError, InputError.
    """
    found = sources(path, form, told, cancellation)
    outcomes = [reader.read(source) for reader, source in found]
    names = tuple(dict.fromkeys(reader.name for reader, _ in found))
    if len(outcomes) == 1:
        return outcomes[0], names
    from slowcoach.load.merging import merged_outcomes

    return merged_outcomes(outcomes), names


def sources(
    path: str | Path | Sequence[str | Path],
    form: str | None = None,
    told: Told | None = None,
    cancellation: Cancellation | None = None,
) -> list[tuple[Reader, Source]]:
    """Return each result at a path with its reader; files of one result (a set) stand once.

    Raises UnreadableError where nothing is a result, and for a named file that is none.
    """
    named = [path] if isinstance(path, (str, Path)) else list(path)
    if not named:
        raise InputError("path: expected files, got none", hint="Give a file or a folder")
    found: dict[tuple[str, str], tuple[Reader, Source]] = {}
    for each in named:
        for reader, source in _at(Path(each).expanduser(), form, told, cancellation):
            found.setdefault((reader.name, reader.run(source.path)), (reader, source))
    if len(found) > _MOST_RUNS:
        raise InputError(
            f"path: expected at most {_MOST_RUNS:,} results of one test, got {len(found):,}",
            hint="Give the folder of one test",
        )
    return _without_lesser(list(found.values()))


def _at(
    path: Path, form: str | None, told: Told | None, cancellation: Cancellation | None
) -> Iterator[tuple[Reader, Source]]:
    if not _is_folder(path):
        source = source_of(path, told, cancellation)
        yield recognize(source, form), source
        return
    some = False
    for file in _files(path):
        try:
            source = source_of(file, told, cancellation)
            reader = recognize(source, form)
        except UnreadableError:
            continue  # logs, reports and scripts stand beside results
        some = True
        yield reader, source
    if not some:
        raise UnreadableError(
            f"{path}: expected results of a load test in this folder, found none", hint=_known()
        )


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _files(folder: Path, level: int = 0) -> Iterator[Path]:
    """Yield the plain files of a folder and those in it, in the order of their names."""
    try:
        entries = sorted(folder.iterdir())[:_MOST_FILES]
    except OSError as error:
        raise UnreadableError(
            f"{folder}: {error.strerror}", hint="Check that you may read it"
        ) from None
    for entry in entries:
        if entry.name.startswith(".") or entry.is_symlink():
            continue
        if entry.is_file():
            yield entry
        elif entry.is_dir() and level < _MOST_LEVELS:
            yield from _files(entry, level + 1)


def _without_lesser(found: list[tuple[Reader, Source]]) -> list[tuple[Reader, Source]]:
    """Leave out results that another file of the same run tells better.

    A tool may write one run twice, such as k6 its points and its summary: only those of the most
    telling format in a folder are parts to merge.
    """
    kept: list[tuple[Reader, Source]] = []
    for reader, source in found:
        betters = [
            other
            for other, beside in found
            if reader.name in other.over and beside.path.parent in _near(source.path)
        ]
        if not betters:
            kept.append((reader, source))
    return kept


def _near(path: Path) -> tuple[Path, ...]:
    return (path.parent, path.parent.parent)


def recognize(source: Source, form: str | None = None) -> Reader:
    """Return the reader of a source; raises InputError for a format that is not known, and
    UnreadableError, naming the formats, for a file that no reader knows.
    """
    if form is not None:
        found = readers().get(form)
        if found is None:
            raise InputError(
                f"format: expected a known one, got {form[:_SHOWN]!r}",
                hint=f"Known: {', '.join(readers())}",
            )
        return found
    for reader in readers().values():
        if reader.matches(source):
            return reader
    first = " ".join(source.head[:_SHOWN].decode("utf-8", "replace").split())
    raise UnreadableError(
        f"{source.path}: expected results of a load test, got {first!r}", hint=_known()
    )


def _known() -> str:
    return f"Read today: {', '.join(reader.title for reader in readers().values())}"
