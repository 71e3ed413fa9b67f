"""What a running tool may use: progress, cancellation, artefacts, permissions, other runs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slowcoach.core.errors import CancelledError
from slowcoach.core.permission import Permissions

if TYPE_CHECKING:
    from slowcoach.core.runs import Runs


@dataclass(frozen=True)
class Progress:
    """How far a run is: `done` of `total` (None: unknown), and what it does now."""

    done: float
    total: float | None
    message: str


class Cancellation:
    """A flag that any thread may set, and what is to happen at once when it is."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._callbacks: list[Callable[[], None]] = []

    @property
    def asked(self) -> bool:
        """Tell whether someone called the work off."""
        return self._event.is_set()

    def ask(self) -> None:
        """Call the work off: set the flag and run every callback once."""
        with self._lock:
            if self._event.is_set():
                return
            self._event.set()
            callbacks = list(self._callbacks)
        for callback in callbacks:
            callback()

    def check(self) -> None:
        """Raise CancelledError when the work is called off."""
        if self._event.is_set():
            raise CancelledError

    def sleep(self, seconds: float) -> None:
        """Wait, or raise CancelledError as soon as the work is called off."""
        self._event.wait(seconds)
        self.check()

    @contextmanager
    def on_ask(self, callback: Callable[[], None]) -> Iterator[None]:
        """Run `callback` (from the asking thread) if the work is called off inside the block."""
        with self._lock:
            asked = self._event.is_set()
            self._callbacks.append(callback)
        if asked:
            callback()
        try:
            yield
        finally:
            with self._lock:
                self._callbacks.remove(callback)


class Job:
    """One execution of a tool. Tools take it as a parameter named `job`; tests make their own:
    `Job()` permits everything, keeps artefacts in memory and reports progress to nobody.
    """

    def __init__(
        self,
        run_id: str | None = None,
        permissions: Permissions | None = None,
        runs: Runs | None = None,
        on_progress: Callable[[Progress], None] | None = None,
        save: Callable[[str, bytes, str], str] | None = None,
    ) -> None:
        self.run_id = run_id
        self.permissions = permissions or Permissions()
        self.cancellation = Cancellation()
        self.artefacts: dict[str, bytes] = {}
        self._runs = runs
        self._on_progress = on_progress
        self._save = save

    @property
    def runs(self) -> Runs:
        """Return the kept runs; a job made without them has none to ask."""
        if self._runs is None:
            raise RuntimeError("this job was made without a run store")
        return self._runs

    def progress(self, done: float, total: float | None, message: str) -> None:
        """Say how far the work is; also the place where a cancelled job stops."""
        self.cancellation.check()
        if self._on_progress is not None:
            self._on_progress(Progress(done, total, message))

    def save(self, name: str, data: bytes, media_type: str) -> str:
        """Keep an artefact with the run and return its address (a resource URI).

        `name` is a plain file name, such as `profile.speedscope.json`.
        """
        self.artefacts[name] = data
        if self._save is None:
            return f"slowcoach://runs/{self.run_id or 'none'}/{name}"
        return self._save(name, data, media_type)
