"""The HTML report: escaping, self-containment, and what a real browser makes of it."""

import html as markup
import json
import re
import subprocess
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import needs
from slowcoach.core.errors import InputError, UnknownRunError
from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.core.result import Result
from slowcoach.core.runs import Runs, plain
from slowcoach.core.store import StoredRun
from slowcoach_server.report import render_report, write_report
from slowcoach_server.report.embedding import content_policy, embedded_json

_TRIES = 3
LATENCY = Path(__file__).parent / "data" / "benchmarks" / "latency"
IMAGE = "<img src=x onerror=\"document.title='broken'\">"
SCRIPT = "</script><script>document.title='broken'</script>"
STACKS = f"""\
serve (/srv/shop/app.py:1);list_orders (/srv/shop/views.py:12);wait (driver.so) 60
serve (/srv/shop/app.py:1);{IMAGE.replace(";", "")} 25
serve (/srv/shop/app.py:1);{SCRIPT.replace(";", "")} 15
"""
PLAN = {
    "plan": {
        "node_type": "Nested Loop",
        "plan_rows": 1,
        "actual_rows": 5000,
        "actual_loops": 1,
        "actual_total_time": 100.0,
        "plans": [
            {"node_type": "Seq Scan", "relation_name": IMAGE, "filter": SCRIPT,
             "plan_rows": 10, "actual_rows": 10, "actual_loops": 80, "actual_total_time": 1.0},
            {"node_type": "Index Scan", "index_name": "pk", "actual_loops": 0,
             "actual_total_time": 0.0, "actual_rows": 0},
        ],
    }
}  # fmt: skip
FRAME = """<!doctype html><meta charset=utf-8><style>:root{{color-scheme:{scheme}}}</style>
<iframe id=f width={width} height=800 srcdoc="{page}"></iframe><pre id=result></pre>
<script>
const frame = document.getElementById("f"), answer = {{}};
frame.onload = () => setTimeout(() => {{
  const d = frame.contentDocument, root = d.documentElement;
  const key = (name) => d.querySelector(".chart").dispatchEvent(
    new frame.contentWindow.KeyboardEvent("keydown", {{key: name, bubbles: true}}));
  answer.drawn = root.dataset.drawn;
  answer.title = d.title;
  answer.images = d.querySelectorAll("img").length;
  answer.scripts = d.querySelectorAll("script:not([type])").length;
  answer.overflow = root.scrollWidth - root.clientWidth;
  answer.background = frame.contentWindow.getComputedStyle(root).backgroundColor;
  answer.histogram = [...d.querySelectorAll(".histogram")]
    .filter((s) => s.getBoundingClientRect().width > 0).map((s) => s.classList[1]);
  answer.frames = [...d.querySelectorAll("g.frame")].map((g) => g.getAttribute("name"));
  answer.titles = [...d.querySelectorAll("g.frame title")].map((t) => t.textContent);
  const details = d.querySelector(".details"), input = d.querySelector("input");
  input.value = "(";
  input.dispatchEvent(new frame.contentWindow.Event("input"));
  answer.search = details.textContent;
  key("ArrowDown"); key("ArrowDown"); key("ArrowDown");
  answer.keyboard = details.textContent;
  key("Enter"); key("ArrowUp"); key("Escape");
  const thread = d.querySelector(".flame select"), turn = d.querySelector(".turn");
  if (thread) {{
    const rows = () => [...d.querySelectorAll("g.frame")]
      .sort((a, b) => a.getBoundingClientRect().y - b.getBoundingClientRect().y)
      .map((g) => g.getAttribute("name"));
    input.value = "";
    thread.value = "1";
    thread.dispatchEvent(new frame.contentWindow.Event("change"));
    answer.thread = rows();
    turn.click();
    answer.turned = rows();
    key("ArrowUp"); key("ArrowUp");
    answer.up = details.textContent;
  }}
  document.getElementById("result").textContent = JSON.stringify(answer);
}}, 500);
</script>"""


