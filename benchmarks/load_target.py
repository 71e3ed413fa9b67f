"""An nginx of one worker on loopback that answers with 22 bytes: what load is measured against."""

import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

CONFIG = """
worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 8192; }}
http {{
  access_log off; keepalive_requests 1000000000; client_body_temp_path {folder}/b;
  proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u;
  scgi_temp_path {folder}/s;
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location / {{ default_type text/plain; return 200 "hello, hello, hello 22"; }}
  }}
}}
"""


@dataclass(frozen=True)
class Nginx:
    """Where it listens, and the process that answers."""

    url: str
    worker: int


@contextmanager
def nginx() -> Iterator[Nginx]:
    """Run it until the block ends."""
    with tempfile.TemporaryDirectory(prefix="slowcoach-nginx-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        config = folder / "nginx.conf"
        config.write_text(CONFIG.format(folder=folder, port=port), encoding="utf-8")
        argv = ["nginx", "-p", name, "-c", str(config), "-e", f"{name}/error.log"]
        with subprocess.Popen(argv, stderr=subprocess.DEVNULL) as master:
            try:
                yield Nginx(f"http://127.0.0.1:{port}/", _worker(master.pid, port))
            finally:
                master.terminate()


def _worker(master: int, port: int) -> int:
    until = time.monotonic() + 10
    children = Path(f"/proc/{master}/task/{master}/children")
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return int(children.read_text().split()[0])
        except (OSError, IndexError):
            time.sleep(0.05)
    raise SystemExit("nginx did not begin to listen")
