"""A headless Chromium over its DevTools protocol, with a page that speaks MCP Apps as a host."""

import base64
import json
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Self

import needs

HOST = Path(__file__).parent / "apps_host.js"
_WAIT_S = 60
_KEYS = {"Enter": ("\r", 13), " ": (" ", 32), "Tab": ("", 9)}
PAGE = """<!doctype html><meta charset=utf-8><title>Host</title><link rel=icon href="data:,">
<style>body{margin:0;background:Canvas}iframe{border:0;width:100%;height:100px;display:block}</style>
<body><script src=host.js></script>"""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base's name)
        """Say nothing."""


@contextmanager
def host_site() -> Iterator[str]:
    """Bundle the host's page, serve it on the loopback, and yield its address."""
    esbuild = needs.program("esbuild")
    modules = Path(esbuild).parents[1]
    if not (modules / "@modelcontextprotocol" / "ext-apps").is_dir():
        needs.missing("needs the npm package @modelcontextprotocol/ext-apps beside esbuild")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [esbuild, str(HOST), "--bundle", "--format=iife", f"--outfile={folder}/host.js"],
            check=True,
            capture_output=True,
            timeout=120,
            env={"NODE_PATH": str(modules), "PATH": str(Path(needs.program("node")).parent)},
        )
        (Path(folder) / "index.html").write_text(PAGE)
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=folder))
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


class Browser:
    """One page of a browser."""

    def __init__(self, address: str) -> None:
        import websocket

        self._socket = websocket.create_connection(
            address, timeout=_WAIT_S, suppress_origin=True, enable_multithread=False
        )
        self._last = 0
        self.said: list[str] = []
        self.asked: list[str] = []
        self.contexts: dict[str, int] = {}

    def do(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a method and return its result."""
        self._last += 1
        wanted = self._last
        self._socket.send(json.dumps({"id": wanted, "method": method, "params": params}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("id") == wanted:
                assert "error" not in message, message
                return dict(message["result"])
            self._hear(message)

    def _hear(self, message: dict[str, Any]) -> None:
        method, params = message.get("method"), message.get("params", {})
        if method == "Runtime.executionContextCreated":
            made = params["context"]
            self.contexts[made["auxData"]["frameId"]] = made["id"]
        elif method == "Runtime.consoleAPICalled" and params["type"] != "debug":  # the host's own
            self.said.append(str(params["args"]))
        elif method == "Runtime.exceptionThrown":
            self.said.append(str(params["exceptionDetails"]))
        elif method == "Log.entryAdded":
            self.said.append(f"{params['entry']['text']} {params['entry'].get('url', '')}")
        elif method == "Network.requestWillBeSent":
            self.asked.append(params["request"]["url"])

    def open(self, address: str, width: int, *, height: int = 900) -> Self:
        """Open the host's page anew in a window of this width."""
        self.do(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        self.contexts.clear()
        self.do("Page.navigate", url=address)
        self.until("!!window.host", inside=False)
        self.said.clear()
        self.asked.clear()
        return self

    def frames(self) -> list[str]:
        """Return the ids of the page and of the app's frame, once it is there."""
        tree = self.do("Page.getFrameTree")["frameTree"]
        inner = [child["frame"]["id"] for child in tree.get("childFrames", ())]
        return [tree["frame"]["id"], *inner]

    def run(self, code: str, *, inside: bool = True, gesture: bool = False) -> Any:
        """Evaluate in the app's frame (or in the host's page) and return the value."""
        frame = self.frames()[-1 if inside else 0]
        found = self.do(
            "Runtime.evaluate",
            expression=code,
            contextId=self.contexts[frame],
            awaitPromise=True,
            returnByValue=True,
            userGesture=gesture,
        )
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def until(self, code: str, *, inside: bool = True) -> Any:
        """Wait until an expression is true, and return its value."""
        value: Any = None
        end = time.monotonic() + _WAIT_S
        while time.monotonic() < end:
            try:
                value = self.run(code, inside=inside)
            except (KeyError, AssertionError):
                value = None
            if value:
                return value
            time.sleep(0.05)
        raise AssertionError(f"never true: {code}; the page said {self.said}")

    def show(self, given: dict[str, Any]) -> None:
        """Show an app and wait until the host has sent it what it has."""
        self.run(f"host.show({json.dumps(given)})", inside=False)

    def press(self, key: str) -> None:
        """Press a key."""
        text, code = _KEYS.get(key, ("", 0))
        event = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        self.do("Input.dispatchKeyEvent", type="keyDown", text=text, **event)
        self.do("Input.dispatchKeyEvent", type="keyUp", **event)

    def names(self) -> list[tuple[str, str]]:
        """Return role and accessible name of what assistive software meets in the app."""
        nodes = self.do("Accessibility.getFullAXTree", frameId=self.frames()[-1])["nodes"]
        return [
            (node["role"]["value"], node.get("name", {}).get("value", ""))
            for node in nodes
            if not node.get("ignored") and "role" in node
        ]

    def picture(self, path: Path) -> None:
        """Write a picture of the whole page."""
        size = self.do("Page.getLayoutMetrics")["cssContentSize"]
        shot = self.do(
            "Page.captureScreenshot", captureBeyondViewport=True, clip={**size, "scale": 1}
        )
        path.write_bytes(base64.b64decode(shot["data"]))

    def close(self) -> None:
        """End the connection."""
        self._socket.close()


@contextmanager
def browser() -> Iterator[Browser]:
    """Start a Chromium that ends with the block."""
    needs.module("websocket")
    program = needs.program("chromium", "chromium-browser", "google-chrome")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        process = subprocess.Popen(
            [
                program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
                "--no-first-run", "--disable-background-networking", "--disable-component-update",
                "--disable-sync", "--disable-dev-shm-usage", "--disable-site-isolation-trials",
                "--disable-features=IsolateSandboxedIframes,Translate", "--hide-scrollbars",
                f"--user-data-dir={folder}", "--remote-debugging-port=0",
                "--remote-allow-origins=*", "about:blank",
            ],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        page: Browser | None = None
        try:
            page = Browser(_page_of(Path(folder)))
            for domain in ("Page", "Runtime", "Log", "Network", "Accessibility"):
                page.do(f"{domain}.enable")
            yield page
        finally:
            if page is not None:
                _quietly(partial(page.do, "Browser.close"))
                page.close()
            process.terminate()
            process.wait(timeout=_WAIT_S)


def _quietly(work: Callable[[], Any]) -> None:
    try:
        work()
    except Exception:  # noqa: BLE001 (it may be gone before it has answered)
        return


def _page_of(folder: Path) -> str:
    """Return the address of the first page, once the browser has told its port."""
    import urllib.request

    told = folder / "DevToolsActivePort"
    end = time.monotonic() + _WAIT_S
    while time.monotonic() < end:
        try:
            port = told.read_text().split()[0]
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=10) as found:
                pages = [each for each in json.load(found) if each["type"] == "page"]
            return str(pages[0]["webSocketDebuggerUrl"])
        except (OSError, IndexError):
            time.sleep(0.1)
    raise AssertionError("the browser did not start")
