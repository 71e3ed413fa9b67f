"""A private MariaDB for tests: its own folder, socket and user, gone when the block ends."""

import os
import pwd
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import needs
from slowcoach.core import process

_READY_S = 90.0


@contextmanager
def server() -> Iterator[Path]:
    """Yield the socket of a server that runs; user root needs no password."""
    needs.module("pymysql")
    needs.program("mariadbd")
    install = needs.program("mariadb-install-db")
    folder = Path(tempfile.mkdtemp(prefix="slowcoach-mariadb-"))
    user = pwd.getpwnam("mysql").pw_uid if os.geteuid() == 0 else None
    folder.chmod(0o755)
    if user is not None:
        shutil.chown(folder, "mysql", "mysql")
    words = ["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"]
    data = f"--datadir={folder / 'data'}"
    argv = ["mariadbd", "--no-defaults", data, f"--socket={folder}/s", "--skip-networking"]
    argv += [f"--pid-file={folder}/pid", "--innodb-buffer-pool-size=32M", "--skip-log-bin"]
    argv += ["--innodb-flush-log-at-trx-commit=0"]
    try:
        process.run([install, *words, data], deadline_s=_READY_S, user=user)
        with process.running(argv, log=folder / "log", user=user):
            _wait(folder / "s")
            yield folder / "s"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait(socket: Path) -> None:
    import pymysql

    until = time.monotonic() + _READY_S
    while True:
        try:
            run(socket, "SELECT 1")
        except pymysql.err.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return


def run(socket: Path, *statements: str) -> list[tuple[Any, ...]]:
    """Run statements as root; return the rows of the last."""
    import pymysql

    connection = pymysql.connect(unix_socket=str(socket), user="root", autocommit=True)
    with closing(connection), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        return list(cursor.fetchall())
