"""Write the generated parts of the repository: `python -m slowcoach_server.docs [--check]`.

README's tables of tools and commands, manifest.json's tools, prompts and version, and the
references of the skills. With --check nothing is written and a stale file ends with 1.
"""

import json
import sys
from pathlib import Path

from slowcoach import __version__
from slowcoach.catalogue import tools
from slowcoach.core import knowledge
from slowcoach.core.skill_references import references

ROOT = Path(__file__).resolve().parents[2]


def generated(root: Path) -> dict[Path, str]:
    """Return every generated file with its text as it should be."""
    texts = {root / path: text for path, text in references().items()}
    manifest = root / "manifest.json"
    texts[manifest] = manifest_text(manifest.read_text(encoding="utf-8"))
    readme = root / "README.md"
    text = readme.read_text(encoding="utf-8")
    texts[readme] = between(between(text, "tools", tool_table()), "commands", command_table())
    return texts


def manifest_text(current: str) -> str:
    """Return manifest.json with the tools, prompts and version that there are."""
    manifest = json.loads(current)
    manifest["version"] = __version__
    manifest["tools"] = [
        {"name": tool.name, "description": tool.paragraphs[0]} for tool in tools().values()
    ]
    manifest["prompts"] = [
        {
            "name": command.name,
            "description": command.description,
            "arguments": [argument.name for argument in command.arguments],
            "text": command.title
            + "".join(f" {a.name}: ${{arguments.{a.name}}}" for a in command.arguments),
        }
        for command in knowledge.commands().values()
    ]
    return json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"


def tool_table() -> str:
    """Return README's table of tools."""
    lines = ["| tool | what it does | may |", "| --- | --- | --- |"]
    for tool in tools().values():
        may = ", ".join(tool.permission) or "read"
        lines.append(f"| `{tool.name}` | {tool.paragraphs[0]} | {may} |")
    return "\n".join(lines)


def command_table() -> str:
    """Return README's table of what people say."""
    lines = ["| you say | command | tools |", "| --- | --- | --- |"]
    for command in knowledge.commands().values():
        used = ", ".join(f"`{name}`" for name in command.tools)
        lines.append(f"| “{command.says[0]}” | `{command.name}` | {used} |")
    return "\n".join(lines)


def between(text: str, name: str, content: str) -> str:
    """Replace what stands between the markers <!-- name --> and <!-- /name -->.

    Raises ValueError when a marker is missing: nothing of the text is ever dropped.
    """
    start, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    head, begun, rest = text.partition(start)
    _, ended, tail = rest.partition(end)
    if not (begun and ended):
        raise ValueError(f"the markers of {name} are not both there")
    return f"{head}{start}{content}\n{end}{tail}"


def main() -> int:
    """Write what is stale, or with --check only name it."""
    stale = [
        path
        for path, text in generated(ROOT).items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]
    for path in stale:
        sys.stderr.write(f"stale: {path.relative_to(ROOT)}\n")
    if "--check" in sys.argv[1:]:
        return 1 if stale else 0
    for path, text in generated(ROOT).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
