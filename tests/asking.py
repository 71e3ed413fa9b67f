"""`slowcoach ask` as people start it: in this process with a pipe, as a program, on a terminal."""

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

import needs
from slowcoach_server.cli.asking import main

_KEYS = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN")
_WAIT_S = 180.0


def ask_here(*words: str) -> tuple[int, dict[str, Any]]:
    """Ask in this process, through pipes; return the exit code and the JSON answer."""
    out = StringIO()
    reader, writer = os.pipe()
    os.close(writer)
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    with pytest.MonkeyPatch.context() as patch, os.fdopen(reader, encoding="utf-8") as piped:
        for name in _KEYS:
            patch.delenv(name, raising=False)
        patch.setattr(sys, "stdin", piped)
        with redirect_stdout(out), redirect_stderr(StringIO()):
            code = main([*words, "--json"])
    for number, handler in kept.items():
        signal.signal(number, handler)
    return code, json.loads(out.getvalue())


def environment(**more: str) -> dict[str, str]:
    """Return the environment of a program: ours without a key."""
    return {name: text for name, text in os.environ.items() if name not in _KEYS} | more


def ask_program(
    sentence: str, *words: str, folder: Path | None = None, wait_s: float = _WAIT_S
) -> tuple[int, dict[str, Any], str]:
    """Ask the program, the sentence through a pipe: exit code, JSON answer, standard error."""
    done = subprocess.run(
        [sys.executable, "-m", "slowcoach_server", "ask", "-", *words, "--json"],
        input=sentence,
        capture_output=True,
        text=True,
        timeout=wait_s,
        check=False,
        cwd=folder,
        env=environment(),
    )
    return done.returncode, json.loads(done.stdout), done.stderr


def talk(
    words: list[str], replies: Mapping[str, str], *, folder: Path | None = None
) -> tuple[int, str]:
    """Hold a conversation on a terminal: each reply is typed once its question is shown."""
    if sys.platform == "win32":
        needs.missing("needs a pseudo-terminal")
    leader, follower = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-m", "slowcoach_server", "ask", *words],
        stdin=follower,
        stdout=follower,
        stderr=follower,
        env=environment(NO_COLOR="1", COLUMNS="160"),
        cwd=folder,
        close_fds=True,
    )
    os.close(follower)
    shown, waiting, until = "", dict(replies), time.monotonic() + _WAIT_S
    try:
        while time.monotonic() < until:
            if not select.select([leader], [], [], 0.5)[0]:
                continue
            try:
                piece = os.read(leader, 65536)
            except OSError:  # the other end is closed: the program has ended
                break
            if not piece:
                break
            shown += piece.decode("utf-8", "replace")
            for question in [text for text in waiting if text in shown]:
                reply = waiting.pop(question)
                os.write(leader, reply.encode() if reply == EOF else f"{reply}\n".encode())
        return child.wait(timeout=30), shown
    finally:
        child.kill()
        child.wait()
        os.close(leader)


EOF = "\x04"  # what Ctrl-D types
