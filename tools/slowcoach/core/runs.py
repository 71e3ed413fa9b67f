"""Runs: one execution of a tool each, in a thread, kept in the store, cancellable from anywhere."""

import secrets
import sys
import threading
import time
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from slowcoach.core.errors import CancelledError, InputError, SlowcoachError, UnknownRunError
from slowcoach.core.job import Job, Progress
from slowcoach.core.permission import Permissions
from slowcoach.core.redaction import redacted
from slowcoach.core.result import Result
from slowcoach.core.tool import Tool

if TYPE_CHECKING:
    from slowcoach.core.store import Store, StoredRun

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_BEAT_S = 1.0
_POLL_S = 0.1
_INPUTS = ("database_url", "plan", "path")  # with one of these no other database is meant


class Handle:
    """A run of this process: wait for it, watch it, cancel it, take its outcome."""

    def __init__(self, run_id: str | None, tool: Tool) -> None:
        self.run_id = run_id
        self.tool = tool
        self.job: Job | None = None
        self.progress = Progress(0, None, "starting")
        self.started = time.monotonic()
        self._done = threading.Event()
        self._lock = threading.Lock()
        self._callbacks: list[Callable[[], None]] = []
        self._result: Result | None = None
        self._error: BaseException | None = None

    @property
    def done(self) -> bool:
        """Tell whether it has ended."""
        return self._done.is_set()

    def wait(self, seconds: float | None) -> bool:
        """Wait up to `seconds` (None: until the end); return whether it has ended."""
        return self._done.wait(seconds)

    def when_done(self, callback: Callable[[], None]) -> None:
        """Call back, from the run's thread, once it has ended (at once if it has)."""
        with self._lock:
            if not self._done.is_set():
                self._callbacks.append(callback)
                return
        callback()

    def cancel(self) -> None:
        """Call the run off."""
        if self.job is not None:
            self.job.cancellation.ask()

    def outcome(self) -> Result:
        """Return the result, or raise what ended the run. Only once `done`."""
        if self._error is not None:
            raise self._error
        if self._result is None:
            raise RuntimeError("the run has not ended")
        return self._result

    def running(self) -> Result:
        """Return what to answer while it goes on."""
        progress = self.progress
        of = f" of {progress.total:g}" if progress.total else ""
        waited = time.monotonic() - self.started
        return Result(
            status="running",
            run_id=self.run_id,
            summary=f"{self.tool.name} has run {waited:.0f} s ({progress.done:g}{of}: "
            f"{progress.message}).",
            next=(
                f'get_run {{"run_id": "{self.run_id}"}} waits for the result',
                f'cancel_run {{"run_id": "{self.run_id}"}} stops it',
            ),
        )

    def end(self, result: Result | None, error: BaseException | None) -> None:
        """Set the outcome and wake who waits; called once, by the run's thread."""
        self._result, self._error = result, error
        with self._lock:
            self._done.set()
            callbacks = list(self._callbacks)
        for callback in callbacks:
            callback()


