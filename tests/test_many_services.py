"""Services behind one another: found by traces, by pid, by port, and in containers."""

import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import pytest

import needs
from slowcoach.api.investigate import TOOL, Investigation, investigate
from slowcoach.core.errors import InputError, UnreachableError, UnreadableError
from slowcoach.core.job import Job
from slowcoach.core.knowledge import page, rule
from slowcoach.core.permission import Permissions
from slowcoach.core.runs import Runs
from slowcoach.diagnosis.behind import seen_from_inside, share_inside
from slowcoach.diagnosis.evidence.in_flight import InFlight
from slowcoach.diagnosis.evidence.namespaces import (
    forwarded,
    listeners_elsewhere,
    listening_ports,
    with_inner_pid,
)
from slowcoach.diagnosis.evidence.process import find_service
from slowcoach.diagnosis.models import Observed, Phase
from slowcoach.diagnosis.tracing.aggregating import share_of
from slowcoach.diagnosis.tracing.locating import locate
from slowcoach.diagnosis.tracing.model import ServiceSeen
from slowcoach.queries.logs.event import Process

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into Linux's processes")
FOLDER = Path(__file__).parent / "data" / "diagnosis" / "traces"
CONCURRENCY = 6


@dataclass(frozen=True)
class Shop:
    """The three services that are up: pid and port of each."""

    front: tuple[int, int]
    orders: tuple[int, int]
    stock: tuple[int, int]

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.front[1]}{path}"