def stored(result: dict[str, Any], tool: str = "investigate") -> StoredRun:
    now = time.time()
    arguments = {"url": f"http://127.0.0.1/{IMAGE}", "pid": None}
    return StoredRun(
        f"{tool.replace('_', '-')}-abcdefgh", tool, now - 5, now, "done",
        arguments, "", result, {"slowcoach": "0.1.0"}, False,
    )  # fmt: skip


def hostile_result() -> dict[str, Any]:
    finding = rule("bench.regression").finding(
        [Evidence(metric=IMAGE, value=0.5, unit="share", note=SCRIPT)],
        where=[SCRIPT],
        title=IMAGE,
        fix=[IMAGE],
        cause="cpu.hot_function",
    )
    common = Result(
        summary=SCRIPT,
        findings=(finding,),
        not_checked=(rule("bench.too_few_runs").not_checked(IMAGE),),
        warnings=(IMAGE,),
        next=(SCRIPT,),
    )
    whole: dict[str, Any] = plain(common)
    return whole | {
        "verdict": {
            "cause": "cpu.hot_function",
            "confidence": 0.9,
            "where": [IMAGE, SCRIPT],
            "summary": f"{IMAGE} {SCRIPT}",
        },
        "latency": {"p50_ms": 100.0, "p95_ms": 150.0, "p99_ms": None},
        "considered": [{"cause": IMAGE, "score": 0.2, "why": SCRIPT}],
        "brief": {IMAGE: {"nested": [SCRIPT]}, "empty": None},
    }


def hostile_artefacts() -> dict[str, tuple[bytes, str]]:
    from slowcoach.profiling import readers
    from slowcoach.profiling.export import to_speedscope

    profile = to_speedscope(readers.read(STACKS.encode(), "stacks.txt"), IMAGE)
    return {
        "profile.speedscope.json": (profile, "application/json"),
        "latency.json": ((LATENCY / "before.json").read_bytes(), "application/json"),
        "plan.json": (json.dumps(PLAN).encode(), "application/json"),
    }


@pytest.fixture(scope="module")
def hostile_page() -> str:
    return render_report(stored(hostile_result()), hostile_artefacts())


def browse(page: str, *, width: int, dark: bool = False) -> tuple[dict[str, Any], str]:
    """Open the page in an iframe of this width; return what it came to, and the console's log.

    A starved browser may print the page before the script has answered: then it is asked again.
    """
    console = ""
    for _ in range(_TRIES):
        answer, console = _browsed(page, width, dark)
        if answer:
            return json.loads(markup.unescape(answer)), console
    raise AssertionError(f"the page did not answer: {console}")


def _browsed(page: str, width: int, dark: bool) -> tuple[str, str]:
    program = needs.program("chromium", "chromium-browser", "google-chrome")
    outer = FRAME.format(page=markup.escape(page), width=width, scheme="dark" if dark else "light")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "outer.html"
        path.write_text(outer, encoding="utf-8")
        done = subprocess.run(
            [
                program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
                "--no-first-run", "--disable-background-networking", "--disable-component-update",
                "--disable-sync", "--disable-dev-shm-usage", f"--user-data-dir={folder}/profile",
                f"--blink-settings=preferredColorScheme={0 if dark else 1}",
                "--enable-logging=stderr", "--virtual-time-budget=5000", "--window-size=1400,900",
                "--dump-dom", path.as_uri(),
            ],
            capture_output=True, timeout=120, check=True,
        )  # fmt: skip
    dom = done.stdout.decode("utf-8", "replace")
    found = re.search(r'<pre id="result">(.*?)</pre>', dom, re.DOTALL)
    assert found, dom[-2_000:]
    console = "\n".join(
        line for line in done.stderr.decode("utf-8", "replace").splitlines() if "CONSOLE" in line
    )
    return found[1], console


def test_embedded_json_cannot_leave_its_script_element() -> None:
    value = {"a": f"{SCRIPT}<!--&\u2028\u2029'"}
    text = embedded_json(value)
    assert not set("<>&'\u2028\u2029") & set(text)
    assert json.loads(text) == value


