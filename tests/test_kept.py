"""What a run keeps of a profile beside its answer, by every face: library, MCP, command line."""

import json
import subprocess
import sys
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from mcp import Client
from mcp.types import (
    BlobResourceContents,
    CallToolResult,
    ImageContent,
    TextContent,
    TextResourceContents,
)

import needs
from slowcoach.api.analyze_profile import analyze_profile
from slowcoach.api.compare import compare
from slowcoach.core.job import Job
from slowcoach.core.result import Result
from slowcoach.core.runs import Runs
from slowcoach.profiling import readers
from slowcoach.profiling.pictures import png
from slowcoach_server.app import build_app
from slowcoach_server.artefacts import linked
from slowcoach_server.settings import Settings

DATA = Path(__file__).parent / "data"
SHOP = str(DATA / "profiles" / "speedscope" / "pyspy.speedscope.json")
FOLDED = str(DATA / "profiles" / "collapsed" / "names.folded")
BEFORE, AFTER = (
    str(DATA / "differences" / f"service-{side}.folded") for side in ("before", "after")
)
PNG = b"\x89PNG"
MOST = 6_000  # characters of an answer: about 1,500 tokens


@asynccontextmanager
async def client_of(runs: Runs) -> AsyncIterator[Client]:
    async with Client(build_app(Settings(), runs)) as client:
        yield client


def test_every_analysis_keeps_a_flame_graph_and_makes_no_png_unasked() -> None:
    job = Job()
    answer = analyze_profile(job, path=SHOP)

    assert set(job.artefacts) == {"flame.svg", "profile.speedscope.json"}
    assert answer.picture is not None
    assert answer.picture.endswith("/flame.svg")
    assert (answer.image, answer.exported) == (None, None)


@pytest.mark.parametrize("kind", ["flame", "icicle", "threads", "timeline"])
def test_a_picture_that_is_asked_for_is_kept_as_svg_and_png(kind: str) -> None:
    needs.module("resvg_py")
    job = Job()
    answer = analyze_profile(job, path=SHOP, picture=kind)  # type: ignore[arg-type]

    assert answer.picture is not None
    assert answer.picture.endswith(f"/{kind}.svg")
    assert job.artefacts[f"{kind}.png"].startswith(PNG)
    assert "flame.svg" in job.artefacts


def test_without_times_no_other_picture_passes_for_it_and_the_answer_says_why() -> None:
    job = Job()
    answer = analyze_profile(job, path=FOLDED, picture="timeline")

    assert (answer.image, answer.picture) == (None, None)
    assert "flame.svg" in job.artefacts
    assert any("no timeline" in warning for warning in answer.warnings)


def test_without_the_package_the_answer_says_how_to_get_pngs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(png, "available", lambda: False)
    answer = analyze_profile(Job(), path=SHOP, picture="flame")

    assert answer.image is None
    assert png.MISSING in answer.warnings


def test_without_fonts_the_answer_says_that_texts_are_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    needs.module("resvg_py")
    monkeypatch.setattr(png, "has_font", lambda: False)
    answer = analyze_profile(Job(), path=SHOP, picture="flame")

    assert png.NO_FONT in answer.warnings


@pytest.mark.parametrize(
    ("form", "name"),
    [
        ("collapsed", "profile.folded"),
        ("firefox", "profile.firefox.json"),
        ("pprof", "profile.pb.gz"),
        ("speedscope", "profile.speedscope.json"),
    ],
)
def test_an_export_is_kept_in_its_format(form: str, name: str) -> None:
    job = Job()
    answer = analyze_profile(job, path=SHOP, export=form)  # type: ignore[arg-type]

    assert answer.exported is not None
    assert answer.exported.endswith(f"/{name}")
    (reader,) = [r for r in readers.readers() if r.matches(job.artefacts[name])]
    assert reader.format == form


def test_a_comparison_of_profiles_keeps_its_difference_drawn() -> None:
    needs.module("resvg_py")
    job = Job()
    answer = compare(job, BEFORE, AFTER, picture="difference")

    assert {"difference.json", "difference.svg", "difference.png"} == set(job.artefacts)
    assert answer.picture is not None
    assert answer.image is not None


