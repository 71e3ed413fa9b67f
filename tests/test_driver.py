"""The load generator against real sockets: a small server whose paths behave as they are named."""

import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import needs
from load_server import OK, Server
from slowcoach.core.errors import CancelledError, InputError, UnreachableError
from slowcoach.core.job import Cancellation
from slowcoach.load.driver import Request, Tick, drive
from slowcoach.load.http1 import ProtocolError, ResponseReader, encode


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as running:
        yield running


def test_closed_model_keeps_its_connections_busy(server: Server) -> None:
    before = server.connections
    ticks: list[Tick] = []
    result = drive(
        Request("GET", server.url("/wait")), duration_s=1.2, concurrency=4, on_tick=ticks.append
    )
    assert result.connections == server.connections - before == 4
    assert result.sent == result.completed == len(result.samples) > 8
    assert result.errors == {}
    assert result.error_rate == 0
    assert result.percentile(0.5) == pytest.approx(50, abs=45)
    assert min(s.latency_ms for s in result.samples) > 45
    assert result.throughput_rps == pytest.approx(result.sent / 1.2, rel=0.5)
    assert result.goodput_rps == result.throughput_rps
    assert 0 < result.generator_cpu_share < 2
    assert {(s.status, s.error, s.body_bytes) for s in result.samples} == {(200, None, 5)}
    assert ticks
    assert ticks[-1].completed == result.completed


def test_open_model_sends_at_the_asked_rate(server: Server) -> None:
    result = drive(Request("GET", server.url("/ok")), duration_s=1.5, concurrency=50, rate=40)
    assert result.sent + result.dropped == 60
    assert result.completed == result.sent
    started = [sample.started_s for sample in result.samples]
    assert started == sorted(started)
    assert started[-1] == pytest.approx(59 / 40, abs=0.01)
    assert [len(window) for window in result.windows(0.5)] == pytest.approx([20, 20, 20], abs=3)


def test_a_stall_shows_in_the_percentiles_of_the_open_model_only() -> None:
    with Server() as fresh:
        request = Request("GET", fresh.url("/stall"))
        opened = drive(request, duration_s=2.0, concurrency=500, rate=100)
    with Server() as fresh:
        request = Request("GET", fresh.url("/stall"))
        closed = drive(request, duration_s=2.0, concurrency=1)
    # half of the requests were due during the second's stall: their waits are spread over it
    p75 = opened.percentile(0.75)
    p10 = closed.percentile(0.9)
    assert p75 is not None
    assert p10 is not None
    assert 350 < p75 < 1500
    assert p10 < 200
    assert opened.dropped == 0


def test_requests_beyond_the_cap_are_counted_as_dropped(server: Server) -> None:
    result = drive(
        Request("GET", server.url("/hang")), duration_s=1, concurrency=3, rate=50, timeout_s=5
    )
    assert result.sent == 3
    assert result.dropped == 47


def test_timeouts_end_the_test_and_count_the_time_waited(server: Server) -> None:
    begun = time.monotonic()
    result = drive(Request("GET", server.url("/hang")), duration_s=1, concurrency=2, timeout_s=0.4)
    assert time.monotonic() - begun < 20
    assert set(result.errors) == {"timeout"}
    assert result.completed == 0
    assert result.throughput_rps == 0
    waited = result.percentile(0)
    assert waited is not None
    assert waited >= 400


def test_a_refused_connection_is_a_result_and_not_a_storm() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody else can answer there
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        result = drive(Request("GET", url), duration_s=0.5, concurrency=2)
    assert set(result.errors) == {"refused"}
    assert 2 <= result.sent <= 12
    assert result.percentile(0.5) is None
    assert result.windows() == []


def test_localhost_reaches_a_server_on_one_of_its_two_addresses(server: Server) -> None:
    url = server.url("/ok").replace("127.0.0.1", "localhost")
    result = drive(Request("GET", url), duration_s=0.2, concurrency=1)
    assert result.errors == {}


