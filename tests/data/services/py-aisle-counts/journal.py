"""The record of counted bins; a file for each count, one line a bin."""
import itertools
import json
import os
from pathlib import Path

FOLDER = Path(os.environ.get("JOURNAL_DIR", "journal"))
KEEP = 40
numbers = itertools.count(1)


class Journal:
    def __init__(self, aisle: int):
        FOLDER.mkdir(exist_ok=True)
        self.number = next(numbers)
        self.path = FOLDER / f"{self.number:08d}-{aisle}.jsonl"
        self.file = open(self.path, "a", encoding="utf-8")

    def append(self, entry: dict) -> None:
        self.file.write(json.dumps(entry, separators=(",", ":")) + "\n")
        self.file.flush()
        os.fsync(self.file.fileno())

    def close(self) -> None:
        self.file.close()
        for old in sorted(FOLDER.glob("*.jsonl"))[:-KEEP]:
            old.unlink(missing_ok=True)