def test_embedded_json_survives_lone_surrogates_and_refuses_nan() -> None:
    assert json.loads(embedded_json(["\ud800"])) == ["?"]
    with pytest.raises(ValueError, match="not JSON compliant"):
        embedded_json(float("nan"))


def test_policy_allows_only_the_hashed_texts() -> None:
    policy = content_policy(["a{}"], ["x()"])
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert "http" not in policy


def test_names_from_outside_stay_text_in_the_source(hostile_page: str) -> None:
    assert "<img" not in hostile_page
    assert hostile_page.count("<script>") == 2
    assert (
        markup.escape(IMAGE).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in hostile_page
    )


def test_the_page_names_no_address_to_load_from(hostile_page: str) -> None:
    assert not re.search(
        r"""(src|href|srcset|action)\s*=\s*["']?(?!#)\w""", without_code(hostile_page)
    )
    assert "@import" not in hostile_page
    assert "url(" not in re.search(r"<style>.*?</style>", hostile_page, re.DOTALL)[0]  # type: ignore[index]


def without_code(page: str) -> str:
    page = re.sub(r"<(script|style|pre)\b.*?</\1>", "", page, flags=re.DOTALL)
    return re.sub(r">[^<]*<", "><", page)


def test_every_part_of_a_diagnosis_is_on_the_page(hostile_page: str) -> None:
    headings = re.findall(r"<h2[^>]*>(.*?)</h2>", hostile_page)
    assert headings == [
        "Read with care", "Finding", "Latency distribution", "Where the time goes", "Query plan",
        "Considered and rejected", "What to do next", "Not checked", "The brief",
        "How to reproduce",
    ]  # fmt: skip
    assert "slowcoach call investigate" in hostile_page
    assert "100 ms" in hostile_page
    assert "under by 5,000×" in hostile_page
    assert "never run" in hostile_page


def test_the_page_of_a_bare_run_has_no_scripts() -> None:
    page = render_report(stored({"summary": "Nothing much. All is well."}, "unknown_tool"), {})
    assert "<script" not in page
    assert "script-src &#39;none&#39;;" in page
    assert '<h1 id="verdict">Nothing much</h1>' in page


def test_a_failed_run_says_so() -> None:
    now = time.time()
    run = StoredRun(
        "x-abcdefgh", "x", now, None, "failed", {}, "", {"summary": "No server there."}, {}, False
    )
    page = render_report(run, {})
    assert "The run failed" in page
    assert "No server there." in page


@pytest.mark.parametrize("content", [b"", b"\x00", b"[1]", b'{"windows": 3}', b'{"plan": 3}'])
def test_artefacts_that_cannot_be_read_are_left_out(content: bytes) -> None:
    names = ("latency.json", "plan.json", "profile.speedscope.json")
    page = render_report(
        stored({"summary": "x"}), dict.fromkeys(names, (content, "application/json"))
    )
    assert '<h2 id="latency">' not in page
    assert '<h2 id="plan">' not in page


def test_a_very_deep_stack_is_drawn() -> None:
    from slowcoach.profiling import readers
    from slowcoach.profiling.export import to_speedscope

    deep = ";".join(f"f{i}" for i in range(3_000)) + " 10\n"
    data = to_speedscope(readers.read(deep.encode(), "deep.txt"))
    page = render_report(
        stored({"summary": "x"}), {"profile.speedscope.json": (data, "application/json")}
    )
    assert '"f200"' in page


def test_a_comparison_shows_its_intervals_and_both_distributions() -> None:
    from slowcoach.api.compare import compare
    from slowcoach.core.job import Job

    job = Job()
    before, after = (str(LATENCY / f"{side}.json") for side in ("before", "after"))
    result = plain(compare(job, before, after))
    artefacts = {name: (data, "application/json") for name, data in job.artefacts.items()}
    page = render_report(stored(result, "compare"), artefacts)
    assert set(artefacts) == {"latency.json", "latency.before.json"}
    assert page.count('class="interval faster"') == 3
    assert page.count('class="area before"') == 2
    assert '<section class="verdict good"' in page


