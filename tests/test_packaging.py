"""What is shipped: versions, manifest, wheel, bundle."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from mcp import Client, StdioServerParameters

import needs
from slowcoach import __version__
from slowcoach.catalogue import tools
from slowcoach.core import knowledge
from slowcoach_server import docs

ROOT = Path(__file__).parents[1]


def test_the_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    manifest = json.loads((ROOT / "manifest.json").read_text())
    registry = json.loads((ROOT / "server.json").read_text())
    changelog = (ROOT / "CHANGELOG.md").read_text()

    assert project["version"] == manifest["version"] == registry["version"] == __version__
    assert {package["version"] for package in registry["packages"]} == {__version__}
    assert f"## [{__version__}]" in changelog


def test_the_generated_parts_are_fresh() -> None:
    for path, text in docs.generated(ROOT).items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name} is stale: make docs"


def test_the_manifest_names_every_tool_and_prompt() -> None:
    manifest = json.loads((ROOT / "manifest.json").read_text())

    assert [tool["name"] for tool in manifest["tools"]] == list(tools())
    assert [prompt["name"] for prompt in manifest["prompts"]] == list(knowledge.commands())
    assert (ROOT / manifest["server"]["entry_point"]).is_file()


def test_the_manifest_is_valid() -> None:
    program = needs.program("mcpb")
    done = subprocess.run(
        [program, "validate", str(ROOT / "manifest.json")],
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.anyio
async def test_the_packed_bundle_unpacks_and_starts(tmp_path: Path) -> None:
    program, home = needs.program("mcpb"), tmp_path / "unpacked"
    done_by(program, "pack", str(ROOT), str(tmp_path / "slowcoach.mcpb"))
    done_by(program, "unpack", str(tmp_path / "slowcoach.mcpb"), str(home))
    manifest = json.loads((home / "manifest.json").read_text())
    page = next(iter(knowledge.pages().values()))
    with (home / "knowledge" / "pages" / f"{page.id}.md").open("a") as text:
        text.write("\nThis is the bundle's own copy.\n")  # to be read below: nothing else is

    async with Client(bundled(home, manifest)) as client:
        listed = (await client.list_tools()).tools
        prompts = (await client.list_prompts()).prompts
        [read] = (await client.read_resource(page.uri)).contents
        guide = await client.call_tool("read_guide", {})

    tracked = [name for name in versioned() if (ROOT / name).is_file()]
    left_out = {"tests", "benchmarks", "docs", ".ci"}
    ours = {name.split("/")[0] for name in tracked} - left_out
    assert {path.name for path in home.iterdir()} <= ours
    needed = ("server/", "tools/", "knowledge/", "prompts/", "examples/", "pyproject", "uv.lock")
    assert [n for n in tracked if n.startswith(needed) and not (home / n).is_file()] == []
    assert [tool.name for tool in listed] == [tool["name"] for tool in manifest["tools"]]
    assert [prompt.name for prompt in prompts] == [each["name"] for each in manifest["prompts"]]
    assert "This is the bundle's own copy." in str(read)
    assert not guide.is_error


def bundled(home: Path, manifest: dict[str, Any]) -> StdioServerParameters:
    """Return how a host starts a bundle with the settings that it proposes.

    Its `uv run` would fetch what pyproject.toml asks for; the interpreter here has it already.
    """
    settings = {
        f"${{user_config.{name}}}": str(each["default"]).lower()
        for name, each in manifest["user_config"].items()
    }
    config = manifest["server"]["mcp_config"]
    given = {name: settings[value] for name, value in config["env"].items()}
    assert (config["command"], config["args"][-1]) == ("uv", manifest["server"]["entry_point"])
    return StdioServerParameters(
        command=sys.executable,
        args=["-B", config["args"][-1]],
        cwd=home,
        env={
            **os.environ,
            **given,
            "PYTHONPATH": os.pathsep.join([str(home / "server"), str(home / "tools")]),
        },
    )


def versioned() -> list[str]:
    """Return the files that are under version control."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [name for name in listed.stdout.split("\0") if name]


def done_by(*words: str) -> None:
    """Run a program to its good end."""
    done = subprocess.run(words, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-1000:]


