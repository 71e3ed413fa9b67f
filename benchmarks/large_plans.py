"""Large plans, put together from the samples that real servers printed for the tests."""

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SAMPLES = Path(__file__).parent.parent / "tests" / "data" / "plans"
_STEP = "(cost=0.00..9000000.00 rows=100 width=4) (actual time=0.010..900000.000 rows=5 loops=1)"
_BESIDE = ("Planning", "Execution", "Settings", "JIT", "Query", "Trigger", "Serialization")


def _renamed(node: dict[str, Any], number: int) -> dict[str, Any]:
    """Return a copy whose tables and aliases are this number's own."""
    found = {key: value for key, value in node.items() if key != "Plans"}
    for key in ("Relation Name", "Alias"):
        if key in found:
            found[key] = f"{found[key]}_{number}"
    if "Plans" in node:
        found["Plans"] = [_renamed(child, number) for child in node["Plans"]]
    return found


def large_json(megabytes: float) -> str:
    """Return a plan of about this size in JSON, indented as PostgreSQL does."""
    texts = [file.read_text("utf-8") for file in sorted((SAMPLES / "postgresql_json").iterdir())]
    roots = [json.loads(text)[0]["Plan"] for text in texts]
    sized = [(root, len(json.dumps([{"Plans": [root]}], indent=2))) for root in roots]
    parts: list[dict[str, Any]] = []
    size = 0
    for number, (root, length) in enumerate(itertools.cycle(sized)):
        if size > megabytes * 1e6:
            break
        parts.append(_renamed(root, number))
        size += length
    top = {"Node Type": "Append", "Total Cost": 9e9, "Plan Rows": 9, "Plan Width": 8,
           "Startup Cost": 0.0, "Actual Startup Time": 0.1, "Actual Total Time": 9e6,
           "Actual Rows": 9, "Actual Loops": 1, "Plans": parts}  # fmt: skip
    return json.dumps([{"Plan": top, "Planning Time": 1.0, "Execution Time": 9e6}], indent=2)


def _below(text: str) -> Iterator[str]:
    for index, line in enumerate(text.rstrip().splitlines()):
        if not line.startswith(_BESIDE) and not line.startswith("  Buffers: shared hit=1 "):
            yield f"  ->  {line}" if not index else f"      {line}"


def large_text(megabytes: float) -> str:
    """Return a plan of about this size as text."""
    texts = [file.read_text("utf-8") for file in sorted((SAMPLES / "postgresql_text").iterdir())]
    lines = [f"Append  {_STEP}"]
    size = 0
    for text in itertools.cycle(texts):
        if size > megabytes * 1e6:
            break
        block = list(_below(text))
        lines += block
        size += sum(map(len, block)) + len(block)
    return "\n".join(lines) + "\nPlanning Time: 1.000 ms\nExecution Time: 900001.000 ms\n"
