"""Data written as Markdown: the filters that pages and prompts use to show what they hold."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import yaml

from slowcoach.core.units import number

_INDENT = "  "


def cell(value: Any) -> str:
    """Return one value as text: nothing is a dash, lists are joined, mappings read `key: value`."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return number(value, 6)
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {cell(part)}" for key, part in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "; ".join(cell(part) for part in value)
    return str(value).strip()


def table(rows: Iterable[Mapping[str, Any]], **columns: str) -> str:
    """Return rows as a table; `columns` maps each key to its heading, in order."""
    lines = [f"| {' | '.join(columns.values())} |", f"|{' --- |' * len(columns)}"]
    for row in rows:
        cells = (_in_table(cell(row.get(key))) for key in columns)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _in_table(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def bullets(items: Iterable[Any], mark: str = "-") -> str:
    """Return items as a list; a mapping becomes its first value in bold, then the others."""
    return "\n".join(f"{mark} {_item(item)}" for item in items)


def numbered(items: Iterable[Any]) -> str:
    """Return items as a numbered list."""
    return "\n".join(f"{at}. {_item(item)}" for at, item in enumerate(items, start=1))


def checks(items: Iterable[Any]) -> str:
    """Return items as boxes to tick."""
    return bullets(items, mark="- [ ]")


def _item(item: Any) -> str:
    if not isinstance(item, Mapping):
        return cell(item)
    first, *others = (cell(value) for value in item.values() if value is not None)
    rest = ". ".join(other.rstrip(".") for other in others)
    return f"**{first}**: {rest}" if rest else f"**{first}**"


def tree(nodes: Iterable[Mapping[str, Any]], depth: int = 0) -> str:
    """Return a decision tree: each node has `when`, and `then` or `children` or both.

    `how` (to measure) and `cause` (a word of the verdict) stand in brackets.
    """
    lines: list[str] = []
    for node in nodes:
        then = f" → {cell(node['then'])}" if "then" in node else ""
        notes = [node["how"]] if "how" in node else []
        notes += [f"cause `{node['cause']}`"] if "cause" in node else []
        noted = f" ({'; '.join(notes)})" if notes else ""
        lines.append(f"{_INDENT * depth}- {cell(node['when'])}{then}{noted}")
        if children := node.get("children"):
            lines.append(tree(children, depth + 1))
    return "\n".join(lines)


class _Template(yaml.SafeDumper):
    """YAML as a person writes it: several lines stand as a block."""


def _block(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Template.add_representer(str, _block)


def as_yaml(value: Any) -> str:
    """Return a template as a fenced YAML block, keys in their order."""
    text = yaml.dump(value, Dumper=_Template, sort_keys=False, allow_unicode=True, width=96)
    return f"```yaml\n{text}```"


def code(text: str, language: str = "") -> str:
    """Return a program as a fenced block."""
    return f"```{language}\n{text.rstrip()}\n```"


def outdated(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return what has changed since the methodology was written, with its figure beside today's."""
    shown = table(rows, about="About", yours="The methodology", today="Today", source="Source")
    return f"## What has changed since\n\n{shown}"


FILTERS = {
    "table": table,
    "bullets": bullets,
    "numbered": numbered,
    "checks": checks,
    "tree": tree,
    "yaml": as_yaml,
    "code": code,
    "outdated": outdated,
    "cell": cell,
}
