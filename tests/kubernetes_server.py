"""A Kubernetes API server for tests: it answers with what a real one answered (tests/data), over
real TLS, and real k6 processes stand for the runners' pods, each on a host of its own.
"""

from __future__ import annotations

import json
import os
import re
import signal
import ssl
import subprocess
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from hosts import Host
from slowcoach.load.validation import k6_program

DATA = Path(__file__).parent / "data" / "load" / "kubernetes"
TOKEN = "a-token-of-the-tests"
_PORT = 6565


def recorded(name: str) -> dict[str, Any]:
    """Return a recorded answer."""
    found: dict[str, Any] = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    return found


def _status(name: str) -> dict[str, Any]:
    found: dict[str, Any] = recorded(name)["status"]
    return found


@dataclass
class RunnerPod:
    """A pod of the test: a real k6 process on a host, and its log with times."""

    number: int
    host: Host
    process: subprocess.Popen[bytes]
    lines: list[str] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)
    ended: bool = False
    out_of_memory: bool = False

    def read(self) -> None:
        """Stamp each line as it comes, as a container runtime does."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "000Z"
            with self.changed:
                self.lines.append(f"{at} {line.decode('utf-8', 'replace').rstrip()}\n")
                self.changed.notify_all()
        self.process.wait()
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def wait(self, seconds: float | None = None) -> None:
        """Wait until its log is at its end."""
        with self.changed:
            self.changed.wait_for(lambda: self.ended, timeout=seconds)

    def status(self) -> dict[str, Any]:
        """Return the pod's status, of the recorded one that fits."""
        code = self.process.poll()
        if code is None:
            return _status("pod-running")
        if code == 0:
            return _status("pod-succeeded")
        status = _status("pod-oomkilled" if self.out_of_memory else "pod-failed")
        if not self.out_of_memory:
            status["containerStatuses"][0]["state"]["terminated"]["exitCode"] = code
        return status


