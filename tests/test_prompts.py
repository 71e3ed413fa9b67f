"""Every tool, argument, guide and field that a prompt names is there."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from slowcoach.catalogue import tools
from slowcoach.core.knowledge import Command, commands, pages

# tools that come with later versions, and what they will take
LATER = {
    "check_memory": {"pid", "url", "requests", "snapshots"},
    "audit_frontend": {"url", "path", "device", "runs"},
    "analyze_bundle": {"path", "budget_kb", "baseline"},
    "set_up_monitoring": {"service", "stack", "slo", "repo"},
}
# what answers say, and what is no word of ours
WORDS = {
    *("running", "unsure", "healthy", "ok", "cpu", "lock", "leaking", "run_id", "answers"),
    *("module:function", "EXPLAIN (ANALYZE, BUFFERS)", "db.", "memory.leak", "checks", "files"),
}
_TOKEN = re.compile(r"`([^`\n]+)`")
_GIVEN = re.compile(r"([a-z_]+): .+")


def renderings(command: Command) -> Iterator[str]:
    """Yield a prompt bare, with all of its arguments, and with each alone."""
    names = [argument.name for argument in command.arguments]
    yield command.text()
    yield command.text(**{name: f"<{name}>" for name in names})
    for name in names:
        yield command.text(**{name: f"<{name}>"})


def arguments(tool: str) -> set[str]:
    """Return the arguments of a tool of today or of later."""
    known = tools().get(tool)
    return LATER[tool] if known is None else set(known.arguments.model_fields)


def values(tool: str, name: str) -> set[str] | None:
    """Return what an argument may be, if that is a list of words."""
    known = tools().get(tool)
    if known is None:
        return None
    schema = known.arguments.model_json_schema()["properties"].get(name, {})
    options = [schema, *schema.get("anyOf", [])]
    return next((set(option["enum"]) for option in options if "enum" in option), None)


def described(command: Command) -> set[str]:
    """Return the names that the arguments' descriptions tell: what nested ones hold."""
    known = [tools()[tool] for tool in command.tools if tool in tools()]
    told = [str(f.description) for tool in known for f in tool.arguments.model_fields.values()]
    return set(re.findall(r"\w+", " ".join(told).replace("db_/redis_/upstream_time", "db_time")))


def fields(schema: Any) -> Iterator[str]:
    """Yield the names of all fields in a JSON schema."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for part in schema.values():
            yield from fields(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from fields(part)


@pytest.mark.parametrize("command", list(commands().values()), ids=list(commands()))
def test_what_a_prompt_names_is_there(command: Command) -> None:
    known = {*tools(), *LATER}
    answered = {
        name
        for tool in command.tools
        if tool in tools()
        for name in fields(tools()[tool].result_type.model_json_schema())
    }
    for text in renderings(command):
        tool = ""
        for token in _TOKEN.findall(text):
            word = token.partition(" ")[0]
            if word in known:
                tool = word
                assert tool in command.tools or tool == "get_run", f"{tool} is not among the tools"
                if tool == "read_guide" and " " in token:
                    topic = token.partition(" ")[2]
                    assert topic in pages(), topic
            elif given := _GIVEN.fullmatch(token):
                name, value = given[1], token.partition(": ")[2]
                assert name in arguments(tool), f"{tool} takes no {name}"
                allowed = values(tool, name)
                assert value.startswith("<") or allowed is None or value in allowed, token
            elif not token.startswith("<") and token not in WORDS:
                all_of = {name for each in command.tools for name in arguments(each)}
                assert token in all_of | answered | described(command), f"`{token}`"


@pytest.mark.parametrize("command", list(commands().values()), ids=list(commands()))
def test_a_prompt_says_what_to_do_without_a_tool_that_is_not_there(command: Command) -> None:
    for tool in command.tools:
        if tool not in tools():
            assert f"this server has no `{tool}`" in command.body, tool
