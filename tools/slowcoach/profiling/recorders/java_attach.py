"""Talk to a running JVM by its attach socket, as jcmd does.

No JDK is needed here, and no second JVM is started for each question, which would take half a
second of the processor that the program needs. What the socket does not serve, jcmd is asked.
The protocol is HotSpot's: a file `.attach_pidN` and SIGQUIT make it open `/tmp/.java_pidN`.
"""

import contextlib
import os
import shutil
import signal
import socket
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from slowcoach.core import caretaker, process
from slowcoach.core.errors import (
    InputError,
    MissingDependencyError,
    NotPermittedError,
    SlowcoachError,
    ToolFailedError,
    UnreachableError,
    UnsupportedError,
)
from slowcoach.core.job import Cancellation
from slowcoach.profiling.recorders import proc
from slowcoach.profiling.recorders.node_recording import pause

_DEADLINE_S = 60.0
_OPENS_S = 10.0  # the JVM looks at the signal at its next safepoint
_STEP_S = 0.02
_LOOK_S = 0.2
_LARGEST = 200_000_000
_SAID = 300
_HEX = 16
_VERSION = "1"


def is_java(pid: int) -> bool:
    """Tell whether a process runs a JVM: by its program, or a libjvm that it has loaded."""
    try:
        if Path(f"/proc/{pid}/exe").readlink().name.removesuffix(" (deleted)") == "java":
            return True
        return "/libjvm.so" in Path(f"/proc/{pid}/maps").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False


def must_be_java(pid: int) -> None:
    """Raise the error that says why this process cannot be looked at, and what to do."""
    if not proc.exists(pid):
        raise UnreachableError(f"pid {pid}: no such process", hint="Find it with `jcmd -l`")
    if not os.access(f"/proc/{pid}/maps", os.R_OK):
        raise NotPermittedError(
            f"{proc.name(pid)}: the system does not let us look at this process",
            hint="Run Slowcoach as the user who runs it, or as root",
        )
    if not is_java(pid):
        raise InputError(
            f"{proc.name(pid)}: expected a Java process", hint="`jcmd -l` lists those there are"
        )


def takes_questions(pid: int) -> bool:
    """Tell whether a JVM is up so far that it can be attached to: before that, SIGQUIT kills it."""
    caught = _status(pid).get("SigCgt", "0")
    return bool(int(caught, _HEX) >> (signal.SIGQUIT - 1) & 1)


def asked(pid: int, *words: str, cancellation: Cancellation | None = None) -> str:
    """Return what a JVM answers to a command of jcmd, such as `Thread.print`.

    Raises ToolFailedError with what it said when it refuses, UnreachableError when it has ended.
    """
    return _answer(pid, ["jcmd", " ".join(words)], words[0], cancellation)


def loaded(pid: int, library: Path, options: str) -> None:
    """Load an agent's library into a JVM. Raises ToolFailedError when it refuses."""
    _answer(pid, ["load", str(library), "true", options], f"load {library.name}", None)


def _answer(pid: int, words: Sequence[str], what: str, cancellation: Cancellation | None) -> str:
    try:
        path = _opened(pid, cancellation)
        try:
            code, said = _spoken(pid, path, words, cancellation)
        except ConnectionRefusedError:  # an earlier program with this pid was killed, and left it
            path = _opened(pid, cancellation, left=path.stat().st_ino)
            code, said = _spoken(pid, path, words, cancellation)
    except FileNotFoundError:
        raise _gone(pid) from None
    except PermissionError:
        raise NotPermittedError(
            f"{proc.name(pid)}: its attach socket may not be used",
            hint="Run Slowcoach as the user who runs the program, or as root",
        ) from None
    except UnsupportedError:
        if words[0] != "jcmd":
            raise
        return _by_jcmd(pid, words[1], cancellation)
    except OSError as error:
        raise ToolFailedError(
            f"{proc.name(pid)}: {what}: {error}", hint="Is the program still running?"
        ) from None
    if code:
        raise ToolFailedError(
            f"{proc.name(pid)}: {what}: {' '.join(said.split())[:_SAID]}",
            hint=f"Try `jcmd {pid} {words[-1]}` by hand, as the user who runs the program",
        )
    return said