@dataclass
class Cluster:
    """What the server knows, and how it shall behave. `asked` is what it was asked for."""

    hosts: tuple[Host, ...]
    folder: Path
    asked: list[tuple[str, str]] = field(default_factory=list)
    objects: dict[str, Any] = field(default_factory=dict)
    pods: list[RunnerPod] = field(default_factory=list)
    stage: str = ""
    refuse: dict[str, str] = field(default_factory=dict)  # path part -> recorded Status
    stuck_at: str | None = None
    break_logs_after: int | None = None
    never_scheduled: frozenset[int] = frozenset()

    def start(self, testrun: dict[str, Any]) -> None:
        """Do as k6-operator does with a TestRun, from initialization to finished."""
        spec = testrun["spec"]
        script = self.folder / "test" / spec["script"]["configMap"]["file"]
        script.parent.mkdir(exist_ok=True)
        name = spec["script"]["configMap"]["name"]
        for file, text in self.objects[f"configmaps/{name}"]["data"].items():
            (script.parent / file).write_text(text)
        self.stage = "initialization"
        k6 = k6_program() or "k6"
        if self.stuck_at is not None:
            self.stage = self.stuck_at
            return
        subprocess.run([k6, "inspect", str(script)], check=True, capture_output=True)
        self.stage = "created"
        count = spec["parallelism"]
        for number in range(1, count + 1):
            if number not in self.never_scheduled:
                self._start(number, count, k6, spec, script, testrun["metadata"]["name"])
        for pod in self.pods:
            _begin(pod)
        self.stage = "started"
        for pod in self.pods:
            pod.wait()
        if not self.never_scheduled:
            self.stage = "finished"

    def _start(self, number: int, count: int, k6: str, spec: Any, script: Path, name: str) -> None:
        """Start a runner with the arguments that the operator gives it."""
        cuts = ["0", *(f"{i}/{count}" for i in range(1, count)), "1"]
        argv = [k6, "run", "--quiet"]
        if count > 1:
            argv += [f"--execution-segment={cuts[number - 1]}:{cuts[number]}"]
            argv += [f"--execution-segment-sequence={','.join(cuts)}"]
        argv += [*spec["arguments"].split(), str(script), f"--address=0.0.0.0:{_PORT}", "--paused"]
        argv += ["--tag", f"instance_id={number}", "--tag", f"testrun_name={name}"]
        host = self.hosts[number - 1]
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "K6_OUT": f"csv={self.folder / f'raw-{number}.csv'}",
        }
        process = subprocess.Popen(
            host.command(*argv),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
        pod = RunnerPod(number, host, process)
        self.pods.append(pod)
        threading.Thread(target=pod.read, daemon=True).start()

    def delete(self) -> None:
        """Ask every pod to end, as the deletion of its job does."""
        for pod in self.pods:
            if pod.process.poll() is None:
                pod.process.send_signal(signal.SIGTERM)

    def end(self) -> None:
        """Leave nothing running."""
        for pod in self.pods:
            pod.process.kill()
            pod.process.wait()
            pod.wait(10)
            assert pod.process.stdout is not None
            pod.process.stdout.close()


def _begin(pod: RunnerPod) -> None:
    """Let a paused runner begin, as the operator's starter does."""
    attributes = {"attributes": {"paused": False}, "id": "default", "type": "status"}
    request = urllib.request.Request(
        f"http://{pod.host.address}:{_PORT}/v1/status",
        data=json.dumps({"data": attributes}).encode(),
        headers={"Content-Type": "application/json"},
        method="PATCH",
    )
    for _ in range(150):
        try:
            urllib.request.urlopen(request, timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"runner {pod.number} does not listen: {pod.lines}")


class _Handler(BaseHTTPRequestHandler):
    cluster: ClassVar[Cluster]
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""

    def _answer(self, code: int, body: Any) -> None:
        data = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _admitted(self) -> bool:
        path = urlsplit(self.path).path
        self.cluster.asked.append((self.command, path))
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            self._answer(401, recorded("status-unauthorized"))
            return False
        for part, name in self.cluster.refuse.items():
            if part in f"{self.command} {path}":
                self._refuse(name)
                return False
        return True

    def _refuse(self, name: str) -> None:
        if name == "no-operator":
            data = (DATA / "no-operator.txt").read_bytes()
            self.send_response(404)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
            return
        status = recorded(name)
        self._answer(status["code"], status)

    def do_POST(self) -> None:
        document = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self._admitted():
            return
        collection = urlsplit(self.path).path.rsplit("/", 1)[-1]
        name = document["metadata"]["name"]
        answer = recorded(f"{collection}-created")
        answer["metadata"]["name"] = name
        for key in ("data", "spec", "stringData"):
            if key in document:
                answer[key] = document[key]
        self.cluster.objects[f"{collection}/{name}"] = document
        if collection == "testruns":
            threading.Thread(target=self.cluster.start, args=(document,), daemon=True).start()
        self._answer(201, answer)

    def do_DELETE(self) -> None:
        if not self._admitted():
            return
        collection, name = urlsplit(self.path).path.rsplit("/", 2)[-2:]
        if self.cluster.objects.pop(f"{collection}/{name}", None) is None:
            self._answer(404, recorded("status-not-found"))
            return
        if collection == "testruns":
            self.cluster.delete()
        self._answer(200, recorded(f"{collection}-deleted"))

    def do_GET(self) -> None:
        if not self._admitted():
            return
        path = urlsplit(self.path).path
        if found := re.search(r"/pods/([^/]+)/log$", path):
            self._log(int(found[1].rsplit("-", 2)[-2]))
        elif path.endswith("/pods"):
            self._answer(200, self._pods())
        else:
            answer = recorded("testruns-started")
            answer["metadata"]["name"] = path.rsplit("/", 1)[-1]
            answer["status"]["stage"] = self.cluster.stage
            self._answer(200, answer)

    def _pods(self) -> dict[str, Any]:
        answer = recorded("pods")
        (template,) = answer["items"]
        name = next((n for n in self.cluster.objects if n.startswith("testruns/")), "/gone")
        name = name.split("/", 1)[1]
        items: list[tuple[int, dict[str, Any]]] = []
        for pod in self.cluster.pods:
            item = json.loads(json.dumps(template))
            item["status"] = pod.status()
            items.append((pod.number, item))
        items += [(n, recorded("pod-pending")) for n in self.cluster.never_scheduled]
        for number, item in items:
            item["metadata"]["name"] = f"{name}-{number}-x7k2p"
            for key in ("batch.kubernetes.io/job-name", "job-name"):
                item["metadata"]["labels"][key] = f"{name}-{number}"
        answer["items"] = [item for _, item in items]
        return answer

    def _log(self, number: int) -> None:
        pod = next(pod for pod in self.cluster.pods if pod.number == number)
        query = {key: values[0] for key, values in parse_qs(urlsplit(self.path).query).items()}
        since = query.get("sinceTime", "")[:19]
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        place = sent = 0
        while True:
            with pod.changed:
                if len(pod.lines) == place and not pod.ended:
                    pod.changed.wait(timeout=0.5)
                ready, place, ended = pod.lines[place:], len(pod.lines), pod.ended
            text = "".join(line for line in ready if line[:19] >= since)
            if text:
                self.wfile.write(f"{len(text.encode()):x}\r\n{text}\r\n".encode())
            sent += len(ready)
            limit = self.cluster.break_logs_after
            if limit is not None and sent > limit:
                self.cluster.break_logs_after = None
                self.close_connection = True
                self.connection.close()
                return
            if ended and place == len(pod.lines):
                self.wfile.write(b"0\r\n\r\n")
                return


@contextmanager
def kubernetes(folder: Path, hosts: tuple[Host, ...]) -> Iterator[tuple[Cluster, Path]]:
    """Run an API server on this machine; yields its cluster and a kubeconfig for it."""
    cluster = Cluster(hosts, folder)
    certificate, key = folder / "server.crt", folder / "server.key"
    for path, text in zip((certificate, key), _certified(), strict=True):
        path.write_text(text)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    handler = type("Handler", (_Handler,), {"cluster": cluster})
    server = _Server(("127.0.0.1", 0), handler)
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    config = folder / "kubeconfig"
    config.write_text(kubeconfig(f"https://127.0.0.1:{server.server_address[1]}", certificate))
    try:
        yield cluster, config
    finally:
        cluster.end()
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that leave."""


def kubeconfig(server: str, certificate: Path, user: str = f"token: {TOKEN}") -> str:
    """Return a kubeconfig, as kubectl writes it."""
    return f"""apiVersion: v1
kind: Config
current-context: test
clusters:
- name: cluster
  cluster:
    server: {server}
    certificate-authority: {certificate}
contexts:
- name: test
  context: {{cluster: cluster, user: someone, namespace: load}}
users:
- name: someone
  user:
    {user}
"""


@cache
def _certified() -> tuple[str, str]:
    """Return a certificate for 127.0.0.1 that is its own authority, and its key."""
    with tempfile.TemporaryDirectory() as folder:
        certificate, key = Path(folder) / "crt", Path(folder) / "key"
        subprocess.run(
            [
                *("openssl", "req", "-x509", "-newkey", "ec", "-nodes", "-days", "2"),
                *("-pkeyopt", "ec_paramgen_curve:P-256", "-subj", "/CN=kubernetes"),
                *("-addext", "subjectAltName=IP:127.0.0.1"),
                *("-keyout", str(key), "-out", str(certificate)),
            ],
            check=True,
            capture_output=True,
        )
        return certificate.read_text(), key.read_text()
