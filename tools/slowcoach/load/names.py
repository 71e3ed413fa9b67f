"""Names of endpoints and kinds of errors, as many as a person can read."""

from __future__ import annotations

import re

from slowcoach.core.redaction import redacted

MOST_NAMES = 1_000
OTHERS = "(all others)"
_MOST_PLAIN = 200  # beyond these, ids in paths are taken for what they are
_MOST_KINDS = 50
_MOST_REMEMBERED = 100_000  # names with their codes, so that each is looked at once
_LONGEST = 200  # characters of a name or an error
_ID = re.compile(
    r"(?<!//)(?<=[/=])(?:\d+|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|(?=[0-9a-f]*\d)[0-9a-f]{12,64})(?=[/?&#.;\s]|$)",
    re.IGNORECASE,
)


def templated(name: str) -> str:
    """Return a URL or path with `{id}` for numbers, UUIDs and long hexadecimal numbers in it."""
    return _ID.sub("{id}", name)


class Names:
    """Endpoints by number. Beyond 200, ids in paths become `{id}`; beyond 1,000 the rest stands
    together. Secrets in URLs are hidden. `warnings` says so.
    """

    def __init__(self) -> None:
        self.titles: list[str] = []
        self.warnings: list[str] = []
        self._codes: dict[str, int] = {}
        self._by_title: dict[str, int] = {}
        self._templates = False

    def code(self, text: str) -> int:
        """Return the number of a name. Several may have one title in the end."""
        found = self._codes.get(text)
        if found is None:
            if len(self._codes) >= _MOST_REMEMBERED:
                self._codes.clear()
            found = self._codes[text] = self._new(cleaned(text) or "(no name)")
        return found

    def _new(self, title: str) -> int:
        if not self._templates and len(self.titles) >= _MOST_PLAIN:
            self._templates = True
            self.titles = [templated(each) for each in self.titles]
            self._by_title = {each: code for code, each in enumerate(self.titles)}
            self.warnings.append(
                f"more than {_MOST_PLAIN} endpoints: those whose paths differ by an id are joined"
            )
        if self._templates:
            title = templated(title)
        if title not in self._by_title and len(self.titles) >= MOST_NAMES:
            title = OTHERS
            if title not in self._by_title:
                self.warnings.append(
                    f"more than {MOST_NAMES:,} endpoints: later ones stand together as {OTHERS}"
                )
        code = self._by_title.setdefault(title, len(self.titles))
        if code == len(self.titles):
            self.titles.append(title)
        return code


class Kinds:
    """Kinds of errors by number; 0 is a success. At most 50, later ones together."""

    def __init__(self) -> None:
        self.titles: list[str] = [""]
        self.answered: list[bool] = [True]
        self._codes: dict[str, int] = {"": 0}

    def code(self, text: str, *, answered: bool) -> int:
        """Return the number of a kind. `answered` tells that such a request got a response."""
        found = self._codes.get(text)
        if found is not None:
            return found
        title = cleaned(text) or "error"
        if title not in self._codes and len(self.titles) > _MOST_KINDS:
            title = "other errors" if answered else "other errors without an answer"
        code = self._codes.setdefault(title, len(self.titles))
        if code == len(self.titles):
            self.titles.append(title)
            self.answered.append(answered)
        if len(self._codes) < _MOST_REMEMBERED:
            self._codes[text] = code
        return code


def cleaned(text: str) -> str:
    """Return a text of a file as people may see it: short, in one line, without secrets."""
    plain = text[: 4 * _LONGEST]
    if not plain.isprintable():
        plain = "".join(sign if sign.isprintable() else " " for sign in plain)
    plain = " ".join(plain.split())[:_LONGEST]
    if "=" in plain or "@" in plain:  # without them there is nothing to hide
        plain = str(redacted("", plain))
    return plain.strip()
