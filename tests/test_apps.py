"""MCP Apps: a host that we did not write shows the pictures of real results in a real browser."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client
from mcp.client import advertise
from mcp.server import apps
from mcp.types import TextResourceContents

from apps_browser import Browser, browser, host_site
from slowcoach.core.runs import Runs
from slowcoach_server.app import build_app
from slowcoach_server.mcp_face.apps import APP_MIME_TYPE, APPS, EXTENSION_ID, uri
from slowcoach_server.settings import Settings

DATA = Path(__file__).parent / "data"
SHOWS = [advertise("io.modelcontextprotocol/ui", {"mimeTypes": ["text/html;profile=mcp-app"]})]
ERAS = ["auto", "legacy"]
CAPACITY = {
    "current": {
        "peak_rps": 200, "instances": 4, "cpu_peak_pct": 45, "db_connections_peak": 60,
        "storage_used_gb": 300,
    },
    "growth": {"request_growth_monthly_pct": 10, "storage_growth_monthly_gb": 20},
    "limits": {"max_db_connections": 100, "storage_gb": 900},
}  # fmt: skip
CALLS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "threads": (
        "flame",
        "analyze_profile",
        {"path": str(DATA / "profiles/collapsed/pyspy-threads.txt")},
    ),
    "difference": (
        "compare",
        "compare",
        {
            "before": str(DATA / "differences/command-before.speedscope.json"),
            "after": str(DATA / "differences/command-after.speedscope.json"),
        },
    ),
    "latency": (
        "compare",
        "compare",
        {
            "before": str(DATA / "benchmarks/latency/before.json"),
            "after": str(DATA / "benchmarks/latency/after.json"),
        },
    ),
    "plan": (
        "plan",
        "explain_query",
        {"path": str(DATA / "plans/postgresql_json/pg15-correlated-subplan.json")},
    ),
    "load": (
        "load",
        "analyze_load_results",
        {"path": str(DATA / "load/results/k6_ndjson/stalled.ndjson.gz")},
    ),
    "capacity": ("capacity", "plan_capacity", CAPACITY),
}
NAMELESS = {"button", "searchbox", "combobox", "image", "treegrid", "region"}


def listed(mode: Any, **options: Any) -> tuple[list[dict[str, Any]], list[str]]:
    """Return what a client sees of tools and addresses."""

    async def ask() -> tuple[list[dict[str, Any]], list[str]]:
        app = build_app(Settings(), Runs("sqlite://"))
        async with Client(app, mode=mode, **options) as client:
            tools = (await client.list_tools()).tools
            resources = (await client.list_resources()).resources
        dumped = [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in tools]
        return dumped, [str(each.uri) for each in resources]

    return anyio.run(ask)


def test_the_names_of_the_extension_are_the_sdks() -> None:
    assert (EXTENSION_ID, APP_MIME_TYPE) == (apps.EXTENSION_ID, apps.APP_MIME_TYPE)


@pytest.mark.parametrize("mode", ERAS)
def test_tools_name_their_app_to_clients_that_show_them(mode: str) -> None:
    tools, addresses = listed(mode, extensions=SHOWS)

    linked = {tool["name"]: tool["_meta"]["ui"]["resourceUri"] for tool in tools if "_meta" in tool}
    assert linked == {tool: uri(name) for name, app in APPS.items() for tool in app.tools}
    assert set(linked.values()) <= set(addresses)


@pytest.mark.parametrize("mode", ERAS)
def test_other_clients_see_no_difference(mode: str) -> None:
    tools, addresses = listed(mode)

    assert "ui://" not in json.dumps([tools, addresses])
    with_apps = listed(mode, extensions=SHOWS)[0]
    assert tools == [{k: v for k, v in tool.items() if k != "_meta"} for tool in with_apps]


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Return for each call what a host has of it."""
    return called(CALLS, tmp_path_factory.mktemp("runs"))