def test_a_name_that_does_not_resolve_is_unreachable() -> None:
    with pytest.raises(UnreachableError, match=r"nowhere\.invalid"):
        drive(Request("GET", "http://nowhere.invalid/"), duration_s=1, concurrency=1)


def test_a_server_that_closes_each_connection_gets_a_new_one(server: Server) -> None:
    result = drive(Request("GET", server.url("/closes")), duration_s=0.4, concurrency=2)
    assert result.errors == {}
    assert result.connections == result.sent == result.completed


@pytest.mark.parametrize(
    ("method", "path", "status", "size"),
    [
        ("GET", "/pieces", 200, 10),
        ("GET", "/slow-body", 200, 3),
        ("GET", "/old", 200, 13),
        ("GET", "/empty", 204, 0),
        ("GET", "/same", 304, 0),
        ("HEAD", "/head", 200, 0),
        ("GET", "/early", 200, 5),
        ("GET", "/moved", 302, 0),
        ("POST", "/ok?q=1", 200, 5),
    ],
)
def test_responses_are_read_to_their_end(
    server: Server, method: str, path: str, status: int, size: int
) -> None:
    result = drive(
        Request(method, server.url(path), {}, b"x" * 100_000 if method == "POST" else None),
        duration_s=0.3,
        concurrency=2,
    )
    assert result.errors == {}
    assert {(s.status, s.body_bytes) for s in result.samples} == {(status, size)}
    assert result.completed >= 2


@pytest.mark.parametrize(
    ("path", "error", "status"),
    [
        ("/cut", "reset", None),
        ("/gone", "reset", None),
        ("/nonsense", "protocol", None),
        ("/too-much", "protocol", None),
        ("/fails", "status 500", 500),
    ],
)
def test_errors_are_counted_by_kind(
    server: Server, path: str, error: str, status: int | None
) -> None:
    result = drive(Request("GET", server.url(path)), duration_s=0.3, concurrency=1)
    assert result.errors == {error: result.sent}
    assert {(s.error, s.status) for s in result.samples} == {(error, status)}
    assert (result.percentile(0.5) is None) == (status is None)
    assert result.error_rate == 1
    assert result.goodput_rps == 0


def test_a_connection_closed_while_idle_is_replaced(server: Server) -> None:
    request = Request("GET", server.url("/closes-idle"))
    result = drive(request, duration_s=1, concurrency=1, rate=20)
    assert result.errors == {}
    assert result.completed == result.sent > 5
    assert result.connections > 5


def test_a_post_is_not_sent_twice(server: Server) -> None:
    request = Request("POST", server.url("/closes-idle"))
    result = drive(request, duration_s=0.5, concurrency=1)
    assert set(result.errors) == {"reset"}


def test_cancellation_ends_at_once(server: Server) -> None:
    cancellation = Cancellation()
    timer = threading.Timer(0.3, cancellation.ask)
    timer.start()
    begun = time.monotonic()
    with pytest.raises(CancelledError):
        drive(
            Request("GET", server.url("/hang")),
            duration_s=60,
            concurrency=2,
            cancellation=cancellation,
        )
    timer.join()
    assert time.monotonic() - begun < 20


def test_what_a_tick_raises_ends_the_test(server: Server) -> None:
    def refuse(_tick: Tick) -> None:
        raise CancelledError

    with pytest.raises(CancelledError):
        drive(Request("GET", server.url("/hang")), duration_s=60, concurrency=2, on_tick=refuse)


