"""The references of the skills, written from the pages: one source, two places to read it."""

from slowcoach.core.knowledge import Page, pages, skills

_NOTE = "<!-- Written by `make docs` from knowledge/pages/{id}.md: change it there. -->\n\n"
_FOLDER = "knowledge/skills"


def references() -> dict[str, str]:
    """Return each reference's path from the project's root (POSIX) and its text.

    A page belongs to the skill of its phase; pages of phase 0 belong to none.
    """
    folders = {_phase_of(folder): folder for folder in skills()}
    return {
        f"{_FOLDER}/{folders[page.phase]}/references/{page.id}.md": _text(page)
        for page in pages().values()
        if page.phase in folders
    }


def _phase_of(folder: str) -> int:
    return int(folder.split("-")[1])


def _text(page: Page) -> str:
    return _NOTE.format(id=page.id) + page.text()
