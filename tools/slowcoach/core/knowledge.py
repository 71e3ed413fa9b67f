"""What people wrote: rules, pages, skills and commands, read from knowledge/ and prompts/.

Every file is front matter (YAML: the data) and a body (Jinja2: the text around it), so a
number stands once, in the data, and the text shows it.
"""

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

from slowcoach.core.errors import InputError
from slowcoach.core.finding import Evidence, Finding, NotChecked, Severity
from slowcoach.core.markdown import FILTERS
from slowcoach.core.units import quantity

_INSTALLED = files("slowcoach") / "_data"
DATA: Traversable = _INSTALLED if _INSTALLED.is_dir() else Path(__file__).parents[3]
URI = "slowcoach://"
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Limit(_Frozen):
    """One number with a meaning: its unit, why it is that, and where it comes from."""

    value: float
    unit: str
    why: str
    source: str = ""
    users_value: str = Field(default="", description="The methodology's own figure, if another.")

    def __str__(self) -> str:
        return quantity(self.value, self.unit)


class Rule(_Frozen):
    """One thing that can be wrong, as written in knowledge/rules/<id>.md."""

    id: str
    title: str
    severity: Severity
    cause: str | None = None
    confidence: float = Field(ge=0, le=1)
    limits: dict[str, Limit] = {}
    fix: tuple[str, ...]
    verify: str
    source: str = ""
    body: str = ""

    def limit(self, name: str) -> float:
        """Return the value of a limit."""
        return self.limits[name].value

    def finding(
        self,
        evidence: Iterable[Evidence],
        *,
        where: Iterable[str] = (),
        title: str | None = None,
        severity: Severity | None = None,
        confidence: float | None = None,
        fix: Iterable[str] | None = None,
        cause: str | None = None,
    ) -> Finding:
        """Return a finding of this rule; what is not given is the rule's own."""
        return Finding(
            rule=self.id,
            cause=cause or self.cause,
            severity=severity or self.severity,
            title=title or self.title,
            evidence=tuple(evidence),
            where=tuple(where),
            fix=tuple(self.fix if fix is None else fix),
            verify=self.verify,
            confidence=self.confidence if confidence is None else confidence,
            learn_more=f"{URI}rules/{self.id}",
        )

    def not_checked(self, why: str) -> NotChecked:
        """Return the statement that this rule could not be judged."""
        return NotChecked(rule=self.id, why=why)

    def text(self) -> str:
        """Return the rule as a page: what, limits with reasons, fix, how to verify."""
        lines = [f"# {self.title}", "", render(self.body, limits=self.limits).strip(), ""]
        if self.limits:
            lines += ["## Limits", ""]
            for name, limit in self.limits.items():
                source = f" Source: {limit.source}." if limit.source else ""
                yours = f" The methodology says {limit.users_value}." if limit.users_value else ""
                lines.append(f"- `{name}`: {limit}. {limit.why}.{source}{yours}")
            lines.append("")
        lines += ["## Fix", "", *(f"- {step}" for step in self.fix), ""]
        lines += ["## Verify", "", self.verify, ""]
        return "\n".join(lines)


class Page(_Frozen):
    """One page of knowledge/pages/<id>.md: data, and text that shows the data.

    `data` is free: budgets, trees, tables. `phase` is the methodology's phase, 1 to 10, or 0.
    """

    id: str
    title: str
    description: str
    phase: int = Field(ge=0, le=10)
    keywords: tuple[str, ...] = ()
    data: dict[str, Any] = {}
    body: str = ""

    @property
    def uri(self) -> str:
        """Return the resource's address."""
        return f"{URI}knowledge/{self.id}"

    def text(self) -> str:
        """Return the page with its data filled in."""
        return f"# {self.title}\n\n{_tidy(render(self.body, **self.data))}\n"


class Argument(_Frozen):
    """One argument of a command."""

    name: str
    description: str
    required: bool = False