@contextmanager
def service(role: str, **ports: str) -> Iterator[tuple[int, int]]:
    environment = {k: v for k, v in os.environ.items() if k != "TRACES"} | {"PORT": "0"} | ports
    process = subprocess.Popen(
        [sys.executable, "shop.py", role],
        cwd=FOLDER,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        _, port, pid = process.stdout.readline().split()
        yield int(pid), int(port)
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with ExitStack() as stack:
        stock = stack.enter_context(service("stock"))
        orders = stack.enter_context(service("orders", STOCK_PORT=str(stock[1])))
        ports = {"STOCK_PORT": str(stock[1]), "ORDERS_PORT": str(orders[1])}
        front = stack.enter_context(service("front", **ports))
        yield Shop(front, orders, stock)


def traces_of(shop: Shop, folder: Path) -> str:
    """Write the kept traces as if these very processes had made them a moment ago."""
    text = (FOLDER / "otlp.jsonl").read_text()
    for kept, (pid, port) in ((1, shop.front), (2, shop.orders), (3, shop.stock)):
        text = text.replace(f'"intValue": "{kept}01"', f'"intValue": "{pid}"')
        text = text.replace(f'"intValue": "800{kept}"', f'"intValue": "{port}"')
        text = text.replace(f"127.0.0.1:800{kept}/", f"127.0.0.1:{port}/")
    text = text.replace("shop-1", socket.gethostname())
    first = min(map(int, re.findall(r'UnixNano": "(\d+)"', text)))
    shift = time.time_ns() - first
    text = re.sub(r'UnixNano": "(\d+)"', lambda m: f'UnixNano": "{int(m[1]) + shift}"', text)
    file = folder / "traces.jsonl"
    file.write_text(text)
    return str(file)


def look(shop: Shop, path: str, **arguments: object) -> Investigation:
    job = arguments.pop("job", None) or Job()
    return investigate(
        shop.url(path),
        job,  # type: ignore[arg-type]
        duration_s=4,
        concurrency=CONCURRENCY,
        **arguments,  # type: ignore[arg-type]
    )


# -- the whole, live -----------------------------------------------------------------------------


@pytest.mark.slow
def test_traces_lead_to_the_process_two_services_behind_and_its_function(
    shop: Shop, tmp_path: Path
) -> None:
    found = look(shop, "/order/17", traces=traces_of(shop, tmp_path))
    assert found.traces is not None
    assert str(shop.stock[0]) in found.traces.looked_into
    assert found.verdict.cause in {"cpu.hot_function", "unsure"}, found.considered
    if found.verdict.cause != "unsure":
        assert "rank_bins (shop.py:" in found.verdict.where[0]
        assert any(f"pid {shop.stock[0]}" in place for place in found.verdict.where)
    assert found.traces.spans[0].service == "stock"
    assert Investigation.model_validate(found.model_dump(mode="json")).traces == found.traces


@pytest.mark.slow
def test_without_traces_the_process_at_the_peers_port_is_named_and_compared_later(
    shop: Shop, tmp_path: Path
) -> None:
    job = Job()
    found = look(shop, "/rates", job=job)
    assert found.verdict.cause == "io.external", found.considered
    pid, port = shop.stock
    assert any(f"peer on port {port} (pid {pid}: " in place for place in found.verdict.where)
    assert f"pid={pid}" in found.next[0]
    written = tmp_path / "brief.yaml"
    written.write_bytes(
        job.artefacts["brief.yaml"].replace(b"target_p50: 100 ms", b"target_p50: 9 s")
    )
    again = look(shop, "/rates", brief=str(written))
    assert again.since is not None
    assert again.since.cause_before == "io.external"
    assert again.brief["baselines"]["target_p50"] == "9 s"
    assert [m.name for m in again.since.metrics][:1] == ["latency under load, p50"]


# -- traces alone --------------------------------------------------------------------------------


def test_traces_of_another_host_that_may_not_be_asked_still_give_a_verdict() -> None:
    found = investigate(
        "http://shop.example:8001/lines",
        Job(permissions=Permissions(load=False)),
        traces=str(FOLDER / "jaeger.json"),
        brief="baselines: {target_p50: 20 ms, target_p95: 40 ms}",
    )
    assert found.verdict.cause == "db.n_plus_one", found.summary
    assert "service orders" in found.verdict.where
    assert "traces alone" in found.warnings[0]
    assert found.alone_ms is None
    assert found.brief["hypothesis"]["primary"].startswith("db.n_plus_one")
    assert Investigation.model_validate(found.model_dump(mode="json")).traces == found.traces
    assert found.since is not None
    assert len(found.since.targets_missed) == 2
    assert len(found.model_dump_json()) < 6_000


def test_a_service_that_does_not_answer_is_judged_by_its_traces() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    file = str(FOLDER / "zipkin.json")
    found = investigate(f"http://127.0.0.1:{port}/rates", Job(), traces=file)
    assert found.verdict.cause == "io.external"
    assert "rates.example" in found.verdict.where[0]


def test_a_service_elsewhere_is_named_with_its_host() -> None:
    found = investigate(
        "http://shop.example:8001/counter",
        Job(permissions=Permissions(load=False)),
        traces=str(FOLDER / "otlp.pb"),
    )
    assert found.verdict.cause == "io.external"
    assert "pid 301 of host shop-1" in found.next[0]


def test_an_endpoint_without_traces_is_bad_input() -> None:
    with pytest.raises(InputError, match="no server's span"):
        investigate("http://127.0.0.1:1/none", Job(), traces=str(FOLDER / "otlp.pb"))


def test_an_earlier_run_is_compared_by_its_id(runs: Runs) -> None:
    given = {"url": "http://shop.example:8001/totals", "traces": str(FOLDER / "otlp.pb")}
    first = runs.call(TOOL, given)
    assert first.run_id is not None
    kept = {each.name for each in runs.store.artefacts(first.run_id)}
    assert {"brief.yaml", "traces.json"} <= kept
    again = runs.call(TOOL, {**given, "brief": first.run_id})
    assert isinstance(again, Investigation)
    assert again.since is not None
    assert (again.since.run, again.since.cause_is) == (first.run_id, "same")
    median = again.since.metrics[0]
    assert median.name == "latency under load, p50"
    assert median.change_pct == pytest.approx(0, abs=1)


@pytest.mark.parametrize("brief", ["none.yaml", "investigate-abcdefgh", "/", "[1]: {"])
def test_a_brief_that_is_not_there_is_said_before_anything_is_sent(runs: Runs, brief: str) -> None:
    with pytest.raises((UnreadableError, InputError)) as caught:
        runs.call(TOOL, {"url": "http://127.0.0.1:9/x", "brief": brief})
    assert caught.value.hint


# -- where it runs -------------------------------------------------------------------------------


def seen(
    *processes: Process, ports: tuple[int, ...] = (), begun: float | None = None
) -> ServiceSeen:
    return ServiceSeen(
        name="stock",
        work=share_of([1.0]),
        ahead=share_of([0.0]),
        calls=1,
        processes=processes,
        ports=ports,
        addresses=("127.0.0.1",) if ports else (),
        begun=time.time() if begun is None else begun,
    )


def test_a_process_of_this_host_is_found_by_its_pid(shop: Shop) -> None:
    pid, port = shop.stock
    found = locate(seen(Process(pid, socket.gethostname()), ports=(port,)))
    assert (found.pid, found.port) == (pid, port)


def test_a_pid_that_was_given_out_again_is_not_taken_for_the_service(shop: Shop) -> None:
    before_it_ran = time.time() - 7 * 24 * 3600
    found = locate(seen(Process(shop.stock[0], socket.gethostname()), begun=before_it_ran))
    assert found.pid is None
    assert f"pid {shop.stock[0]}" in found.place


def test_a_service_that_was_started_again_is_found_by_its_port(shop: Shop) -> None:
    pid, port = shop.stock
    found = locate(seen(Process(4_194_300, socket.gethostname()), ports=(port,)))
    assert (found.pid, found.port) == (pid, port)
    assert "another process" in found.note


def test_a_process_of_another_host_is_not_looked_for_here(shop: Shop) -> None:
    pid, port = shop.stock
    found = locate(seen(Process(pid, "far-away", container="0123456789ab"), ports=(port,)))
    assert found.pid is None
    assert "host far-away" in found.place


def test_a_pid_behind_the_one_that_answers_is_told_from_it(shop: Shop) -> None:
    port = shop.front[1]
    assert find_service(port, None).pid == shop.front[0]
    assert not find_service(port, shop.front[0]).is_behind
    behind = find_service(port, shop.stock[0])
    assert behind.is_behind
    assert behind.ports == (shop.stock[1],)
    with pytest.raises(UnreachableError):
        find_service(port, 4_194_300)


def test_requests_with_a_service_are_counted_at_its_port(shop: Shop) -> None:
    counter = InFlight(shop.stock[1])
    ask = [
        threading.Thread(target=get, args=(shop.front[1], "/rates"), daemon=True) for _ in range(3)
    ]
    with counter.counted():
        for thread in ask:
            thread.start()
        for thread in ask:
            thread.join()
    with counter.counted():
        time.sleep(0.2)
    busy, idle = counter.means
    assert 0.5 < busy <= 3
    assert idle == 0


def get(port: int, path: str) -> None:
    for _ in range(3):
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", path)
        connection.getresponse().read()
        connection.close()


def test_by_the_requests_with_it_a_service_behind_sees_its_part_of_the_latency() -> None:
    alone = Phase(concurrency=1, seconds=1, completed=10, latencies_ms=(100.0,) * 10)
    loaded = Phase(concurrency=8, seconds=1, completed=40, latencies_ms=(200.0,) * 40)
    whole = Observed(url="http://h/x", port=2, alone=alone, loaded=loaded)
    assert seen_from_inside(whole) is whole
    assert share_inside(whole) is None
    part = whole.model_copy(update={"in_flight": (0.5, 6.0)})
    inside = seen_from_inside(part)
    assert share_inside(part) == 0.75
    assert inside.loaded.concurrency == 6
    assert inside.loaded.latencies_ms[0] == pytest.approx(150)
    assert inside.alone.latencies_ms[0] == pytest.approx(50)


# -- containers ----------------------------------------------------------------------------------


def test_a_container_engines_proxy_leads_to_the_container() -> None:
    command = (
        "/usr/bin/docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 8080 "
        "-container-ip 172.17.0.2 -container-port 80"
    )
    assert forwarded(command) == (80, "172.17.0.2")
    assert forwarded("python app.py --port 80") is None


@contextmanager
def container() -> Iterator[tuple[int, int]]:
    """Start the stock service with pids and a network of its own; yield its pid there and port."""
    unshare = needs.program("unshare")
    if os.geteuid() != 0:
        needs.missing("needs root, to make namespaces")
    process = subprocess.Popen(
        [unshare, "--pid", "--fork", "--net", "--kill-child", sys.executable, "shop.py", "stock"],
        cwd=FOLDER,
        env={k: v for k, v in os.environ.items() if k != "TRACES"} | {"PORT": "18080"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line.startswith("ready"):
            needs.missing("needs permission to make namespaces")
        yield int(line.split()[2]), int(line.split()[1])
    finally:
        process.kill()
        process.communicate()


def test_a_container_is_seen_by_the_pid_and_port_that_it_knows_itself_by() -> None:
    with container() as (inner, port):
        [pid] = [p for p in with_inner_pid(inner) if listening_ports((p,)) == [port]]
        assert pid != inner
        assert pid in listeners_elsewhere(port)
        assert listeners_elsewhere(port, "192.0.2.77") == []
        found = locate(seen(Process(inner, "a-container"), ports=(port,)))
        assert (found.pid, found.port) == (pid, port)
        assert locate(seen(Process(inner, "a-container"), ports=(port + 1,))).pid is None


def test_the_page_says_how_sure_spans_alone_are() -> None:
    data = page("distributed_investigation").data
    for one in data["told_by_spans"]:
        assert rule(one["cause"]).cause == one["cause"]
