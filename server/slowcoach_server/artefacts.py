"""What a result links of its run's artefacts: for images over MCP and files of the command line."""

from pathlib import Path

from slowcoach.core.errors import InputError
from slowcoach.core.knowledge import URI
from slowcoach.core.result import Result
from slowcoach.core.runs import Runs
from slowcoach.core.tool import Tool


def linked(result: Result) -> dict[str, str]:
    """Return the names of artefacts of the result's own run, by the field that addresses them."""
    start = f"{URI}runs/{result.run_id}/"
    values = ((name, getattr(result, name)) for name in type(result).model_fields)
    return {
        name: value.removeprefix(start)
        for name, value in values
        if isinstance(value, str) and value.startswith(start)
    }


def of_media_type(result: Result, runs: Runs, media_type: str) -> list[bytes]:
    """Return the data of the linked artefacts of one media type."""
    names = set(linked(result).values())
    if not names or result.run_id is None:
        return []
    store = runs.store
    return [
        store.artefact(result.run_id, kept.name)[0]
        for kept in store.artefacts(result.run_id)
        if kept.name in names and kept.media_type == media_type
    ]


def checked_output(output: Path | None) -> Path | None:
    """Return the path if a file can be made there; raises InputError before the work is done."""
    if output is None:
        return None
    path = output.expanduser()
    if path.is_dir() or not path.parent.is_dir():
        got = "a folder" if path.is_dir() else "one in a folder that is not there"
        raise InputError(f"--output {output}: expected a file, got {got}", hint="Name a file")
    return path


def write_output(result: Result, tool: Tool, runs: Runs, path: Path) -> None:
    """Write the first artefact of `tool.writes` that has the file's ending, a PNG also from SVG.

    Raises InputError, or MissingDependencyError when PNGs cannot be made here.
    """
    names = linked(result)
    kept = [names[field] for field in tool.writes if field in names]
    data = _data(result, runs, kept, path)
    try:
        path.write_bytes(data)
    except OSError as error:
        raise InputError(
            f"{path}: {error.strerror or error}", hint="Name a file in a folder that may be written"
        ) from None


def _data(result: Result, runs: Runs, kept: list[str], path: Path) -> bytes:
    def ending(suffix: str) -> str | None:
        return next((name for name in kept if Path(name).suffix == suffix), None)

    run_id = result.run_id or ""
    name, drawn = ending(path.suffix), ending(".svg")
    if name is not None:
        return runs.store.artefact(run_id, name)[0]
    if path.suffix == ".png" and drawn is not None:
        from slowcoach.profiling.pictures import png

        return png.demanded(runs.store.artefact(run_id, drawn)[0].decode())
    raise InputError(
        f"--output {path}: nothing was kept that ends so, only {', '.join(kept) or 'nothing'}",
        hint="Use one of these endings, or ask for it by an option (see --help)",
    )