def called(
    calls: dict[str, tuple[str, str, dict[str, Any]]], folder: Path
) -> dict[str, dict[str, Any]]:
    """Return for each call what a host has: the app's page, the result, the run's pictures."""
    runs = Runs(f"sqlite:///{folder / 'runs.db'}")

    async def ask() -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        async with Client(build_app(Settings(), runs), extensions=SHOWS) as client:

            async def read(address: str, media_type: str) -> str:
                (part,) = (await client.read_resource(address)).contents
                assert isinstance(part, TextResourceContents)
                assert part.mime_type == media_type
                return part.text

            for name, (app, tool, arguments) in calls.items():
                result = await client.call_tool(tool, arguments)
                content = result.structured_content
                assert content is not None, result.content
                address = f"slowcoach://runs/{content['run_id']}/picture"
                found[name] = {
                    "html": await read(uri(app), "text/html;profile=mcp-app"),
                    "context": {"theme": "light", "availableDisplayModes": ["inline"]},
                    "input": arguments,
                    "result": result.model_dump(mode="json", by_alias=True, exclude_none=True),
                    "resources": {address: [await read(address, "application/json")]},
                }
        return found

    try:
        return anyio.run(ask)
    finally:
        runs.store.close()


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with host_site() as address:
        yield address


@pytest.fixture(scope="module")
def window() -> Iterator[Browser]:
    with browser() as opened:
        yield opened


class Shown:
    """An app in the host's page: what a person and assistive software meet there."""

    def __init__(self, browser: Browser, site: str) -> None:
        self.browser, self.site = browser, site

    def __call__(self, given: dict[str, Any], *, width: int = 900, drawn: bool = True) -> Browser:
        self.browser.open(self.site, width).show(given)
        if drawn:
            self.browser.until("document.documentElement.dataset.drawn === 'yes'")
        return self.browser


@pytest.fixture
def shown(window: Browser, site: str) -> Iterator[Shown]:
    """Show apps; whatever a test does, nothing is complained of and nothing is loaded."""
    yield Shown(window, site)
    window.do("Runtime.evaluate", expression="0")
    assert window.said == []
    assert [address for address in window.asked if not address.startswith("data:")] == []


def seen(page: Browser, what: str) -> Any:
    """Return what the host has heard."""
    return page.run(f"host.seen.{what}", inside=False)


@pytest.mark.slow
@pytest.mark.parametrize("name", CALLS)
def test_an_app_shows_its_result(shown: Shown, given: dict[str, dict[str, Any]], name: str) -> None:
    page = shown(given[name])

    assert seen(page, "initialized") == 1
    assert seen(page, "app.name") == "slowcoach"
    assert seen(page, "read") == list(given[name]["resources"])
    pictures = {
        "threads": "g.frame",
        "difference": "g.frame",
        "latency": ".histogram.wide",
        "plan": "table.plan tr[aria-level='4']",
        "load": ".plot.wide .line.q2",
        "capacity": ".plot.wide .field.band",
    }
    assert page.run(f"document.querySelectorAll({json.dumps(pictures[name])}).length")
    height = page.run("Math.ceil(document.body.getBoundingClientRect().height)")
    assert page.until(f"Math.abs(host.seen.heights.at(-1) - {height}) < 3", inside=False)