def test_it_works_from_several_threads_at_once(server: Server) -> None:
    done: list[int] = []

    def one() -> None:
        result = drive(Request("GET", server.url("/wait")), duration_s=0.5, concurrency=2)
        done.append(result.completed)

    threads = [threading.Thread(target=one) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(done) == 3
    assert min(done) > 0


def test_the_request_carries_what_was_given(server: Server) -> None:
    server.requests.clear()
    request = Request(
        "post", server.url("/ok?a=b c&d=ü"), {"Host": "shop.test", "X-Id": "7"}, b"{}"
    )
    drive(request, duration_s=0.1, concurrency=1)
    head, body = server.requests[0].split(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"POST /ok?a=b%20c&d=%C3%BC HTTP/1.1"
    assert b"Host: shop.test" in lines
    assert sum(line.lower().startswith(b"host:") for line in lines) == 1
    assert b"X-Id: 7" in lines
    assert b"Content-Length: 2" in lines
    assert body == b"{}"


@pytest.mark.parametrize(
    ("url", "host", "port", "named"),
    [
        ("http://[::1]:8000/x", "::1", 8000, b"Host: [::1]:8000"),
        ("https://shop.test/x", "shop.test", 443, b"Host: shop.test\r\n"),
        ("http://bücher.test/", "xn--bcher-kva.test", 80, b"Host: xn--bcher-kva.test\r\n"),
        ("http://me:pass@shop.test/", "shop.test", 80, b"Authorization: Basic bWU6cGFzcw=="),
    ],
)
def test_urls_of_all_kinds_are_addressed(url: str, host: str, port: int, named: bytes) -> None:
    wire = encode(Request("GET", url))
    assert (wire.host, wire.port) == (host, port)
    assert named in wire.data


@pytest.mark.parametrize(
    "request_",
    [
        Request("GET /x HTTP/1.1\r\nX: y", "http://127.0.0.1/"),
        Request("GET", "ftp://127.0.0.1/"),
        Request("GET", "http://127.0.0.1:99999/"),
        Request("GET", "http:///nohost"),
        Request("GET", "http://127.0.0.1/", {"X-A": "1\r\nX-B: 2"}),
        Request("GET", "http://127.0.0.1/", {"X A": "1"}),
        Request("GET", "http://127.0.0.1/", {"X": "€"}),
        Request("GET", f"http://{'ü' * 80}.test/"),
    ],
)
def test_what_cannot_be_sent_is_refused(request_: Request) -> None:
    with pytest.raises(InputError):
        encode(request_)


@pytest.mark.parametrize(
    ("duration_s", "concurrency", "rate"),
    [
        (0, 1, None),
        (float("nan"), 1, None),
        (1, 0, None),
        (1, 1, 0),
        (1, 1, -5),
        (1, 1, 1e9),
        (1, 10**9, None),
    ],
)
def test_a_load_that_cannot_be_is_refused(
    duration_s: float, concurrency: int, rate: float | None
) -> None:
    with pytest.raises(InputError):
        drive(
            Request("GET", "http://127.0.0.1:1/"),
            duration_s=duration_s,
            concurrency=concurrency,
            rate=rate,
        )


def test_tls_is_verified_unless_told_otherwise(tmp_path: Path) -> None:
    openssl = needs.program("openssl")
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    make = f"{openssl} req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    subprocess.run([*make.split(), "-keyout", key, "-out", cert], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    with Server(context) as secure:
        request = Request("GET", secure.url("/ok"))
        trusted = drive(request, duration_s=0.4, concurrency=2, verify_tls=False)
        refused = drive(request, duration_s=0.4, concurrency=1)
    assert trusted.errors == {}
    assert trusted.completed > 2
    assert trusted.connections == 2
    assert set(refused.errors) == {"tls"}


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1" * 9000,
        b"x" * 70_000,
    ],
)
def test_bytes_that_are_no_response_are_a_protocol_error(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        ResponseReader().feed(data)


def test_a_response_is_read_alike_however_it_is_cut() -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\nA\r\n0123456789\r\n0\r\n\r\n"
    for whole, size in ((OK, 5), (chunked, 10)):
        for cut in range(1, len(whole)):
            reader = ResponseReader()
            assert not reader.feed(whole[:cut])
            assert reader.feed(whole[cut:])
            assert (reader.status, reader.size, reader.keep_alive) == (200, size, True)
