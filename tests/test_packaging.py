"""What is shipped: versions, manifest, wheel, bundle."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

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


def test_the_registry_entry_names_the_package_that_the_readme_owns() -> None:
    registry = json.loads((ROOT / "server.json").read_text())

    assert f"mcp-name: {registry['name']}" in (ROOT / "README.md").read_text()
    assert len(registry["description"]) <= 100


@pytest.mark.slow
def test_the_wheel_holds_code_and_data_and_works_alone(tmp_path: Path) -> None:
    needs.module("hatchling")
    copy = tmp_path / "source"
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in filter(None, listed.stdout.split("\0")):
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