@pytest.mark.slow
@pytest.mark.parametrize("name", CALLS)
def test_everything_has_a_name_and_every_picture_a_table_and_a_narrow_window_is_enough(
    shown: Shown, given: dict[str, dict[str, Any]], name: str
) -> None:
    page = shown(given[name], width=380)

    assert page.run("document.documentElement.scrollWidth - innerWidth") <= 0
    drawn_wide = "[...document.querySelectorAll('svg.wide')].filter((s) => s.clientWidth).length"
    assert page.run(drawn_wide) == 0
    names = page.names()
    assert [role for role, said in names if role in NAMELESS and not said.strip()] == []
    assert page.run("document.querySelectorAll('table tbody tr').length") > 0
    page.run("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    assert any(role in {"table", "treegrid"} for role, _ in page.names())
    assert page.run("document.getElementById('main').getAttribute('aria-busy')") == "false"


@pytest.mark.slow
def test_the_theme_and_colours_of_the_host_are_taken(
    shown: Shown, given: dict[str, dict[str, Any]]
) -> None:
    page = shown(given["load"])
    paper = "getComputedStyle(document.documentElement).backgroundColor"

    assert min(map(int, re.findall(r"\d+", page.run(paper)))) > 200
    page.run("host.context({theme: 'dark'})", inside=False)
    page.until("document.documentElement.dataset.theme === 'dark'")
    assert max(map(int, re.findall(r"\d+", page.run(paper)))) < 60
    variables = {"--color-background-primary": "rgb(1, 2, 3)"}
    context = {"theme": "dark", "styles": {"variables": variables}}
    page.run(f"host.context({json.dumps(context)})", inside=False)
    page.until(f"{paper} === 'rgb(1, 2, 3)'")


@pytest.mark.slow
def test_a_flame_graph_is_searched_zoomed_turned_and_walked(
    shown: Shown, given: dict[str, dict[str, Any]]
) -> None:
    page = shown(given["threads"])
    details = "document.querySelector('.details').textContent"
    frames = "document.querySelectorAll('g.frame').length"
    whole = page.run(frames)

    page.run("document.querySelector('input').focus()")
    for letter in "price":
        page.do("Input.dispatchKeyEvent", type="char", text=letter)
    page.until(f"/frames, 2.* % of the whole/.test({details})")
    page.run("document.querySelector('.chart').focus()")
    for _ in range(3):
        page.press("ArrowDown")
    assert page.run(details).startswith("<module>")
    page.press("Enter")
    page.until(f"{frames} < {whole}")
    page.press("Escape")
    page.until(f"{frames} === {whole}")
    page.run("document.querySelector('.turn').click()")
    assert page.run("document.querySelector('.turn').getAttribute('aria-pressed')") == "false"
    top, bottom = (
        page.run(
            f"[...document.querySelectorAll('g.frame')].find((g) => g.getAttribute('name') === "
            f"'{name}').getBoundingClientRect().y"
        )
        for name in ("all", "price")
    )
    assert top > bottom
    page.run(
        "const s = document.querySelector('select'); s.value = '1';"
        "s.dispatchEvent(new Event('change'))"
    )
    assert page.run(frames) < whole


@pytest.mark.slow
def test_a_flame_graph_is_copied_as_text(shown: Shown, given: dict[str, dict[str, Any]]) -> None:
    page = shown(given["difference"])
    page.do("Page.bringToFront")
    page.run(
        "window.copied = ''; document.addEventListener('copy', () => {"
        "const area = document.activeElement;"
        "copied = area.value.slice(area.selectionStart, area.selectionEnd); })"
    )

    page.run("document.querySelector('.copy').click()", gesture=True)

    page.until("document.querySelector('.details').textContent === 'Copied.'")
    lines = page.run("copied").splitlines()
    assert lines[0] == "all: 100 % → 50.9 % of the whole before"
    assert lines[1].startswith("  <module>")
    assert any(re.match(r" +known \(.*orders\.py:\d+\): 49\.\d % → 0 %", line) for line in lines)
    assert page.run("document.querySelectorAll('textarea').length") == 0


@pytest.mark.slow
def test_a_difference_is_coloured(shown: Shown, given: dict[str, dict[str, Any]]) -> None:
    page = shown(given["difference"])

    fills = page.run(
        "Object.fromEntries([...document.querySelectorAll('g.frame')]"
        ".map((g) => [g.getAttribute('name'), g.querySelector('rect').getAttribute('fill')]))"
    )
    assert fills["known"] == "var(--flame-less-2)"
    assert fills["dumps"] == "var(--flame-2-0)"


@pytest.mark.slow
def test_hostile_names_stay_text(shown: Shown, tmp_path: Path) -> None:
    image = "<img src=x onerror=\"document.title='broken'\">"
    script = "</script><script>document.title='broken'</script>"
    profile = tmp_path / "stacks.folded"
    profile.write_text(f"main;{image} 60\nmain;{script} 40\n")
    calls = {"it": ("flame", "analyze_profile", {"path": str(profile)})}

    page = shown(called(calls, tmp_path)["it"])

    assert page.run("document.querySelectorAll('#main img, #main script').length") == 0
    names = page.run("[...document.querySelectorAll('g.frame')].map((g) => g.getAttribute('name'))")
    assert {image, script} <= set(names)
    assert page.run("document.title") == "Slowcoach: Flame graph"


@pytest.mark.slow
def test_a_plan_folds_by_keyboard(shown: Shown, given: dict[str, dict[str, Any]]) -> None:
    page = shown(given["plan"])
    rows = "[...document.querySelectorAll('tr[aria-level]')].filter((r) => !r.hidden).length"
    focused = "document.activeElement.getAttribute('aria-level')"

    page.run("document.querySelector('tr[aria-level]').focus()")
    assert page.run(rows) == 5
    page.press("ArrowDown")
    page.press("ArrowDown")
    assert page.run(focused) == "3"
    page.press("ArrowLeft")
    assert page.run(rows) == 3
    page.press("ArrowLeft")
    assert page.run(focused) == "2"
    page.press("Enter")
    assert page.run(rows) == 2
    page.press("ArrowRight")
    assert page.run(rows) == 3
    page.press("End")
    page.press("ArrowRight")
    assert page.run(rows) == 5


@pytest.mark.slow
def test_a_run_that_goes_on_is_awaited(shown: Shown, given: dict[str, dict[str, Any]]) -> None:
    one = given["load"]
    ((address, texts),) = one["resources"].items()
    running = json.dumps({"status": "running", "title": "Run a load test"})
    page = shown({**one, "resources": {address: [running, *texts]}}, drawn=False)

    page.until("document.getElementById('status').textContent === 'Run a load test: running'")
    page.until("document.documentElement.dataset.drawn === 'yes'")
    assert seen(page, "read.length") == 2


@pytest.mark.slow
@pytest.mark.parametrize("change", [{"deaf": True}, {"resources": {}}])
def test_a_host_that_reads_no_resources_shows_the_text(
    shown: Shown, given: dict[str, dict[str, Any]], change: dict[str, Any]
) -> None:
    page = shown({**given["plan"], **change}, drawn=False)

    said = page.until("(document.querySelector('pre') || {}).textContent")
    assert said == given["plan"]["result"]["content"][0]["text"]


@pytest.mark.slow
def test_errors_cancelling_and_leaving(shown: Shown, given: dict[str, dict[str, Any]]) -> None:
    failed = {"content": [{"type": "text", "text": "<b>no such file</b>"}], "isError": True}
    page = shown({**given["plan"], "result": failed}, drawn=False)
    page.until("(document.querySelector('pre') || {}).textContent === '<b>no such file</b>'")

    page.run("host.cancel('by the person')", inside=False)
    page.until("document.querySelector('pre').textContent === 'Cancelled: by the person'")
    assert page.run("host.leave()", inside=False) == {}


@pytest.mark.slow
def test_the_full_screen_is_asked_for_where_there_is_one(
    shown: Shown, given: dict[str, dict[str, Any]]
) -> None:
    context = {"theme": "light", "availableDisplayModes": ["inline", "fullscreen"]}
    page = shown({**given["plan"], "context": context})

    page.run("document.getElementById('larger').click()")
    page.until("document.getElementById('larger').textContent === 'Smaller'")
    assert seen(page, "modes") == ["fullscreen"]
    shown(given["plan"])
    assert page.run("document.getElementById('larger').hidden")


def test_the_pages_allow_their_own_code_by_hash_and_nothing_else(
    given: dict[str, dict[str, Any]],
) -> None:
    for each in given.values():
        policy = re.search(r'Content-Security-Policy" content="([^"]+)"', each["html"])
        assert policy is not None
        assert "unsafe" not in policy[1]
        assert policy[1].startswith("default-src &#39;none&#39;; style-src &#39;sha256-")
        assert not re.search(r"https?://(?!www\.w3\.org/)[\w.]+", outside_of_licences(each["html"]))


def outside_of_licences(page: str) -> str:
    return re.sub(r"/\*.*?\*/|//[^\n]*", "", page, flags=re.DOTALL)
