"""Reactions that stay at a promise which does not settle are told by who added them."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

import needs
from slowcoach.diagnosis.evidence.node_reactions import reactions
from slowcoach.profiling.recorders import node_waits

HEAD = "const notes = require(process.argv[2])((name) => require(name), false, true);\n"
END = (
    "const told = () => { const said = notes.read(); notes.stop();"
    " console.log(JSON.stringify(said)); process.exit(0); };\n"
)
TICK = "const tick = () => new Promise((done) => setTimeout(done, 1));\n"
RACED = (
    "const closing = new Promise(() => {});\n"
    "async function work(n) { await tick(); return n; }\n"
    "function untilClosing(work) { return Promise.race([closing, work]); }\n"
    "(async () => { for (let i = 0; i < 60; i++) await untilClosing(work(i)); told(); })();\n"
)
AWAITED = (
    "const stopped = new Promise(() => {});\n"
    "async function stop(what) { await stopped; return what; }\n"
    "(async () => { for (let i = 0; i < 60; i++) { void stop([i]); await tick(); } told(); })();\n"
)
SETTLES = (
    "let open; const opened = new Promise((done) => { open = done; });\n"
    "async function ready(what) { await opened; return what; }\n"
    "for (let i = 0; i < 60; i++) void ready(i);\n"
    "open(); setTimeout(told, 20);\n"
)
SHARED_BY_REQUESTS = (
    "const http = require('http');\n"
    "const loading = new Promise(() => {});\n"
    "async function load() { await loading; }\n"
    "let begun = 0;\n"
    "const server = http.createServer(async (request, response) => {\n"
    "  if ((begun += 1) === 60) setTimeout(told, 20);\n"
    "  await load(); response.end();\n"
    "}).listen(0, '127.0.0.1', () => {\n"
    "  const { port } = server.address(), agent = new http.Agent();\n"
    "  for (let i = 0; i < 60; i++) http.get({ port, host: '127.0.0.1', agent });\n"
    "});\n"
)


def said_by(tmp_path: Path, program: str) -> dict[str, Any]:
    node = needs.program("node")
    file = tmp_path / "app.js"
    file.write_text(HEAD + END + TICK + program)
    done = subprocess.run(
        [node, file, node_waits.SOURCE], capture_output=True, check=True, timeout=60
    )
    said: dict[str, Any] = json.loads(done.stdout)
    return said


@pytest.mark.parametrize(("program", "function"), [(RACED, "untilClosing"), (AWAITED, "stop")])
def test_what_goes_on_from_a_promise_that_never_settles_is_kept(
    tmp_path: Path, program: str, function: str
) -> None:
    said = said_by(tmp_path, program)
    (found,) = reactions([said], said["kept_s"])
    assert found.name.endswith(function)
    assert found.file.endswith("app.js")
    assert found.after == pytest.approx(60, rel=0.5)  # of many only some are looked at


@pytest.mark.parametrize("program", [SETTLES, SHARED_BY_REQUESTS])
def test_what_requests_under_way_share_is_not_kept(tmp_path: Path, program: str) -> None:
    said = said_by(tmp_path, program)
    assert not reactions([said], said["seconds"])


def test_notes_of_a_part_of_the_load_stand_for_all_of_it() -> None:
    kept = [{"frames": [["stop", "/srv/service/app.js", 3, 1]], "count": 40}]
    (found,) = reactions([{"kept": kept, "kept_s": 2.0, "seconds": 2.1}], 10.0)
    assert (found.after, found.functions) == (200, ("stop",))