def test_only_addresses_of_its_own_run_are_links() -> None:
    class Linking(Result):
        mine: str = "slowcoach://runs/x-abcdefgh/flame.svg"
        other: str = "slowcoach://runs/y-abcdefgh/flame.svg"

    assert linked(Linking(run_id="x-abcdefgh")) == {"mine": "flame.svg"}


def images(result: CallToolResult) -> list[ImageContent]:
    return [part for part in result.content if isinstance(part, ImageContent)]


@pytest.mark.anyio
async def test_a_client_gets_the_picture_as_an_image_only_when_it_asks(runs: Runs) -> None:
    needs.module("resvg_py")
    async with client_of(runs) as client:
        plain = await client.call_tool("analyze_profile", {"path": SHOP})
        shown = await client.call_tool("analyze_profile", {"path": SHOP, "picture": "flame"})
        assert shown.structured_content is not None
        again = await client.call_tool("get_run", {"run_id": shown.structured_content["run_id"]})

    assert images(plain) == []
    for result in (shown, again):
        (image,) = images(result)
        assert image.mime_type == "image/png"
        assert b64decode(image.data).startswith(PNG)
        (text,) = [part.text for part in result.content if isinstance(part, TextContent)]
        assert "beside it flame.png, flame.svg, profile.speedscope.json" in text
        assert len(text) < MOST
        assert len(json.dumps(result.structured_content)) < MOST


@pytest.mark.anyio
async def test_artefacts_are_read_with_their_own_media_type(runs: Runs) -> None:
    async with client_of(runs) as client:
        made = await client.call_tool("analyze_profile", {"path": SHOP, "export": "pprof"})
        assert made.structured_content is not None
        run = f"slowcoach://runs/{made.structured_content['run_id']}"
        (drawn,) = (await client.read_resource(f"{run}/flame.svg")).contents
        (pprof,) = (await client.read_resource(f"{run}/profile.pb.gz")).contents
        (result,) = (await client.read_resource(f"{run}/result")).contents

    assert drawn.mime_type == "image/svg+xml"
    assert isinstance(drawn, TextResourceContents)
    assert drawn.text.startswith("<svg ")
    assert pprof.mime_type == "application/gzip"
    assert isinstance(pprof, BlobResourceContents)
    assert readers.read(b64decode(pprof.blob), "it")
    assert result.mime_type == "application/json"


def slowcoach(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "slowcoach_server", *words],
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_the_command_line_writes_a_picture_by_the_files_ending(tmp_path: Path) -> None:
    drawn = tmp_path / "it.svg"
    done = slowcoach("analyze-profile", SHOP, "--picture", "icicle", "-o", str(drawn))

    assert done.returncode == 0
    assert f"written: {drawn}" in done.stderr
    assert "Icicle of" in drawn.read_text()


def test_the_command_line_writes_an_export(tmp_path: Path) -> None:
    file = tmp_path / "it.pb.gz"
    done = slowcoach("analyze-profile", SHOP, "--export", "pprof", "-o", str(file))

    assert done.returncode == 0
    assert readers.recognize(file.read_bytes(), "it").format == "pprof"


def test_an_ending_of_which_nothing_was_kept_is_refused_with_what_was(tmp_path: Path) -> None:
    done = slowcoach("analyze-profile", SHOP, "-o", str(tmp_path / "it.pb.gz"))

    assert done.returncode == 2
    assert "flame.svg, profile.speedscope.json" in done.stderr.replace("\n", " ")


def test_a_folder_as_output_is_refused_before_the_work(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "no" / "it.svg"):
        done = slowcoach("analyze-profile", SHOP, "-o", str(path))
        assert done.returncode == 2
        assert done.stdout == ""


def test_a_png_is_made_of_a_kept_picture_where_that_can_be_done(tmp_path: Path) -> None:
    needs.module("resvg_py")
    file = tmp_path / "it.png"
    done = slowcoach("analyze-profile", SHOP, "-o", str(file))

    assert done.returncode == 0
    assert file.read_bytes().startswith(PNG)