TEXT = {"type": "string", "minLength": 1}
INPUT = {
    "properties": {
        "name": TEXT,
        "value": TEXT,
        "valueHint": TEXT,
        "description": TEXT,
        "default": {"type": "string"},
        "format": {"enum": ["string", "number", "boolean", "filepath"]},
        "choices": {"type": "array", "items": TEXT},
        "isRequired": {"type": "boolean"},
        "isSecret": {"type": "boolean"},
        "isRepeated": {"type": "boolean"},
    },
}
ARGUMENT = {
    "oneOf": [
        {"properties": {"type": {"const": "named"}}, "required": ["type", "name"]},
        {
            "properties": {"type": {"const": "positional"}},
            "required": ["type"],
            "anyOf": [{"required": ["value"]}, {"required": ["valueHint"]}],
        },
    ],
    **INPUT,
}
# what the registry documents of server.json, as far as a server needs it that runs on a pipe;
# stricter than its schema: a name that it does not know is a mistake here
REGISTRY = {
    "type": "object",
    "required": ["$schema", "name", "description", "version", "packages"],
    "additionalProperties": False,
    "properties": {
        "$schema": {
            "const": "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json"
        },
        "name": {
            "type": "string",
            "minLength": 3,
            "maxLength": 200,
            "pattern": r"^[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+$",
        },
        "title": {**TEXT, "maxLength": 100},
        "description": {**TEXT, "maxLength": 100},
        "version": {**TEXT, "maxLength": 255, "pattern": r"^\d+\.\d+\.\d+([-+.].*)?$"},
        "websiteUrl": TEXT,
        "repository": {"type": "object", "required": ["url", "source"]},
        "packages": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["registryType", "identifier", "version", "transport"],
                "additionalProperties": False,
                "properties": {
                    "registryType": {"enum": ["pypi", "mcpb"]},
                    "identifier": TEXT,
                    "version": {**TEXT, "pattern": r"^\d+\.\d+\.\d+([-+.].*)?$"},
                    "runtimeHint": {"const": "uvx"},
                    "fileSha256": {"type": "string", "pattern": "^[a-f0-9]{64}$"},
                    "transport": {"const": {"type": "stdio"}},
                    "packageArguments": {"type": "array", "items": ARGUMENT},
                    "environmentVariables": {
                        "type": "array",
                        "items": {"type": "object", "required": ["name"], **INPUT},
                    },
                },
                "if": {"properties": {"registryType": {"const": "mcpb"}}},
                "then": {"required": ["fileSha256"]},
            },
        },
    },
}


def test_the_registry_entry_has_the_form_that_the_registry_documents() -> None:
    entry = json.loads((ROOT / "server.json").read_text())

    assert [error.message for error in Draft202012Validator(REGISTRY).iter_errors(entry)] == []


def test_the_registry_entry_names_the_package_that_the_readme_owns() -> None:
    registry = json.loads((ROOT / "server.json").read_text())

    assert f"mcp-name: {registry['name']}" in (ROOT / "README.md").read_text()
    assert len(registry["description"]) <= 100


@pytest.mark.slow
def test_the_wheel_holds_code_and_data_and_works_alone(tmp_path: Path) -> None:
    needs.module("hatchling")
    copy = tmp_path / "source"
    for name in versioned():
        if (ROOT / name).is_file() and not name.startswith("tests/"):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=copy,
        check=True,
        capture_output=True,
        timeout=120,
    )
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path / "installed")

    assert not [n for n in names if n.startswith(("server/", "tools/", "tests/"))]
    assert "slowcoach/_data/prompts/find_bottleneck.md" in names
    assert any(n.startswith("slowcoach/_data/knowledge/rules/") for n in names)
    assert any(n.startswith("slowcoach/_data/examples/") for n in names)

    path = os.pathsep.join([str(tmp_path / "installed"), *site_packages()])
    code = (
        "import slowcoach; from slowcoach.core import knowledge;"
        "print(slowcoach.__file__, len(knowledge.commands()))"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        env={"PYTHONPATH": path, "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=60,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    place, commands = done.stdout.split()
    assert str(tmp_path) in place
    assert commands == "12"


def site_packages() -> list[str]:
    """Return where the dependencies are."""
    import site

    return site.getsitepackages()
