"""Drafts of deeds, kept on disk until they are signed."""
import json
import os
import uuid
from pathlib import Path

from werkzeug.datastructures import CallbackDict


class Draft(CallbackDict):
    """A draft that is never lost: what is set is kept."""

    def __init__(self, number: str, initial=None, on_update=None):
        super().__init__(initial, on_update)
        self.number = number


class DraftFolder:
    def __init__(self, folder: Path):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def _path(self, number: str) -> Path:
        return self.folder / f"{uuid.UUID(number).hex}.json"

    def new(self) -> Draft:
        return Draft(uuid.uuid4().hex, on_update=self.store)

    def open(self, number: str) -> Draft:
        return Draft(number, json.loads(self._path(number).read_text()), on_update=self.store)

    def store(self, draft: Draft) -> None:
        path = self._path(draft.number)
        fresh = path.with_suffix(".new")
        with open(fresh, "w", encoding="utf-8") as out:
            json.dump(draft, out, ensure_ascii=False)
            out.flush()
            os.fsync(out.fileno())
        os.replace(fresh, path)

    def discard(self, number: str) -> None:
        self._path(number).unlink(missing_ok=True)

    def numbers(self) -> list[str]:
        return sorted(path.stem for path in self.folder.glob("*.json"))