def test_reports_of_kept_runs_are_written(tmp_path: Path) -> None:
    runs = Runs(f"sqlite:///{tmp_path / 'runs.db'}")
    runs.store.begin("x-abcdefgh", "x", {}, {"slowcoach": "1"})
    with pytest.raises(InputError, match="still running"):
        write_report(runs, "x-abcdefgh", None)
    runs.store.finish("x-abcdefgh", "done", {"summary": "Done."})
    assert write_report(runs, "x-abcdefgh", tmp_path).name == "x-abcdefgh.html"
    assert "Done" in write_report(runs, "x-abcdefgh", tmp_path / "a.html").read_text()
    with pytest.raises(InputError, match="No such file"):
        write_report(runs, "x-abcdefgh", tmp_path / "no" / "a.html")
    with pytest.raises(UnknownRunError):
        write_report(runs, "y-abcdefgh", None)
    runs.store.close()


@pytest.mark.slow
def test_hostile_names_stay_text_in_a_browser(hostile_page: str) -> None:
    seen, console = browse(hostile_page, width=1200)
    assert console == ""
    assert seen["drawn"] == "yes"
    assert (seen["images"], seen["scripts"]) == (0, 2)
    assert seen["title"].startswith("<img src=x")
    assert any("<img" in name for name in seen["frames"])
    assert any("</script>" in title for title in seen["titles"])
    assert seen["histogram"] == ["wide"]
    assert seen["search"].endswith("% of the whole")
    assert seen["keyboard"] == "list_orders (/srv/shop/views.py:12): 60.0 %, 60 samples"


THREADS = "a;b 6\n", "c;d 3\n"


def threads_page(times: bool = True) -> str:
    """Return the page of a profile of two threads that knows when things happened."""
    from slowcoach.profiling import readers
    from slowcoach.profiling.export import to_speedscope
    from slowcoach.profiling.model import Moments

    profiles = []
    for number, text in enumerate(THREADS):
        (read,) = readers.read(text.encode(), "it")
        moments = Moments(np.arange(1.0), np.array([2]), read.tree.weight[2:])
        profiles.append(
            replace(
                read,
                name=f"{IMAGE} {number}",
                thread=f"{IMAGE} {number}",
                unit="seconds",
                moments=moments if times else None,
            )
        )
    artefacts = {"profile.speedscope.json": (to_speedscope(profiles), "application/json")}
    return render_report(stored({"summary": "x"}), artefacts)


def test_threads_can_be_chosen_and_times_are_shown() -> None:
    page = threads_page()

    assert page.count("<option") == 3
    assert "66.7 %</option>" in page
    assert page.count('src="data:image/svg+xml;base64,') == 1
    assert 'alt="Calls in order of time over 6 s.' in page
    assert 'src="data:' not in threads_page(times=False)


@pytest.mark.slow
def test_a_thread_is_drawn_alone_and_either_way_up() -> None:
    seen, console = browse(threads_page(), width=1200)

    assert console == ""
    assert seen["images"] == 1
    assert seen["thread"] == ["all", "c", "d"]
    assert seen["turned"] == ["d", "c", "all"]
    assert seen["up"] == "c: 100 %, 3.00 s"


@pytest.mark.slow
def test_a_phone_shows_the_page_without_sideways_scrolling(hostile_page: str) -> None:
    seen, console = browse(hostile_page, width=390)
    assert console == ""
    assert seen["overflow"] <= 0
    assert seen["histogram"] == ["narrow"]


@pytest.mark.slow
def test_dark_mode_is_dark(hostile_page: str) -> None:
    seen, _ = browse(hostile_page, width=900, dark=True)
    light, _ = browse(hostile_page, width=900)
    assert max(map(int, re.findall(r"\d+", seen["background"]))) < 60
    assert min(map(int, re.findall(r"\d+", light["background"]))) > 200
