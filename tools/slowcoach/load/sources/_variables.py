"""Variables of a Postman collection: known ones are put in, secret and unknown ones are gaps that
become placeholders once the request is written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from slowcoach.load.exchange import Exchange, leaves
from slowcoach.load.plan import Endpoint
from slowcoach.load.secrecy import Vault, env, hides, identifier, taken
from slowcoach.load.sources._documents import listed

_VARIABLE = re.compile(r"\{\{\s*([^{}]{1,200}?)\s*\}\}")
_MARK = re.compile(r"slowcoachgap(\d+)x")
_UNQUOTED = re.compile(r'(?<![\w"])slowcoachgap(\d+)x(?![\w"])')
_BARE = re.compile(r'"bare-slowcoachgap(\d+)x"')  # a number or an object of JSON
_TYPE = re.compile(r"<(string|integer|long|number|float|double|boolean|dateTime|date|uuid|email)>")
_ROUNDS = 10
_MADE_UP = 100
_OF_TYPE = {
    **dict.fromkeys(("integer", "long", "number", "float", "double"), "1"),
    "boolean": "true",
    "dateTime": "2026-01-15T12:00:00Z",
    "date": "2026-01-15",
    "uuid": "00000000-0000-4000-8000-000000000001",
    "email": "load@example.com",
}


@dataclass(frozen=True, slots=True)
class Scope:
    """What a request inherits from its folders: variables, how to sign in, the folder's name."""

    variables: Mapping[str, str]
    auth: Mapping[str, Any] | None
    folder: str


class Variables:
    """The gaps of one collection, and the values made up for Postman's dynamic variables."""

    def __init__(self, vault: Vault) -> None:
        self.data: dict[str, tuple[str, ...]] = {}
        self._vault = vault
        self._gaps: list[str] = []
        self._answers: dict[str, str] = {}

    def learn(self, exchange: Exchange) -> None:
        """Note what a saved answer gives, by the names that variables for it have."""
        try:
            document = json.loads(exchange.answer)
        except (ValueError, RecursionError):
            return
        words = [part for part in urlsplit(exchange.url).path.split("/") if part.isidentifier()]
        for _, key, value in leaves(document):
            self._answers[_plain(key)] = value
            if key.lower() == "id" and words:
                self._answers[_plain(f"{words[-1].removesuffix('s')}id")] = value

    def resolved(self, text: Any, scope: Scope, *, name: str = "") -> str:
        """Return a text with its variables; what is secret or unknown becomes a gap."""
        found = str(text) if text is not None else ""
        for _ in range(_ROUNDS):
            new = _VARIABLE.sub(lambda match: self._variable(match[1], scope), found)
            if new == found:
                break
            found = new
        return _TYPE.sub(lambda match: _OF_TYPE.get(match[1], "load"), found)

    def _variable(self, name: str, scope: Scope) -> str:
        if name.startswith("$"):
            return self.gap(self._made_up(name[1:]))
        value = scope.variables.get(name)
        if value is None or value == "":
            value = self._answers.get(_plain(name))  # a script sets it from an earlier answer
            return self.gap(env(name)) if value is None else value
        return self.gap(env(name)) if hides(name, value) else value

    def gap(self, placeholder: str) -> str:
        if placeholder not in self._gaps:
            self._gaps.append(placeholder)
        text = f"slowcoachgap{self._gaps.index(placeholder)}x"
        self._vault.handed_on(text, placeholder)
        return text

    def _made_up(self, kind: str) -> str:
        """Return the placeholder of values for one of Postman's dynamic variables."""
        import random
        import uuid

        name = identifier(kind)
        draw = random.Random(kind)  # noqa: S311 - samples, the same at each reading
        if "uuid" in name.lower() or name == "guid":
            values = [str(uuid.UUID(int=draw.getrandbits(128), version=4)) for _ in range(_MADE_UP)]
        elif "timestamp" in name:
            values = ["1767225600"]
        elif "email" in name:
            values = [f"load{n}@example.com" for n in range(_MADE_UP)]
        elif "int" in name or "price" in name:
            values = [str(draw.randrange(1000)) for _ in range(_MADE_UP)]
        else:
            values = [f"load {n}" for n in range(_MADE_UP)]
        self.data.setdefault(name, tuple(values))
        return taken(name)

    def filled(self, step: Endpoint) -> Endpoint:
        """Return a request with the placeholders that its gaps stand for."""

        def put(text: str) -> str:
            return _MARK.sub(lambda match: self._gaps[int(match[1])], text)

        body = None if step.body is None else put(_BARE.sub(r"slowcoachgap\1x", step.body))
        headers = {key: put(value) for key, value in step.headers.items()}
        return step.model_copy(
            update={"url": put(step.url), "headers": headers, "body": body, "name": put(step.label)}
        )

    def spaced(self, json_text: str) -> str:
        """Return JSON in which gaps without quotes, for numbers and objects, can be parsed."""
        return _UNQUOTED.sub(r'"bare-slowcoachgap\1x"', json_text)


def leads(text: str) -> int:
    """Return the length of the gap that a text begins with, 0 without."""
    match = _MARK.match(text)
    return match.end() if match else 0


def variable_of(text: str) -> bool:
    """Tell whether a text is one variable and nothing else."""
    return _VARIABLE.fullmatch(text) is not None


def variables_of(node: Mapping[str, Any], outer: Mapping[str, str]) -> dict[str, str]:
    """Return the variables in force; those marked as secret have no value here."""
    found = dict(outer)
    for variable in listed(node.get("variable")):
        key = str(variable.get("key") or variable.get("id") or "")
        is_secret = variable.get("type") == "secret"
        value = variable.get("value")
        if not variable.get("disabled"):
            found[key] = "" if is_secret or value is None else str(value)
    return found


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()
