"""The report: any run as one self-contained HTML page, without network."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from slowcoach.core.errors import InputError

if TYPE_CHECKING:
    from slowcoach.core.runs import Runs
    from slowcoach.core.store import StoredRun


def render_report(run: "StoredRun", artefacts: Mapping[str, tuple[bytes, str]]) -> str:
    """Return the page of a run; `artefacts` maps names to data and media type."""
    from slowcoach_server.report import page, rendering

    return rendering.render(page.of_run(run, artefacts))


def write_report(runs: "Runs", run_id: str, output: Path | None) -> Path:
    """Write the page of a run and return where it is (`RUN.html` here by default).

    Raises UnknownRunError, or InputError when the run goes on or the file cannot be written.
    """
    run = runs.get(run_id)
    if run.status == "running":
        raise InputError(
            f"run {run_id} is still running", hint="Wait with get_run, then ask for its report"
        )
    store = runs.store
    artefacts = {a.name: store.artefact(run_id, a.name) for a in store.artefacts(run_id)}
    html = render_report(run, artefacts)
    path = (output or Path(f"{run.id}.html")).expanduser()
    if path.is_dir():
        path = path / f"{run.id}.html"
    try:
        path.write_text(html, encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"{path}: {error.strerror or error}", hint="Name a file in a folder that may be written"
        ) from None
    return path.resolve()