def _opened(pid: int, cancellation: Cancellation | None, left: int = 0) -> Path:
    """Return the attach socket of a JVM, having had it opened; one with the inode `left` is not."""
    inside = int(_status(pid).get("NSpid", str(pid)).split()[-1])
    path = Path(f"/proc/{pid}/root/tmp/.java_pid{inside}")
    if _is_there(path, left):
        return path
    if "+DisableAttachMechanism" in _command_line(pid):
        raise ToolFailedError(
            f"{proc.name(pid)}: it was started with -XX:+DisableAttachMechanism",
            hint="Start it without that option, or give the command that starts it",
        )
    if not takes_questions(pid):
        raise ToolFailedError(
            f"{proc.name(pid)}: it does not take SIGQUIT (it starts up, or has -Xrs)",
            hint="Wait until it is up, or start it without -Xrs",
        )
    with _asked_for(pid, inside):
        late = time.monotonic() + _OPENS_S
        while time.monotonic() < late:
            os.kill(pid, signal.SIGQUIT) if not _is_there(path, left) else None
            for _ in range(round(1 / _STEP_S)):
                if _is_there(path, left):
                    return path
                _must_go_on(pid)
                pause(_STEP_S, cancellation)
    raise UnsupportedError(
        f"{proc.name(pid)}: it opened no attach socket within {_OPENS_S:g} s",
        hint="Is it a HotSpot JVM, and does it still react?",
    )


def _is_there(path: Path, left: int) -> bool:
    try:
        return path.is_socket() and path.stat().st_ino != left
    except FileNotFoundError:
        return False


@contextlib.contextmanager
def _asked_for(pid: int, inside: int) -> Iterator[None]:
    """Leave the file that tells the JVM that the signal is a wish to attach."""
    file = _folder_of(pid) / f".attach_pid{inside}"
    try:
        file.touch()
    except OSError:
        file = Path(f"/proc/{pid}/root/tmp/.attach_pid{inside}")
        file.touch()
    try:
        owner = Path(f"/proc/{pid}").stat()
        if os.geteuid() != owner.st_uid:
            os.chown(file, owner.st_uid, owner.st_gid)
        with caretaker.removing(file):
            yield
    finally:
        file.unlink(missing_ok=True)


def _folder_of(pid: int) -> Path:
    """Return the program's folder: by a path that outlives the program, if it is the same here."""
    link = Path(f"/proc/{pid}/cwd")
    with contextlib.suppress(OSError):
        real = link.readlink()
        if real.samefile(link):
            return real
    return link


def _spoken(
    pid: int, path: Path, words: Sequence[str], cancellation: Cancellation | None
) -> tuple[int, str]:
    """Say a command with its three arguments; return the code and the text of the answer."""
    given = [*words, "", "", ""][:4]
    data = bytearray()
    late = time.monotonic() + _DEADLINE_S
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as link:
        link.settimeout(_LOOK_S)
        link.connect(str(path))
        link.sendall(b"".join(f"{word}\0".encode() for word in (_VERSION, *given)))
        while time.monotonic() < late and len(data) < _LARGEST:
            if cancellation is not None:
                cancellation.check()
            try:
                part = link.recv(1 << 16)
            except TimeoutError:
                if proc.is_stopped(pid):
                    raise _stopped(pid) from None
                continue
            if not part:
                code, _, text = data.decode("utf-8", "replace").partition("\n")
                return int(code) if code.lstrip("-").isdigit() else -1, text
            data += part
    raise ToolFailedError(
        f"{words[-1][:60]}: the JVM did not answer within {_DEADLINE_S:g} s",
        hint="Look at why the program hangs, or ask for less",
    )


def jcmd(pid: int) -> str:
    """Return the jcmd of the JDK that runs a process, or one on the PATH."""
    try:
        beside = Path(f"/proc/{pid}/exe").readlink().with_name("jcmd")
    except OSError:
        beside = Path("jcmd")
    found = str(beside) if beside.is_file() else shutil.which("jcmd")
    if found is None:
        raise MissingDependencyError(
            "jcmd is not installed: it belongs to a JDK, and a JRE has none",
            hint="Install a JDK (any of 17 or later can look at the others)",
        )
    return found


def _by_jcmd(pid: int, words: str, cancellation: Cancellation | None) -> str:
    done = process.run(
        [jcmd(pid), str(pid), *words.split()],
        deadline_s=_DEADLINE_S,
        cancellation=cancellation,
        check=False,
    )
    if done.returncode != 0:
        raise ToolFailedError(
            f"jcmd {pid} {words[:60]}: {done.complaint}",
            hint="Try the same jcmd by hand, as the user who runs the program",
        )
    return done.text


def _gone(pid: int) -> SlowcoachError:
    if proc.exists(pid):
        return ToolFailedError(f"{proc.name(pid)}: its attach socket went away", hint="Try again")
    return UnreachableError(f"pid {pid}: it has ended", hint="Start it again, and record for less")


def _must_go_on(pid: int) -> None:
    if not proc.exists(pid):
        raise _gone(pid)
    if proc.is_stopped(pid):
        raise _stopped(pid)


def _stopped(pid: int) -> SlowcoachError:
    return ToolFailedError(
        f"{proc.name(pid)}: it is stopped (SIGSTOP)", hint=f"Let it go on: kill -CONT {pid}"
    )


def _status(pid: int) -> dict[str, str]:
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    return {key: value.strip() for key, _, value in (ln.partition(":") for ln in text.splitlines())}


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""
