"""What a run keeps of its profiles beside the answer: pictures, and files for other tools."""

from collections.abc import Mapping, Sequence
from typing import Any

from slowcoach.core.job import Job
from slowcoach.profiling import pictures
from slowcoach.profiling.exports import exports
from slowcoach.profiling.model import Profile
from slowcoach.profiling.pictures import png

_SVG, _PNG = "image/svg+xml", "image/png"
Fields = dict[str, str]


def keep(
    job: Job,
    together: Sequence[Profile],
    name: str,
    *,
    picture: str | None,
    export: tuple[str, Sequence[Profile]] | None,
) -> tuple[Fields, list[str]]:
    """Save the flame graph, the asked picture and the asked export (a format, of these profiles).

    `together` are the threads of the view that is judged. Returns the answer's fields, which
    address what was saved, and what could not be.
    """
    found: Fields = {"picture": _svg(job, "flame", pictures.draw("flame", together, name))}
    said: list[str] = []
    if picture is not None:
        try:
            drawn = pictures.draw(picture, together, name)
        except pictures.NotDrawnError as error:
            said.append(str(error))
            del found["picture"]  # another one must not pass for it
        else:
            found["picture"] = _svg(job, picture, drawn)
            said += _image(job, picture, drawn, found)
    if export is not None:
        form, profiles = exports()[export[0]], export[1]
        found["exported"] = job.save(form.file, form.write(profiles, name), form.media_type)
        if form.lacks:
            said.append(f"{form.file} lacks {form.lacks}")
    return found, said


def keep_difference(
    job: Job, tree: Mapping[str, Any], *, picture: str | None
) -> tuple[Fields, list[str]]:
    """Save the difference of two profiles as a flame graph; returns fields and what failed."""
    from slowcoach.profiling.pictures.difference import difference

    drawn = difference(tree)
    found = {"picture": _svg(job, "difference", drawn)}
    return found, _image(job, "difference", drawn, found) if picture is not None else []


def _svg(job: Job, kind: str, drawn: str) -> str:
    return job.save(f"{kind}.svg", drawn.encode(), _SVG)


def _image(job: Job, kind: str, drawn: str, found: Fields) -> list[str]:
    """Save the picture as PNG where that can be done; returns what is missing."""
    if not png.available():
        return [png.MISSING]
    found["image"] = job.save(f"{kind}.png", png.png(drawn), _PNG)
    return [] if png.has_font() else [png.NO_FONT]