class Runs:
    """Starts tools as runs and finds earlier ones. The store is opened when first needed."""

    def __init__(
        self,
        store_url: str | None = None,
        permissions: Permissions | None = None,
        database_url: str | None = None,
    ) -> None:
        self.permissions = permissions or Permissions()
        self._database_url = database_url
        self._store_url = store_url
        self._store: Store | None = None
        self._lock = threading.Lock()
        self._active: dict[str, Handle] = {}

    @property
    def store(self) -> "Store":
        """Return the store; raises UnreachableError when it cannot be opened."""
        with self._lock:
            if self._store is None:
                from slowcoach.core.store import Store  # SQLAlchemy: not needed to start a server

                self._store = Store(self._store_url)
            return self._store

    def call(
        self,
        tool: Tool,
        arguments: Mapping[str, Any],
        on_progress: Callable[[Progress], None] | None = None,
    ) -> Result:
        """Run a tool to its end in this thread's time and return its result."""
        handle = self.start(tool, arguments, on_progress)
        try:
            handle.wait(None)
        except KeyboardInterrupt:
            handle.cancel()
            handle.wait(10)
            raise
        return handle.outcome()

    def start(
        self,
        tool: Tool,
        arguments: Mapping[str, Any],
        on_progress: Callable[[Progress], None] | None = None,
        permissions: Permissions | None = None,
    ) -> Handle:
        """Validate the arguments (InputError) and start the run in a thread of its own.

        `permissions` are those of this call, if others than everybody's.

        A tool that keeps no run is worked at once and the handle is done on return.
        """
        given = tool.validate(self._with_database(tool, arguments))
        run_id = new_id(tool.name) if tool.keeps_run else None
        handle = Handle(run_id, tool)

        def progressed(progress: Progress) -> None:
            handle.progress = progress
            if on_progress is not None:
                on_progress(progress)

        handle.job = Job(
            run_id=run_id,
            permissions=permissions or self.permissions,
            runs=self,
            on_progress=progressed,
            save=None if run_id is None else self._saver(run_id),
        )
        if run_id is None:
            self._work(handle, given)
            return handle
        self.store.begin(run_id, tool.name, plain(given), versions())
        self._active[run_id] = handle
        name = f"run {run_id}"
        threading.Thread(target=self._work, args=(handle, given), name=name, daemon=True).start()
        return handle

    def _with_database(self, tool: Tool, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the arguments, with the settings' database where a tool is given no input."""
        if not (self._database_url and tool.asks_database):
            return arguments
        if any(arguments.get(name) for name in _INPUTS):
            return arguments
        return {**arguments, "database_url": self._database_url}

    def _saver(self, run_id: str) -> Callable[[str, bytes, str], str]:
        def save(name: str, data: bytes, media_type: str) -> str:
            self.store.save(run_id, name, data, media_type)
            return f"slowcoach://runs/{run_id}/{name}"

        return save

    def _work(self, handle: Handle, given: dict[str, Any]) -> None:
        job = handle.job
        assert job is not None  # noqa: S101 - set by start
        stop = threading.Event()
        if handle.run_id is not None:
            self._beat(handle, stop)
        result: Result | None = None
        error: BaseException | None = None
        try:
            result = handle.tool.call(given, job)
            if handle.run_id is not None:
                result = result.model_copy(update={"run_id": handle.run_id})
        except SlowcoachError as raised:
            error = raised
        except SystemExit as raised:  # a library that parses arguments: not our end
            error = RuntimeError(f"a library called exit({raised.code})")
        except BaseException as raised:  # noqa: BLE001 - the thread's edge: kept and raised to the caller
            error = raised
        stop.set()
        try:
            if handle.run_id is not None:
                self._finish(handle.run_id, result, error)
        except SlowcoachError as raised:
            error = error or raised
        finally:
            self._active.pop(handle.run_id or "", None)
            handle.end(result, error)

    def _finish(self, run_id: str, result: Result | None, error: BaseException | None) -> None:
        if result is not None and error is None:
            self.store.finish(run_id, result.status, plain(result))
        elif isinstance(error, CancelledError):
            self.store.finish(run_id, "cancelled", {"summary": "The run was cancelled."})
        elif isinstance(error, SlowcoachError):
            failure = {"code": error.code, "message": error.message, "hint": error.hint}
            self.store.finish(run_id, "failed", {"summary": str(error), "error": failure})
        else:
            kind = type(error).__name__
            self.store.finish(run_id, "failed", {"summary": f"The tool failed: {kind}."})

    def _beat(self, handle: Handle, stop: threading.Event) -> None:
        """Tell the store each second that the run is alive, and hear whether to end it."""

        def beat() -> None:
            while not stop.wait(_BEAT_S):
                try:
                    asked = self.store.beat(handle.run_id or "", handle.progress.message)
                except Exception:  # noqa: BLE001, S112 - a store that is away must not end the work
                    continue
                if asked:
                    handle.cancel()

        threading.Thread(target=beat, daemon=True).start()

    def active(self, run_id: str) -> Handle | None:
        """Return the handle of a run that goes on in this process."""
        return self._active.get(run_id)

    def get(self, run_id: str, wait_s: float = 0) -> "StoredRun":
        """Return a run from the store, waiting up to `wait_s` for its end."""
        deadline = time.monotonic() + wait_s
        if (handle := self._active.get(run_id)) is not None:
            handle.wait(wait_s)
        while True:
            stored = self.store.get(run_id)
            if stored.status != "running" or time.monotonic() >= deadline:
                return stored
            time.sleep(_POLL_S)

    def result(self, run_id: str) -> dict[str, Any]:
        """Return a finished run's whole result; raises InputError when it has none."""
        stored = self.get(run_id)
        if stored.result is None or stored.status != "done":
            raise InputError(
                f"run {run_id} is {stored.status} and has no result",
                hint="Wait with get_run, or start it again",
            )
        return stored.result

    def cancel(self, run_id: str) -> str:
        """Call a run off, in this process or another; return its status (waits up to 5 s)."""
        if (handle := self._active.get(run_id)) is not None:
            handle.cancel()
            handle.wait(5)
        elif self.store.get(run_id).status == "running":
            self.store.ask_cancel(run_id)
        return self.get(run_id, wait_s=5).status

    def cancel_all(self) -> None:
        """Call off every run of this process (its end is near)."""
        for handle in list(self._active.values()):
            handle.cancel()

    def busy(self) -> bool:
        """Tell whether a run of this process goes on."""
        return bool(self._active)

    def known(self, run_id: str) -> bool:
        """Tell whether a run with this id is kept."""
        try:
            self.store.get(run_id)
        except UnknownRunError:
            return False
        return True

    def close(self) -> None:
        """Close the store, if it was opened."""
        if self._store is not None:
            self._store.close()


def new_id(tool: str) -> str:
    """Return a new run id: the tool's name and eight random letters."""
    return f"{tool.replace('_', '-')}-{''.join(secrets.choice(_ALPHABET) for _ in range(8))}"


def versions() -> dict[str, str]:
    """Return the versions that a result depends on."""
    try:
        own = version("slowcoach")
    except PackageNotFoundError:
        own = "unknown"
    return {"slowcoach": own, "python": sys.version.split()[0], "platform": sys.platform}


def plain(value: Any) -> Any:
    """Return JSON-able data without secrets: models dumped, other objects as text."""
    if isinstance(value, BaseModel):
        return plain(value.model_dump(mode="json"))
    if isinstance(value, Mapping):
        return {str(k): redacted(str(k), plain(v)) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return value if abs(value) != float("inf") and value == value else None
    if isinstance(value, str):
        return redacted("", value.encode("utf-8", "replace").decode())
    return value if isinstance(value, (int, bool, type(None))) else str(value)