class Command(_Frozen):
    """One of the twelve commands, as written in prompts/<name>.md."""

    name: str
    title: str
    description: str
    says: tuple[str, ...]
    tools: tuple[str, ...]
    arguments: tuple[Argument, ...]
    body: str

    def text(self, **arguments: str) -> str:
        """Return the steps for these arguments; missing ones are empty."""
        given = {argument.name: "" for argument in self.arguments} | arguments
        return _tidy(render(self.body, **given))


class Skill(_Frozen):
    """One phase of the methodology as an Agent Skill: SKILL.md and its references, verbatim."""

    name: str
    description: str
    front_matter: dict[str, Any]
    files: dict[str, bytes]


def _tidy(text: str) -> str:
    """Return the text without the empty lines that Jinja2's blocks leave."""
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def render(template: str, /, **data: Any) -> str:
    """Fill a Jinja2 template; an unknown name raises."""
    from jinja2 import Environment, StrictUndefined  # loaded when first shown: it is not small

    environment = Environment(  # noqa: S701 - markdown and scripts, not HTML
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    filters: dict[str, Any] = {**FILTERS, "quantity": quantity}
    environment.filters.update(filters)
    return environment.from_string(template).render(**data)


def front_matter(text: str) -> tuple[dict[str, Any], str]:
    """Split a file into its YAML header and its body."""
    _, header, body = text.replace("\r\n", "\n").split("---\n", 2)
    return yaml.load(header, Loader=_Loader), body  # noqa: S506 - the safe loader, in C


def _markdown(folder: str) -> list[tuple[str, str]]:
    entries = sorted((DATA / folder).iterdir(), key=lambda entry: entry.name)
    return [
        (entry.name.removesuffix(".md"), entry.read_text(encoding="utf-8"))
        for entry in entries
        if entry.name.endswith(".md")
    ]


@cache
def rules() -> dict[str, Rule]:
    """Return every rule by id."""
    return {name: _rule(name, text) for name, text in _markdown("knowledge/rules")}


def _rule(name: str, text: str) -> Rule:
    header, body = front_matter(text)
    return Rule(id=name, body=body, **header)


@cache
def rule(name: str) -> Rule:
    """Return one rule, reading only its file."""
    text = (DATA / "knowledge" / "rules" / f"{name}.md").read_text(encoding="utf-8")
    return _rule(name, text)


@cache
def pages() -> dict[str, Page]:
    """Return every page by id."""
    return {name: _page(name, text) for name, text in _markdown("knowledge/pages")}


def _page(name: str, text: str) -> Page:
    header, body = front_matter(text)
    return Page(id=name, body=body, **header)


@cache
def page(name: str) -> Page:
    """Return one page, reading only its file; raises InputError with the known names."""
    file = DATA / "knowledge" / "pages" / f"{name}.md"
    if not file.is_file():
        raise InputError(f"no page {name!r}", hint=f"Known pages: {', '.join(pages())}")
    return _page(name, file.read_text(encoding="utf-8"))


@cache
def commands() -> dict[str, Command]:
    """Return the twelve commands by name."""
    found: dict[str, Command] = {}
    for name, text in _markdown("prompts"):
        header, body = front_matter(text)
        found[name] = Command(name=name, body=body, **header)
    return found


@cache
def skills() -> dict[str, Skill]:
    """Return the ten phases as skills, in phase order (their names sort that way)."""
    found: dict[str, Skill] = {}
    for folder in sorted((DATA / "knowledge" / "skills").iterdir(), key=lambda entry: entry.name):
        if not folder.is_dir():
            continue
        content = dict(_files(folder, ""))
        header, _ = front_matter(content["SKILL.md"].decode())
        found[folder.name] = Skill(
            name=header["name"],
            description=header["description"],
            front_matter=header,
            files=content,
        )
    return found


def _files(folder: Traversable, prefix: str) -> Iterable[tuple[str, bytes]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _files(entry, f"{prefix}{entry.name}/")
        else:
            yield f"{prefix}{entry.name}", entry.read_bytes()
