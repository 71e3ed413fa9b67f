"""The change of one configuration file: planned, shown, made, undone. Pure but for `make`."""

import difflib
import json
import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slowcoach.core.errors import UnreadableError, UnsupportedError
from slowcoach_server.install.clients import NAME, Client

_LARGEST = 16 << 20
_INDENT = 2


@dataclass(frozen=True)
class Change:
    """A file's text before (None: there is none) and after."""

    file: Path
    before: str | None
    after: str

    @property
    def is_one(self) -> bool:
        """Tell whether anything changes."""
        return self.before != self.after

    def shown(self) -> str:
        """Return the change as a unified diff."""
        old, new = (self.before or "").splitlines(), self.after.splitlines()
        name = str(self.file)
        return "\n".join(difflib.unified_diff(old, new, name, name, lineterm=""))

    def make(self) -> Path | None:
        """Write the file in one step; return the copy of the old one, None if there was none."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        copy = None
        if self.before is not None:
            stamp = time.strftime("%Y%m%d-%H%M%S")
            copy = self.file.with_name(f"{self.file.name}.before-slowcoach-{stamp}")
            shutil.copy2(self.file, copy)
        target = self.file.resolve()  # a linked file stays a link
        new = target.with_name(f".{target.name}.{os.getpid()}.new")
        try:
            new.write_text(self.after, encoding="utf-8")
            if self.before is not None:
                shutil.copymode(target, new)
            new.replace(target)
        finally:
            new.unlink(missing_ok=True)
        return copy


def planned(client: Client, file: Path, entry: Mapping[str, Any] | None) -> Change:
    """Return the change that adds our entry, or with None takes it out.

    Raises UnreadableError for a file that is none of the client's, UnsupportedError for one with
    comments, with the entry to paste.
    """
    before = _read(file)
    if file.suffix == ".toml":
        return Change(file, before, _toml(file, before or "", client.under, entry))
    whole = _decoded(file, before, client, entry)
    table = whole.setdefault(client.under, {})
    if not isinstance(table, dict):
        raise UnreadableError(
            f"{file}: {client.under}: expected an object, got {type(table).__name__}",
            hint="Is it this client's file?",
        )
    if entry is not None:
        table[NAME] = dict(entry)
    else:
        table.pop(NAME, None)
    if json.dumps(whole) == json.dumps(_decoded(file, before, client, entry)):
        return Change(file, before, before or "")
    ending = "\n" if before is None or before.endswith("\n") else ""
    text = json.dumps(whole, indent=_indent(before), ensure_ascii=False)
    return Change(file, before, text + ending)


def _read(file: Path) -> str | None:
    try:
        if file.stat().st_size > _LARGEST:
            raise UnreadableError(f"{file}: larger than a configuration", hint="Is it the file?")
        return file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableError(f"{file}: {error}", hint="Check the file") from error


def _decoded(
    file: Path, text: str | None, client: Client, entry: Mapping[str, Any] | None
) -> dict[str, Any]:
    if text is None or not text.strip():
        return {}
    try:
        whole = json.loads(text)
    except json.JSONDecodeError as error:
        pasted = json.dumps({client.under: {NAME: entry}}, indent=_INDENT)
        raise UnsupportedError(
            f"{file}: no plain JSON (line {error.lineno}); rewritten, comments would be lost",
            hint=f"Put this in by hand: {pasted}" if entry else f"Take {NAME} out by hand",
        ) from error
    if not isinstance(whole, dict):
        raise UnreadableError(f"{file}: expected an object", hint="Is it this client's file?")
    return whole


def _indent(text: str | None) -> int | str:
    """Return the indentation of the file's first nested line."""
    for line in (text or "").splitlines()[1:]:
        space = line[: len(line) - len(line.lstrip())]
        if space:
            return space if "\t" in space else len(space)
    return _INDENT


def _toml(file: Path, text: str, under: str, entry: Mapping[str, Any] | None) -> str:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        whole = tomlkit.parse(text)
    except TOMLKitError as error:
        raise UnreadableError(f"{file}: {error}", hint="Mend its TOML first") from error
    table = whole.get(under)
    if entry is None:
        if table is not None:
            table.pop(NAME, None)
        return tomlkit.dumps(whole)
    if table is None:
        table = tomlkit.table(is_super_table=True)
        whole[under] = table
    table[NAME] = dict(entry)
    return tomlkit.dumps(whole)
