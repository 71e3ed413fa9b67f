"""A result as structured content and as text: each stands alone, says the same, and stays small.

Clients show a model one or the other. Texts that come from outside (function names, SQL) are
data: control characters that could drive a terminal or reorder text are taken out.
"""

import json
import re
from typing import Any

from slowcoach.core.finding import Finding
from slowcoach.core.result import Result, Table
from slowcoach.core.runs import plain
from slowcoach_server.artefacts import linked

ANSWER_LIMIT = 6_000  # characters: about 1,500 tokens
WHOLE_LIMIT = 1_000_000  # what an explicit wish for more may get
_ROWS = 25
_CELL = 160
_FEWEST = 3
_TEXTS = (1_000, 300, 100)  # characters that a text keeps, when nothing else helps
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def structured(result: Result, *, whole: bool = False) -> dict[str, Any]:
    """Return the JSON form, cut to the limit with a warning that says what was cut."""
    content: dict[str, Any] = cleaned(plain(result))
    return fitted(content, WHOLE_LIMIT if whole else ANSWER_LIMIT)


def cleaned(value: Any) -> Any:
    """Return data without control characters in its texts."""
    if isinstance(value, str):
        return _CONTROL.sub("�", value)
    if isinstance(value, dict):
        return {cleaned(k): cleaned(v) for k, v in value.items()}
    if isinstance(value, list):
        return [cleaned(item) for item in value]
    return value


def fitted(content: dict[str, Any], limit: int) -> dict[str, Any]:
    """Halve the largest list until the whole fits; say what is missing in `warnings`."""
    cut: dict[str, tuple[int, int]] = {}
    while len(json.dumps(content, ensure_ascii=False)) > limit:
        found = _largest_list(content, "")
        if found is None:
            break
        path, items = found
        before = cut.get(path, (0, len(items)))[1]
        del items[max(_FEWEST, len(items) // 2) :]
        cut[path] = (len(items), before)
    for longest in _TEXTS:
        if len(json.dumps(content, ensure_ascii=False)) <= limit:
            break
        content = _shortened(content, longest)
    if cut:
        run = content.get("run_id")
        rest = f"; the whole: slowcoach://runs/{run}/result" if run else ""
        shown = ", ".join(f"{path} {kept} of {all_}" for path, (kept, all_) in cut.items())
        content["warnings"] = [*content.get("warnings", []), f"cut to fit: {shown}{rest}"]
    return content


def _shortened(value: Any, longest: int) -> Any:
    """Return data with long texts cut: names in profiles can have any length."""
    if isinstance(value, str):
        return value if len(value) <= longest else f"{value[: longest - 1]}…"
    if isinstance(value, dict):
        return {key: _shortened(item, longest) for key, item in value.items()}
    if isinstance(value, list):
        return [_shortened(item, longest) for item in value]
    return value


def _largest_list(value: Any, path: str) -> tuple[str, list[Any]] | None:
    """Return the list of more than a few items that takes the most room, the deepest first."""
    best: tuple[int, str, list[Any]] | None = None

    def visit(item: Any, where: str) -> None:
        nonlocal best
        if isinstance(item, dict):
            for key, part in item.items():
                visit(part, f"{where}.{key}" if where else str(key))
        elif isinstance(item, list):
            for index, part in enumerate(item):
                visit(part, f"{where}[{index}]")
            size = len(json.dumps(item, ensure_ascii=False))
            if len(item) > _FEWEST and where != "warnings" and (best is None or size > best[0]):
                best = (size, where, item)

    visit(value, path)
    return (best[1], best[2]) if best else None


def text(result: Result, *, whole: bool = False) -> str:
    """Return the plain text form: summary, findings, tables, doubts, what to do next."""
    limit = WHOLE_LIMIT if whole else ANSWER_LIMIT
    said = ""
    for rows in (10_000, _ROWS) if whole else (_ROWS, 12, 6, _FEWEST):
        said = _CONTROL.sub("�", _text(result, rows))
        if len(said) <= limit:
            return said
    return said[: limit - 40] + "\n… cut; read the resource."


def _text(result: Result, rows: int) -> str:
    parts = [result.summary, result.body()]
    parts += [finding_text(finding) for finding in result.findings[:rows]]
    parts += [table_text(table, rows) for table in result.tables()]
    if result.not_checked:
        parts.append("not checked: " + "; ".join(f"{n.rule} ({n.why})" for n in result.not_checked))
    if result.warnings:
        parts.append("warnings: " + "; ".join(result.warnings))
    if result.next:
        parts.append("next: " + "; ".join(result.next))
    if result.run_id:
        kept = ", ".join(sorted(set(linked(result).values())))
        parts.append(
            f"run: {result.run_id} ({result.status}), slowcoach://runs/{result.run_id}/result"
            f"{f'; beside it {kept}' if kept else ''}"
        )
    return "\n\n".join(part for part in parts if part)


def finding_text(finding: Finding) -> str:
    """Return one finding in a few lines."""
    cause = f", cause {finding.cause}" if finding.cause else ""
    lines = [
        f"[{finding.severity.value}] {finding.title} "
        f"(rule {finding.rule}{cause}, confidence {finding.confidence:.2f})"
    ]
    lines += [f"  evidence: {item}" for item in finding.evidence]
    if finding.where:
        lines.append("  where: " + "; ".join(finding.where))
    lines += [f"  fix: {step}" for step in finding.fix]
    if finding.verify:
        lines.append(f"  verify: {finding.verify}")
    return "\n".join(lines)


def table_text(table: Table, rows: int) -> str:
    """Return a table in aligned columns, the first `rows` rows, saying how many are left out."""
    if not table.rows:
        return ""
    shown = [tuple(_cell(cell) for cell in row) for row in table.rows[:rows]]
    widths = [
        max(len(str(row[i])) for row in (table.columns, *shown)) for i in range(len(table.columns))
    ]
    lines = [table.title] if table.title else []
    for row in (table.columns, *shown):
        cells = (
            str(cell).rjust(width) if name in table.right else str(cell).ljust(width)
            for cell, width, name in zip(row, widths, table.columns, strict=True)
        )
        lines.append("  ".join(cells).rstrip())
    if len(table.rows) > rows:
        lines.append(f"… {len(table.rows) - rows} more rows")
    if table.note:
        lines.append(table.note)
    return "\n".join(lines)


def _cell(value: str) -> str:
    flat = " ".join(str(value).split())
    return flat if len(flat) <= _CELL else f"{flat[: _CELL - 1]}…"
